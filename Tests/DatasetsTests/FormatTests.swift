import Datasets
import Imaging
import Pose
import Support
import TestSupport
import Testing
import Wording

private let picture = ImageBuffer(width: 200, height: 100)

private func folder(
  _ files: [(String, String)], pictures: [String]
) throws -> TemporaryFolder {
  let folder = TemporaryFolder()
  let bytes = try ImageEncoder.png(picture)
  for name in pictures { try folder.write(name, bytes) }
  for (name, text) in files { try folder.write(name, text) }
  return folder
}

@Suite("MPII, AI Challenger and YOLO")
struct FormatTests {
  @Test("MPII counts pixels from 1, has its own missing points, box and head size")
  func mpii() throws {
    var joints = (0..<16).map { "[\($0 * 3 + 10), \($0 * 4 + 20)]" }
    joints[6] = "[-1, -1]"
    let flags = (0..<16).map { $0 == 9 || $0 == 6 ? "0" : "1" }.joined(separator: ",")
    let record =
      #"{"image": "a.png", "center": [60, 50], "scale": 0.4, "joints": [\#(joints.joined(separator: ","))], "joints_vis": [\#(flags)]"#
    let folder = try folder(
      [
        (
          "annot/train.json",
          """
          [\(record), "head_box": [10, 20, 40, 60]}, \(record.replacing("0.4", with: "-1"))},
           {"image": "gone.png", "joints": [], "joints_vis": []}, {"joints": [[1, 2]]}]
          """
        )
      ], pictures: ["images/a.png"])
    let set = try DatasetCatalog.open(path: folder.path)
    #expect(set.format == "mpii" && set.schema == .mpii16 && set.samples.count == 2)
    let sample = set.samples[0]
    #expect(sample.keypoints[0] == Keypoint(x: 9, y: 19, visibility: .visible))
    #expect(!sample.keypoints[6].isLabelled && !sample.keypoints[9].isLabelled)
    // 200 scales are 80 px; the centre lies 15 scales lower, and pixels count from 1.
    #expect(sample.box == Box(x: 60 - 1 - 40, y: 50 + 6 - 1 - 40, width: 80, height: 80))
    #expect(sample.headSize == 0.6 * 50)
    #expect(set.samples[1].box == Box(around: sample.keypoints))
    #expect(
      set.notices.map { $0.arguments.count > 3 ? words($0.arguments[3]) : $0.key } == [
        "it does not have the right number of keypoints", "image_name is missing or no text",
        "dataset.boxesReplaced",
      ])
  }

  @Test("AI Challenger's 1, 2, 3 become visible, hidden and unlabelled, its corners boxes")
  func aiChallenger() throws {
    let points = (0..<14).map {
      $0 % 3 == 2 ? "0, 0, 3" : "\($0 + 5), \($0 * 5 + 9), \($0 % 3 + 1)"
    }
    let folder = try folder(
      [
        (
          "keypoint_train_annotations.json",
          """
          [{"image_id": "p", "url": "x", "human_annotations": {"human10": [1, 2, 41, 92],
            "human2": [3, 4, 50, 90]}, "keypoint_annotations": {
            "human10": [\(points.joined(separator: ","))], "human2": [1, 2, 3]}},
           {"image_id": "q", "human_annotations": {}, "keypoint_annotations": {}}]
          """
        )
      ], pictures: ["keypoint_train_images/p.jpg"])
    let set = try DatasetCatalog.open(path: folder.path)
    #expect(set.format == "aichallenger" && set.schema == .aiChallenger14)
    let sample = try #require(set.samples.first)
    #expect(set.samples.count == 1 && sample.name == "p.jpg")
    #expect(sample.box == Box(x: 1, y: 2, width: 40, height: 90))
    #expect(sample.keypoints[0] == Keypoint(x: 5, y: 9, visibility: .visible))
    #expect(sample.keypoints[1].visibility == .hidden)
    #expect(!sample.keypoints[2].isLabelled && !sample.keypoints[11].isLabelled)
    #expect(set.notices.first?.arguments[4] == "p human2")
  }

  @Test("YOLO's shares become pixels; train and val of the file are the split")
  func yolo() throws {
    let line = (0..<17).map { "0.\($0 + 10) 0.5 \($0 % 3)" }.joined(separator: " ")
    let folder = try folder(
      [
        (
          "data.yaml",
          """
          # people
          path: .   # here
          train: images/train
          val:
            - images/val
          kpt_shape: [17, 3]
          flip_idx: [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]
          names:
            0: person
          """
        ),
        ("labels/train/a.txt", "0 0.5 0.5 0.4 0.8 \(line)\n\n0 0.5 0.5 0.1 0.1 1 2 3\n"),
        ("labels/val/b.txt", "0 0.25 0.5 0.5 1 \(line)\r\n0 x\n"),
      ], pictures: ["images/train/a.png", "images/train/empty.png", "images/val/b.png"])
    for path in [folder.path, Path.join(folder.path, "data.yaml")] {
      let set = try DatasetCatalog.open(path: path)
      #expect(set.format == "yolo" && set.schema == .coco17 && set.samples.count == 2)
      let box = try #require(set.samples[0].box)
      #expect(abs(box.x - 60) + abs(box.y - 10) + abs(box.width - 80) + abs(box.height - 80) < 1e-9)
      #expect(abs(set.samples[0].keypoints[2].x - 0.12 * 200) < 1e-9)
      #expect(set.samples[0].keypoints[2].y == 50)
      #expect(
        set.samples[0].keypoints.prefix(3).map(\.visibility) == [.unlabelled, .hidden, .visible])
      #expect(set.declaredSplit == DatasetSplit(training: [0], validation: [1]))
    }
  }

  @Test("YOLO with two numbers a point, without pairs, and with a broken shape")
  func yoloOdd() throws {
    let base = "train: list.txt\nval: null\nkpt_shape: [3, 2]\nnames: ['cat', \"person\"]\n"
    let folder = try folder(
      [
        ("x.yaml", base), ("list.txt", "images/a.png\n"),
        ("labels/a.txt", "1 0.5 0.5 1 1 0.1 0.2 0 0 -1 0.5\n0 0.5 0.5 1 1 0.1 0.2 0 0 0.4 0.5\n"),
      ], pictures: ["images/a.png"])
    let set = try DatasetCatalog.open(path: folder.path)
    #expect(set.samples.count == 1 && set.schema.keypoints[1] == "keypoint_1")
    #expect(set.samples[0].keypoints.map(\.isLabelled) == [true, false, false])
    #expect(set.schema.flipPairs == [0, 1, 2] && set.declaredSplit == nil)
    try folder.write("x.yaml", base.replacing("[3, 2]", with: "[3]"))
    #expect(
      openingError(folder)
        == "x.yaml is no YOLO data set: kpt_shape is missing or wrong; expected [17, 3] or [17, 2]."
    )
    try folder.write("x.yaml", base + "flip_idx: [0, 2, 3]\n")
    #expect(openingError(folder).contains("flip_idx is missing or wrong"))
    try folder.write("x.yaml", base.replacing("list.txt", with: "nowhere"))
    #expect(openingError(folder).hasPrefix("x.yaml names pictures such as nowhere"))
  }

  @Test("Keypoints map to another schema by name; what it lacks is unlabelled")
  func mapping() throws {
    let folder = TemporaryFolder()
    var set = try dataset(folder, pictures: [("a.png", picture), ("b.png", picture)])
    set.schema = .mpii16
    for index in set.samples.indices {
      set.samples[index].keypoints = Array(set.samples[index].keypoints.prefix(16))
    }
    // The first person has only its pelvis, which COCO does not know.
    for joint in 0..<16 where joint != 6 {
      set.samples[0].keypoints[joint].visibility = .unlabelled
    }
    let mapped = try set.mapped(to: .coco17)
    #expect(mapped.samples.count == 1 && mapped.imageCount == 1 && mapped.samples[0].image == 0)
    let (points, original) = (mapped.samples[0].keypoints, set.samples[1].keypoints)
    #expect(points[5] == original[13] && points[16] == original[0])
    #expect(points.prefix(5).allSatisfy { !$0.isLabelled })
    var other = set
    other.schema = KeypointSchema(
      name: "fish", keypoints: ["tail"], flipPairs: [0], skeleton: [], sigmas: [0.1])
    #expect(throws: DatasetError.self) { try other.mapped(to: .coco17) }
  }

  /// What becomes of every file under `samples`: `schema persons`, or the beginning of the error.
  static let table: [(String, String)] = [
    ("aic/keypoint_annotations_example.json", "aichallenger14 9"),
    ("aic/keypoint_annotations_raw_3.json", "aichallenger14 9"),
    ("aic/test_aic.json", "aichallenger14 9"), ("coco/test_coco.json", "coco17 12"),
    ("coco/test_coco_det_AP_H_56.json", "FILE holds detections with scores"),
    ("coco_mini_train/person_keypoints_train2017.json", "coco17 86"),
    ("crowdpose/test_crowdpose.json", "custom 4"),
    ("crowdpose/test_crowdpose_det_AP_40.json", "FILE holds detections with scores"),
    ("jhmdb/test_jhmdb_sub1.json", "custom 3"), ("mpii/test_mpii.json", "mpii16 5"),
    ("mpii/test_mpii_trb.json", "custom 5"), ("ochuman/test_ochuman.json", "coco17 5"),
    ("odd/coco_images_but_no_annotations.json", "FILE lists no person"),
    ("oks_golden/detections.json", "FILE holds detections with scores"),
    ("oks_golden/expected.json", "FILE is no data set that is known here"),
    ("stock17_sample/person_keypoints.json", "coco17 28"),
    ("lspet14_sample/joints.csv", "FILE is no data set that is known here"),
    ("lspet14_sample/joints.mat", "FILE is no data set that is known here"),
    ("lspet14_sample/README.txt", "FILE is no data set that is known here"),
    ("LICENSE-mmpose", "FILE is no data set that is known here"),
    ("aic/LICENSE-annotations", "FILE is no data set that is known here"),
  ]

  @Test(
    "Every file of the samples opens, or is refused with the right sentence",
    .enabled(if: testData != nil, noTestData))
  func samples() throws {
    let root = Path.join(try #require(testData), "samples")
    var pending = [root]
    var (seen, pictures) = (Set<String>(), 0)
    while let path = pending.popLast() {
      if Path.isFolder(path) {
        pending += (Path.names(in: path) ?? []).map { Path.join(path, $0) }
        continue
      }
      let name = path.replacing(root + "/", with: "")
      if [".jpg", ".png"].contains(where: { path.lowercased().hasSuffix($0) }) {
        #expect(try ImageDecoder.decode(path).width > 0, "\(name)")
        pictures += 1
        continue
      }
      let wanted = try #require(
        Self.table.first { $0.0 == name }?.1, "\(name) is not in the table")
      seen.insert(name)
      let got: String
      do throws(DatasetError) {
        let set = try DatasetCatalog.open(path: path)
        got = "\(set.schema.name) \(set.samples.count)"
      } catch {
        got = error.sentence.text().replacing(path, with: "FILE")
      }
      #expect(got.hasPrefix(wanted), "\(name): \(got)")
    }
    #expect(seen.count == Self.table.count && pictures > 100, "\(pictures)")
  }
}
