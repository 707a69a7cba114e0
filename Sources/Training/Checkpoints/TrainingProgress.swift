import Execution
import Nets
import Support

/// Where a training stands: everything that decides what comes next, besides the tensors.
struct TrainingProgress: Sendable, Hashable {
  /// Optimiser steps done.
  var step = 0
  /// The epoch in progress, or the last one when it is done; 0 before the first.
  var epoch = 0
  /// Batches of that epoch that are done.
  var batches = 0
  /// Whether that epoch is trained and validated.
  var isEpochDone = true
  /// Sum of the losses of the epoch's samples so far.
  var lossSum = 0.0
  /// The epoch's samples so far.
  var samples = 0
  /// Seconds of training in the epoch so far.
  var trainSeconds = 0.0
  /// The best epoch so far; 0 for none.
  var bestEpoch = 0
  /// How good it was, the deciding number first.
  var best: [Double]?
  /// What the plateau schedule has seen.
  var plateau = PlateauWatch()
  /// Validations at an epoch's end since the best one.
  var validationsSinceBest = 0
  /// The step after which the optimiser began with empty moments.
  var optimizerStart = 0
  /// Recoveries from a loss that was no number since the last good epoch.
  var recoveries = 0

  /// Goes on to the next epoch.
  mutating func beginEpoch() {
    epoch += 1
    batches = 0
    isEpochDone = false
    (lossSum, samples, trainSeconds) = (0, 0, 0)
  }

  var json: JSONValue {
    var object = JSONObject([
      ("step", .integer(Int64(step))), ("epoch", .integer(Int64(epoch))),
      ("batches", .integer(Int64(batches))), ("epoch_done", .bool(isEpochDone)),
      ("loss_sum", .finite(lossSum)), ("samples", .integer(Int64(samples))),
      ("train_seconds", .finite(trainSeconds)), ("best_epoch", .integer(Int64(bestEpoch))),
      ("recoveries", .integer(Int64(recoveries))), ("plateau_best", .finite(plateau.best)),
      ("plateau_bad", .integer(Int64(plateau.badCount))),
      ("since_best", .integer(Int64(validationsSinceBest))),
      ("optimizer_start", .integer(Int64(optimizerStart))),
    ])
    if let best { object["best"] = .array(best.map { .finite($0) }) }
    return .object(object)
  }

  init() {}

  init?(json: JSONValue?) {
    guard let json, let step = json["step"]?.int, let epoch = json["epoch"]?.int,
      let batches = json["batches"]?.int, let isEpochDone = json["epoch_done"]?.bool,
      step >= 0, epoch >= 0, batches >= 0
    else { return nil }
    self.step = step
    self.epoch = epoch
    self.batches = batches
    self.isEpochDone = isEpochDone
    lossSum = json["loss_sum"]?.double ?? .nan
    samples = json["samples"]?.int ?? 0
    trainSeconds = json["train_seconds"]?.double ?? 0
    bestEpoch = json["best_epoch"]?.int ?? 0
    best = json["best"]?.array?.map { $0.double ?? .nan }
    recoveries = json["recoveries"]?.int ?? 0
    plateau.best = json["plateau_best"]?.double ?? .infinity
    plateau.badCount = json["plateau_bad"]?.int ?? 0
    validationsSinceBest = json["since_best"]?.int ?? 0
    optimizerStart = json["optimizer_start"]?.int ?? 0
  }
}

/// The part of a complete training state that is no tensor; JSON in the file's metadata.
struct SavedState: Sendable {
  /// Version of the format.
  static let schema = 1

  var progress: TrainingProgress
  /// Samples in one of the batches that the progress counts; nil in files that do not say.
  var batch: Int?
  /// The rate's edits.
  var edits: [LearningRateControl.Edit]
  /// What else was changed by hand.
  var live: LiveEdits
  /// Which layers keep their values, as `--freeze` says it.
  var freeze: String
  /// The scale of 16-bit gradients; nil where none was ever needed.
  var lossScaling: LossScaling?
  /// Number of the last event that belongs to the state.
  var eventNumber: Int
  /// What the bits depend on besides state and recipe.
  var origin: Origin

  /// What a training must share with the one that it goes on from, to give the same bits.
  struct Origin: Sendable, Hashable {
    /// Instruction set and libraries.
    var arithmetic: String
    /// CRC-32 over all samples and the split.
    var data: String
    /// The parameters' names and sizes, in the order of the slabs.
    var parameters: String
  }

  var json: JSONValue {
    [
      "schema": .integer(Int64(Self.schema)), "progress": progress.json,
      "batch": batch.map { .integer(Int64($0)) } ?? .null, "event": .integer(Int64(eventNumber)),
      "edits": .array(edits.map(\.json)), "live": live.json, "freeze": .string(freeze),
      "loss_scaling": lossScaling?.json ?? .null,
      "arithmetic": .string(origin.arithmetic), "data": .string(origin.data),
      "parameters": .string(origin.parameters),
    ]
  }

  init(
    progress: TrainingProgress, batch: Int, edits: [LearningRateControl.Edit],
    live: LiveEdits = LiveEdits(),
    freeze: String, lossScaling: LossScaling? = nil, eventNumber: Int, origin: Origin
  ) {
    self.progress = progress
    self.batch = batch
    self.edits = edits
    self.live = live
    self.freeze = freeze
    self.lossScaling = lossScaling
    // Steps that were left out are none of the optimiser's, whoever goes on from here.
    self.progress.optimizerStart += lossScaling?.skippedSteps ?? 0
    self.lossScaling?.skippedSteps = 0
    self.eventNumber = eventNumber
    self.origin = origin
  }

  init?(json: JSONValue) {
    guard json["schema"]?.int == Self.schema,
      let progress = TrainingProgress(json: json["progress"]),
      let number = json["event"]?.int, number >= 0
    else { return nil }
    self.progress = progress
    batch = json["batch"]?.int.flatMap { $0 > 0 && $0 <= 1 << 20 ? $0 : nil }
    eventNumber = number
    edits = (json["edits"]?.array ?? []).compactMap { LearningRateControl.Edit(json: $0) }
    live = LiveEdits(json: json["live"])
    freeze = json["freeze"]?.string ?? "none"
    lossScaling = LossScaling(json: json["loss_scaling"])
    origin = Origin(
      arithmetic: json["arithmetic"]?.string ?? "", data: json["data"]?.string ?? "",
      parameters: json["parameters"]?.string ?? "")
  }
}

extension LossScaling {
  fileprivate var json: JSONValue {
    ["scale": .number(Double(scale)), "good_steps": .integer(Int64(goodSteps))]
  }

  /// Nil where nothing that can be gone on from is said.
  fileprivate init?(json: JSONValue?) {
    guard let scale = json?["scale"]?.double.map({ Float($0) }), scale.isNormal, scale > 0,
      let goodSteps = json?["good_steps"]?.int, goodSteps >= 0
    else { return nil }
    self.init(scale: scale, goodSteps: goodSteps)
  }
}
