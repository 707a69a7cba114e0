public import Support
public import TrainingAPI
import Wording

/// What a viewer is for.
public enum ViewerRole: String, Sendable {
  /// Sends single commands, as `tell` does; nothing changes for the others.
  case caller
  /// Watches, and sends nothing.
  case watcher
  /// Controls the run, until another one does.
  case controller

  var json: JSONValue { ["role": .string(rawValue)] }
}

/// What keeper and viewer say to each other.
///
/// Events themselves do not travel to viewers: a viewer reads them from the log, and the keeper only
/// tells how far the log goes. So a viewer that stalls misses nothing, nothing queues up for it, and
/// each event is seen once.
enum ViewerMessage {
  /// The log goes up to this event and this byte; since the last word it was cut back to byte `cut`.
  case position(number: Int, bytes: Int, cut: Int?)
  /// Something that the log cannot say, such as that it cannot be written.
  case notice(Sentence)
  /// An event that stands in no log.
  case passing(JSONValue)
  /// The run is over; the log goes up to this event and byte.
  case end(number: Int, bytes: Int)

  var json: JSONValue {
    switch self {
    case .position(let number, let bytes, nil):
      ["position": .integer(Int64(number)), "bytes": .integer(Int64(bytes))]
    case .position(let number, let bytes, let cut?):
      [
        "position": .integer(Int64(number)), "bytes": .integer(Int64(bytes)),
        "cut": .integer(Int64(cut)),
      ]
    case .notice(let sentence): ["notice": sentence.json]
    case .passing(let event): ["passing": event]
    case .end(let number, let bytes):
      ["end": .integer(Int64(number)), "bytes": .integer(Int64(bytes))]
    }
  }

  init?(json: JSONValue) {
    let bytes = json["bytes"]?.int ?? 0
    if let number = json["position"]?.int {
      self = .position(number: number, bytes: bytes, cut: json["cut"]?.int)
    } else if let number = json["end"]?.int {
      self = .end(number: number, bytes: bytes)
    } else if let event = json["passing"] {
      self = .passing(event)
    } else if let sentence = Sentence(json: json["notice"]) {
      self = .notice(sentence)
    } else {
      return nil
    }
  }
}

extension CommandRequest {
  /// The longest id and name of an asker that are taken.
  static let wordLimit = 100

  /// The request as it travels.
  public var json: JSONValue {
    ["command": .string(command.text), "id": .string(id), "by": .string(by)]
  }

  /// Reads a request; nil when it is none.
  ///
  /// The words come from another process: they are cut and freed of control characters.
  public init?(json: JSONValue) {
    guard let text = json["command"]?.string, let id = json["id"]?.string,
      let by = json["by"]?.string, text.utf8.count <= 1000
    else { return nil }
    let words = text.split(separator: " ").map(String.init)
    guard let command = try? EngineCommand(words: words) else { return nil }
    self.init(
      id: UntrustedText.clean(id, limit: Self.wordLimit),
      by: UntrustedText.clean(by, limit: Self.wordLimit), command: command)
  }
}
