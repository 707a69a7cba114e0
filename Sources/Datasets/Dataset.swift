public import Imaging
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
  /// The picture's size as the annotations give it, px: whether EXIF's turn is applied depends on it.
  public var declaredSize: ImageSize?
  /// The head's size, px, where the source gives a head box: the length that PCKh divides by.
  public var headSize: Double?

  /// A sample.
  public init(
    imagePath: String, name: String, image: Int, imageID: Int64? = nil,
    annotationID: Int64? = nil, keypoints: [Keypoint], box: Box? = nil, area: Double? = nil,
    headSize: Double? = nil, declaredSize: ImageSize? = nil
  ) {
    self.declaredSize = declaredSize
    self.headSize = headSize
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
  /// The split that the data set itself names; nil when it names none.
  public var declaredSplit: DatasetSplit?

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

  /// The same data set with the keypoints of another schema, by name; those that it does not have
  /// are unlabelled. Persons without any are left out.
  public func mapped(to other: KeypointSchema) throws(DatasetError) -> Dataset {
    if other.keypoints == schema.keypoints { return self }
    let places = schema.places(of: other)
    let missing = Keypoint(x: 0, y: 0, visibility: .unlabelled)
    var result = self
    result.schema = other
    result.samples = samples.compactMap { sample in
      var sample = sample
      sample.keypoints = places.map { $0.map { sample.keypoints[$0] } ?? missing }
      return sample.keypoints.contains(where: \.isLabelled) ? sample : nil
    }
    guard !result.samples.isEmpty else {
      throw .schemasDiffer(path: path, schema: schema.name, wanted: other.name)
    }
    // The pictures that are left count from 0 again.
    var numbers: [Int: Int] = [:]
    for index in result.samples.indices {
      let old = result.samples[index].image
      result.samples[index].image = numbers[old, default: numbers.count]
      numbers[old] = result.samples[index].image
    }
    result.imageCount = numbers.count
    result.declaredSplit = nil
    return result
  }
}
