import Glibc
import Pose
import RunFiles
import Support
import TestSupport
import Testing
import TrainingAPI
import Wording

@testable import Report

/// A sink that remembers.
private final class Memory: EventSink {
  let events = Monitor<[TrainingEvent]>([])
  func publish(_ event: TrainingEvent) { events.update { $0.append(event) } }
  func requestFlush() -> Int { 0 }
  func awaitFlush(_ ticket: Int) -> LogFlush { .durable(number: 0) }
  func cut(to number: Int) -> [CommandRecord]? { [] }
}

@Suite("Reports of a run")
struct ReportTests {
  private let schema = KeypointSchema.coco17

  private func folder() throws -> RunFolder {
    var template = Array("/tmp/posetop-report-XXXXXX".utf8CString)
    let path = try #require(mkdtemp(&template).map { String(cString: $0) })
    return try RunFolder.create(Path.join(path, "a <run> & more"), recipe: RunRecipe())
  }

  /// Three epochs of two steps, with pictures.
  private func events(_ folder: RunFolder) throws -> [TrainingEvent] {
    var events: [TrainingEvent] = [
      .planned(
        PlanReport(
          model: "lite", recipe: ["model": "lite", "lr": 0.002, "nesterov": true], parameters: 7,
          trainableParameters: 7, bytes: [("total", 1000)], epochs: 3, stepsPerEpoch: 2,
          totalSteps: 6, trainSamples: 8, validationSamples: 2, keypoints: schema.keypoints,
          device: "cpu", withoutGPU: nil, bestMetric: "AP"))
    ]
    let crops = SamplePreviews(
      width: 16, height: 24, schema: schema,
      samples: (0..<2).map { index in
        .init(
          name: "<p\(index)>.jpg",
          keypoints: schema.keypoints.indices.map {
            Keypoint(x: Double($0 % 16), y: Double($0 + index), visibility: .visible)
          }, boxSize: 20)
      }, pixels: [UInt8](repeating: 90, count: 2 * 16 * 24 * 3))
    try crops.write(runFolder: folder.path)
    for epoch in 1...3 {
      for step in 1...2 {
        events.append(
          .step(
            StepReport(
              step: 2 * (epoch - 1) + step, epoch: epoch, loss: 1 / Double(epoch),
              learningRate: 0.002,
              imagesPerSecond: 100, dataWait: 0.1)))
      }
      try PredictionSet(
        epoch: epoch, step: 2 * epoch,
        keypoints: crops.samples.map { sample in
          sample.keypoints.map { PredictedKeypoint(x: $0.x, y: $0.y, score: 0.9) }
        }, oks: [0.25, 0.5]
      ).write(runFolder: folder.path)
      events.append(
        .epoch(
          EpochReport(
            epoch: epoch, step: 2 * epoch, trainLoss: 1 / Double(epoch), validationLoss: 0.5,
            metrics: [("AP", 0.1 * Double(epoch)), ("NME", .nan)],
            keypointErrors: schema.keypoints.indices.map { Double($0) / 100 },
            keypointPCK: schema.keypoints.map { _ in 0.5 }, isBest: true, trainSeconds: 1,
            validationSeconds: 1)))
    }
    events.append(.finished(FinishReport(reason: .completed, step: 6, epoch: 3, bestEpoch: 3)))
    return events
  }

  private func write(_ events: [TrainingEvent], _ folder: RunFolder) throws {
    var text = ""
    for (index, event) in events.enumerated() {
      let logged = LoggedEvent(number: index + 1, time: 1000 + Double(index), event: event)
      text += logged.json.text + "\n"
    }
    try DurableFile.commit(folder.eventsPath, bytes: Array(text.utf8))
  }

  @Test("the page has curves, every keypoint, pictures and settings, and nothing from outside")
  func page() throws {
    let folder = try folder()
    defer { removeTree(Path.parent(of: folder.path)) }
    try write(try events(folder), folder)
    let page = try RunPage(folder)
    #expect(page.epochs == 3)
    let html = page.html
    #expect(html.contains("a &lt;run&gt; &amp; more") && !html.contains("<run>"))
    #expect(html.contains("&lt;p0&gt;.jpg") && !html.contains("<p0>"))
    for name in schema.keypoints { #expect(html.contains("<td>\(name)</td>"), "\(name)") }
    #expect(html.components("<svg") == 3 && html.components("data:image/jpeg;base64,") == 2)
    #expect(html.contains("<td>lr</td><td>0.002</td>") && html.contains("completed"))
    // Self-contained: nothing is loaded.
    for word in ["http://", "https://", "<script", "<link", "url("] {
      #expect(!html.contains(word), "\(word)")
    }
    #expect(!html.contains("nan") && !html.contains("inf<"))
  }

  @Test("a run without events is no page, and a run without pictures is one")
  func bare() throws {
    let folder = try folder()
    defer { removeTree(Path.parent(of: folder.path)) }
    #expect(throws: RunError.self) { try RunPage(folder) }
    let plain = try events(folder).filter { if case .epoch = $0 { false } else { true } }
    removeTree(Path.join(folder.path, "previews"))
    try write(plain, folder)
    #expect(try RunPage(folder).html.contains("learning rate"))
  }

  @Test("the table has a line for each step and epoch, its columns in one order")
  func table() throws {
    let folder = try folder()
    defer { removeTree(Path.parent(of: folder.path)) }
    try write(try events(folder), folder)
    let lines = try RunTable(folder).csv.split(separator: "\n", omittingEmptySubsequences: true)
    #expect(lines.count == 10)
    #expect(lines[0].hasPrefix("event,time,epoch,step,lr,train_loss,val_loss"))
    #expect(lines[0].hasSuffix("seconds,AP,NME"))
    #expect(lines[1].hasPrefix("step,1001.0,1,1,0.002,1.0,,100.0,0.1,,,"))
    #expect(lines[3].hasPrefix("epoch,1003.0,1,2,,1.0,0.5,,,2.0,0.1,"))
    #expect(
      lines.allSatisfy { $0.split(separator: ",", omittingEmptySubsequences: false).count == 12 })
  }

  /// The checksum of RFC 3720's examples, and records that TensorBoard's own reader takes
  /// (Tests/Peers/tensorboard_files.py).
  @Test("TensorBoard's file holds whole records with right checksums")
  func tensorBoard() throws {
    #expect(EventRecords.crc32C(Array("123456789".utf8)) == 0xE306_9283)
    #expect(EventRecords.crc32C([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    let folder = try folder()
    defer { removeTree(Path.parent(of: folder.path)) }
    let memory = Memory()
    let sink = TensorBoardSink(memory, folder: folder)
    let events = try events(folder)
    for event in events { sink.publish(event) }
    #expect(memory.events.update { $0 } == events)
    let name = try #require(Path.names(in: folder.path)?.first { $0.contains("tfevents") })
    let bytes = try FileReading.bytes(of: Path.join(folder.path, name), limit: 1 << 24)
    var (at, count, text) = (0, 0, "")
    while at + 12 <= bytes.count {
      let length = (0..<8).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
      guard at + 16 + length <= bytes.count else { break }
      let body = Array(bytes[(at + 12)..<(at + 12 + length)])
      func masked(_ bytes: [UInt8]) -> [UInt8] {
        let sum = EventRecords.crc32C(bytes)
        let value = (sum >> 15 | sum << 17) &+ 0xA282_EAD8
        return (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      }
      #expect(Array(bytes[(at + 8)..<(at + 12)]) == masked(Array(bytes[at..<(at + 8)])))
      #expect(Array(bytes[(at + 12 + length)..<(at + 16 + length)]) == masked(body))
      text += String(decoding: body, as: UTF8.self)
      at += 16 + length
      count += 1
    }
    #expect(at == bytes.count && count == 1 + 2 + 6 + 3 + 1)
    for word in ["brain.Event:2", "train/loss", "val/AP", "samples", "_hparams_", "PNG"] {
      #expect(text.contains(word), "\(word)")
    }
    #expect(!text.contains("val/NME"))
  }

  @Test("a TensorBoard file that cannot be written costs one notice and nothing else")
  func refused() throws {
    let folder = try folder()
    defer { removeTree(Path.parent(of: folder.path)) }
    let memory = Memory()
    let sink = TensorBoardSink(memory, folder: RunFolder("/proc/nowhere"))
    let events = try events(folder)
    for event in events { sink.publish(event) }
    let notices = memory.events.update { $0 }.filter {
      if case .notice = $0 { true } else { false }
    }
    #expect(notices.count == 1)
    #expect(memory.events.update { $0.count } == events.count + 1)
  }
}

extension String {
  /// How often a text occurs.
  fileprivate func components(_ part: String) -> Int {
    var (count, rest) = (0, self[...])
    while let found = rest.range(of: part) {
      count += 1
      rest = rest[found.upperBound...]
    }
    return count
  }

}

extension Substring {
  fileprivate func range(of part: String) -> Range<Index>? {
    var at = startIndex
    while at < endIndex {
      if self[at...].hasPrefix(part) {
        return at..<(index(at, offsetBy: part.count, limitedBy: endIndex) ?? endIndex)
      }
      at = index(after: at)
    }
    return nil
  }
}
