public import Pose
public import Support
import TensorFiles

/// The validation crops of a run, as the samples browser shows them: written once by the engine.
public struct SamplePreviews: Sendable {
  /// One crop with its labels.
  public struct Sample: Sendable {
    /// What the sample is called, such as the picture's name; comes from outside.
    public var name: String
    /// The labels in pixels of the crop.
    public var keypoints: [Keypoint]
    /// The larger side of the ground-truth box, in pixels of the crop.
    public var boxSize: Double

    /// A sample.
    public init(name: String, keypoints: [Keypoint], boxSize: Double) {
      self.name = name
      self.keypoints = keypoints
      self.boxSize = boxSize
    }
  }

  /// The most crops that a run keeps.
  public static let maximumCount = 256
  /// The largest file that is read, bytes.
  static let maximumFile = 512 << 20

  /// Width of every crop, px.
  public let width: Int
  /// Height of every crop, px.
  public let height: Int
  /// The keypoints' names and limbs.
  public let schema: KeypointSchema
  /// The samples in the order of the validation set.
  public let samples: [Sample]
  /// All crops, one after the other: rows from the top, R, G, B.
  public let pixels: [UInt8]

  /// Crops with their labels; `pixels` has `samples.count · height · width · 3` bytes.
  public init(
    width: Int, height: Int, schema: KeypointSchema, samples: [Sample], pixels: [UInt8]
  ) {
    precondition(pixels.count == samples.count * width * height * 3)
    precondition(samples.allSatisfy { $0.keypoints.count == schema.count })
    self.width = width
    self.height = height
    self.schema = schema
    self.samples = samples
    self.pixels = pixels
  }

  /// The pixels of one crop.
  public func pixels(of index: Int) -> ArraySlice<UInt8> {
    let size = width * height * 3
    return pixels[index * size..<(index + 1) * size]
  }

  /// Where the crops of a run are.
  public static func path(runFolder: String) -> String {
    Path.join(runFolder, "previews/crops.safetensors")
  }

  /// Writes the crops into the run folder.
  public func write(runFolder: String) throws(FileError) {
    let path = Self.path(runFolder: runFolder)
    try Path.makeFolders(Path.parent(of: path))
    var points: [Float] = []
    for point in samples.flatMap(\.keypoints) {
      points += [Float(point.x), Float(point.y), Float(point.visibility.rawValue)]
    }
    let sizes = samples.map { Float($0.boxSize) }
    let names = JSONValue.array(samples.map { .string($0.name) }).text
    try TensorBytes.commit(
      path,
      [
        TensorBytes(
          "images", .uint8, [samples.count, height, width, 3], pixels),
        TensorBytes("keypoints", [samples.count, schema.count, 3], points),
        TensorBytes("box_sizes", [samples.count], sizes),
      ],
      metadata: [(key: "names", value: names), (key: "schema", value: schema.json.text)])
  }

  /// Reads the crops of a run; nil when it has none yet.
  public static func read(runFolder: String) throws(FileError) -> SamplePreviews? {
    let path = path(runFolder: runFolder)
    guard Path.isFile(path) else { return nil }
    let file = try CheckedTensors(path, limit: maximumFile)
    let schema = try KeypointSchema.read(file.metadata("schema"), path: path)
    let names = try file.metadata("names").array ?? []
    let shape = try file.shape("images", .uint8, rank: 4)
    guard shape[0] <= maximumCount, (1...4096).contains(shape[1]), (1...4096).contains(shape[2]),
      shape[3] == 3
    else { throw file.mismatch("images", shape, "N×H×W×3, N up to \(maximumCount)") }
    let points = try file.floats("keypoints", [shape[0], schema.count, 3])
    let sizes = try file.floats("box_sizes", [shape[0]])
    var samples: [Sample] = []
    for index in 0..<shape[0] {
      let keypoints = (0..<schema.count).map { point in
        let at = (index * schema.count + point) * 3
        return Keypoint(finite: points[at], points[at + 1], visibility: points[at + 2])
      }
      let name = index < names.count ? names[index].string ?? "" : ""
      let size = Double(sizes[index])
      samples.append(
        Sample(name: name, keypoints: keypoints, boxSize: size.isFinite ? max(0, size) : 0))
    }
    return SamplePreviews(
      width: shape[2], height: shape[1], schema: schema, samples: samples,
      pixels: try file.bytes("images"))
  }
}

extension Keypoint {
  /// A label from a file; what is no number is an unlabelled point.
  fileprivate init(finite x: Float, _ y: Float, visibility: Float) {
    let flag = Int(exactly: visibility).flatMap(Visibility.init(rawValue:)) ?? .unlabelled
    if x.isFinite && y.isFinite {
      self.init(x: Double(x), y: Double(y), visibility: flag)
    } else {
      self.init(x: 0, y: 0, visibility: .unlabelled)
    }
  }
}

extension KeypointSchema {
  /// The schema as JSON: `{name, keypoints, flip_pairs, skeleton, sigmas}`.
  public var json: JSONValue {
    [
      "name": .string(name), "keypoints": .array(keypoints.map { .string($0) }),
      "flip_pairs": .array(flipPairs.map { .integer(Int64($0)) }),
      "skeleton": .array(
        skeleton.map { .array([.integer(Int64($0.0)), .integer(Int64($0.1))]) }),
      "sigmas": .array(sigmas.map { .finite($0) }),
    ]
  }

  /// Reads a schema; every index in it is checked.
  public static func read(
    _ json: JSONValue, path: String
  ) throws(FileError) -> KeypointSchema {
    let names = (json["keypoints"]?.array ?? []).compactMap(\.string)
    let pairs = (json["flip_pairs"]?.array ?? []).compactMap(\.int)
    let sigmas = (json["sigmas"]?.array ?? []).map { $0.double ?? 0 }
    let range = names.indices
    let skeleton = (json["skeleton"]?.array ?? []).compactMap { limb -> (Int, Int)? in
      guard let pair = limb.array, pair.count == 2, let from = pair[0].int, let to = pair[1].int,
        range.contains(from), range.contains(to)
      else { return nil }
      return (from, to)
    }
    guard (1...1024).contains(names.count), pairs.count == names.count,
      sigmas.count == names.count, pairs.allSatisfy(range.contains), skeleton.count <= 4096
    else {
      throw .unexpectedJSON(
        path: path, place: "schema", expected: "{name, keypoints, flip_pairs, skeleton, sigmas}")
    }
    return KeypointSchema(
      name: json["name"]?.string ?? "", keypoints: names, flipPairs: pairs, skeleton: skeleton,
      sigmas: sigmas)
  }
}
