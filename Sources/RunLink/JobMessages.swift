public import Support
import TrainingAPI
public import Wording

/// What a command asks of an engine that it starts for one answer.
public struct JobRequest: Sendable, Hashable {
  /// The job's name, such as `check`.
  public var name: String
  /// What it is to be done with.
  public var arguments: JSONValue

  /// A request.
  public init(_ name: String, _ arguments: JSONValue) {
    self.name = name
    self.arguments = arguments
  }

  /// The request as it travels.
  public var json: JSONValue { ["job": .string(name), "arguments": arguments] }

  /// Reads a request; nil when it is none.
  public init?(json: JSONValue) {
    guard let name = json["job"]?.string else { return nil }
    self.init(name, json["arguments"] ?? [:])
  }
}

/// What an engine says while it does a job.
public enum JobMessage: Sendable, Hashable {
  /// So many things of all are done, and this one is next; the words name a file or a step.
  case progress(done: Int, total: Int, label: String)
  /// A part of the answer; parts come in order, and each fits a frame.
  case item(JSONValue)
  /// Something worth a line beside the answer.
  case notice(Sentence)
  /// The end of the answer.
  case result(JSONValue)
  /// Why there is no answer.
  case failed(Sentence)

  /// The message as it travels.
  public var json: JSONValue {
    switch self {
    case .progress(let done, let total, let label):
      ["progress": .integer(Int64(done)), "total": .integer(Int64(total)), "label": .string(label)]
    case .item(let value): ["item": value]
    case .notice(let sentence): ["notice": sentence.json]
    case .result(let value): ["result": value]
    case .failed(let sentence): ["failed": sentence.json]
    }
  }

  /// Reads a message; nil when it is none.
  public init?(json: JSONValue) {
    if let done = json["progress"]?.int {
      self = .progress(
        done: done, total: json["total"]?.int ?? 0, label: json["label"]?.string ?? "")
    } else if let item = json["item"] {
      self = .item(item)
    } else if let sentence = Sentence(json: json["notice"]) {
      self = .notice(sentence)
    } else if let result = json["result"] {
      self = .result(result)
    } else if let sentence = Sentence(json: json["failed"]) {
      self = .failed(sentence)
    } else {
      return nil
    }
  }
}
