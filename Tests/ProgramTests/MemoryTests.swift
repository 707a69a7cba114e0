import RunFiles
import Support
import Testing
import TrainingAPI

/// What a training takes beside what the plan said.
@Suite(
  "Planned memory", .serialized, .enabled(if: programsFolder != nil, skipReason),
  .enabled(
    if: Environment.value("POSETOP_SANITIZER") == nil, "a sanitizer takes memory of its own"))
struct MemoryTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  static let cases: [(model: String, size: String, batch: Int, precision: String)] = [
    ("lite", "96x128", 8, "fp32"), ("lite", "96x128", 32, "fp32"), ("lite", "96x128", 32, "bf16"),
    ("cnn", "64x64", 8, "fp32"), ("cnn", "64x64", 32, "fp32"), ("resnet50", "96x128", 8, "fp32"),
    ("resnet50", "96x128", 16, "fp32"),
  ]

  /// From above and below; before planning the engine holds its code and the data set's records.
  @Test("the engine's peak is what was planned, within 1 % and 16 MiB", arguments: cases.indices)
  func peak(index: Int) throws {
    let (model, size, batch, precision) = Self.cases[index]
    #expect(try place.call("figures", "people", "-n", "40").code == 0)
    let call = try Invocation(
      place,
      [
        "train", "people", "--run", "run", "--model", model, "--input", size, "--batch",
        "\(batch)", "--steps", "2", "--augment", "none", "--precision", precision, "--headless",
      ])
    #expect(call.wait() == 0, "\(call.errors)")
    let reader = EventLogReader(RunFolder(place.file("run")).eventsPath)
    var (planned, before, peak) = (0, 0, 0)
    while case let events = reader.read(), !events.isEmpty {
      for event in events { try take(event.event) }
    }
    func take(_ event: TrainingEvent) throws {
      if case .planned(let report) = event {
        planned = report.bytes(of: "total")
        before = try #require(report.residentBytes)
      }
      if case .finished(let report) = event { peak = try #require(report.peakResidentBytes) }
    }
    let taken = peak - before
    let allowed = planned / 100 + 16 << 20
    #expect(abs(taken - planned) <= allowed, "taken \(taken >> 20) MiB, planned \(planned >> 20)")
    print(
      "\(model) \(size) \(precision) batch \(batch): \(taken >> 20) MiB taken, \(planned >> 20) MiB planned"
    )
  }
}
