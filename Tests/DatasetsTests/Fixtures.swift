import Datasets
import Glibc
import Imaging
import Pose
import Support
import TestSupport
import Testing
import Wording

/// The folder with real pose data, where there is one.
let testData = getenv("POSETOP_TEST_DATA").map { String(cString: $0) }

/// Whether a set of real photographs has its pictures; says so where it has not.
func hasPhotographs(_ name: String) -> Bool {
  guard let testData else { return false }
  let root = Path.join(testData, name)
  let isThere = !(Path.names(in: Path.join(root, "images")) ?? ["?"]).isEmpty
  if !isThere { print("skipped: \(root) has no pictures") }
  return isThere
}

/// Why tests on real data are skipped.
let noTestData: Comment = "POSETOP_TEST_DATA names no folder with real pose data"

extension TemporaryFolder {
  func write(_ name: String, _ bytes: [UInt8]) throws {
    let target = Path.join(path, name)
    try Path.makeFolders(Path.parent(of: target))
    guard let file = fopen(target, "wb") else { throw FixtureError.system }
    fwrite(bytes, 1, bytes.count, file)
    guard fclose(file) == 0 else { throw FixtureError.system }
  }

  func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }
}

enum FixtureError: Error { case system }

/// Sentences that a loader said, from its threads.
final class Said: Sendable {
  private let sentences = Monitor<[Sentence]>([])
  var all: [Sentence] { sentences.update { $0 } }
  func add(_ sentence: Sentence) { sentences.update { $0.append(sentence) } }
}

/// A picture whose pixels all differ.
func patterned(_ width: Int, _ height: Int, seed: Int = 0) -> ImageBuffer {
  let random = CounterRandom(seed: UInt64(seed), name: "pattern")
  return ImageBuffer(
    width: width, height: height,
    pixels: (0..<(width * height * 3)).map { UInt8(truncatingIfNeeded: random.bits($0)) })
}

/// 17 visible points on a grid inside a picture.
func gridPoints(_ width: Double, _ height: Double) -> [Keypoint] {
  (0..<17).map { index in
    Keypoint(
      x: width * (0.3 + 0.4 * Double(index % 4) / 3), y: height * (0.2 + 0.6 * Double(index) / 16),
      visibility: .visible)
  }
}

/// A data set of pictures in a folder, each with one person.
func dataset(
  _ folder: TemporaryFolder, pictures: [(name: String, picture: ImageBuffer)], box: Box? = nil
) throws -> Dataset {
  var samples: [Sample] = []
  for (index, entry) in pictures.enumerated() {
    try folder.write(entry.name, ImageEncoder.png(entry.picture))
    samples.append(
      Sample(
        imagePath: Path.join(folder.path, entry.name), name: entry.name, image: index,
        keypoints: gridPoints(Double(entry.picture.width), Double(entry.picture.height)),
        box: box))
  }
  return Dataset(
    name: "test", path: folder.path, format: "seed", schema: .coco17, samples: samples)
}

/// The text of the error that opening a data set gives, without the folder's own path.
func openingError(_ folder: TemporaryFolder, _ name: String = "") -> String {
  do throws(DatasetError) {
    _ = try DatasetCatalog.open(path: Path.join(folder.path, name))
    return "no error"
  } catch {
    return error.sentence.text().replacing(folder.path + "/", with: "")
      .replacing(folder.path, with: "FOLDER")
  }
}
