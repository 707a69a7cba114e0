import Glibc

/// Finds the keypoints in SimCC's distributions (arXiv 2107.03332).
public struct SimCCDecoder: Sendable {
  /// Bins along the width.
  public let binsX: Int
  /// Bins along the height.
  public let binsY: Int
  /// Bins for each pixel of the input.
  public let binsPerPixel: Int

  /// A decoder.
  public init(binsX: Int, binsY: Int, binsPerPixel: Int) {
    self.binsX = binsX
    self.binsY = binsY
    self.binsPerPixel = binsPerPixel
  }

  /// The keypoints of one image from its logits `[K, binsX + binsY]`, in input px.
  ///
  /// The position is the highest bin's; the score is the smaller of the two axes' probabilities there.
  public func decode(_ logits: UnsafePointer<Float>, keypoints: Int) -> [PredictedKeypoint] {
    (0..<keypoints).map { point in
      let row = logits + point * (binsX + binsY)
      let x = highest(row, binsX)
      let y = highest(row + binsX, binsY)
      return PredictedKeypoint(
        x: Double(x.bin) / Double(binsPerPixel), y: Double(y.bin) / Double(binsPerPixel),
        score: min(x.probability, y.probability))
    }
  }

  private func highest(
    _ logits: UnsafePointer<Float>, _ bins: Int
  ) -> (bin: Int, probability: Double) {
    var best = 0
    for bin in 1..<bins where logits[bin] > logits[best] { best = bin }
    var sum = 0.0
    for bin in 0..<bins { sum += exp(Double(logits[bin] - logits[best])) }
    return (best, 1 / sum)
  }
}
