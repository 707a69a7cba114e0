import Support

/// What was the fastest for each convolution: known from one process to the next, so that what is resumed
/// computes in the same way.
struct ConvolutionChoices {
  /// A way to compute a convolution.
  enum Choice: Equatable {
    /// One of cuDNN's plans, by its place among them.
    case plan(Int)
    /// A product of matrices.
    case product

    fileprivate var text: String {
      switch self {
      case .plan(let place): "\(place)"
      case .product: "product"
      }
    }

    fileprivate init?(_ text: Substring) {
      if text == "product" {
        self = .product
      } else if let place = Int(text), place >= 0 {
        self = .plan(place)
      } else {
        return nil
      }
    }
  }

  private var choices: [String: Choice] = [:]
  private var isChanged = false
  private let folder: String?
  private let path: String?

  /// The choices for a GPU and a version of cuDNN that earlier processes made.
  ///
  /// - Parameter folder: where they are kept; nil for nowhere.
  init(folder: String?, processor: String, version: Int) {
    self.folder = folder
    let name = String(processor.map { $0.isLetter || $0.isNumber ? $0 : "-" })
    path = folder.map { "\($0)/convolutions-\(name)-\(version).txt" }
    guard let path, let bytes = try? FileReading.bytes(of: path, limit: 1 << 24) else { return }
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1)
      if parts.count == 2, let choice = Choice(parts[0]) { choices[String(parts[1])] = choice }
    }
  }

  subscript(_ problem: ConvolutionProblem) -> Choice? {
    get { choices[problem.key] }
    set {
      guard newValue != choices[problem.key] else { return }
      choices[problem.key] = newValue
      isChanged = true
    }
  }

  /// Writes them where they changed.
  mutating func keep() {
    guard isChanged, let folder, let path else { return }
    isChanged = false
    let text = choices.sorted { $0.key < $1.key }.map { "\($0.value.text) \($0.key)\n" }.joined()
    Array(text.utf8).withUnsafeBytes { DeviceCache.keep($0, as: path, in: folder) }
  }
}
