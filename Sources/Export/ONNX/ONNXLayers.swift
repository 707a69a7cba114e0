import Graph
import TensorFiles

/// Turns the nodes of a plan into nodes of ONNX: maps are `[N, C, H, W]` there.
struct ONNXLayers {
  /// The value of a tensor of the plan.
  enum Value {
    case map(String)
    /// SimCC's logits of columns and rows, `[N, K, bins]` each.
    case axes(x: String, y: String)
  }

  private let plan: Plan
  private let table: ParameterTable
  private let tensors: [String: TensorToWrite]
  private var values: [TensorID: Value] = [:]

  init(_ plan: Plan, _ table: ParameterTable, _ tensors: [TensorToWrite]) {
    self.plan = plan
    self.table = table
    self.tensors = Dictionary(
      tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Adds what leads from the input picture to the prediction, whose value comes back.
  mutating func convert(
    into graph: inout ONNXGraph, images: String
  ) throws(ExportError) -> Value {
    values[plan.images] = .map(images)
    for node in plan.graph.nodes {
      try add(node, &graph)
      if node.outputs.contains(plan.prediction) { break }
    }
    guard let value = values[plan.prediction] else {
      throw .opUnknown(name: "prediction", layer: "")
    }
    return value
  }

  private func map(_ id: TensorID, _ layer: String) throws(ExportError) -> String {
    guard case .map(let name)? = values[id] else { throw .opUnknown(name: "input", layer: layer) }
    return name
  }

  private func weights(
    _ id: TensorID, _ graph: inout ONNXGraph, _ layer: String
  ) throws(ExportError) -> String {
    guard let tensor = tensors[plan.graph[id].name] else {
      throw .opUnknown(name: plan.graph[id].name, layer: layer)
    }
    return graph.weights(tensor)
  }

  private mutating func add(_ node: Node, _ graph: inout ONNXGraph) throws(ExportError) {
    let scope = node.scope
    let x = try map(node.inputs[0], scope)
    var parameters: [String] = []
    // What is no map is a weight.
    for id in node.inputs.dropFirst() {
      switch plan.graph[id].storage {
      case .parameter, .statistic: parameters.append(try weights(id, &graph, scope))
      case .input, .arena, .parameterGradient: break
      }
    }
    var result: String
    var relu = false
    switch node.op {
    case .convolution(let convolution):
      result = graph.node(
        "Conv", [x] + parameters, Self.window(convolution, isTransposed: false), named: scope)
      relu = convolution.relu
    case .transposedConvolution(let convolution):
      result = graph.node(
        "ConvTranspose", [x] + parameters, Self.window(convolution, isTransposed: true),
        named: scope)
    case .batchNorm(let norm), .batchNormInference(let norm):
      result = graph.node(
        "BatchNormalization", [x] + parameters, [("epsilon", .float(norm.epsilon))],
        named: scope)
      if norm.hasResidual {
        let residual = try map(node.inputs[5], scope)
        result = graph.node("Add", [result, residual], named: "\(scope).sum")
      }
      relu = norm.relu
    case .add(let sum):
      let other = try map(node.inputs[1], scope)
      result = graph.node("Add", [x, other], named: "\(scope).sum")
      relu = sum.relu
    case .maxPool(let pool):
      result = graph.node(
        "MaxPool", [x],
        [
          ("kernel_shape", .ints([pool.kernel, pool.kernel])),
          ("strides", .ints([pool.stride, pool.stride])),
          ("pads", .ints([Int](repeating: pool.padding, count: 4))),
        ], named: "\(scope).pool")
      relu = pool.relu
    case .globalAveragePool:
      result = graph.node("GlobalAveragePool", [x], named: "\(scope).mean")
    case .upsample(let upsample): result = enlarge(x, upsample, scope, &graph)
    case .linear(let linear):
      // [N, C, H, W] in this order is how PyTorch flattens a map.
      let flat = graph.node("Flatten", [x], [("axis", .int(1))], named: "\(scope).flat")
      result = graph.node("Gemm", [flat] + parameters, [("transB", .int(1))], named: scope)
      relu = linear.relu
    case .simccLinear:
      values[node.outputs[0]] = logits(x, parameters, scope, &graph)
      return
    case .cast: result = x
    default: throw .opUnknown(name: node.op.name, layer: scope)
    }
    if relu { result = graph.node("Relu", [result], named: "\(scope).relu") }
    values[node.outputs[0]] = .map(result)
  }

  private static func window(
    _ convolution: Convolution, isTransposed: Bool
  ) -> [(String, ONNXGraph.Attribute)] {
    [
      ("kernel_shape", .ints([convolution.kernel, convolution.kernel])),
      ("strides", .ints([convolution.stride, convolution.stride])),
      ("pads", .ints([Int](repeating: convolution.padding, count: 4))),
    ]
  }

  private func enlarge(
    _ x: String, _ upsample: Upsample, _ scope: String, _ graph: inout ONNXGraph
  ) -> String {
    let factor = Float(upsample.factor)
    let scales = graph.floats([1, 1, factor, factor], [4], named: "scales.\(upsample.factor)")
    let attributes: [(String, ONNXGraph.Attribute)] =
      switch upsample.kind {
      case .nearest:
        [
          ("mode", .text("nearest")), ("coordinate_transformation_mode", .text("asymmetric")),
          ("nearest_mode", .text("floor")),
        ]
      case .bilinear:
        [("mode", .text("linear")), ("coordinate_transformation_mode", .text("half_pixel"))]
      }
    return graph.node("Resize", [x, "", scales], attributes, named: "\(scope).enlarged")
  }

  /// `[N, K, H, W]`, each keypoint's map flattened, times the two layers' weights.
  private func logits(
    _ x: String, _ parameters: [String], _ scope: String, _ graph: inout ONNXGraph
  ) -> Value {
    let shape = graph.ints([0, 0, -1], named: "flat_maps")
    let flat = graph.node("Reshape", [x, shape], named: "flat")
    func axis(_ weight: String, _ bias: String, _ name: String) -> String {
      let turned = graph.node("Transpose", [weight], [("perm", .ints([1, 0]))], named: "\(name).t")
      let product = graph.node("MatMul", [flat, turned], named: "\(name).product")
      return graph.node("Add", [product, bias], named: name)
    }
    return .axes(
      x: axis(parameters[0], parameters[1], "logits_x"),
      y: axis(parameters[2], parameters[3], "logits_y"))
  }
}
