/// Names a tensor of a graph; an index into its list of tensors.
public struct TensorID: Sendable, Hashable {
  /// Position in the graph's list.
  public let index: Int

  /// The tensor at that position.
  public init(index: Int) { self.index = index }
}

/// Where a tensor lives and how long.
public enum TensorStorage: Sendable, Hashable {
  /// Written from outside before a step.
  case input
  /// A range of the weight slab, by its place in the parameter table.
  case parameter(Int)
  /// A range of the gradient slab, by its parameter's place in the parameter table.
  case parameterGradient(Int)
  /// A range of the slab of running statistics, by its place in the parameter table.
  case statistic(Int)
  /// The arena, for as long as somebody reads it.
  case arena
}

/// What is known of a tensor before anything runs.
public struct TensorInfo: Sendable, Hashable {
  /// Path of the layer that makes it, such as `stage2.block1.conv2`.
  public var name: String
  /// Extents; a parameter is `[1, 1, 1, count]` here, its own shape is in the parameter table.
  public var shape: Shape
  /// Where it lives.
  public var storage: TensorStorage
  /// Bytes of one element: 4 for `Float`, 2 for bfloat16, 1 for positions.
  public var elementBytes: Int

  package init(name: String, shape: Shape, storage: TensorStorage, elementBytes: Int) {
    self.name = name
    self.shape = shape
    self.storage = storage
    self.elementBytes = elementBytes
  }

  /// Bytes.
  public var bytes: Int { shape.count * elementBytes }
}
