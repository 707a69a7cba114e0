/// What a program takes of a device's own memory, such as a GPU's, known before it is taken.
public struct DevicePlan: Sendable {
  /// Bytes by kind: `weights`, `gradients`, `optimizer`, `activations`, `workspace`, `input`, and
  /// `driver`, which is what the device's driver and libraries hold for themselves.
  public let kinds: [(kind: String, count: Int)]
  /// Bytes that a session will ask for at once.
  public let needed: Int
  /// Bytes that are free for a session at present.
  public let free: Int
  /// Bytes of the whole device.
  public let capacity: Int
  /// Where it is plugged in, such as `0000:65:00.0`: the name by which others know it.
  public let place: String

  /// A plan.
  public init(
    kinds: [(kind: String, count: Int)], needed: Int, free: Int, capacity: Int, place: String
  ) {
    self.kinds = kinds
    self.needed = needed
    self.free = free
    self.capacity = capacity
    self.place = place
  }

  /// Bytes of all kinds.
  public var total: Int { kinds.reduce(0) { $0 + $1.count } }
}
