public import Pose
public import Support

/// A record of a COCO results file, as `posetop score` and pycocotools read it.
public enum COCOResult {
  /// A person of category 1.
  public static func json(
    image: Int64, _ keypoints: [PredictedKeypoint], score: Double
  ) -> JSONValue {
    [
      "image_id": .integer(image), "category_id": 1,
      "keypoints": .array(
        keypoints.flatMap { [.finite($0.x), .finite($0.y), .finite($0.score)] }),
      "score": .finite(score),
    ]
  }
}
