/// The shape of an activation: batch, height, width, channels, channels last in memory.
public struct Shape: Sendable, Hashable, CustomStringConvertible {
  /// Images in the batch.
  public var n: Int
  /// Rows.
  public var h: Int
  /// Columns.
  public var w: Int
  /// Channels.
  public var c: Int

  /// A shape; every extent is at least 1.
  public init(n: Int, h: Int, w: Int, c: Int) {
    precondition(n > 0 && h > 0 && w > 0 && c > 0)
    self.n = n
    self.h = h
    self.w = w
    self.c = c
  }

  /// A shape without extent in space: `[N, C]`.
  public init(n: Int, c: Int) { self.init(n: n, h: 1, w: 1, c: c) }

  /// Number of elements.
  public var count: Int { n * h * w * c }

  /// Elements of one image.
  public var countPerImage: Int { h * w * c }

  /// The shape as `[N, H, W, C]`.
  public var description: String { "[\(n), \(h), \(w), \(c)]" }
}
