import Glibc
public import Imaging
import Pose
import Support

/// The layouts in which drawn data sets are written.
public enum FigureLayout: String, Sendable, CaseIterable {
  /// `annotations.json` and `images/`: one person a picture, without box.
  case seed
  /// `annotations/person_keypoints.json` and `images/`: several people a picture, with boxes, areas
  /// and crowds.
  case coco
}

/// Writes data sets of drawn people: the same bytes for the same seed.
public enum FigureSet {
  /// Quality of the JPEG files.
  static let quality = 78

  /// Draws `count` pictures into a new or empty folder.
  ///
  /// `size` is the pictures' size in pixels; without it 96...144 x 128...192 (seed, 3 : 4) or
  /// 320 x 240 (coco). `progress` is told how many are done.
  public static func write(
    folder: String, count: Int, seed: Int, format: FigureLayout, size: ImageSize? = nil,
    progress: (Int) -> Void = { _ in }
  ) throws(FigureError) {
    if let names = Path.names(in: folder), !names.isEmpty {
      throw .folderNotEmpty(path: folder)
    }
    let images = Path.join(folder, "images")
    let annotations = Path.join(folder, "annotations")
    do throws(FileError) {
      try Path.makeFolders(images)
      if format == .coco { try Path.makeFolders(annotations) }
    } catch {
      throw .file(error)
    }
    var document = format == .seed ? SeedDocument() as any FigureDocument : COCODocument()
    for index in 0..<max(0, count) {
      let picture = picture(index, of: count, seed: seed, format: format, size: size)
      let name = name(index)
      let bytes: [UInt8]
      do throws(ImageError) {
        bytes = try ImageEncoder.jpeg(picture.picture, quality: quality)
      } catch {
        throw .image(error)
      }
      try write(bytes, to: Path.join(images, name))
      document.add(picture, name: name)
      progress(index + 1)
    }
    let file =
      format == .seed
      ? Path.join(folder, "annotations.json")
      : Path.join(annotations, "person_keypoints.json")
    try write(document.bytes, to: file)
  }

  /// One picture of a set, as `write` draws it.
  public static func picture(
    _ index: Int, of count: Int, seed: Int, format: FigureLayout, size: ImageSize? = nil
  ) -> FigurePicture {
    switch format {
    case .seed:
      var dice = Dice(
        CounterRandom(seed: UInt64(bitPattern: Int64(seed)), name: "size").stream(index))
      let height = dice.whole(16...24) * 8
      let size = size ?? ImageSize(width: height * 3 / 4, height: height)
      return .single(seed: seed, index: index, width: size.width, height: size.height)
    case .coco:
      let size = size ?? ImageSize(width: 320, height: 240)
      return .group(
        seed: seed, index: index, width: size.width, height: size.height,
        withCrowd: index % 8 == 5 || count <= 5 && index == 0)
    }
  }

  private static func name(_ index: Int) -> String {
    let digits = String(index + 1)
    return String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".jpg"
  }

  /// Drawn pictures can be drawn again, so they are not synced one by one.
  private static func write(_ bytes: [UInt8], to path: String) throws(FigureError) {
    guard let file = fopen(path, "wbx") else {
      throw .file(.cannotWrite(path: path, reason: FileError.reason()))
    }
    let written = fwrite(bytes, 1, bytes.count, file)
    let closed = fclose(file)
    guard written == bytes.count, closed == 0 else {
      throw .file(.cannotWrite(path: path, reason: FileError.reason()))
    }
  }
}

/// Collects the labels of a layout.
private protocol FigureDocument {
  mutating func add(_ picture: FigurePicture, name: String)
  var bytes: [UInt8] { get }
}

/// Tenths of a pixel.
private func rounded(_ value: Double) -> JSONValue {
  .number((value * 10).rounded() / 10 + 0)
}

private struct SeedDocument: FigureDocument {
  private var records: [JSONValue] = []

  mutating func add(_ picture: FigurePicture, name: String) {
    let points = picture.people.first?.keypoints ?? []
    let keypoints = points.map { JSONValue.array([rounded($0.x), rounded($0.y)]) }
    records.append(["image_name": .string(name), "keypoints": .array(keypoints)])
  }

  /// A line a record, so that people can look at it.
  var bytes: [UInt8] {
    var output = Array("[\n".utf8)
    for (index, record) in records.enumerated() {
      record.append(to: &output)
      output += (index + 1 < records.count ? ",\n" : "\n").utf8
    }
    return output + "]\n".utf8
  }
}

private struct COCODocument: FigureDocument {
  private var images: [JSONValue] = []
  private var annotations: [JSONValue] = []

  mutating func add(_ picture: FigurePicture, name: String) {
    let id = Int64(images.count + 1)
    images.append([
      "id": .integer(id), "file_name": .string(name),
      "width": .integer(Int64(picture.picture.width)),
      "height": .integer(Int64(picture.picture.height)),
    ])
    for person in picture.people {
      annotations.append([
        "id": .integer(Int64(annotations.count + 1)), "image_id": .integer(id), "category_id": 1,
        "bbox": box(person.box), "area": rounded(person.area), "iscrowd": 0,
        "num_keypoints": .integer(Int64(person.keypoints.count(where: \.isLabelled))),
        "keypoints": .array(
          person.keypoints.flatMap { point -> [JSONValue] in
            guard point.isLabelled else { return [0, 0, 0] }
            return [
              rounded(point.x), rounded(point.y), .integer(Int64(point.visibility.rawValue)),
            ]
          }), "segmentation": .array([.array(person.outline.map(rounded))]),
      ])
    }
    if let crowd = picture.crowd {
      annotations.append([
        "id": .integer(Int64(annotations.count + 1)), "image_id": .integer(id), "category_id": 1,
        "bbox": box(crowd.box), "area": .integer(Int64(crowd.area)), "iscrowd": 1,
        "num_keypoints": 0, "keypoints": .array(Array(repeating: 0, count: 51)),
        "segmentation": [
          "counts": .array(crowd.runs.map { .integer(Int64($0)) }),
          "size": .array([
            .integer(Int64(picture.picture.height)), .integer(Int64(picture.picture.width)),
          ]),
        ],
      ])
    }
  }

  private func box(_ box: Box) -> JSONValue {
    .array([rounded(box.x), rounded(box.y), rounded(box.width), rounded(box.height)])
  }

  var bytes: [UInt8] {
    let schema = KeypointSchema.coco17
    let document: JSONValue = [
      "info": ["description": "People drawn by posetop figures", "version": "1"],
      "images": .array(images), "annotations": .array(annotations),
      "categories": [
        [
          "id": 1, "name": "person", "supercategory": "person",
          "keypoints": .array(schema.keypoints.map { .string($0) }),
          "skeleton": .array(
            schema.skeleton.map { [.integer(Int64($0.0 + 1)), .integer(Int64($0.1 + 1))] }),
        ]
      ],
    ]
    return Array(document.prettyText.utf8)
  }
}
