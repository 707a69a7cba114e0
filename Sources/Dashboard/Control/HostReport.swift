/// What the machine of the dashboard has and how busy it is.
public struct HostReport: Sendable, Equatable {
  /// Bytes of memory, and those that are free for programs.
  public var memory: (total: Int, available: Int)
  /// Processes that wanted a processor, mean of the last minute.
  public var load: Double
  /// Processors.
  public var processors: Int

  /// A look at the machine.
  public init(memory: (total: Int, available: Int), load: Double, processors: Int) {
    self.memory = memory
    self.load = load
    self.processors = processors
  }

  public static func == (left: HostReport, right: HostReport) -> Bool {
    left.memory == right.memory && left.load == right.load && left.processors == right.processors
  }
}
