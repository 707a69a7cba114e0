import Glibc
import Support
public import TrainingAPI
import Wording

/// The events of a training that never took place: the same for the same arguments.
public struct ScriptedRun: Sendable {
  /// Epochs to train.
  public var epochs: Int
  /// Steps in an epoch.
  public var stepsPerEpoch: Int
  /// Seconds since 1970 at the start.
  public var start = 1_760_000_000.0
  /// Seconds that a step takes.
  public var secondsPerStep = 0.25
  /// Whether it takes place on a made-up GPU of 80 GiB.
  public var isOnGPU = false
  /// Steps at which the rate is halved, or multiplied by the factor.
  public var edits: [(step: Int, factor: Double)] = []
  private let random = CounterRandom(seed: 7, name: "scripted")

  /// A run of that length.
  public init(epochs: Int = 8, stepsPerEpoch: Int = 40) {
    self.epochs = epochs
    self.stepsPerEpoch = stepsPerEpoch
  }

  /// The names of COCO's keypoints.
  public static let keypoints = [
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder",
    "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip",
    "left_knee", "right_knee", "left_ankle", "right_ankle",
  ]

  /// The plan.
  public var plan: PlanReport {
    var plan = PlanReport(
      model: "lite",
      recipe: [
        "model": "lite", "schedule": "cosine", "lr": 0.001, "batch": 32, "input": "96x128",
      ],
      parameters: 1_284_113, trainableParameters: 1_284_113,
      bytes: [
        ("weights", 5_136_452), ("gradients", 5_136_452), ("optimizer", 10_272_904),
        ("activations", 318_767_104), ("workspace", 41_943_040), ("input", 4_718_592),
        ("total", 385_974_544),
      ],
      epochs: epochs, stepsPerEpoch: stepsPerEpoch, totalSteps: epochs * stepsPerEpoch,
      trainSamples: stepsPerEpoch * 32, validationSamples: stepsPerEpoch * 8,
      keypoints: Self.keypoints, device: "cpu, 2 threads, AVX-512",
      withoutGPU: Sentence(key: "no CUDA driver", arguments: []), bestMetric: "AP")
    if isOnGPU { Self.place(&plan) }
    plan.layers = Self.layers
    let total = epochs * stepsPerEpoch
    plan.plannedRates = (0..<64).map { scheduledRate(1 + $0 * (total - 1) / 63) }
    return plan
  }

  private static func place(_ plan: inout PlanReport) {
    plan.model = "resnet50"
    plan.bytes = [
      ("weights", 203_423_744), ("gradients", 136_314_880), ("optimizer", 272_629_760),
      ("activations", 9_663_676_416), ("workspace", 437_256_192), ("input", 77_070_336),
      ("driver", 541_065_216), ("total", 11_331_436_544),
    ]
    plan.device = "NVIDIA H100 80GB HBM3, bf16"
    plan.withoutGPU = nil
    plan.gpu = GraphicsPlacement(
      pciBusID: "0000:65:00.0", capacity: 85_520_809_984,
      hostBytes: [("workspace", 545_259_520), ("input", 301_989_888)])
  }

  /// Layers of an encoder and a decoder.
  private static let layers: [LayerReport] = (0..<12).flatMap { index -> [LayerReport] in
    let size = (height: 128 >> min(3, index / 3), width: 96 >> min(3, index / 3))
    let channels = 16 << min(3, index / 3)
    let shape = [32, size.height, size.width, channels]
    let count = size.height * size.width * channels
    let weights = 9 * channels * channels
    let name = "encoder.\(index / 3).\(index % 3)"
    return [
      LayerReport(
        name: "\(name).conv", op: "convolution", output: shape, parameters: weights,
        flops: 2 * weights * size.height * size.width, bytes: 128 * count),
      LayerReport(
        name: "\(name).norm", op: "batch norm", output: shape, parameters: 4 * channels,
        flops: count, bytes: 128 * count),
    ]
  }

  private func factor(at step: Int) -> Double {
    edits.filter { $0.step < step }.reduce(1) { $0 * $1.factor }
  }

  private func rate(_ step: Int) -> Double { scheduledRate(step) * factor(at: step) }

  private func scheduledRate(_ step: Int) -> Double {
    let warmup = min(1, Double(step) / 20)
    let share = Double(step) / Double(epochs * stepsPerEpoch)
    return 1e-3 * warmup * 0.5 * (1 + cos(.pi * share))
  }

  private func loss(_ step: Int) -> Double {
    let share = Double(step) / Double(epochs * stepsPerEpoch)
    return (6e-3 * exp(-7 * share) + 5e-4 * (1.4 - share)) * exp(0.12 * random.normal(step))
  }

  /// The events up to a step; with `ended` the last ones too.
  public func events(through last: Int? = nil, ended: Bool = false) -> [LoggedEvent] {
    var events: [LoggedEvent] = []
    var time = start
    func add(_ event: TrainingEvent) {
      events.append(LoggedEvent(number: events.count + 1, time: time, event: event))
    }
    add(.planned(plan))
    add(.state(.running))
    let total = epochs * stepsPerEpoch
    for step in stride(from: 1, through: min(last ?? total, total), by: 1) {
      time += secondsPerStep
      let epoch = (step - 1) / stepsPerEpoch + 1
      if let edit = edits.first(where: { $0.step == step }) {
        let before = rate(step)
        add(
          .command(
            CommandRecord(
              id: "1-\(step)", by: "dashboard of anna (pid 4711)",
              command: "lr x\(edit.factor)", status: .applied(step: step),
              change: (from: before, to: before * edit.factor))))
      }
      add(
        .step(
          StepReport(
            step: step, epoch: epoch, loss: loss(step), learningRate: rate(step),
            imagesPerSecond: 126 + 4 * random.normal(step + 1_000_000),
            dataWait: 0.02 + 0.01 * random.uniform(step + 2_000_000),
            residentBytes: (isOnGPU ? 1_800_000_000 : 412_000_000) + min(step, 64) * 500_000)))
      if step % stepsPerEpoch == 0 {
        add(.state(.evaluating))
        time += 3
        finishEpoch(epoch, step, add)
      }
    }
    if ended {
      add(
        .finished(
          FinishReport(reason: .completed, step: total, epoch: epochs, bestEpoch: epochs)))
    }
    return events
  }

  private func finishEpoch(
    _ epoch: Int, _ step: Int, _ add: (TrainingEvent) -> Void
  ) {
    add(.epoch(report(epoch, step)))
    add(.checkpoint(CheckpointReport(step: step, kind: "last", file: "last", seconds: 0.1)))
    add(
      .checkpoint(
        CheckpointReport(
          step: step, kind: "state", file: "checkpoints/state-\(epoch)", seconds: 0.1)))
    if epoch != 4 {
      add(.checkpoint(CheckpointReport(step: step, kind: "best", file: "best", seconds: 0.1)))
    } else {
      add(
        .notice(
          Notice(
            .warning, Sentence(key: "3 pictures cannot be read and were set aside", arguments: []))
        ))
    }
    add(.state(.running))
  }

  private func report(_ epoch: Int, _ step: Int) -> EpochReport {
    let share = Double(epoch) / Double(epochs)
    let errors = Self.keypoints.indices.map { index in
      (0.02 + 0.004 * Double(index)) * (1.6 - share)
        * exp(0.05 * random.normal(epoch * 100 + index))
    }
    let precision = 0.72 * (1 - exp(-3 * share))
    return EpochReport(
      epoch: epoch, step: step, trainLoss: loss(step), validationLoss: loss(step) * 1.15,
      metrics: [
        ("AP", precision), ("PCK@0.05", precision * 0.8), ("PCK@0.1", min(1, precision * 1.15)),
        ("PCK@0.2", min(1, precision * 1.3)), ("EPE", 9 - 6 * share), ("NME", 0.09 - 0.05 * share),
      ],
      keypointErrors: errors, keypointPCK: errors.map { 1 - 5 * $0 }, isBest: epoch != 4,
      trainSeconds: secondsPerStep * Double(stepsPerEpoch), validationSeconds: 3)
  }
}
