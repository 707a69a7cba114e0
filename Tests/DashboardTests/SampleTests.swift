import Pose
import RunFiles
import Support
import TerminalUI
import TestSupport
import Testing

@testable import Dashboard

@Suite("Samples")
struct SampleTests {
  @Test("Crops and predictions come back from the run folder as they were written")
  func roundTrip() throws {
    let folder = try Fixtures.folder()
    defer { Fixtures.remove(folder) }
    #expect(try SamplePreviews.read(runFolder: folder) == nil)
    #expect(try PredictionSet.latest(runFolder: folder) == nil)
    let previews = Fixtures.previews
    try previews.write(runFolder: folder)
    let read = try #require(try SamplePreviews.read(runFolder: folder))
    #expect(read.pixels == previews.pixels && read.schema == previews.schema)
    #expect(read.samples.map(\.name) == previews.samples.map(\.name))
    #expect(read.samples[1].keypoints[3].visibility == .unlabelled)
    for epoch in [2, 10_001, 3] {
      try ScriptedPreviews.predictions(for: previews, epoch: epoch, step: epoch * 100)
        .write(runFolder: folder)
    }
    #expect(PredictionSet.epochs(runFolder: folder) == [2, 3, 10_001])
    let latest = try #require(try PredictionSet.latest(runFolder: folder))
    #expect(latest.epoch == 10_001 && latest.step == 1_000_100)
    #expect(latest.keypoints.count == 12 && latest.oks.count == 12)
  }

  @Test("A file that is cut short, or holds something else, is an error and no trap")
  func broken() throws {
    let folder = try Fixtures.folder()
    defer { Fixtures.remove(folder) }
    let previews = ScriptedPreviews.make(count: 1)
    try previews.write(runFolder: folder)
    let path = SamplePreviews.path(runFolder: folder)
    let bytes = try FileReading.bytes(of: path, limit: 1 << 24)
    for count in [0, 7, 8, 200, bytes.count - 1] {
      try DurableFile.commit(path, bytes: Array(bytes.prefix(count)))
      #expect(throws: FileError.self) { try SamplePreviews.read(runFolder: folder) }
    }
    let text = String(decoding: bytes.prefix(2048), as: UTF8.self)
    let header = try #require(text.firstIndex(of: "{"))
    #expect(text[header...].contains("flip_pairs"))
    try PredictionSet(epoch: 1, step: 1, keypoints: [], oks: []).write(runFolder: folder)
    #expect(try PredictionSet.latest(runFolder: folder)?.keypoints.isEmpty == true)
  }

  @Test("Joints that were taken for each other are named, and those beyond the limit are flagged")
  func swaps() {
    let sample = Fixtures.previews.samples[0]
    let set = ScriptedPreviews.predictions(for: Fixtures.previews, epoch: 1, step: 1)
    let errors = SampleErrors(
      sample: sample, predicted: set.keypoints[0], schema: Fixtures.previews.schema)
    #expect(errors.swaps.map { [$0.left, $0.right] } == [[15, 16]])
    #expect(errors.limit == 22)
    let none = SampleErrors(sample: sample, predicted: nil, schema: Fixtures.previews.schema)
    #expect(none.mean.isNaN && none.swaps.isEmpty && !none.isWrong.contains(true))
  }

  @Test("Letters are different for different joints, lower case on the left side")
  func letters() {
    let letters = Skeleton.letters(of: .coco17)
    #expect(Set(letters).count == 17)
    #expect(String(String.UnicodeScalarView(letters)) == "NeErRsSlLwWhHkKaA")
  }
}
