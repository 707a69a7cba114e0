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

  /// The schemas that are known by name.
  public static let known = [coco17, mpii16, aiChallenger14]

  /// For each keypoint the weight that HRNet's and mmpose's recipes give it: 1.5 for wrists and
  /// ankles, 1.2 for elbows and knees, 1 for the others.
  public var weights: [Double] {
    keypoints.map { name in
      if name.contains("wrist") || name.contains("ankle") { return 1.5 }
      return name.contains("elbow") || name.contains("knee") ? 1.2 : 1
    }
  }

  /// For each keypoint of another schema the one of this schema with the same name; nil where this
  /// one has none, such as the eyes for MPII. So MPII-16 and AI Challenger-14 map to COCO-17.
  public func places(of other: KeypointSchema) -> [Int?] {
    other.keypoints.map { keypoints.firstIndex(of: $0) }
  }

  /// The name of the mirrored keypoint: `left` for `right`, `l` for `r`.
  public static func mirrored(_ name: String) -> String {
    let words = name.split(separator: "_", omittingEmptySubsequences: false).map { word in
      switch word {
      case "left": "right"
      case "right": "left"
      case "l": "r"
      case "r": "l"
      default: String(word)
      }
    }
    return words.joined(separator: "_")
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

extension KeypointSchema {
  /// A keypoint's name as the screens write it: `l_ankle` for `left_ankle`.
  public static func shortName(_ name: String) -> String {
    for side in ["left_", "right_"] where name.hasPrefix(side) {
      return "\(side.prefix(1))_\(name.dropFirst(side.count))"
    }
    return name
  }
}
