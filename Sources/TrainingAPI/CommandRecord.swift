public import Wording

/// A command's fate: requested → accepted or rejected with the reason → applied at a step.
public struct CommandRecord: Sendable, Hashable {
  /// Where a command stands.
  public enum Status: Sendable, Hashable {
    case accepted
    case rejected(Sentence)
    case applied(step: Int)
  }

  /// The request's id.
  public var id: String
  /// Who asked.
  public var by: String
  /// The command in the words of the command line, such as `lr 1e-4`.
  public var command: String
  /// Where it stands.
  public var status: Status
  /// For a changed rate: what it was and what it became.
  public var change: (from: Double, to: Double)?

  /// A record.
  public init(
    id: String, by: String, command: String, status: Status,
    change: (from: Double, to: Double)? = nil
  ) {
    self.id = id
    self.by = by
    self.command = command
    self.status = status
    self.change = change
  }

  public static func == (left: CommandRecord, right: CommandRecord) -> Bool {
    left.id == right.id && left.by == right.by && left.command == right.command
      && left.status == right.status && left.change?.from == right.change?.from
      && left.change?.to == right.change?.to
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(id)
    hasher.combine(status)
  }
}
