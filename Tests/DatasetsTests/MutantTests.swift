import Datasets
import Imaging
import Pose
import Support
import TestSupport
import Testing
import Wording

@Suite("Damaged pictures and annotation files")
struct MutantTests {
  @Test("A damaged picture is a picture of the size that its header says, or an error with words")
  func pictures() throws {
    let seeds: [(String, [[UInt8]])] = [
      (
        "png",
        [
          try ImageEncoder.png(patterned(9, 7)), OddPictures.gray1, OddPictures.gray16,
          OddPictures.palette, OddPictures.rgba, OddPictures.interlaced,
        ]
      ),
      (
        "jpeg",
        [
          try ImageEncoder.jpeg(patterned(24, 16), quality: 50), OddPictures.grayJPEG,
          OddPictures.progressiveJPEG, OddPictures.cmykJPEG,
        ]
      ),
    ]
    for (name, files) in seeds {
      var tally = MutantTally()
      Mutants(files, name: name).forEach { bytes in
        do throws(ImageError) {
          let picture = try ImageDecoder.decode(bytes, path: "x")
          tally.count(isTaken: true)
          #expect(picture.pixels.count == picture.width * picture.height * 3)
        } catch {
          tally.count(isTaken: false)
          #expect(!error.sentence.text().contains("{0}"))
        }
      }
      #expect(tally.isMixed, "\(name)")
    }
  }

  @Test("A damaged results file is a list of detections with whole points, or an error with words")
  func detections() throws {
    let folder = TemporaryFolder()
    let path = Path.join(folder.path, "found.json")
    let points = (0..<17).map { "\($0), \($0 * 2), 0.5" }.joined(separator: ", ")
    let seed = """
      [{"image_id": 7, "category_id": 1, "keypoints": [\(points)], "score": 0.25},
       {"image_id": 9, "category_id": 1, "bbox": [1, 2, 30, 40], "score": 0.75}]
      """
    var tally = MutantTally()
    try Mutants(seed, name: "detections").forEach(at: path) {
      do throws(DatasetError) {
        let found = try COCODetections(path: path)
        tally.count(isTaken: true)
        #expect(found.records.allSatisfy { $0.score.isFinite })
        #expect(found.records.allSatisfy { !$0.keypoints.isEmpty || $0.box != nil })
      } catch {
        tally.count(isTaken: false)
        #expect(!error.sentence.text().contains("{0}"))
      }
    }
    #expect(tally.isMixed)
  }

  @Test(
    "A damaged annotation file is a data set whose records are whole, or an error with words",
    arguments: AnnotationSeed.all)
  func annotations(seed: AnnotationSeed) throws {
    let folder = TemporaryFolder()
    let picture = try ImageEncoder.png(patterned(50, 70))
    for name in seed.pictures { try folder.write(name, picture) }
    for (name, text) in seed.others { try folder.write(name, text) }
    let path = Path.join(folder.path, seed.file)
    try Path.makeFolders(Path.parent(of: path))
    var tally = MutantTally()
    try Mutants(seed.text, name: seed.format).forEach(at: path) {
      do throws(DatasetError) {
        let set = try DatasetCatalog.open(path: folder.path)
        tally.count(isTaken: true)
        for sample in set.samples {
          #expect(sample.keypoints.count == set.schema.count)
          #expect(sample.keypoints.allSatisfy { $0.x.isFinite && $0.y.isFinite })
          let isLabelled = sample.keypoints.contains { $0.isLabelled }
          #expect(isLabelled)
        }
      } catch {
        tally.count(isTaken: false)
        #expect(!error.sentence.text().contains("{0}"))
      }
    }
    #expect(tally.isMixed, "\(tally)")
  }
}

/// A small whole annotation file of a format, with what lies beside it.
struct AnnotationSeed: Sendable, CustomTestStringConvertible {
  let format: String
  let file: String
  let text: String
  var pictures = ["images/a.png"]
  var others: [(String, String)] = []

  var testDescription: String { format }

  private static let points = (0..<17).map { "[\($0 * 2 + 5), \($0 * 3 + 5)]" }
  private static let flat = (0..<17).map { "\($0 * 2 + 5), \($0 * 3 + 5), 2" }

  static let all: [AnnotationSeed] = [
    AnnotationSeed(
      format: "seed", file: "annotations.json",
      text: """
        [{"image_name": "a.png", "keypoints": [\(points.joined(separator: ", "))]},
         {"image_name": "a.png", "keypoints": [\(points.dropLast(2).joined(separator: ", ")), null,
          [4, 5, 1]], "bbox": [1, 2, 30, 40]}]
        """),
    AnnotationSeed(
      format: "coco", file: "person_keypoints.json",
      text: """
        {"images": [{"id": 7, "file_name": "a.png", "width": 50, "height": 70}],
         "annotations": [
          {"id": 1, "image_id": 7, "category_id": 2, "keypoints": [\(flat.joined(separator: ", "))],
           "bbox": [2, 3, 40, 60], "area": 900, "iscrowd": 0, "num_keypoints": 17},
          {"id": 2, "image_id": 7, "category_id": 2, "keypoints": [\(flat.joined(separator: ", "))]}],
         "categories": [{"id": 2, "name": "person", "skeleton": [[1, 2]], "keypoints":
          [\(KeypointSchema.coco17.keypoints.map { "\"\($0)\"" }.joined(separator: ", "))]}]}
        """),
    AnnotationSeed(
      format: "mpii", file: "train.json",
      text: """
        [{"image": "a.png", "center": [30.5, 40], "scale": 0.25, "head_box": [10, 5, 30, 25],
          "joints": [\(points.prefix(15).joined(separator: ", ")), [-1, -1]],
          "joints_vis": [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]}]
        """),
    AnnotationSeed(
      format: "aichallenger", file: "keypoint_annotations.json",
      text: """
        [{"image_id": "a", "human_annotations": {"human1": [1, 2, 40, 60]},
          "keypoint_annotations": {"human1": [\(flat.prefix(12).joined(separator: ", ")), 0, 0, 3,
           4, 5, 1]}}]
        """, pictures: ["a.jpg"]),
    AnnotationSeed(
      format: "yolo labels", file: "labels/a.txt",
      text:
        "0 0.5 0.5 0.4 0.8 0.1 0.2 2 0.3 0.4 1 0 0 0\n0 0.5 0.5 1 1 0.9 0.2 2 0.3 0.4 1 1 1 2\n",
      others: [("data.yaml", "train: images\nkpt_shape: [3, 3]\n")]),
    AnnotationSeed(
      format: "yolo yaml", file: "data.yaml",
      text: """
        path: .
        train: images  # all of them
        kpt_shape: [3, 3]
        flip_idx: [0, 2, 1]
        names: {0: person, 1: 'dog'}
        kpt_names:
          0: [tip, left_p, right_p]
        """,
      others: [("labels/a.txt", "0 0.5 0.5 0.4 0.8 0.1 0.2 2 0.3 0.4 1 0 0 0\n")]),
  ]
}
