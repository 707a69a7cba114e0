import CNVIDIA

/// A convolution, or one of its gradients, as cuDNN is asked for it: sizes and kinds of values.
struct ConvolutionProblem: Hashable {
  /// What is computed from what.
  enum Kind: Hashable {
    /// `y` from `x` and the filter.
    case forward
    /// `x` from `y` and the filter.
    case dataGradient
    /// The filter from `x` and `y`.
    case weightGradient
  }

  /// Kind of a tensor's values.
  enum Values: Hashable {
    case float, bfloat16, half

    var bytes: Int { self == .float ? 4 : 2 }

    var code: Int {
      switch self {
      case .float: Int(CUDNN_DATA_FLOAT)
      case .bfloat16: Int(CUDNN_DATA_BFLOAT16)
      case .half: Int(CUDNN_DATA_HALF)
      }
    }
  }

  var kind: Kind
  /// The large side of the convolution, `[N, H, W, C]`.
  var n, h, w, c: Int
  /// The small side, `[N, P, Q, K]`.
  var p, q, k: Int
  var kernel, stride, padding: Int
  var x: Values
  var filter: Values
  var y: Values
  /// Whether the result is added to what is there.
  var accumulates = false
  /// Whether products may be of TF32 values where the operands are `float`.
  var allowsTensorFloat: Bool
  /// Whether two runs may give different bits.
  var allowsNondeterministic = false

  /// For messages.
  var description: String {
    "\(kind) \(kernel)x\(kernel)/\(stride) [\(n), \(h), \(w), \(c)] to [\(n), \(p), \(q), \(k)]"
  }

  /// One line that no other problem has.
  var key: String {
    "\(description) padding \(padding) \(x) \(filter) \(y)\(accumulates ? " added" : "")"
      + "\(allowsTensorFloat ? " tf32" : "")\(allowsNondeterministic ? " any" : "")"
  }
}

extension CuDNNLibrary {
  /// The problem as a graph of one operation.
  func graph(_ problem: ConvolutionProblem) throws(CuDNNFailure) -> CuDNNDescriptor {
    let x = try tensor(
      1, [problem.n, problem.c, problem.h, problem.w], problem.x)
    let filter = try tensor(
      2, [problem.k, problem.c, problem.kernel, problem.kernel], problem.filter)
    let y = try tensor(3, [problem.n, problem.k, problem.p, problem.q], problem.y)
    let convolution = try descriptor(Int(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR))
    try convolution.set(
      Int(CUDNN_ATTR_CONVOLUTION_COMP_TYPE), choice: Int(CUDNN_DATA_FLOAT),
      as: Int(CUDNN_TYPE_DATA_TYPE))
    try convolution.set(
      Int(CUDNN_ATTR_CONVOLUTION_CONV_MODE), choice: Int(CUDNN_CROSS_CORRELATION),
      as: Int(CUDNN_TYPE_CONVOLUTION_MODE))
    try convolution.set(Int(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS), [2])
    let pads = [problem.padding, problem.padding]
    try convolution.set(Int(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS), pads)
    try convolution.set(Int(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS), pads)
    try convolution.set(
      Int(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES), [problem.stride, problem.stride])
    try convolution.set(Int(CUDNN_ATTR_CONVOLUTION_DILATIONS), [1, 1])
    try convolution.finalize()
    let operation = try operation(problem, x: x, filter: filter, y: y, convolution)
    let graph = try descriptor(Int(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR))
    try graph.set(Int(CUDNN_ATTR_OPERATIONGRAPH_HANDLE), handle: handle)
    try graph.set(Int(CUDNN_ATTR_OPERATIONGRAPH_OPS), [operation])
    try graph.finalize()
    return graph
  }

  private func operation(
    _ problem: ConvolutionProblem, x: CuDNNDescriptor, filter: CuDNNDescriptor, y: CuDNNDescriptor,
    _ convolution: CuDNNDescriptor
  ) throws(CuDNNFailure) -> CuDNNDescriptor {
    let (kind, attributes):
      (Int, (convolution: Int, x: Int, w: Int, y: Int, alpha: Int, beta: Int)) =
        switch problem.kind {
        case .forward:
          (
            Int(CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR),
            (
              Int(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC),
              Int(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X),
              Int(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W),
              Int(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y),
              Int(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA),
              Int(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA)
            )
          )
        case .dataGradient:
          (
            Int(CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR),
            (
              Int(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC),
              Int(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX),
              Int(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W),
              Int(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY),
              Int(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA),
              Int(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA)
            )
          )
        case .weightGradient:
          (
            Int(CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR),
            (
              Int(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC),
              Int(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X),
              Int(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW),
              Int(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY),
              Int(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA),
              Int(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA)
            )
          )
        }
    let operation = try descriptor(kind)
    try operation.set(attributes.convolution, [convolution])
    try operation.set(attributes.x, [x])
    try operation.set(attributes.w, [filter])
    try operation.set(attributes.y, [y])
    try operation.set(attributes.alpha, 1)
    try operation.set(attributes.beta, problem.accumulates ? 1 : 0)
    try operation.finalize()
    return operation
  }

  /// A tensor of extents N, C, H, W that lies channels last.
  private func tensor(
    _ id: Int, _ extents: [Int], _ values: ConvolutionProblem.Values
  ) throws(CuDNNFailure) -> CuDNNDescriptor {
    let (c, h, w) = (extents[1], extents[2], extents[3])
    let tensor = try descriptor(Int(CUDNN_BACKEND_TENSOR_DESCRIPTOR))
    try tensor.set(
      Int(CUDNN_ATTR_TENSOR_DATA_TYPE), choice: values.code, as: Int(CUDNN_TYPE_DATA_TYPE))
    try tensor.set(Int(CUDNN_ATTR_TENSOR_DIMENSIONS), extents)
    try tensor.set(Int(CUDNN_ATTR_TENSOR_STRIDES), [h * w * c, 1, w * c, c])
    try tensor.set(Int(CUDNN_ATTR_TENSOR_UNIQUE_ID), [id])
    try tensor.set(Int(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT), [16])
    try tensor.finalize()
    return tensor
  }
}
