import CPosix
import Glibc
import RunFiles
import Support
import Testing

/// What the dashboard costs while it watches a live run at 200×60: measured by `make soak`, which sets
/// the variable. Figures are printed; none is a condition, since machines differ.
@Suite(
  .serialized,
  .enabled(
    if: programsFolder != nil && Environment.value("POSETOP_LONG_TESTS") != nil,
    "POSETOP_LONG_TESTS is not set: make soak measures this"))
struct ScreenCostTests {
  /// Seconds of processor time that a process has used.
  private func processorSeconds(_ process: pid_t) -> Double {
    let text = String(
      decoding: (try? FileReading.bytes(of: "/proc/\(process)/stat", limit: 4096)) ?? [],
      as: UTF8.self)
    let stat = text.isEmpty ? Self.read("/proc/\(process)/stat") : text
    let fields = stat.split(separator: " ")
    guard fields.count > 15, let user = Double(fields[13]), let system = Double(fields[14]) else {
      return .nan
    }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  private static func read(_ path: String) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }

  @Test func `a minute of a live run, and 200 keys`() throws {
    let seconds = Environment.value("POSETOP_VIEWER_SECONDS").flatMap(Double.init) ?? 60
    let place = try Workplace()
    // 20 steps a second: every frame, ten a second, has news.
    let (training, run) = try place.train("steps=100000 epoch=400 rate=20")
    #expect(place.wait(seconds: 20) { place.hasReached(200, run) })
    let terminal = try Pseudoterminal(
      place, columns: 200, rows: 60, variables: ["SWIFT_BACKTRACE=enable=no"], ["attach", "runs/r"])
    #expect(terminal.shows("LIVE"))
    terminal.type("\u{1B}[?1;2c")
    sleep(3)
    terminal.clear()
    let before = processorSeconds(terminal.process)
    usleep(UInt32(seconds * 1e6))
    let share = (processorSeconds(terminal.process) - before) / seconds
    let rate = Double(terminal.stream.count) / seconds
    print(
      "viewer at 200x60: \(NumberText.fixed(100 * share, 2)) % of one core,",
      "\(NumberText.fixed(rate / 1000, 1)) kB/s to the terminal, over \(Int(seconds)) s")

    var times: [Double] = []
    for index in 0..<200 {
      terminal.clear()
      let start = Clock.monotonic()
      terminal.type(index % 2 == 0 ? "7" : "1")
      #expect(terminal.shows(index % 2 == 0 ? "[7 " : "[1 ", seconds: 5))
      times.append(Clock.monotonic() - start)
      usleep(30_000)
    }
    times.sort()
    print(
      "key to frame: median \(NumberText.fixed(1000 * times[100], 1)) ms,",
      "95 % within \(NumberText.fixed(1000 * times[190], 1)) ms")
    terminal.type("qs")
    #expect(training.wait() != nil)
  }
}
