import Pose
import RunFiles
import RunLink
import Support
import TerminalUI
import TrainingAPI
import Wording

let runReaders = [
  Reader(
    "events",
    [
      """
      {"number":1,"time":1.5,"event":"state","state":"running"}
      {"number":2,"time":2,"event":"step","step":1,"epoch":1,"loss":0.5,"lr":0.001,"images_per_second":9,"data_wait":0}
      {"number":3,"time":2,"event":"notice","level":"warning","key":"run.noAnswer","arguments":["a"]}
      {"number":4,"time":2,"event":"finished","reason":"completed","step":1,"epoch":1,"best_epoch":1}

      """
    ]
  ) { bytes in
    let reader = EventLogReader(try Scratch.write(bytes, "events.ndjson"))
    var isTaken = false
    while true {
      let events = reader.read()
      if events.isEmpty { break }
      for event in events {
        isTaken = true
        precondition((try? JSONValue(parsing: event.json.text)) != nil)
      }
    }
    return isTaken
  },
  Reader(
    "frames", seeds: { [Frame.encode(["event": "step", "loss": 0.25]) + Frame.encode([1, 2])] }
  ) { bytes in
    var decoder = FrameDecoder()
    decoder.append(bytes)
    var count = 0
    do throws(LinkError) {
      while try decoder.next() != nil { count += 1 }
    } catch {
      return false
    }
    precondition(4 * count <= bytes.count)
    return true
  },
  Reader(
    "messages",
    [
      "{\"command\":\"lr x0.5\",\"id\":\"1\",\"by\":\"tell (pid 3)\"}",
      "{\"command\":\"rollback 1e-4\",\"id\":\"2\",\"by\":\"x\"}",
      "{\"job\":\"check\",\"arguments\":{\"path\":\"/d\"}}",
      "{\"progress\":1,\"total\":2,\"label\":\"x\"}",
      "{\"failed\":{\"key\":\"run.noAnswer\",\"arguments\":[\"a\"]}}",
    ]
  ) { bytes in
    guard let json = try? JSONValue(parsing: bytes) else { return false }
    var isTaken = false
    if let request = CommandRequest(json: json) {
      isTaken = true
      precondition(CommandRequest(json: request.json)?.command.text == request.command.text)
    }
    if let message = JobMessage(json: json) {
      isTaken = true
      precondition(JobMessage(json: message.json) != nil)
    }
    return isTaken || JobRequest(json: json) != nil
  },
  Reader(
    "recipe",
    [
      """
      {"dataset": "/data/people", "model": "lite", "input": "96x128", "epochs": 12, "lr": 0.001,
       "shuffle": true, "val-fraction": 0.2, "split": "random", "threads": 2}
      """
    ]
  ) { bytes in
    guard let json = try? JSONValue(parsing: bytes) else { return false }
    var recipe = RunRecipe()
    do throws(RecipeError) { try recipe.merge(json) } catch {
      precondition(!error.sentence.text().isEmpty)
      return false
    }
    var again = RunRecipe()
    try again.merge(recipe.json)
    precondition(again == recipe)
    return true
  },
  Reader(
    "run-folder",
    [
      "{\"pid\": 17, \"host\": \"h\", \"started\": 1.5, \"ticks\": 3, \"socket\": \"/tmp/s\"}",
      "[{\"file\": \"/d/a.jpg\", \"reason\": \"SIGSEGV\", \"time\": 1}]",
    ]
  ) { bytes in
    let run = RunFolder(Path.join(Scratch.folder, "run"))
    for name in ["lock", "quarantine.json", "recipe.json", "engine.log", "events.ndjson"] {
      _ = try Scratch.write(bytes, "run/\(name)")
    }
    _ = run.lastLogLine()
    _ = run.asked
    _ = RunSummary(run).standing
    return LockHolder(run)?.isAlive != nil || !Quarantine(run).entries.isEmpty
  },
  Reader("previews", seeds: { [try previewSeed()] }) { bytes in
    let folder = Path.join(Scratch.folder, "shown")
    _ = try Scratch.write(
      bytes,
      "shown/" + Path.name(of: Path.parent(of: SamplePreviews.path(runFolder: folder)))
        + "/" + Path.name(of: SamplePreviews.path(runFolder: folder)))
    guard let read = try? SamplePreviews.read(runFolder: folder) else { return false }
    precondition(read.pixels.count == read.samples.count * read.width * read.height * 3)
    return true
  },
]

private func previewSeed() throws -> [UInt8] {
  let folder = Path.join(Scratch.folder, "seed")
  let points = KeypointSchema.coco17.keypoints.map { _ in Keypoint(x: 1, y: 2, visibility: .visible)
  }
  try SamplePreviews(
    width: 4, height: 3, schema: .coco17,
    samples: [SamplePreviews.Sample(name: "a.png", keypoints: points, boxSize: 3)],
    pixels: [UInt8](repeating: 7, count: 36)
  ).write(runFolder: folder)
  return try FileReading.bytes(of: SamplePreviews.path(runFolder: folder), limit: 1 << 16)
}

let themeReaders = [
  Reader(
    "theme",
    [
      "# A theme\nname = Dusk\nbase = default\ntrain = #010203 ansi=red  # lines\nval = none\n",
      "theme[main_bg]=\"#1a1b26\"\ntheme[hi_fg]=\"#7dcfff\"\ntheme[cpu_end]=\"\"\n",
    ]
  ) { bytes in
    do throws(ThemeError) {
      _ = try ThemeFile.parse(String(decoding: bytes, as: UTF8.self), path: "x.theme") {
        (_) throws(ThemeError) in nil
      }
      return true
    } catch {
      precondition(!error.sentence.text().isEmpty)
      return false
    }
  }
]
