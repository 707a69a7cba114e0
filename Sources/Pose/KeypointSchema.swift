/// The names of the keypoints of a data set and what is known of each.
public struct KeypointSchema: Sendable, Hashable {
  /// Short lower-case name, such as `coco17`.
  public let name: String
  /// The keypoints' names in order, such as `left_shoulder`.
  public let keypoints: [String]
  /// For each keypoint the index of its mirror image (itself for the nose).
  public let flipPairs: [Int]
  /// The limbs that are drawn, as pairs of indices.
  public let skeleton: [(Int, Int)]
  /// COCO's per-keypoint constants of OKS: the fall-off is `2 · sigma`.
  public let sigmas: [Double]

  /// A schema; all lists have one entry per keypoint, except `skeleton`.
  public init(
    name: String, keypoints: [String], flipPairs: [Int], skeleton: [(Int, Int)], sigmas: [Double]
  ) {
    precondition(keypoints.count == flipPairs.count && keypoints.count == sigmas.count)
    self.name = name
    self.keypoints = keypoints
    self.flipPairs = flipPairs
    self.skeleton = skeleton
    self.sigmas = sigmas
  }

  /// The number of keypoints, K.
  public var count: Int { keypoints.count }

  /// On which side of the body a keypoint lies.
  public func side(of index: Int) -> BodySide {
    if keypoints[index].hasPrefix("left") { return .left }
    if keypoints[index].hasPrefix("right") { return .right }
    return .middle
  }

  public static func == (left: KeypointSchema, right: KeypointSchema) -> Bool {
    left.name == right.name && left.keypoints == right.keypoints
      && left.flipPairs == right.flipPairs && left.sigmas == right.sigmas
      && left.skeleton.map { [$0.0, $0.1] } == right.skeleton.map { [$0.0, $0.1] }
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(keypoints)
  }
}

/// A side of the body, as the person sees it.
public enum BodySide: Sendable { case left, right, middle }
