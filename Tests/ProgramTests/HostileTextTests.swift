import CPosix
import Glibc
import RunFiles
import RunLink
import Support
import TestSupport
import Testing
import TrainingAPI

/// A run's folder in which every text came from an enemy.
private struct HostileRun {
  /// Which text stands where.
  let shift: Int
  private var taken = 0

  init(shift: Int) { self.shift = shift }

  private mutating func next() -> JSONValue {
    taken += 1
    return .string(HostileTexts.valid[(shift + taken - 1) % HostileTexts.valid.count])
  }

  private mutating func said(_ key: String) -> JSONValue {
    ["key": .string(key), "arguments": [next(), next()]]
  }

  private func event(_ name: String, _ members: JSONValue) -> JSONValue {
    var object = members.object ?? JSONObject()
    object["time"] = 1_700_000_000
    object["event"] = .string(name)
    return .object(object)
  }

  /// All events, each text in one of them.
  private mutating func events() -> [JSONValue] {
    let keypoints = JSONValue.array((0..<17).map { _ in next() })
    var list = [
      event(
        "planned",
        [
          "schema": 1, "model": next(), "recipe": ["dataset": next(), "augment": next()],
          "parameters": 7, "bytes": ["weights": 4, "total": 9], "epochs": 3, "steps_per_epoch": 2,
          "total_steps": 6, "train_samples": 8, "val_samples": 2, "keypoints": keypoints,
          "device": next(), "best_metric": next(), "without_gpu": said("engine.noGPUDevice"),
          "layers": .array(
            (0..<6).map { _ in
              ["name": next(), "op": next(), "output": [1, 2, 3, 4], "parameters": 1, "flops": 1]
            }),
        ]), event("state", ["state": "running"]),
      event("step", ["step": 1, "epoch": 1, "loss": 0.5, "lr": 0.001, "images_per_second": 9]),
      event(
        "command",
        [
          "id": next(), "by": next(), "command": next(), "status": "rejected",
          "message": said("no.such"),
        ]),
      event(
        "command", ["id": next(), "by": next(), "command": next(), "status": "applied", "step": 1]),
      event("checkpoint", ["step": 1, "kind": next(), "file": next(), "seconds": 1]),
      event("restarted", ["message": said("run.engineKilled")]), event("odd", ["x": next()]),
    ]
    guard case .string(let metric) = next() else { return list }
    list.append(
      event(
        "epoch",
        [
          "epoch": 1, "step": 2, "train_loss": 0.5, "val_loss": 0.25, "best": true,
          "metrics": .object(JSONObject([("AP", 0.5), (metric, 0.75)])),
          "keypoint_errors": .array((0..<17).map { .number(Double($0) / 17) }),
          "keypoint_pck": .array((0..<17).map { .number(Double($0) / 17) }),
        ]))
    for level in ["info", "warning", "error"] {
      for key in ["dataset.pictureUnreadable", "unknown.\(taken)"] {
        list.append(event("notice", ["level": .string(level), "message": said(key)]))
      }
    }
    return list
  }

  /// Makes the run in a folder of a hostile name; its path.
  mutating func make(in folder: String) throws -> RunFolder {
    let name = HostileTexts.bytes[(shift + 3) % HostileTexts.bytes.count]
    // A folder's name may be bytes that are no text: Swift cannot name it, so those are left out.
    let text = String(validating: name, as: UTF8.self) ?? HostileTexts.valid[0]
    let run = RunFolder(Path.join(folder, text))
    try Path.makeFolders(run.path)
    try DurableFile.commit(run.recipePath, bytes: Array("{\"model\": \"lite\"}".utf8))
    let lines = events().enumerated().map { number, event -> String in
      var object = event.object ?? JSONObject()
      object["number"] = .integer(Int64(number + 1))
      // As an enemy writes it: with raw bytes where JSON allows them.
      return JSONValue.object(object).text
    }
    try DurableFile.commit(
      run.eventsPath, bytes: Array(lines.joined(separator: "\n").utf8) + [0x0A])
    let log = Array(HostileTexts.bytes.joined(separator: [0x0A]))
    try DurableFile.commit(run.engineLogPath, bytes: log)
    return run
  }
}

@Suite(
  "Text from outside in a terminal", .serialized,
  .enabled(if: programsFolder != nil && hasTmux, "POSETOP_BIN or tmux is missing"))
struct HostileTextTests {
  @Test("there are at least 60 texts, and the look at the stream finds each of them")
  func looks() {
    #expect(HostileTexts.bytes.count >= 60)
    for text in HostileTexts.forbidden {
      #expect(TerminalStream.complaint(Array("before ".utf8) + text) != nil, "\(text)")
    }
    let own =
      "\u{1B}[?1049h\u{1B}[22;0;0t\u{1B}[1;24r\u{1B}(B\u{1B}[m\u{1B}[?1h\u{1B}=\u{1B}[H\u{1B}[2J"
    #expect(TerminalStream.complaint(Array((own + "漢字 \u{2800}é").utf8)) == nil)
  }

  @Test(
    "the dashboard shows them on every screen without obeying one",
    arguments: ["24bit", "256"])
  func dashboard(colors: String) throws {
    let place = try Workplace()
    let shifts = isLongTest ? Array(0..<HostileTexts.valid.count) : [0, 23, 46, 69]
    for shift in shifts {
      var hostile = HostileRun(shift: shift)
      let run = try hostile.make(in: place.runs)
      let terminal = try Pseudoterminal(
        place, columns: 160, rows: 50, ["attach", run.path, "--colors", colors])
      #expect(terminal.shows("Train"), "text \(shift)")
      for key in [
        "2", "3", "4", "5", "6", "7", "k", "\u{1B}[5~", "?", "\u{1B}", ":", "\t", "\u{1B}", "1",
      ] {
        terminal.type(key)
        usleep(60_000)
      }
      terminal.type("q")
      #expect(terminal.wait() != nil)
      let stream = terminal.stream
      #expect(TerminalStream.complaint(stream) == nil, "text \(shift)")
      // They were shown: by their marks.
      let shown = HostileTexts.valid.indices.count {
        stream.contains(Array(HostileTexts.mark($0).utf8))
      }
      #expect(shown >= 12, "text \(shift): \(shown)")
      removeTree(run.path)
    }
  }

  @Test("lines, lists and JSON of every command hold no control character")
  func commands() throws {
    let place = try Workplace()
    for shift in isLongTest ? Array(0..<HostileTexts.valid.count) : [0, 40] {
      var hostile = HostileRun(shift: shift)
      let run = try hostile.make(in: place.runs)
      let calls: [[String]] = [
        ["attach", run.path, "--headless"], ["attach", run.path, "--json"], ["runs"],
        ["runs", "--json"], ["tell", run.path, "stop"], ["resume", run.path],
      ]
      for arguments in calls {
        let call = try Invocation(place, arguments)
        call.wait()
        for text in [call.output, call.errors] {
          #expect(TerminalStream.complaintOfText(Array(text.utf8)) == nil, "\(arguments) \(text)")
        }
      }
      removeTree(run.path)
    }
    for text in HostileTexts.valid {
      let calls: [[String]] = [
        ["train", text], ["attach", text], ["attach", "--theme", text], ["plan", "--model", text],
        [text], ["check", text], ["runs", "--" + text], ["tell", "r", text],
        ["train", "data", "--recipe", text],
      ]
      for arguments in isLongTest ? calls : [calls[text.utf8.count % calls.count]] {
        let call = try Invocation(place, arguments)
        call.wait()
        #expect(!call.errors.isEmpty)
        for text in [call.output, call.errors] {
          #expect(TerminalStream.complaintOfText(Array(text.utf8)) == nil, "\(arguments)")
        }
      }
    }
  }

  /// A data set whose pictures and records have these names; every second picture is broken, so that
  /// it is named in a notice.
  private func makeDataset(_ place: Workplace) throws {
    #expect(try place.call("figures", "good", "-n", "24", "--seed", "9").code == 0)
    let records = try #require(
      try FileReading.json(of: place.file("good/annotations.json"), limit: 1 << 24).array)
    try Path.makeFolders(place.file("set/images"))
    var list: [JSONValue] = []
    for (index, name) in HostileTexts.valid.enumerated() {
      let file = try #require(fopen(place.file("set/images/\(name).jpg"), "wb"))
      let record = records[index % records.count]
      let picture = try FileReading.bytes(
        of: place.file("good/images/\(record["image_name"]?.string ?? "")"), limit: 1 << 24)
      let points = record["keypoints"] ?? .null
      let bytes = index % 2 == 0 ? picture : Array(picture.prefix(200))
      fwrite(bytes, 1, bytes.count, file)
      fclose(file)
      list.append(["image_name": .string("\(name).jpg"), "keypoints": points])
    }
    try DurableFile.commit(
      place.file("set/annotations.json"), bytes: Array(JSONValue.array(list).text.utf8))
  }

  @Test("names in a data set go through training, checking and the dashboard without an effect")
  func dataset() throws {
    let place = try Workplace()
    try makeDataset(place)
    let train = try Invocation(
      place,
      ["train", "set", "--run", "runs/r", "--input", "32x32", "--batch", "8", "--epochs", "2"])
    #expect(train.wait() == 0, "\(train.errors)")
    let check = try Invocation(place, ["check", "set"])
    check.wait()
    let document = try Invocation(place, ["check", "set", "--json"])
    document.wait()
    for text in [
      train.output, train.errors, check.output, check.errors, document.output, document.errors,
    ] {
      #expect(TerminalStream.complaintOfText(Array(text.utf8)) == nil)
    }
    #expect(train.errors.contains("q01q") && check.output.contains("q01q"))
    // What stands in the run's own files may be shown by cat.
    let log = try FileReading.bytes(of: RunFolder(place.file("runs/r")).eventsPath, limit: 1 << 24)
    #expect(TerminalStream.complaintOfText(log) == nil)
    let terminal = try Pseudoterminal(place, columns: 160, rows: 50, ["attach", "r"])
    #expect(terminal.shows("Train"))
    for key in ["2", "i", "\u{1B}[B", "\u{1B}[B", "7", "2"] {
      terminal.type(key)
      usleep(150_000)
    }
    terminal.type("q")
    terminal.wait()
    #expect(TerminalStream.complaint(terminal.stream) == nil)
  }

  @Test("names in a weight file and in a schema go through without an effect")
  func weights() throws {
    let place = try Workplace()
    #expect(
      try place.call("figures", "people", "-n", "10", "--seed", "9", "--format", "coco").code == 0)
    // A safetensors file with hostile names, which fit nothing.
    var header = JSONObject()
    header["__metadata__"] = ["format": .string(HostileTexts.valid[0])]
    for (index, name) in HostileTexts.valid.enumerated() {
      header[name] = [
        "dtype": "F32", "shape": [1],
        "data_offsets": [.integer(Int64(4 * index)), .integer(Int64(4 * index + 4))],
      ]
    }
    let text = Array(JSONValue.object(header).text.utf8)
    let length = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) }
    let zeros = [UInt8](repeating: 0, count: 4 * HostileTexts.valid.count)
    try DurableFile.commit(place.file("evil.safetensors"), bytes: length + text + zeros)
    // The names of the keypoints.
    let folder = place.file("people/annotations")
    let name = try #require(Path.names(in: folder)?.first { $0.hasSuffix(".json") })
    var document = try #require(
      try FileReading.json(of: Path.join(folder, name), limit: 1 << 24).object)
    var category = try #require(document["categories"]?.array?.first?.object)
    category["keypoints"] = .array(HostileTexts.valid.prefix(17).map { .string($0) })
    document["categories"] = [.object(category)]
    try DurableFile.commit(
      Path.join(folder, name), bytes: Array(JSONValue.object(document).text.utf8))
    for arguments in [
      ["train", "people", "--init", "evil.safetensors", "--epochs", "1", "--input", "32x32"],
      ["train", "people", "--epochs", "1", "--input", "32x32", "--batch", "4"],
      ["check", "people"], ["plan", "--init", "evil.safetensors"],
    ] {
      let call = try Invocation(place, arguments)
      call.wait()
      for text in [call.output, call.errors] {
        #expect(TerminalStream.complaintOfText(Array(text.utf8)) == nil, "\(arguments) \(text)")
      }
    }
  }

  @Test("what a peer at the socket says of itself reaches the log and the screen harmless")
  func peers() throws {
    let (place, texts) = (try Workplace(), HostileTexts.valid)
    let (call, run) = try place.train("steps=100000 rate=100")
    #expect(place.wait { place.hasReached(1, run) })
    let socket = try #require(LockHolder(run)).socket
    /// A connection, as soon as the queue before the keeper has room.
    func connect() throws -> Int32 {
      for _ in 0..<2000 {
        let descriptor = posetop_socket_connect(socket)
        if descriptor >= 0 { return descriptor }
        usleep(5000)
      }
      return try #require(nil, "no connection")
    }
    /// Sends one frame, and goes when the keeper has said its first word: of viewers that come faster than
    /// a busy keeper looks, it turns those behind the 64th away.
    func send(_ frame: [UInt8]) throws {
      let descriptor = try connect()
      defer { close(descriptor) }
      #expect(posetop_socket_send(descriptor, frame, frame.count) == frame.count)
      var answer = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      #expect(poll(&answer, 1, 30_000) == 1)
    }
    for text in texts {
      try send(Frame.encode(["command": "pause", "id": .string(text), "by": .string(text)]))
      try send(Frame.encode(["command": "resume", "id": "x", "by": .string(text)]))
    }
    #expect(
      place.wait {
        place.events(run).count { $0.event.name == "command" } >= 2 * texts.count
      })
    let terminal = try Pseudoterminal(place, columns: 160, rows: 50, ["attach", "r"])
    #expect(terminal.shows("Train"))
    terminal.type("7")
    usleep(300_000)
    terminal.type("qd")
    terminal.wait()
    #expect(TerminalStream.complaint(terminal.stream) == nil)
    let log = try FileReading.bytes(of: run.eventsPath, limit: 1 << 24)
    #expect(TerminalStream.complaintOfText(log) == nil)
    #expect(try place.call("tell", "r", "stop").code == 0)
    call.wait()
    #expect(TerminalStream.complaintOfText(Array(call.errors.utf8)) == nil)
  }
}
