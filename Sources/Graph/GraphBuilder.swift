/// Builds a graph: a model is ordinary code that calls this once, before anything runs.
///
/// Layers read like eager code; what comes back is a handle, not values. Names come from `scope`,
/// so the parameters carry PyTorch's names.
public final class GraphBuilder {
  /// Whether the graph trains or only evaluates.
  public enum Mode: Sendable { case training, evaluation }

  /// Whether the graph trains or only evaluates.
  public let mode: Mode
  /// What maps are computed with.
  public let precision: Precision
  /// The graph so far.
  public private(set) var graph = Graph()
  /// The parameters declared so far.
  public private(set) var parameters: ParameterTable
  private let isFrozen: @Sendable (String) -> Bool
  private var path: [String] = []
  private var parameterTensors: [Int: TensorID] = [:]

  /// An empty graph.
  ///
  /// - Parameters:
  ///   - precision: what maps are computed with.
  ///   - parameters: the table of an earlier build of the same model, to share it.
  ///   - isFrozen: whether the parameter of that name keeps its values; a batch norm whose scale is
  ///     frozen normalises by its running statistics and leaves them alone.
  public init(
    mode: Mode, precision: Precision = .float32, parameters: ParameterTable = ParameterTable(),
    isFrozen: @escaping @Sendable (String) -> Bool = { _ in false }
  ) {
    self.mode = mode
    self.precision = precision
    self.parameters = parameters
    self.isFrozen = isFrozen
  }

  /// What is known of a tensor.
  public subscript(_ id: TensorID) -> TensorInfo { graph[id] }

  /// Runs `body` with a component added to the names.
  public func scope<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    path.append(name)
    defer { path.removeLast() }
    return try body()
  }

  /// The current path, such as `layer1.0`.
  public var scopeName: String { path.joined(separator: ".") }

  /// Declares an input that is written from outside before each step.
  public func input(_ name: String, _ shape: Shape) -> TensorID {
    append(TensorInfo(name: name, shape: shape, storage: .input, elementBytes: 4))
  }

  /// Declares a parameter `<scope>.<name>` of the current layer.
  public func parameter(
    _ name: String, _ layout: ParameterLayout, _ initial: InitialValues, decayed: Bool
  ) -> TensorID {
    let full = qualified(name)
    let index = parameters.declare(
      Parameter(
        name: full, layout: layout, initial: initial, isDecayed: decayed,
        isTrained: !isFrozen(full)))
    if let known = parameterTensors[index] { return known }
    let id = append(
      TensorInfo(
        name: full, shape: Shape(n: 1, c: layout.count), storage: .parameter(index),
        elementBytes: 4))
    parameterTensors[index] = id
    return id
  }

  /// Whether a parameter is trained.
  func isTrained(_ id: TensorID) -> Bool {
    guard case .parameter(let index) = graph[id].storage else { return false }
    return parameters.parameters[index].isTrained
  }

  func statistic(_ name: String, _ channels: Int, _ value: Double) -> TensorID {
    let full = qualified(name)
    let index = parameters.declareStatistic(
      Parameter(
        name: full, layout: .vector(channels), initial: .constant(value), isDecayed: false,
        isTrained: false))
    return append(
      TensorInfo(
        name: full, shape: Shape(n: 1, c: channels), storage: .statistic(index), elementBytes: 4))
  }

  func tensor(_ shape: Shape, suffix: String? = nil, elementBytes: Int = 4) -> TensorID {
    append(
      TensorInfo(
        name: suffix.map { qualified($0) } ?? scopeName, shape: shape, storage: .arena,
        elementBytes: elementBytes))
  }

  /// A map in the graph's precision.
  func map(_ shape: Shape) -> TensorID { tensor(shape, elementBytes: precision.mapBytes) }

  func add(_ op: Op, _ inputs: [TensorID], _ outputs: [TensorID]) {
    graph.nodes.append(Node(op: op, inputs: inputs, outputs: outputs, scope: scopeName))
  }

  private func qualified(_ name: String) -> String {
    path.isEmpty ? name : "\(scopeName).\(name)"
  }

  private func append(_ info: TensorInfo) -> TensorID {
    graph.tensors.append(info)
    return TensorID(index: graph.tensors.count - 1)
  }
}
