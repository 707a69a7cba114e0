public import Pose
public import Wording

/// One labelled person in one picture.
public struct Sample: Sendable, Hashable {
  /// The picture's file.
  public var imagePath: String
  /// The picture's name as the data set has it.
  public var name: String
  /// Number of the picture within the data set; persons of one picture share it.
  public var image: Int
  /// The picture's id in the source; nil in formats without.
  public var imageID: Int64?
  /// The person's id in the source; nil in formats without.
  public var annotationID: Int64?
  /// Labels in pixels of the picture, one per keypoint of the schema.
  public var keypoints: [Keypoint]
  /// The person's box, px; nil means that the whole picture is the person's.
  public var box: Box?
  /// The person's area, square pixels, where the source gives one.
  public var area: Double?

  /// A sample.
  public init(
    imagePath: String, name: String, image: Int, imageID: Int64? = nil,
    annotationID: Int64? = nil, keypoints: [Keypoint], box: Box? = nil, area: Double? = nil
  ) {
    self.imagePath = imagePath
    self.name = name
    self.image = image
    self.imageID = imageID
    self.annotationID = annotationID
    self.keypoints = keypoints
    self.box = box
    self.area = area
  }
}

/// A data set that was read: its usable samples, and what was set aside.
public struct Dataset: Sendable {
  /// The folder's or file's own name.
  public var name: String
  /// Where it was found, as the user gave it.
  public var path: String
  /// The format's name, such as `coco`.
  public var format: String
  /// What its keypoints are.
  public var schema: KeypointSchema
  /// The usable samples, in file order.
  public var samples: [Sample]
  /// Number of pictures with at least one usable sample.
  public var imageCount: Int
  /// Records that were set aside or mended, and why; a line each.
  public var notices: [Sentence]

  /// A data set; `image` of the samples must count from 0 without gaps.
  public init(
    name: String, path: String, format: String, schema: KeypointSchema, samples: [Sample],
    notices: [Sentence] = []
  ) {
    self.name = name
    self.path = path
    self.format = format
    self.schema = schema
    self.samples = samples
    self.notices = notices
    imageCount = (samples.map(\.image).max() ?? -1) + 1
  }
}
