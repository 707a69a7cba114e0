public import Nets

extension [KeypointFacts] {
  /// So many keypoints of equal weight and OKS constant 0.05.
  public static func plain(_ count: Int) -> [KeypointFacts] {
    [KeypointFacts](repeating: KeypointFacts(sigma: 0.05), count: count)
  }
}
