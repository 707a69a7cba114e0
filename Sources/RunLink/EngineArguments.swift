/// What the keeper tells an engine on its command line: `--run PATH --channel FD`.
public struct EngineArguments: Sendable {
  /// The run's folder.
  public let run: String
  /// The engine's end of the channel.
  public let channel: Int32

  /// Reads the arguments after the program's name; nil when they are not the keeper's.
  public init?(_ arguments: [String]) {
    let values = pairs(arguments)
    guard let run = values["--run"], let channel = values["--channel"].flatMap(Int32.init),
      channel > 2
    else { return nil }
    self.run = run
    self.channel = channel
  }
}

/// What a command tells an engine of which it wants one answer: `--task NAME --channel FD`.
public struct TaskArguments: Sendable {
  /// The task's name, such as `plan`.
  public let name: String
  /// The engine's end of the channel.
  public let channel: Int32

  /// Reads the arguments after the program's name; nil when they are no task's.
  public init?(_ arguments: [String]) {
    let values = pairs(arguments)
    guard let name = values["--task"], let channel = values["--channel"].flatMap(Int32.init),
      channel > 2
    else { return nil }
    self.name = name
    self.channel = channel
  }
}

/// Options and their values.
private func pairs(_ arguments: [String]) -> [String: String] {
  var values: [String: String] = [:]
  for index in stride(from: 0, to: arguments.count - 1, by: 2) {
    values[arguments[index]] = arguments[index + 1]
  }
  return values
}
