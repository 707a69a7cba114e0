import Datasets
import Imaging
import Pose
import Support
import TestSupport
import Testing
import Wording

private let seventeen = (0..<17).map { "[\($0 * 2 + 5), \($0 * 3 + 5)]" }.joined(separator: ", ")
private let flat = (0..<17).map { "\($0 * 2 + 5), \($0 * 3 + 5), 2" }.joined(separator: ", ")
private let names = KeypointSchema.coco17.keypoints.map { "\"\($0)\"" }.joined(separator: ", ")

private func coco(
  annotations: String, images: String = #"{"id": 7, "file_name": "a.png"}"#,
  keypoints: String = names
) -> String {
  """
  {"info": {"x": [1, {"y": null}]}, "images": [\(images)], "annotations": [\(annotations)],
   "categories": [{"id": 2, "name": "person", "keypoints": [\(keypoints)], "skeleton": [[1, 2]]}]}
  """
}

private func annotation(
  _ id: Int = 1, keypoints: String = flat, extra: String = #""bbox": [2, 3, 40, 60], "area": 900"#
) -> String {
  #"{"id": \#(id), "image_id": 7, "category_id": 2, "keypoints": [\#(keypoints)], \#(extra)}"#
}

private func folder(_ files: [(String, String)], pictures: [String] = []) throws
  -> TemporaryFolder
{
  let folder = TemporaryFolder()
  let bytes = try ImageEncoder.png(patterned(50, 70))
  for picture in pictures { try folder.write(picture, bytes) }
  for (name, text) in files { try folder.write(name, text) }
  return folder
}

@Suite("Data set formats")
struct ReaderTests {
  @Test("The seed layout is read with missing points, visibility and boxes")
  func seed() throws {
    var points = (0..<15).map { "[\($0), 9.5]" }
    points += ["null", "[4, 5, 1]"]
    let folder = try folder(
      [
        (
          "annotations.json",
          """
          [{"image_name": "a.png", "keypoints": [\(seventeen)]},
           {"image_name": "sub/b.png", "keypoints": [\(points.joined(separator: ","))],
            "bbox": [1, 2, 30, 40]},
           {"image_name": "gone.png", "keypoints": [\(seventeen)]},
           {"image_name": "a.png", "keypoints": [[1, 2], [3, 4]]},
           {"keypoints": []},
           {"image_name": "a.png", "keypoints": [\((0..<17).map { _ in "null" }.joined(separator: ","))]}]
          """
        )
      ], pictures: ["images/a.png", "images/sub/b.png"])
    let set = try DatasetCatalog.open(path: folder.path)
    #expect(set.format == "seed" && set.schema == .coco17 && set.samples.count == 2)
    #expect(set.imageCount == 2 && set.samples[0].box == nil)
    #expect(set.samples[1].box == Box(x: 1, y: 2, width: 30, height: 40))
    #expect(set.samples[1].keypoints[15].visibility == .unlabelled)
    #expect(set.samples[1].keypoints[16] == Keypoint(x: 4, y: 5, visibility: .hidden))
    #expect(set.samples[1].keypoints[3] == Keypoint(x: 3, y: 9.5, visibility: .visible))
    #expect(
      set.notices.map { $0.text().replacing(folder.path + "/", with: "") } == [
        "annotations.json: 1 of 6 records set aside: its picture is not on the disk (first: gone.png).",
        "annotations.json: 1 of 6 records set aside: it does not have the right number of keypoints (first: a.png).",
        "annotations.json: 1 of 6 records set aside: image_name is missing or no text (first: record 4).",
        "annotations.json: 1 of 6 records set aside: no keypoint is labelled (first: a.png).",
      ])
    let file = try DatasetCatalog.open(path: Path.join(folder.path, "annotations.json"))
    #expect(file.samples.count == 2)
  }

  @Test("COCO is read with crowds, booleans, large ids, other spellings and orders, broken boxes")
  func cocoOdd() throws {
    let shuffled = KeypointSchema.coco17.keypoints.reversed().map { name in
      let words = name.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }
      return "\"\(words.joined(separator: " "))\""
    }
    let text = coco(
      annotations: [
        annotation(900_100_433_998), annotation(2, extra: #""iscrowd": true"#),
        annotation(3, extra: #""bbox": [1, 1, 2, 0.5], "area": 1, "iscrowd": false"#),
        annotation(4, extra: #""segmentation": {"counts": "x[]}", "size": [1, 2]}"#),
        annotation(5, keypoints: (0..<51).map { _ in "0" }.joined(separator: ",")),
        annotation(6, keypoints: "1, 2, 2"),
        #"{"id": 8, "image_id": 99, "category_id": 2, "keypoints": []}"#,
        #"{"id": 9, "image_id": 7.0, "category_id": 3, "keypoints": [1]}"#,
        annotation(10, keypoints: "1, null, 2"), "null", "[]",
      ].joined(separator: ","), keypoints: shuffled.joined(separator: ","))
    let folder = try folder(
      [("annotations/person_keypoints_val2017.json", text)], pictures: ["val2017/a.png"])
    let set = try DatasetCatalog.open(path: folder.path)
    #expect(set.format == "coco" && set.schema == .coco17)
    #expect(set.samples.map(\.annotationID) == [900_100_433_998, 3, 4])
    #expect(set.samples[0].box == Box(x: 2, y: 3, width: 40, height: 60))
    #expect(set.samples[0].area == 900 && set.samples[1].area == nil)
    // The file's list runs backwards.
    #expect(set.samples[0].keypoints[0] == Keypoint(x: 37, y: 53, visibility: .visible))
    #expect(set.samples[1].box == Box(x: 5, y: 5, width: 32, height: 48))
    let causes = set.notices.map { $0.arguments.count > 3 ? words($0.arguments[3]) : $0.key }
    #expect(
      causes == [
        "it stands for a crowd", "no keypoint is labelled",
        "it does not have the right number of keypoints",
        "its picture is not in the list of images",
        "it belongs to another category", "its keypoints are not lists of numbers",
        "dataset.boxesReplaced",
      ])
  }

  @Test("Other names make a schema of their own, with pairs by name, whatever their count")
  func otherNames() throws {
    let own = (0..<17).map { $0 % 2 == 0 ? "\"left_p\($0 / 2)\"" : "\"Right p\($0 / 2)\"" }
    let folder = try folder(
      [("x.json", coco(annotations: annotation(), keypoints: own.joined(separator: ",")))],
      pictures: ["a.png"])
    let set = try DatasetCatalog.open(path: folder.path)
    #expect(set.schema.name == "custom" && set.schema.flipPairs[0] == 1)
    #expect(set.schema.flipPairs[1] == 0 && set.schema.flipPairs[16] == 16)
    #expect(set.notices.last?.key == "dataset.constantsAssumed")
  }

  @Test("Each way to be wrong has its sentence")
  func errors() throws {
    let nothing = TemporaryFolder()
    #expect(openingError(nothing, "none") == "There is no data set at none. Check the path.")
    #expect(
      openingError(nothing)
        == "FOLDER/ holds no data set that is known here: expected annotations.json with images/, COCO, MPII or AI Challenger annotations (*.json) in it or in annotations/, or a YOLO data.yaml."
        .replacing("FOLDER/", with: ""))
    let fractions = (0..<17).map { "[0.\($0), 1]" }.joined(separator: ",")
    let cases: [([(String, String)], String)] = [
      (
        [("annotations.json", #"[{"image_name": "a.png", "keypoints": [\#(fractions)]}]"#)],
        "annotations.json: all coordinates lie between 0 and 1; expected pixels. Multiply x by each picture's width and y by its height."
      ),
      (
        [("annotations.json", "[{]")],
        "annotations.json is not valid JSON: "
      ),
      (
        [("annotations.json", "[]")], "annotations.json lists no person: its annotations are empty."
      ),
      (
        [("annotations.json", #"[{"image_name": "q.png", "keypoints": []}]"#)],
        "annotations.json names pictures such as q.png, but none of them is in images, FOLDER. Give their folder with --images."
      ),
      (
        [("annotations.json", #"[{"image_name": "a.png", "keypoints": 3}]"#)],
        "annotations.json: none of its 1 records can be used; the first one was set aside because its keypoints are not lists of numbers."
      ),
      (
        [("a.json", coco(annotations: annotation()).replacing("\"images\"", with: "\"image\""))],
        " holds no data set that is known here"
      ),
      (
        [("a.json", coco(annotations: annotation(), keypoints: ""))],
        "a.json has no category with keypoint names, so its annotations are not keypoints. Give the file with the person keypoints."
      ),
      (
        [("a.json", coco(annotations: ""))],
        "a.json lists no person: its annotations are empty."
      ),
      (
        [("a.json", coco(annotations: annotation(extra: #""iscrowd": 1"#)))],
        "a.json: none of its 1 records can be used; the first one was set aside because it stands for a crowd."
      ),
      (
        [("a.json", String(coco(annotations: annotation()).dropLast(9)))],
        "a.json is not valid JSON: "
      ),
    ]
    for (files, wanted) in cases {
      let folder = try folder(files, pictures: ["a.png"])
      let error = openingError(folder)
      #expect(error.hasPrefix(wanted), "\(error)")
    }
  }

  @Test("The sets of real photographs are read", .enabled(if: testData != nil, noTestData))
  func real() throws {
    let root = try #require(testData)
    for (name, samples, schema) in [
      ("stock17", 800, "coco17"), ("lspet14", 2000, "coco17"), ("samples/coco", 12, "coco17"),
      ("samples/coco_mini_train", 86, "coco17"), ("samples/aic", 9, "aichallenger14"),
      ("samples/crowdpose", 4, "custom"), ("samples/ochuman", 5, "coco17"),
      ("samples/jhmdb", 3, "custom"),
    ] where hasPhotographs(name) {
      let set = try DatasetCatalog.open(path: Path.join(root, name))
      #expect(set.samples.count == samples && set.schema.name == schema, "\(name)")
      for index in set.samples.indices.prefix(12) {
        _ = try SamplePreview.make(set, sample: index, input: InputSpec(width: 96, height: 128))
      }
    }
    guard hasPhotographs("stock17") else { return }
    let stock = try DatasetCatalog.open(path: Path.join(root, "stock17"))
    #expect(stock.notices.map(\.key) == ["dataset.boxesReplaced"])
    #expect(stock.notices.first?.arguments[1] == "4")
  }
}

@Suite("Splits and orders")
struct SplitTests {
  private func set(images: Int, persons: Int) -> Dataset {
    let samples = (0..<images).flatMap { image in
      (0..<persons).map { person in
        Sample(
          imagePath: "\(image)", name: "\(image)", image: image,
          annotationID: Int64(image * persons + person), keypoints: gridPoints(9, 9))
      }
    }
    return Dataset(name: "s", path: "s", format: "coco", schema: .coco17, samples: samples)
  }

  @Test("All persons of a picture are on one side, and the sides have the size asked for")
  func sides() throws {
    for method in SplitMethod.allCases {
      for (images, fraction, wanted) in [(10, 0.2, 2), (7, 0.2, 2), (2, 0.01, 1), (3, 0.99, 2)] {
        let set = set(images: images, persons: 3)
        let split = try DatasetSplit.make(set, method: method, fraction: fraction, seed: 4)
        let left = Set(split.training.map { set.samples[$0].image })
        let right = Set(split.validation.map { set.samples[$0].image })
        #expect(left.isDisjoint(with: right) && left.count + right.count == images)
        #expect(right.count == wanted, "\(method) \(images)")
        #expect(split.training == split.training.sorted())
      }
    }
  }

  @Test("File order takes the last pictures; random depends on the seed alone")
  func methods() throws {
    let set = set(images: 50, persons: 1)
    let ordered = try DatasetSplit.make(set, method: .fileOrder, fraction: 0.2, seed: 0)
    #expect(ordered.validation == Array(40..<50))
    let first = try DatasetSplit.make(set, method: .random, fraction: 0.2, seed: 0)
    #expect(first == (try DatasetSplit.make(set, method: .random, fraction: 0.2, seed: 0)))
    #expect(first != (try DatasetSplit.make(set, method: .random, fraction: 0.2, seed: 1)))
    #expect(first.validation != ordered.validation)
  }

  @Test("One picture cannot be split, and an odd fraction is no trap")
  func tooSmall() throws {
    #expect(throws: DatasetError.splitTooSmall(path: "s", images: 1)) {
      try DatasetSplit.make(set(images: 1, persons: 5), method: .random, fraction: 0.2, seed: 0)
    }
    for fraction in [Double.nan, .infinity, -3, 0, 1, 1e300] {
      let split = try DatasetSplit.make(
        set(images: 4, persons: 1), method: .random, fraction: fraction, seed: 0)
      #expect(!split.training.isEmpty && !split.validation.isEmpty)
    }
  }

  @Test("An epoch's order is a permutation of its own")
  func orders() {
    let samples = Array(stride(from: 0, to: 200, by: 2))
    let first = EpochOrder.order(samples, epoch: 1, seed: 0, shuffle: true)
    #expect(first.sorted() == samples && first != samples)
    #expect(first != EpochOrder.order(samples, epoch: 2, seed: 0, shuffle: true))
    #expect(first == EpochOrder.order(samples, epoch: 1, seed: 0, shuffle: true))
    #expect(EpochOrder.order(samples, epoch: 1, seed: 0, shuffle: false) == samples)
  }
}
