import Pose

/// The schema behind a list of keypoint names.
struct RecognisedSchema: Sendable {
  let schema: KeypointSchema
  /// For each keypoint of the schema its place in the file's list.
  let order: [Int]
  /// Keypoints whose OKS constant is an assumption.
  let assumed: [String]

  /// Recognises a known schema's names in any order and spelling (`Left Eye`, `left-eye`); other
  /// names make a schema of their own, with pairs and limbs by name.
  ///
  /// `flipPairs` are what the data set itself says, where it does.
  init(names: [String], flipPairs: [Int]? = nil) {
    let normal = names.map(Self.normalised)
    for known in KeypointSchema.known where known.count == normal.count {
      let places = known.keypoints.compactMap { normal.firstIndex(of: $0) }
      guard places.count == known.count else { continue }
      schema = known
      order = places
      assumed = []
      return
    }
    let coco = KeypointSchema.coco17
    func index(_ name: String) -> Int? { normal.firstIndex(of: name) }
    let sigmas = normal.map { name in
      coco.keypoints.firstIndex(of: name).map { coco.sigmas[$0] }
    }
    schema = KeypointSchema(
      name: "custom", keypoints: normal,
      flipPairs: flipPairs
        ?? normal.indices.map { index(KeypointSchema.mirrored(normal[$0])) ?? $0 },
      skeleton: coco.skeleton.compactMap { limb in
        guard let first = index(coco.keypoints[limb.0]), let second = index(coco.keypoints[limb.1])
        else { return nil }
        return (first, second)
      },
      sigmas: sigmas.map { $0 ?? 0.079 })
    order = Array(normal.indices)
    assumed = normal.indices.filter { sigmas[$0] == nil }.map { normal[$0] }
  }

  private static func normalised(_ name: String) -> String {
    String(name.lowercased().map { $0 == " " || $0 == "-" ? "_" : $0 })
  }
}
