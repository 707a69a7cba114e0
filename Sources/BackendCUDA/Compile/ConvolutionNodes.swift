import Graph

/// A convolution, or one of its gradients, by cuDNN where it has a way, by a product of matrices where
/// that is all it is, and by a kernel of ours otherwise.
struct ConvolutionNode: NodeCompiler {
  /// How it is done.
  enum Way {
    /// By cuDNN, straight into the result.
    case library(ConvolutionProblem)
    /// By cuDNN into scratch memory, from where the result is converted, or added.
    case stagedLibrary(ConvolutionProblem)
    /// Folded, and then by cuDNN or by our own kernel.
    case folded(FoldedConvolution, isLibrary: Bool)
    /// As one product of matrices: a 1×1 kernel that steps by one.
    case product
    /// By our own kernel.
    case own
  }

  let problem: ConvolutionProblem
  let way: Way
  let bias: Bool
  let relu: Bool
  /// Which tensors of the node are x, filter and y: inputs first, then outputs.
  let places: (x: Place, filter: Place, y: Place)
  /// Whether the filter has to be converted first, because no 16-bit copy of it is kept.
  private let convertsFilter: Bool
  private let stageBytes: Int
  private let libraryBytes: Int
  private let ownBytes: Int

  /// A tensor of the node.
  enum Place {
    case input(Int)
    case output(Int)
  }

  init(
    _ problem: ConvolutionProblem, bias: Bool, relu: Bool,
    places: (x: Place, filter: Place, y: Place), filterIsParameter: Bool, cudnn: CuDNNLibrary?,
    multipliesSixteen: Bool
  ) {
    self.problem = problem
    self.bias = bias
    self.relu = relu
    self.places = places
    let way = Self.way(problem, cudnn, multipliesSixteen: multipliesSixteen)
    self.way = way
    convertsFilter =
      problem.kind != .weightGradient && problem.filter != .float
      && !filterIsParameter
    switch way {
    case .library(let problem):
      (libraryBytes, stageBytes, ownBytes) = (cudnn?.workspaceBytes(problem) ?? 0, 0, 0)
    case .stagedLibrary(let staged):
      libraryBytes = cudnn?.workspaceBytes(staged) ?? 0
      stageBytes = staged.resultCount * staged.resultValues.bytes
      ownBytes = 0
    case .folded(let folded, let isLibrary):
      libraryBytes = isLibrary ? cudnn?.workspaceBytes(folded.rounded) ?? 0 : 0
      stageBytes = folded.pictureBytes
      ownBytes =
        aligned(folded.filterBytes)
        + (isLibrary ? 0 : OwnConvolution.workspaceBytes(folded.folded))
    case .product: (libraryBytes, stageBytes, ownBytes) = (0, 0, 0)
    case .own:
      (libraryBytes, stageBytes) = (0, 0)
      ownBytes = problem.kind == .weightGradient ? OwnConvolution.workspaceBytes(problem) : 0
    }
  }

  /// Settled for the batch that is planned for, so that smaller ones go the same way.
  private static func way(
    _ problem: ConvolutionProblem, _ cudnn: CuDNNLibrary?, multipliesSixteen: Bool
  ) -> Way {
    let isPlainProduct =
      multipliesSixteen && problem.isPointwise && problem.resultValues == .float
      && problem.x != .float
    if isPlainProduct, problem.kind == .forward || cudnn == nil { return .product }
    if let folded = FoldedConvolution(problem) {
      return .folded(folded, isLibrary: cudnn.map { !$0.plans(folded.rounded).isEmpty } ?? false)
    }
    guard let cudnn else { return .own }
    var staged = problem
    staged.accumulates = false
    if staged.kind == .weightGradient { staged.filter = staged.x }
    if staged.kind == .forward { staged.y = staged.x }
    // Filters' gradients of 16-bit maps are rounded to their kind, as PyTorch's are: cuDNN 9.14's one engine
    // with `Float` results is up to 18 times slower on Hopper.
    let isRounded = problem.kind == .weightGradient && problem.x != .float
    if isRounded, !cudnn.plans(staged).isEmpty { return .stagedLibrary(staged) }
    if !cudnn.plans(problem).isEmpty { return .library(problem) }
    if isPlainProduct, problem.kind == .weightGradient { return .product }
    if staged != problem, !cudnn.plans(staged).isEmpty { return .stagedLibrary(staged) }
    return .own
  }

  var method: String {
    switch way {
    case .library: "cuDNN"
    case .stagedLibrary: "cuDNN, converted"
    case .folded(_, let isLibrary): isLibrary ? "cuDNN, folded" : "kernel, folded"
    case .product: "cuBLAS"
    case .own: "kernel"
    }
  }

  var workspaceBytes: Int {
    aligned(libraryBytes) + aligned(stageBytes) + aligned(ownBytes)
      + (convertsFilter ? aligned(2 * problem.filterCount) : 0)
      + aligned(bias && problem.kind == .weightGradient ? columnBytes : 0)
  }

  private var columnBytes: Int {
    ColumnSums.workspaceBytes(
      rows: problem.n * problem.p * problem.q, columns: problem.k, isSixteen: problem.y != .float)
  }

  /// Whether the kernel adds the bias by itself.
  private var isOwn: Bool {
    switch way {
    case .own, .folded(_, isLibrary: false): true
    default: false
    }
  }

  func work(_ context: CompileContext) -> [DeviceWork] {
    let services = context.services
    var cursor = context.workspace
    func take(_ bytes: Int) -> DeviceAddress {
      defer { cursor += DeviceAddress(aligned(bytes)) }
      return cursor
    }
    func address(_ place: Place) -> DeviceAddress {
      switch place {
      case .input(let index): context.addresses[context.node.inputs[index].index]
      case .output(let index): context.addresses[context.node.outputs[index].index]
      }
    }
    var work: [DeviceWork] = []
    let library = take(libraryBytes)
    let stage = take(stageBytes)
    let own = take(ownBytes)
    var operands = ConvolutionOperands(
      x: address(places.x), filter: address(places.filter), y: address(places.y),
      workspace: library)
    if problem.kind != .weightGradient, problem.filter != .float {
      if let shadow = services.shadow(of: operands.filter) {
        operands.filter = shadow
      } else {
        let copy = take(2 * problem.filterCount)
        work.append(.kernel(.converted(operands.filter, to: copy, problem.filterCount)))
        operands.filter = copy
      }
    }
    var problem = problem
    problem.n = context.batch
    let bias = bias && !context.leavesBiasOut
    let biasAddress =
      bias && problem.kind == .forward ? context.addresses[context.node.inputs[2].index] : 0
    switch way {
    case .library(var planned):
      planned.n = context.batch
      work += run(planned, operands, context)
    case .stagedLibrary(var planned):
      planned.n = context.batch
      var staged = operands
      switch problem.kind {
      case .forward: staged.y = stage
      case .dataGradient: staged.x = stage
      case .weightGradient: staged.filter = stage
      }
      work += run(planned, staged, context)
      work.append(
        .kernel(
          .moved(
            stage, to: operands.result(of: problem.kind),
            isSixteenThere: problem.resultValues != .float, count: planned.resultCount,
            accumulates: problem.accumulates)))
    case .folded(let planned, let isLibrary):
      let folded = planned.over(batch: context.batch)
      var inner = operands
      inner.x = stage
      inner.filter = own
      work.append(folded.foldPicture(operands.x, into: stage))
      if problem.kind == .forward { work.append(folded.foldFilter(operands.filter, into: own)) }
      work +=
        isLibrary
        ? run(folded.rounded, inner, context)
        : OwnConvolution.work(
          folded.folded, inner, bias: biasAddress, relu: relu,
          workspace: own + DeviceAddress(aligned(folded.filterBytes)))
      if problem.kind == .weightGradient {
        work.append(
          folded.unfoldFilter(own, isFloat: !isLibrary, into: operands.filter))
      }
    case .product: work.append(services.products.work(product(problem, operands)))
    case .own:
      work += OwnConvolution.work(
        problem, operands, bias: biasAddress, relu: relu, workspace: own)
    }
    if problem.kind == .forward, bias || relu, !isOwn {
      work.append(
        .kernel(
          .biasAdded(
            to: operands.y, bias: biasAddress, rows: problem.n * problem.p * problem.q,
            columns: problem.k, relu: relu,
            isSixteen: problem.y != .float, context.multiprocessors)))
    }
    if problem.kind == .weightGradient, bias {
      work += ColumnSums.work(
        operands.y, rows: problem.n * problem.p * problem.q, columns: problem.k,
        isSixteen: problem.y != .float, into: context.addresses[context.node.outputs[1].index],
        workspace: take(columnBytes))
    }
    return work
  }

  private func run(
    _ problem: ConvolutionProblem, _ operands: ConvolutionOperands, _ context: CompileContext
  ) -> [DeviceWork] {
    let services = context.services
    guard let cudnn = services.cudnn,
      let work = cudnn.choose(
        problem, operands, workspaceBytes: libraryBytes,
        product: problem.isProductOfMaps && services.products.takesSixteen
          ? services.products.work(product(problem, operands)) : nil,
        on: services.stream)
    else { services.stream.failed("cuDNN", "no way to compute \(problem.description)") }
    return [work]
  }

  /// A 1×1 convolution as rows of pixels times channels.
  private func product(
    _ problem: ConvolutionProblem, _ operands: ConvolutionOperands
  ) -> MatrixProduct {
    let pixels = problem.n * problem.p * problem.q
    let (c, k) = (problem.c, problem.k)
    var product =
      switch problem.kind {
      case .forward:
        MatrixProduct(
          rows: pixels, columns: k, depth: c, a: operands.x, aStride: c, b: operands.filter,
          bStride: c, bIsTransposed: true, c: operands.y, cStride: k)
      case .dataGradient:
        MatrixProduct(
          rows: pixels, columns: c, depth: k, a: operands.y, aStride: k, b: operands.filter,
          bStride: c, c: operands.x, cStride: c)
      case .weightGradient:
        MatrixProduct(
          rows: k, columns: c, depth: pixels, a: operands.y, aStride: k, aIsTransposed: true,
          b: operands.x, bStride: c, c: operands.filter, cStride: c)
      }
    product.isSixteen = true
    product.givesSixteen = problem.resultValues != .float
    product.accumulates = problem.accumulates
    return product
  }
}

extension ConvolutionProblem {
  var filterCount: Int { k * kernel * kernel * c }

  /// Whether it is one product of matrices: a 1×1 kernel that steps by one.
  var isPointwise: Bool { kernel == 1 && stride == 1 && padding == 0 }

  /// Whether it is one product of 16-bit maps that gives such.
  var isProductOfMaps: Bool {
    isPointwise && x != .float && filter != .float && y != .float
  }

  /// Values of what is computed.
  var resultCount: Int {
    switch kind {
    case .forward: n * p * q * k
    case .dataGradient: n * h * w * c
    case .weightGradient: filterCount
    }
  }

  var resultValues: Values {
    switch kind {
    case .forward: y
    case .dataGradient: x
    case .weightGradient: filter
    }
  }

  /// A problem over the two maps of a convolution, large and small.
  init(
    _ kind: Kind, _ attributes: Convolution, large: Shape, small: Shape, largeBytes: Int,
    smallBytes: Int, _ map: MapKind
  ) {
    let sixteen: Values = map == .half ? .half : .bfloat16
    // Both operands of a product are of one kind.
    let isSixteen = kind == .forward ? largeBytes == 2 : smallBytes == 2
    self.init(
      kind: kind, n: large.n, h: large.h, w: large.w, c: large.c, p: small.h, q: small.w,
      k: small.c, kernel: attributes.kernel, stride: attributes.stride,
      padding: attributes.padding, x: largeBytes == 2 ? sixteen : .float,
      filter: isSixteen && kind != .weightGradient ? sixteen : .float,
      y: smallBytes == 2 ? sixteen : .float, allowsTensorFloat: map == .tensorFloat)
  }
}

extension ConvolutionOperands {
  func result(of kind: ConvolutionProblem.Kind) -> DeviceAddress {
    switch kind {
    case .forward: y
    case .dataGradient: x
    case .weightGradient: filter
    }
  }
}
