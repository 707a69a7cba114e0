/// What the machine of the dashboard has and how busy it is.
public struct HostReport: Sendable, Equatable {
  /// Bytes of memory, and those that are free for programs.
  public var memory: (total: Int, available: Int)
  /// Processes that wanted a processor, mean of the last minute.
  public var load: Double
  /// Processors.
  public var processors: Int
  /// The GPU that the run is on, else the first; nil where there is none.
  public var gpu: Graphics?

  /// What the driver says of a GPU; what it does not say is nil.
  public struct Graphics: Sendable, Equatable {
    /// Its name; comes from outside.
    public var name: String
    /// Bytes used and in all.
    public var memory: Range<Int>?
    /// Percent of the time in which something ran on it.
    public var utilisation: Int?
    /// Degrees Celsius.
    public var temperature: Int?
    /// Watts.
    public var power: Double?

    /// A GPU; `memory` is from the used bytes to all of them.
    public init(
      name: String, memory: Range<Int>? = nil, utilisation: Int? = nil, temperature: Int? = nil,
      power: Double? = nil
    ) {
      self.name = name
      self.memory = memory
      self.utilisation = utilisation
      self.temperature = temperature
      self.power = power
    }
  }

  /// A look at the machine.
  public init(memory: (total: Int, available: Int), load: Double, processors: Int) {
    self.memory = memory
    self.load = load
    self.processors = processors
  }

  public static func == (left: HostReport, right: HostReport) -> Bool {
    left.memory == right.memory && left.load == right.load && left.processors == right.processors
      && left.gpu == right.gpu
  }
}
