public import Support
public import Wording

/// What happens in a run, in the order in which it happens: the source of every curve and screen.
///
/// An event is one line of `events.ndjson` and one line of `train --json`. Unknown fields are
/// ignored on reading; an unknown event is kept as `.unknown`, so newer logs stay readable.
public enum TrainingEvent: Sendable, Hashable {
  /// A large annotation file is being read: MB that are done, of all. It passes by those who watch and
  /// stands in no log.
  case opening(done: Int, total: Int)
  /// The plan is made; the first event of a log.
  case planned(PlanReport)
  /// The run's state changed.
  case state(RunState)
  /// One optimiser step, or several that share a line.
  case step(StepReport)
  /// An epoch and its validation ended.
  case epoch(EpochReport)
  /// A command was asked for, and what became of it.
  case command(CommandRecord)
  /// A checkpoint or the weight files became durable.
  case checkpoint(CheckpointReport)
  /// Something worth a line in the log.
  case notice(Notice)
  /// The run went on from a checkpoint: the step and where the log was cut.
  case resumed(step: Int)
  /// The engine died and was started again.
  case restarted(reason: Sentence)
  /// The run ended as asked; the last event of a log.
  case finished(FinishReport)
  /// The run ended with an error.
  case failed(Sentence)
  /// An event of a newer version.
  case unknown(name: String)
}

/// An event as it stands in the log.
public struct LoggedEvent: Sendable, Hashable {
  /// Position in the log, counted from 1 by the keeper; 0 before the keeper numbered it.
  public var number: Int
  /// Seconds since 1970.
  public var time: Double
  /// What happened.
  public var event: TrainingEvent

  /// An event with its place in the log.
  public init(number: Int, time: Double, event: TrainingEvent) {
    self.number = number
    self.time = time
    self.event = event
  }
}

/// The states of a run.
public enum RunState: String, Sendable, CaseIterable {
  case planning, running, paused, evaluating, saving, finished, failed

  /// Whether a run may go from this state to another.
  public func canMove(to next: RunState) -> Bool {
    switch (self, next) {
    case (.finished, _), (.failed, _): false
    case (_, .failed): true
    case (.planning, .running), (.planning, .finished): true
    case (.running, .paused), (.running, .evaluating), (.running, .saving), (.running, .finished):
      true
    case (.paused, .running), (.paused, .evaluating), (.paused, .saving), (.paused, .finished): true
    case (.evaluating, .running), (.evaluating, .saving), (.evaluating, .paused),
      (.evaluating, .finished):
      true
    case (.saving, .running), (.saving, .paused), (.saving, .evaluating), (.saving, .finished): true
    default: false
    }
  }
}

/// One optimiser step, or `count` of them on one line (above 50 steps/s).
public struct StepReport: Sendable, Hashable {
  /// Optimiser steps done, this one included.
  public var step: Int
  /// The epoch, counted from 1.
  public var epoch: Int
  /// The loss of the step's batch; the mean when `count` > 1. NaN when it is not finite.
  public var loss: Double
  /// The learning rate that this step used.
  public var learningRate: Double
  /// Training images per second, over the last seconds.
  public var imagesPerSecond: Double
  /// Share of the time in which the engine waited for data, 0...1.
  public var dataWait: Double
  /// Steps on this line.
  public var count: Int
  /// The smallest and largest loss on this line, when `count` > 1.
  public var range: ClosedRange<Double>?
  /// Resident size of the engine, bytes; nil where it is not known.
  public var residentBytes: Int?
  /// Norm of the gradient before clipping, the largest when `count` > 1; nil where nothing asks for it.
  public var gradientNorm: Double?

  /// A step.
  public init(
    step: Int, epoch: Int, loss: Double, learningRate: Double, imagesPerSecond: Double,
    dataWait: Double, count: Int = 1, range: ClosedRange<Double>? = nil,
    residentBytes: Int? = nil, gradientNorm: Double? = nil
  ) {
    self.residentBytes = residentBytes
    self.gradientNorm = gradientNorm
    self.step = step
    self.epoch = epoch
    self.loss = loss
    self.learningRate = learningRate
    self.imagesPerSecond = imagesPerSecond
    self.dataWait = dataWait
    self.count = count
    self.range = range
  }
}

/// An epoch's mean training loss and its validation.
public struct EpochReport: Sendable, Hashable {
  /// The epoch, counted from 1.
  public var epoch: Int
  /// Optimiser steps done.
  public var step: Int
  /// Mean loss over the epoch's samples.
  public var trainLoss: Double
  /// Mean loss over the validation samples.
  public var validationLoss: Double
  /// Metrics by name, in the order of showing: `AP`, `PCK@0.05`, `PCK@0.1`, `PCK@0.2`, `EPE`, `NME`.
  public var metrics: [(name: String, value: Double)]
  /// The same metrics of the mean training pose: what a model has to beat. Empty when unknown.
  public var meanPoseMetrics: [(name: String, value: Double)]
  /// For each keypoint the mean error divided by the box size (NME); NaN without data.
  public var keypointErrors: [Double]
  /// For each keypoint the share closer than 0.1 box sizes; NaN without data.
  public var keypointPCK: [Double]
  /// For each keypoint how many validation points are good, jitter, inversion, swap or miss, in the
  /// order of `KeypointErrorKind`; empty when unknown.
  public var errorKinds: [[Int]]
  /// Whether this is the best epoch so far.
  public var isBest: Bool
  /// Seconds that the training part took.
  public var trainSeconds: Double
  /// Seconds that the validation took.
  public var validationSeconds: Double

  /// An epoch.
  public init(
    epoch: Int, step: Int, trainLoss: Double, validationLoss: Double,
    metrics: [(name: String, value: Double)], keypointErrors: [Double], keypointPCK: [Double],
    isBest: Bool, trainSeconds: Double, validationSeconds: Double, errorKinds: [[Int]] = [],
    meanPoseMetrics: [(name: String, value: Double)] = []
  ) {
    self.errorKinds = errorKinds
    self.meanPoseMetrics = meanPoseMetrics
    self.epoch = epoch
    self.step = step
    self.trainLoss = trainLoss
    self.validationLoss = validationLoss
    self.metrics = metrics
    self.keypointErrors = keypointErrors
    self.keypointPCK = keypointPCK
    self.isBest = isBest
    self.trainSeconds = trainSeconds
    self.validationSeconds = validationSeconds
  }

  /// A metric by its name.
  public func metric(_ name: String) -> Double? { metrics.first { $0.name == name }?.value }

  /// A metric of the mean training pose by its name.
  public func meanPoseMetric(_ name: String) -> Double? {
    meanPoseMetrics.first { $0.name == name }?.value
  }

  public static func == (left: EpochReport, right: EpochReport) -> Bool {
    left.json == right.json
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(epoch)
    hasher.combine(step)
  }
}

/// What was decided before step 1.
public struct PlanReport: Sendable, Hashable {
  /// Version of the log's format; this is 1.
  public var schema: Int = 1
  /// The model's name, such as `lite`.
  public var model: String
  /// Every setting in force, as in `recipe.json`.
  public var recipe: JSONValue
  /// Parameters of the model.
  public var parameters: Int
  /// Parameters that are trained.
  public var trainableParameters: Int
  /// Bytes of the memory in which it computes by kind: `weights`, `gradients`, `optimizer`,
  /// `activations`, `workspace`, `input`, `total`, and `driver` on a GPU.
  public var bytes: [(kind: String, count: Int)]
  /// Epochs to train.
  public var epochs: Int
  /// Optimiser steps in an epoch.
  public var stepsPerEpoch: Int
  /// Optimiser steps of the whole run.
  public var totalSteps: Int
  /// Training and validation samples.
  public var trainSamples: Int
  /// Validation samples.
  public var validationSamples: Int
  /// The keypoints' names.
  public var keypoints: [String]
  /// What the training runs on, such as `cpu, 2 threads, AVX-512`.
  public var device: String
  /// Why no GPU is used, or nil when one is.
  public var withoutGPU: Sentence?
  /// Which GPU is used; nil where none is, and in logs that do not say.
  public var gpu: GraphicsPlacement?
  /// The metric that decides which epoch is best, and whether more is better.
  public var bestMetric: String
  /// Resident size of the engine before anything was planned, bytes; nil where it is not known.
  public var residentBytes: Int?
  /// The layers in the order in which they run; empty in logs that do not say.
  public var layers: [LayerReport] = []
  /// The schedule's learning rate, without edits, at evenly spaced steps from the first to the last;
  /// empty in logs that do not say.
  public var plannedRates: [Double] = []

  /// A plan.
  public init(
    model: String, recipe: JSONValue, parameters: Int, trainableParameters: Int,
    bytes: [(kind: String, count: Int)], epochs: Int, stepsPerEpoch: Int, totalSteps: Int,
    trainSamples: Int, validationSamples: Int, keypoints: [String], device: String,
    withoutGPU: Sentence?, bestMetric: String
  ) {
    self.model = model
    self.recipe = recipe
    self.parameters = parameters
    self.trainableParameters = trainableParameters
    self.bytes = bytes
    self.epochs = epochs
    self.stepsPerEpoch = stepsPerEpoch
    self.totalSteps = totalSteps
    self.trainSamples = trainSamples
    self.validationSamples = validationSamples
    self.keypoints = keypoints
    self.device = device
    self.withoutGPU = withoutGPU
    self.bestMetric = bestMetric
  }

  /// Planned bytes of one kind; 0 when it is not listed.
  public func bytes(of kind: String) -> Int { bytes.first { $0.kind == kind }?.count ?? 0 }

  public static func == (left: PlanReport, right: PlanReport) -> Bool { left.json == right.json }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(model)
    hasher.combine(totalSteps)
  }
}

/// The GPU that a training runs on.
public struct GraphicsPlacement: Sendable {
  /// Where it is plugged in, such as `0000:65:00.0`: the name by which NVIDIA's tools know it.
  public var pciBusID: String
  /// Bytes of its memory.
  public var capacity: Int
  /// Bytes planned beside it in the engine's own memory by kind: `workspace`, `input`.
  public var hostBytes: [(kind: String, count: Int)]

  /// A GPU.
  public init(pciBusID: String, capacity: Int, hostBytes: [(kind: String, count: Int)]) {
    self.pciBusID = pciBusID
    self.capacity = capacity
    self.hostBytes = hostBytes
  }
}

/// A durable state of the run.
public struct CheckpointReport: Sendable, Hashable {
  /// Optimiser steps in it.
  public var step: Int
  /// `best`, `last` (weights) or `state` (a complete checkpoint).
  public var kind: String
  /// Name of the file in the run folder.
  public var file: String
  /// Seconds that the commit took.
  public var seconds: Double
  /// Seconds of these in which no step was done; nil where nobody looked.
  public var pause: Double?

  /// A commit.
  public init(step: Int, kind: String, file: String, seconds: Double, pause: Double? = nil) {
    self.step = step
    self.kind = kind
    self.file = file
    self.seconds = seconds
    self.pause = pause
  }
}

/// A line for the log.
public struct Notice: Sendable, Hashable {
  /// How much it matters.
  public enum Level: String, Sendable { case info, warning, error }
  /// How much it matters.
  public var level: Level
  /// What to say.
  public var sentence: Sentence

  /// A line.
  public init(_ level: Level, _ sentence: Sentence) {
    self.level = level
    self.sentence = sentence
  }
}

/// How a run ended.
public struct FinishReport: Sendable, Hashable {
  /// Why it ended.
  public enum Reason: String, Sendable {
    /// All epochs are done.
    case completed
    /// The validations have not got better for as long as `--patience` allows, or the samples of
    /// `--overfit` are known by heart.
    case converged
    /// The user (or a signal) asked for stop and save.
    case stopped
  }
  /// Why it ended.
  public var reason: Reason
  /// Whether the run did all that it was to do.
  public var isComplete: Bool { reason != .stopped }
  /// Optimiser steps done.
  public var step: Int
  /// Epochs done.
  public var epoch: Int
  /// The best epoch, 0 when none was evaluated.
  public var bestEpoch: Int
  /// Largest resident size of the engine, bytes; nil where it is not known.
  public var peakResidentBytes: Int?

  /// An end.
  public init(
    reason: Reason, step: Int, epoch: Int, bestEpoch: Int, peakResidentBytes: Int? = nil
  ) {
    self.peakResidentBytes = peakResidentBytes
    self.reason = reason
    self.step = step
    self.epoch = epoch
    self.bestEpoch = bestEpoch
  }
}
