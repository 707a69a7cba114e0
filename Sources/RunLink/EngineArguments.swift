/// What the keeper tells an engine on its command line: `--run PATH --channel FD`, and `--batch halved`.
public struct EngineArguments: Sendable {
  /// The run's folder.
  public let run: String
  /// The engine's end of the channel.
  public let channel: Int32
  /// Whether the engine before ran out of memory, so that this one is to go on with half the batch.
  public let halvesBatch: Bool

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
    halvesBatch = values["--batch"] == Self.halved
  }

  /// What stands behind `--batch` where it is to be halved.
  static let halved = "halved"

  /// The arguments for an engine whose channel is a descriptor.
  public static func words(run: String, channel: Int32, halvesBatch: Bool) -> [String] {
    ["--run", run, "--channel", "\(channel)"] + (halvesBatch ? ["--batch", halved] : [])
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
