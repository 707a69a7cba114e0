/// A convolution that steps by two over a picture's few channels, as one that steps by one over a picture
/// of half the width and height: pixel `(r, s)` of the folded picture holds the four pixels
/// `2(r - offset) + {0, 1}`, `2(s - offset) + {0, 1}`, and a row of zeros before the kernel makes its
/// padding even.
///
/// Tensor cores take channels by eight or more: cuDNN 9.14 has slow engines only for three (ResNet's first
/// layer, batch 128 on an H100: 1.6 ms forward and 8.3 ms for the filter's gradient). MLPerf's ResNets fold
/// their first layer too, for TPUs ("space to depth").
struct FoldedConvolution {
  /// What is folded.
  private(set) var original: ConvolutionProblem
  /// What it becomes; a filter's gradient in `Float`.
  private(set) var folded: ConvolutionProblem
  /// Rows and columns of zeros before the kernel.
  private let lead: Int
  /// Folded rows and columns of zeros before the picture.
  private let offset: Int

  /// Nil where folding does not apply.
  init?(_ problem: ConvolutionProblem) {
    guard problem.stride == 2, problem.kernel > 1, problem.c <= 4, problem.x != .float,
      problem.y != .float, problem.kind != .dataGradient,
      problem.kind != .forward || !problem.accumulates
    else { return nil }
    original = problem
    lead = problem.padding % 2
    offset = (problem.padding + lead) / 2
    let side = (problem.kernel + lead + 1) / 2
    var folded = problem
    folded.kernel = side
    folded.stride = 1
    folded.padding = 0
    folded.h = problem.p + side - 1
    folded.w = problem.q + side - 1
    folded.c = problem.c <= 2 ? 8 : 16
    folded.accumulates = false
    self.folded = folded
  }

  /// The same with filters' gradients of the maps' kind, as `ConvolutionNode` takes them from cuDNN.
  var rounded: ConvolutionProblem {
    var problem = folded
    problem.filter = folded.x
    return problem
  }

  /// The same for a batch of another size.
  func over(batch: Int) -> FoldedConvolution {
    var result = self
    result.original.n = batch
    result.folded.n = batch
    return result
  }

  var pictureBytes: Int { folded.x.bytes * folded.n * folded.h * folded.w * folded.c }
  /// Room for the filter in `Float`, which our own kernel's gradient needs.
  var filterBytes: Int { 4 * folded.filterCount }

  /// The picture, folded.
  func foldPicture(_ x: DeviceAddress, into target: DeviceAddress) -> DeviceWork {
    let pixels = folded.n * folded.h * folded.w
    return .kernel(
      KernelCall(
        name: "foldPixels", grid: KernelCall.blocks(pixels, most: 1 << 16), block: .init(x: 256),
        arguments: [
          .address(x), .int(original.h), .int(original.w), .int(original.c), .long(pixels),
          .int(folded.h), .int(folded.w), .int(offset), .address(target),
        ]))
  }

  private var places: [KernelArgument] {
    [
      .int(original.kernel), .int(original.c), .int(folded.kernel), .int(lead), .int(folded.c),
    ]
  }

  /// The filter in 16-bit values, folded.
  func foldFilter(_ filter: DeviceAddress, into target: DeviceAddress) -> DeviceWork {
    .kernel(
      KernelCall(
        name: "foldFilter", grid: KernelCall.blocks(folded.filterCount), block: .init(x: 256),
        arguments: [.address(filter), .long(folded.filterCount)] + places + [.address(target)]))
  }

  /// The filter's gradient from the folded one's.
  func unfoldFilter(
    _ gradient: DeviceAddress, isFloat: Bool, into target: DeviceAddress
  ) -> DeviceWork {
    .kernel(
      KernelCall(
        name: "unfoldFilter", grid: KernelCall.blocks(original.filterCount), block: .init(x: 256),
        arguments: [.address(gradient), .flag(isFloat), .long(original.filterCount)] + places
          + [.flag(original.accumulates), .address(target)]))
  }
}
