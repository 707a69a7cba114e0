public import Support

/// How long each op of a training step took, measured once on request.
public struct StepProfile: Sendable {
  /// One op of the step.
  public struct Op: Sendable {
    /// The layer that it belongs to.
    public var layer: String
    /// The op's name, such as `convolution`.
    public var op: String
    /// Seconds.
    public var seconds: Double

    /// An op.
    public init(layer: String, op: String, seconds: Double) {
      self.layer = layer
      self.op = op
      self.seconds = seconds
    }
  }

  /// Optimiser steps done when it was measured.
  public let step: Int
  /// The ops in the order in which they run, forward and backward.
  public let ops: [Op]

  /// A profile.
  public init(step: Int, ops: [Op]) {
    self.step = step
    self.ops = ops
  }

  /// Seconds of all ops.
  public var seconds: Double { ops.reduce(0) { $0 + $1.seconds } }

  private static func path(_ runFolder: String) -> String { Path.join(runFolder, "profile.json") }

  /// Writes it into the run folder, in place of an earlier one.
  public func write(runFolder: String) throws(FileError) {
    let value: JSONValue = [
      "step": .integer(Int64(step)),
      "ops": .array(
        ops.map {
          ["layer": .string($0.layer), "op": .string($0.op), "seconds": .finite($0.seconds)]
        }),
    ]
    try DurableFile.commit(Self.path(runFolder), bytes: Array((value.text + "\n").utf8))
  }

  /// Reads the profile that was written last; nil when there is none.
  public static func read(runFolder: String) throws(FileError) -> StepProfile? {
    let path = path(runFolder)
    guard Path.isFile(path) else { return nil }
    let json = try FileReading.json(of: path, limit: 16 << 20)
    let ops = (json["ops"]?.array ?? []).prefix(65_536).map { op in
      Op(
        layer: UntrustedText.clean(op["layer"]?.string ?? "", limit: 200),
        op: UntrustedText.clean(op["op"]?.string ?? "", limit: 60),
        seconds: max(0, op["seconds"]?.double ?? 0))
    }
    return StepProfile(step: json["step"]?.int ?? 0, ops: Array(ops))
  }
}
