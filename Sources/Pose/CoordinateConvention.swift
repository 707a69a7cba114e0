/// How pixels of a picture, of the network's input and of a heatmap correspond.
///
/// Weights are tied to the convention they were trained with: mixing the two costs accuracy.
public enum CoordinateConvention: String, Sendable, CaseIterable {
  /// Distances between pixel centres: an input of W pixels spans W - 1 (UDP, Huang et al. 2020).
  case unbiased
  /// Counts of pixels: an input of W pixels spans W (SimpleBaseline, HRNet).
  case classic

  /// The span in pixels of a side with `count` pixels.
  public func span(_ count: Int) -> Double {
    switch self {
    case .unbiased: Double(max(count - 1, 1))
    case .classic: Double(max(count, 1))
    }
  }

  /// How many pixels of a side with `large` pixels one pixel of a side with `small` stands for.
  public func ratio(_ large: Int, to small: Int) -> Double { span(large) / span(small) }
}
