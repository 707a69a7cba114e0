import Support

/// Which of cuDNN's plans was the fastest for each convolution, by its place among them: known from one
/// process to the next, so that what is resumed computes by the same plans.
struct ConvolutionChoices {
  private var places: [String: Int] = [:]
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
      if parts.count == 2, let place = Int(parts[0]), place >= 0 {
        places[String(parts[1])] = place
      }
    }
  }

  subscript(_ problem: ConvolutionProblem) -> Int? {
    get { places[problem.key] }
    set {
      guard newValue != places[problem.key] else { return }
      places[problem.key] = newValue
      isChanged = true
    }
  }

  /// Writes them where they changed.
  mutating func keep() {
    guard isChanged, let folder, let path else { return }
    isChanged = false
    let text = places.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)\n" }.joined()
    Array(text.utf8).withUnsafeBytes { DeviceCache.keep($0, as: path, in: folder) }
  }
}
