import Pose
public import Support
public import Wording

// One event = one JSON object with "number", "time" and "event"; the rest are the report's fields.

extension LoggedEvent {
  /// The event as a line of the log.
  public var json: JSONValue {
    var object = JSONObject([
      ("number", .integer(Int64(number))), ("time", .number(time)),
      ("event", .string(event.name)),
    ])
    if case .object(let fields) = event.fields {
      for field in fields.members { object[field.key] = field.value }
    }
    return .object(object)
  }

  /// Reads a line of the log; nil when it is no event at all.
  public init?(json: JSONValue) {
    guard let name = json["event"]?.string, let time = json["time"]?.double else { return nil }
    self.init(
      number: json["number"]?.int ?? 0, time: time,
      event: TrainingEvent(name: name, fields: json) ?? .unknown(name: name))
  }
}

extension TrainingEvent {
  /// The event's name in the log.
  public var name: String {
    switch self {
    case .opening: "opening"
    case .planned: "planned"
    case .state: "state"
    case .step: "step"
    case .epoch: "epoch"
    case .command: "command"
    case .checkpoint: "checkpoint"
    case .notice: "notice"
    case .resumed: "resumed"
    case .restarted: "restarted"
    case .finished: "finished"
    case .failed: "failed"
    case .unknown(let name): name
    }
  }

  /// The event's own fields.
  public var fields: JSONValue {
    switch self {
    case .opening(let done, let total):
      ["done": .integer(Int64(done)), "total": .integer(Int64(total))]
    case .planned(let report): report.json
    case .state(let state): ["state": .string(state.rawValue)]
    case .step(let report): report.json
    case .epoch(let report): report.json
    case .command(let record): record.json
    case .checkpoint(let report): report.json
    case .notice(let notice):
      ["level": .string(notice.level.rawValue), "message": notice.sentence.json]
    case .resumed(let step): ["step": .integer(Int64(step))]
    case .restarted(let reason): ["message": reason.json]
    case .finished(let report):
      report.json
    case .failed(let sentence): ["message": sentence.json]
    case .unknown: [:]
    }
  }

  /// Reads an event of that name; nil when the name is unknown or a field is missing.
  public init?(name: String, fields: JSONValue) {
    switch name {
    case "opening":
      guard let done = fields["done"]?.int, let total = fields["total"]?.int else { return nil }
      self = .opening(done: done, total: total)
    case "planned":
      guard let report = PlanReport(json: fields) else { return nil }
      self = .planned(report)
    case "state":
      guard let state = fields["state"]?.string.flatMap(RunState.init(rawValue:)) else {
        return nil
      }
      self = .state(state)
    case "step":
      guard let report = StepReport(json: fields) else { return nil }
      self = .step(report)
    case "epoch":
      guard let report = EpochReport(json: fields) else { return nil }
      self = .epoch(report)
    case "command":
      guard let record = CommandRecord(json: fields) else { return nil }
      self = .command(record)
    case "checkpoint":
      guard let step = fields["step"]?.int, let kind = fields["kind"]?.string,
        let file = fields["file"]?.string
      else { return nil }
      self = .checkpoint(
        CheckpointReport(
          step: step, kind: kind, file: file, seconds: fields["seconds"]?.double ?? 0,
          pause: fields["pause"]?.double))
    case "notice":
      guard let level = fields["level"]?.string.flatMap(Notice.Level.init(rawValue:)),
        let sentence = Sentence(json: fields["message"])
      else { return nil }
      self = .notice(Notice(level, sentence))
    case "resumed":
      guard let step = fields["step"]?.int else { return nil }
      self = .resumed(step: step)
    case "restarted":
      guard let sentence = Sentence(json: fields["message"]) else { return nil }
      self = .restarted(reason: sentence)
    case "finished":
      guard let report = FinishReport(json: fields) else { return nil }
      self = .finished(report)
    case "failed":
      guard let sentence = Sentence(json: fields["message"]) else { return nil }
      self = .failed(sentence)
    default: return nil
    }
  }
}

extension Sentence {
  /// The sentence for a channel: key, arguments, and the English words for other readers.
  public var json: JSONValue {
    [
      "key": .string(key), "arguments": .array(arguments.map { .string($0) }),
      "text": .string(text()),
    ]
  }

  /// Reads a sentence from a channel.
  public init?(json: JSONValue?) {
    guard let key = json?["key"]?.string, let list = json?["arguments"]?.array else { return nil }
    self.init(key: key, arguments: list.map { $0.string ?? $0.text })
  }
}

extension FinishReport {
  var json: JSONValue {
    var object = JSONObject([
      ("reason", .string(reason.rawValue)), ("step", .integer(Int64(step))),
      ("epoch", .integer(Int64(epoch))), ("best_epoch", .integer(Int64(bestEpoch))),
    ])
    if let peakResidentBytes {
      object["peak_resident_bytes"] = .integer(Int64(peakResidentBytes))
    }
    return .object(object)
  }

  init?(json: JSONValue) {
    guard let reason = json["reason"]?.string.flatMap(Reason.init(rawValue:)),
      let step = json["step"]?.int
    else { return nil }
    self.init(
      reason: reason, step: step, epoch: json["epoch"]?.int ?? 0,
      bestEpoch: json["best_epoch"]?.int ?? 0,
      peakResidentBytes: json["peak_resident_bytes"]?.int)
  }
}

extension CheckpointReport {
  fileprivate var json: JSONValue {
    var object = JSONObject([
      ("step", .integer(Int64(step))), ("kind", .string(kind)), ("file", .string(file)),
      ("seconds", .finite(seconds)),
    ])
    if let pause { object["pause"] = .finite(pause) }
    return .object(object)
  }
}

extension StepReport {
  var json: JSONValue {
    var object = JSONObject([
      ("step", .integer(Int64(step))), ("epoch", .integer(Int64(epoch))),
      ("loss", .finite(loss)), ("lr", .finite(learningRate)),
      ("images_per_second", .finite(imagesPerSecond)), ("data_wait", .finite(dataWait)),
    ])
    if count > 1 { object["count"] = .integer(Int64(count)) }
    if let range {
      object["loss_min"] = .finite(range.lowerBound)
      object["loss_max"] = .finite(range.upperBound)
    }
    if let residentBytes { object["resident_bytes"] = .integer(Int64(residentBytes)) }
    if let gradientNorm { object["gradient_norm"] = .finite(gradientNorm) }
    return .object(object)
  }

  init?(json: JSONValue) {
    guard let step = json["step"]?.int, let epoch = json["epoch"]?.int else { return nil }
    var range: ClosedRange<Double>?
    if let low = json["loss_min"]?.double, let high = json["loss_max"]?.double, low <= high {
      range = low...high
    }
    self.init(
      step: step, epoch: epoch, loss: json["loss"]?.double ?? .nan,
      learningRate: json["lr"]?.double ?? .nan,
      imagesPerSecond: json["images_per_second"]?.double ?? .nan,
      dataWait: json["data_wait"]?.double ?? 0, count: json["count"]?.int ?? 1, range: range,
      residentBytes: json["resident_bytes"]?.int,
      gradientNorm: json["gradient_norm"]?.double)
  }
}

extension EpochReport {
  var json: JSONValue {
    var object = JSONObject([
      ("epoch", .integer(Int64(epoch))), ("step", .integer(Int64(step))),
      ("train_loss", .finite(trainLoss)), ("val_loss", .finite(validationLoss)),
      ("metrics", .object(JSONObject(metrics.map { ($0.name, .finite($0.value)) }))),
      ("keypoint_errors", .array(keypointErrors.map { .finite($0) })),
      ("keypoint_pck", .array(keypointPCK.map { .finite($0) })),
      ("best", .bool(isBest)), ("train_seconds", .finite(trainSeconds)),
      ("val_seconds", .finite(validationSeconds)),
    ])
    if !meanPoseMetrics.isEmpty {
      object["mean_pose_metrics"] = .object(
        JSONObject(meanPoseMetrics.map { ($0.name, .finite($0.value)) }))
    }
    if !errorKinds.isEmpty {
      let kinds = KeypointErrorKind.allCases.enumerated().map { place, kind in
        (
          kind.rawValue,
          JSONValue.array(
            errorKinds.map { .integer(place < $0.count ? Int64($0[place]) : 0) })
        )
      }
      object["error_kinds"] = .object(JSONObject(kinds))
    }
    return .object(object)
  }

  init?(json: JSONValue) {
    guard let epoch = json["epoch"]?.int, let step = json["step"]?.int else { return nil }
    func list(_ key: String) -> [Double] { (json[key]?.array ?? []).map { $0.double ?? .nan } }
    func metrics(_ key: String) -> [(name: String, value: Double)] {
      (json[key]?.object?.members ?? []).map { ($0.key, $0.value.double ?? .nan) }
    }
    let kinds = KeypointErrorKind.allCases.map { kind in
      (json["error_kinds"]?[kind.rawValue]?.array ?? []).map { max(0, $0.int ?? 0) }
    }
    let keypoints = kinds.map(\.count).min() ?? 0
    self.init(
      epoch: epoch, step: step, trainLoss: json["train_loss"]?.double ?? .nan,
      validationLoss: json["val_loss"]?.double ?? .nan, metrics: metrics("metrics"),
      keypointErrors: list("keypoint_errors"), keypointPCK: list("keypoint_pck"),
      isBest: json["best"]?.bool ?? false, trainSeconds: json["train_seconds"]?.double ?? .nan,
      validationSeconds: json["val_seconds"]?.double ?? .nan,
      errorKinds: (0..<keypoints).map { index in kinds.map { $0[index] } },
      meanPoseMetrics: metrics("mean_pose_metrics"))
  }
}

extension CommandRecord {
  /// The record's fields.
  public var json: JSONValue {
    var object = JSONObject([
      ("id", .string(id)), ("by", .string(by)), ("command", .string(command)),
    ])
    switch status {
    case .accepted: object["status"] = "accepted"
    case .rejected(let reason):
      object["status"] = "rejected"
      object["message"] = reason.json
    case .applied(let step):
      object["status"] = "applied"
      object["step"] = .integer(Int64(step))
    }
    if let change {
      object["from"] = .finite(change.from)
      object["to"] = .finite(change.to)
    }
    return .object(object)
  }

  /// Reads a record; nil when a field is missing.
  public init?(json: JSONValue) {
    guard let id = json["id"]?.string, let by = json["by"]?.string,
      let command = json["command"]?.string
    else { return nil }
    let status: Status
    switch json["status"]?.string {
    case "accepted": status = .accepted
    case "applied": status = .applied(step: json["step"]?.int ?? 0)
    case "rejected":
      guard let reason = Sentence(json: json["message"]) else { return nil }
      status = .rejected(reason)
    default: return nil
    }
    var change: (from: Double, to: Double)?
    if let from = json["from"]?.double, let to = json["to"]?.double { change = (from, to) }
    self.init(id: id, by: by, command: command, status: status, change: change)
  }
}

extension PlanReport {
  /// The plan as JSON, as `planned` carries it.
  public var json: JSONValue {
    var object = JSONObject([
      ("schema", .integer(Int64(schema))), ("model", .string(model)), ("recipe", recipe),
      ("parameters", .integer(Int64(parameters))),
      ("trainable_parameters", .integer(Int64(trainableParameters))),
      ("bytes", .object(JSONObject(bytes.map { ($0.kind, .integer(Int64($0.count))) }))),
      ("epochs", .integer(Int64(epochs))), ("steps_per_epoch", .integer(Int64(stepsPerEpoch))),
      ("total_steps", .integer(Int64(totalSteps))),
      ("train_samples", .integer(Int64(trainSamples))),
      ("val_samples", .integer(Int64(validationSamples))),
      ("keypoints", .array(keypoints.map { .string($0) })), ("device", .string(device)),
      ("best_metric", .string(bestMetric)),
    ])
    if let withoutGPU { object["without_gpu"] = withoutGPU.json }
    if let gpu { object["gpu"] = gpu.json }
    if let residentBytes { object["resident_bytes"] = .integer(Int64(residentBytes)) }
    if !layers.isEmpty { object["layers"] = .array(layers.map(\.json)) }
    if !plannedRates.isEmpty {
      object["planned_rates"] = .array(plannedRates.map { .finite($0) })
    }
    return .object(object)
  }

  init?(json: JSONValue) {
    guard let model = json["model"]?.string, let total = json["total_steps"]?.int else {
      return nil
    }
    self.init(
      model: model, recipe: json["recipe"] ?? [:], parameters: json["parameters"]?.int ?? 0,
      trainableParameters: json["trainable_parameters"]?.int ?? 0,
      bytes: Self.bytes(json["bytes"]),
      epochs: json["epochs"]?.int ?? 0, stepsPerEpoch: json["steps_per_epoch"]?.int ?? 0,
      totalSteps: total, trainSamples: json["train_samples"]?.int ?? 0,
      validationSamples: json["val_samples"]?.int ?? 0,
      keypoints: (json["keypoints"]?.array ?? []).compactMap(\.string),
      device: json["device"]?.string ?? "", withoutGPU: Sentence(json: json["without_gpu"]),
      bestMetric: json["best_metric"]?.string ?? "AP")
    schema = json["schema"]?.int ?? 1
    residentBytes = json["resident_bytes"]?.int
    gpu = GraphicsPlacement(json: json["gpu"])
    layers = (json["layers"]?.array ?? []).compactMap(LayerReport.init(json:))
    plannedRates = (json["planned_rates"]?.array ?? []).map { $0.double ?? .nan }
  }

  /// Bytes by kind; what is no count is 0.
  fileprivate static func bytes(_ json: JSONValue?) -> [(kind: String, count: Int)] {
    (json?.object?.members ?? []).map { ($0.key, max(0, $0.value.int ?? 0)) }
  }
}

extension GraphicsPlacement {
  fileprivate var json: JSONValue {
    [
      "pci_bus_id": .string(pciBusID), "capacity": .integer(Int64(capacity)),
      "host_bytes": .object(JSONObject(hostBytes.map { ($0.kind, .integer(Int64($0.count))) })),
    ]
  }

  fileprivate init?(json: JSONValue?) {
    guard let json, let place = json["pci_bus_id"]?.string, let capacity = json["capacity"]?.int,
      capacity > 0
    else { return nil }
    self.init(
      pciBusID: place, capacity: capacity, hostBytes: PlanReport.bytes(json["host_bytes"]))
  }
}
