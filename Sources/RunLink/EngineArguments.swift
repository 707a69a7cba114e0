/// What the keeper tells an engine on its command line: `--run PATH --channel FD`.
public struct EngineArguments: Sendable {
  /// The run's folder.
  public let run: String
  /// The engine's end of the channel.
  public let channel: Int32

  /// Reads the arguments after the program's name; nil when they are not the keeper's.
  public init?(_ arguments: [String]) {
    var values: [String: String] = [:]
    for index in stride(from: 0, to: arguments.count - 1, by: 2) {
      values[arguments[index]] = arguments[index + 1]
    }
    guard let run = values["--run"], let channel = values["--channel"].flatMap(Int32.init),
      channel > 2
    else { return nil }
    self.run = run
    self.channel = channel
  }
}

/// What a command tells an engine that it starts for one answer: `--job FD`.
public struct JobArguments: Sendable {
  /// The engine's end of the channel.
  public let channel: Int32

  /// Reads the arguments after the program's name; nil when they are not a command's.
  public init?(_ arguments: [String]) {
    guard arguments.count == 2, arguments[0] == "--job", let channel = Int32(arguments[1]),
      channel > 2
    else { return nil }
    self.channel = channel
  }
}
