/// How a parameter's values are laid out here and in PyTorch's files.
public enum ParameterLayout: Sendable, Hashable {
  /// Here `[kh, kw, in, out]`, in files `[out, in, kh, kw]`.
  case convolution(kh: Int, kw: Int, input: Int, output: Int)
  /// Here `[kh, kw, out, in]`, in files `[in, out, kh, kw]` (PyTorch's `ConvTranspose2d`).
  case transposedConvolution(kh: Int, kw: Int, input: Int, output: Int)
  /// Here `[in, out]`, in files `[out, in]`.
  case linear(input: Int, output: Int)
  /// Over a flattened map: here `[h, w, c, out]`, in files `[out, c, h, w]`.
  case flattenedLinear(h: Int, w: Int, c: Int, output: Int)
  /// One value per channel, the same here and in files.
  case vector(Int)

  /// Number of values.
  public var count: Int {
    switch self {
    case .convolution(let kh, let kw, let input, let output),
      .transposedConvolution(let kh, let kw, let input, let output):
      kh * kw * input * output
    case .linear(let input, let output): input * output
    case .flattenedLinear(let h, let w, let c, let output): h * w * c * output
    case .vector(let count): count
    }
  }

  /// The shape in PyTorch's files.
  public var fileShape: [Int] {
    switch self {
    case .convolution(let kh, let kw, let input, let output): [output, input, kh, kw]
    case .transposedConvolution(let kh, let kw, let input, let output): [input, output, kh, kw]
    case .linear(let input, let output): [output, input]
    case .flattenedLinear(let h, let w, let c, let output): [output, c * h * w]
    case .vector(let count): [count]
    }
  }

  /// Extent here in which values lie side by side, which is the outermost in files.
  public var columns: Int {
    switch self {
    case .convolution(_, _, _, let output), .linear(_, let output),
      .flattenedLinear(_, _, _, let output):
      output
    case .transposedConvolution(_, _, let input, _): input
    case .vector(let count): count
    }
  }

  /// The position here of the value that stands at `index` in a file.
  public func position(ofFileIndex index: Int) -> Int {
    switch self {
    case .convolution(let kh, let kw, let input, let output):
      let x = index % kw
      let y = index / kw % kh
      let i = index / (kw * kh) % input
      let o = index / (kw * kh * input)
      return ((y * kw + x) * input + i) * output + o
    case .transposedConvolution(let kh, let kw, let input, let output):
      let x = index % kw
      let y = index / kw % kh
      let o = index / (kw * kh) % output
      let i = index / (kw * kh * output)
      return ((y * kw + x) * output + o) * input + i
    case .linear(let input, let output):
      return index % input * output + index / input
    case .flattenedLinear(let h, let w, let c, let output):
      let pixel = index % (h * w)
      let channel = index / (h * w) % c
      return (pixel * c + channel) * output + index / (h * w * c)
    case .vector: return index
    }
  }

  /// Values in the file's order, arranged as they lie here.
  public func arranged(fromFile values: [Float]) -> [Float] {
    precondition(values.count == count)
    var result = [Float](repeating: 0, count: count)
    for index in values.indices { result[position(ofFileIndex: index)] = values[index] }
    return result
  }
}

/// How a parameter's first values are made.
public enum InitialValues: Sendable, Hashable {
  /// Every value the same.
  case constant(Double)
  /// Normal with this standard deviation.
  case normal(deviation: Double)
  /// Uniform in -bound ... bound.
  case uniform(bound: Double)
}

/// A trained tensor or a running statistic of the model.
public struct Parameter: Sendable, Hashable {
  /// PyTorch's name, such as `encoder.0.conv.weight`.
  public let name: String
  /// Extents here and in files.
  public let layout: ParameterLayout
  /// First values.
  public let initial: InitialValues
  /// Whether weight decay applies (AdamW leaves out biases and batch-norm parameters).
  public let isDecayed: Bool
  /// Whether the optimiser changes it; running statistics are no parameters and never are.
  public let isTrained: Bool
}

/// All parameters and running statistics of a model, in the order in which layers declare them.
///
/// The parameters lie in one slab: trained ones first, among them the decayed first, frozen ones
/// last. Gradients and optimiser moments are slabs of the trained part's layout, so an optimiser is
/// one pass and a checkpoint a list of named ranges.
public struct ParameterTable: Sendable {
  /// All parameters, trained and frozen.
  public private(set) var parameters: [Parameter] = []
  /// Running means and variances of batch norm.
  public private(set) var statistics: [Parameter] = []
  /// Parameters, by their place, that the optimiser changes as it gets their gradients, which are
  /// therefore in no slab.
  public internal(set) var updatedWithGradient: Set<Int> = []
  private var indexOfName: [String: Int] = [:]
  private var indexOfStatistic: [String: Int] = [:]

  /// An empty table.
  public init() {}

  /// Adds a parameter, or finds it when an earlier build of the same model declared it.
  public mutating func declare(_ parameter: Parameter) -> Int {
    if let index = indexOfName[parameter.name] {
      precondition(parameters[index] == parameter, "\(parameter.name) is declared in two ways")
      return index
    }
    parameters.append(parameter)
    indexOfName[parameter.name] = parameters.count - 1
    return parameters.count - 1
  }

  /// Adds a running statistic, or finds it.
  public mutating func declareStatistic(_ parameter: Parameter) -> Int {
    if let index = indexOfStatistic[parameter.name] { return index }
    statistics.append(parameter)
    indexOfStatistic[parameter.name] = statistics.count - 1
    return statistics.count - 1
  }

  /// Number of parameter values, frozen ones included.
  public var count: Int { parameters.reduce(0) { $0 + $1.layout.count } }

  /// Number of trained values.
  public var trainedCount: Int {
    parameters.reduce(0) { $0 + ($1.isTrained ? $1.layout.count : 0) }
  }

  /// First element of each parameter in the slab, each at a multiple of 16.
  public var offsets: [Int] {
    var result = [Int](repeating: 0, count: parameters.count)
    var offset = 0
    for part in Part.allCases {
      for (index, parameter) in parameters.enumerated() where Part(parameter) == part {
        result[index] = offset
        offset += Self.padded(parameter.layout.count)
      }
    }
    return result
  }

  /// The parts of the slab in their order.
  private enum Part: CaseIterable {
    case decayed, undecayed, frozen

    init(_ parameter: Parameter) {
      self = !parameter.isTrained ? .frozen : parameter.isDecayed ? .decayed : .undecayed
    }
  }

  /// Elements of the slab, padding included.
  public var slabCount: Int { parameters.reduce(0) { $0 + Self.padded($1.layout.count) } }

  /// Elements of the slab's trained part, and of the slabs of gradients and moments.
  public var trainedSlabCount: Int {
    parameters.reduce(0) { $0 + ($1.isTrained ? Self.padded($1.layout.count) : 0) }
  }

  /// First element of each parameter's gradient in the slab of gradients; what is updated with its
  /// gradient, or not trained, has none.
  public var gradientOffsets: [Int] {
    var missing = 0
    let all = offsets
    var result = all
    for index in parameters.indices.sorted(by: { all[$0] < all[$1] }) {
      result[index] -= missing
      if updatedWithGradient.contains(index) {
        missing += Self.padded(parameters[index].layout.count)
      }
    }
    return result
  }

  /// Elements of the slab of gradients.
  public var gradientSlabCount: Int {
    updatedWithGradient.reduce(trainedSlabCount) {
      $0 - Self.padded(parameters[$1].layout.count)
    }
  }

  /// The ranges of the slab's trained part whose gradients are in a slab, in their order, and where
  /// these begin there. None crosses the end of the decayed part.
  public var gradientRanges: [(first: Int, gradient: Int, count: Int, isDecayed: Bool)] {
    let (starts, gradients) = (offsets, gradientOffsets)
    var ranges: [(first: Int, gradient: Int, count: Int, isDecayed: Bool)] = []
    for index in parameters.indices.sorted(by: { starts[$0] < starts[$1] }) {
      let parameter = parameters[index]
      guard parameter.isTrained, !updatedWithGradient.contains(index) else { continue }
      let count = Self.padded(parameter.layout.count)
      if let last = ranges.last, last.first + last.count == starts[index],
        last.isDecayed == parameter.isDecayed
      {
        ranges[ranges.count - 1].count += count
      } else {
        ranges.append((starts[index], gradients[index], count, parameter.isDecayed))
      }
    }
    return ranges
  }

  /// Elements of the slab's first part, to which weight decay applies.
  public var decayedCount: Int {
    parameters.reduce(0) {
      $0 + ($1.isTrained && $1.isDecayed ? Self.padded($1.layout.count) : 0)
    }
  }

  /// First element of each statistic in their slab.
  public var statisticOffsets: [Int] {
    var offset = 0
    return statistics.map { parameter in
      defer { offset += Self.padded(parameter.layout.count) }
      return offset
    }
  }

  /// Elements of the slab of statistics.
  public var statisticSlabCount: Int {
    statistics.reduce(0) { $0 + Self.padded($1.layout.count) }
  }

  private static func padded(_ count: Int) -> Int { (count + 15) / 16 * 16 }
}
