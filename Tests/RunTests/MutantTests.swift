import Pose
import RunFiles
import RunLink
import Support
import TestSupport
import Testing
import TrainingAPI
import Wording

@Suite("Damaged run files and streams")
struct MutantTests {
  @Test("A damaged log gives the events that are whole, and the rest is counted")
  func eventLog() throws {
    let folder = TemporaryFolder()
    let lines = EventTests.events.enumerated().map {
      LoggedEvent(number: $0.offset + 1, time: 1, event: $0.element).json.text + "\n"
    }
    let path = folder.path("events.ndjson")
    var (skipped, known) = (0, 0)
    try Mutants(lines.joined(), name: "events").forEach(at: path) {
      let reader = EventLogReader(path)
      while true {
        let events = reader.read()
        if events.isEmpty { break }
        for event in events {
          if case .unknown = event.event { continue }
          known += 1
          // What was taken can be written again.
          #expect((try? JSONValue(parsing: event.json.text)) != nil)
        }
      }
      skipped += reader.skippedLines
    }
    #expect(skipped > 0 && known > 0)
  }

  @Test("A damaged stream of frames ends in documents or an error")
  func frames() {
    let documents: [JSONValue] = [
      ["event": "step", "loss": 0.25], [:], ["text": "zw\u{F6}lf\n"], [1, 2, 3],
    ]
    var tally = MutantTally()
    Mutants([documents.flatMap { Frame.encode($0) }], name: "frames").forEach { bytes in
      var decoder = FrameDecoder()
      decoder.append(bytes)
      var count = 0
      do throws(LinkError) {
        while try decoder.next() != nil { count += 1 }
        tally.count(isTaken: true)
      } catch {
        tally.count(isTaken: false)
      }
      #expect(count <= bytes.count)
    }
    #expect(tally.isMixed)
  }

  @Test("A damaged recipe is a recipe or an error that names its key")
  func recipe() throws {
    var recipe = RunRecipe()
    try recipe.merge([
      "dataset": "/data/people", "model": "lite", "input": "96x128", "epochs": 12, "lr": 0.001,
      "weight-decay": 0.01, "shuffle": true, "val-fraction": 0.2, "split": "random", "threads": 2,
    ])
    var tally = MutantTally()
    Mutants(recipe.json.prettyText, name: "recipe").forEach { bytes in
      guard let json = try? JSONValue(parsing: bytes) else { return }
      var other = RunRecipe()
      do throws(RecipeError) {
        try other.merge(json)
        tally.count(isTaken: true)
        #expect((try? JSONValue(parsing: other.json.text)) != nil)
      } catch {
        tally.count(isTaken: false)
        #expect(!error.sentence.text().isEmpty)
      }
    }
    #expect(tally.isMixed)
  }

  @Test("Damaged previews and predictions are refused or have the sizes that they say")
  func samples() throws {
    let folder = TemporaryFolder()
    let points = KeypointSchema.coco17.keypoints.map { _ in
      Keypoint(x: 1, y: 2, visibility: .visible)
    }
    let previews = SamplePreviews(
      width: 4, height: 3, schema: .coco17,
      samples: [SamplePreviews.Sample(name: "a.png", keypoints: points, boxSize: 3)],
      pixels: [UInt8](repeating: 7, count: 36))
    try previews.write(runFolder: folder.path)
    let path = SamplePreviews.path(runFolder: folder.path)
    let seed = try FileReading.bytes(of: path, limit: 1 << 16)
    var tally = MutantTally()
    try Mutants([seed], name: "previews").forEach(at: path) {
      do throws(FileError) {
        let read = try SamplePreviews.read(runFolder: folder.path)
        tally.count(isTaken: true)
        #expect(read.map { $0.pixels.count == $0.samples.count * $0.width * $0.height * 3 } == true)
      } catch {
        tally.count(isTaken: false)
      }
    }
    #expect(tally.isMixed)
  }
}
