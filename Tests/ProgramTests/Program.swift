import CPosix
import Glibc
import RunFiles
import Support
import TestSupport
import Testing
import TrainingAPI

/// The folder of the built programs, from POSETOP_BIN.
let programsFolder = Environment.value("POSETOP_BIN")

/// How long what must come is waited for, s: on a busy machine, or with a sanitizer, it comes late, and
/// the wait costs time only where it does not come at all.
let patience = 300.0

/// Whether the long forms are wanted.
let isLongTest = Environment.value("POSETOP_LONG_TESTS") != nil

/// Why these tests are skipped where they are.
let skipReason: Comment = "POSETOP_BIN does not name the folder of the built programs"

/// `posetop` started by a test, with its output in files.
final class Invocation {
  let process: pid_t
  private let place: Workplace
  private let name: String
  private(set) var code: Int32?
  private(set) var signal: Int32 = 0

  /// - Parameter more: variables of its environment, as `NAME=value`.
  init(
    _ place: Workplace, _ arguments: [String], script: String = "", more: [String] = []
  ) throws {
    self.place = place
    name = "call-\(place.nextCall())"
    let program = Path.join(try #require(programsFolder), "posetop")
    // The shell sends the output to files and becomes the program.
    let words = [
      "/bin/sh", "-c", "cd \(place.path) && exec \"$@\" >\(name).out 2>\(name).err", "sh", program,
    ]
    let variables =
      place.sanitizing + [
        "PATH=/usr/bin:/bin", "POSETOP_RUNS=\(place.runs)", "TMPDIR=\(place.path)",
        "SCRIPT=\(script)", "XDG_CACHE_HOME=\(place.path)/cache",
        "LD_LIBRARY_PATH=\(Environment.value("LD_LIBRARY_PATH") ?? "")",
      ] + more
    var pid: pid_t = 0
    let lists = [words + arguments, variables].map { $0.map { strdup($0) } }
    defer { for text in lists.joined() { free(text) } }
    let status = posetop_spawn(
      "/bin/sh", lists[0] + [nil], lists[1] + [nil], place.file("\(name).log"), nil, 0, 1, &pid)
    try #require(status == 0)
    process = pid
  }

  deinit { if code == nil, signal == 0 { kill(process, SIGKILL) } }

  /// Waits for the end; the exit code, or nil when it took too long or a signal ended it.
  @discardableResult
  func wait(seconds: Double = patience) -> Int32? {
    let end = Clock.monotonic() + seconds
    while code == nil, signal == 0, Clock.monotonic() < end {
      var (exitCode, signalNumber): (Int32, Int32) = (0, 0)
      if posetop_wait(process, &exitCode, &signalNumber) != 0 {
        signal = signalNumber
        if signalNumber == 0 { code = exitCode }
      } else {
        usleep(5000)
      }
    }
    return code
  }

  var output: String { text("out") }
  var errors: String { text("err") }

  private func text(_ suffix: String) -> String {
    let bytes = try? FileReading.bytes(of: place.file("\(name).\(suffix)"), limit: 1 << 24)
    return String(decoding: bytes ?? [], as: UTF8.self)
  }
}

/// A folder of its own for a test: data set, runs, temporary directory. What still runs in it is
/// ended when the test is over.
final class Workplace {
  let path: String
  private var calls = 0

  init() throws {
    var template = Array("/tmp/posetop-prog-XXXXXX".utf8CString)
    path = try #require(mkdtemp(&template).map { String(cString: $0) })
    mkdir(file("data"), 0o755)
    try DurableFile.commit(file("data/annotations.json"), bytes: Array("[]".utf8))
  }

  deinit {
    for run in RunLookup.runs(in: runs) {
      for process in processes(of: run) { kill(process, SIGKILL) }
    }
    removeTree(path)
  }

  var runs: String { file("runs") }

  /// A sanitizer's settings reach the programs, too.
  var sanitizing: [String] {
    ["TSAN_OPTIONS", "ASAN_OPTIONS", "SWIFT_BACKTRACE"].compactMap { name in
      Environment.value(name).map { "\(name)=\($0)" }
    }
  }

  func file(_ name: String) -> String { Path.join(path, name) }

  func nextCall() -> Int {
    calls += 1
    return calls
  }

  /// `posetop` with these arguments, until it ends.
  func call(_ arguments: String..., script: String = "") throws -> Invocation {
    let invocation = try Invocation(self, arguments, script: script)
    invocation.wait()
    return invocation
  }

  /// Starts a scripted training in the folder `runs/r`, watched by a headless viewer.
  func train(_ script: String, _ options: [String] = []) throws -> (Invocation, RunFolder) {
    let engine = Path.join(try #require(programsFolder), "posetop-scripted-engine")
    let invocation = try Invocation(
      self, ["train", "data", "--run", "runs/r", "--engine", engine] + options, script: script)
    return (invocation, RunFolder(file("runs/r")))
  }

  /// Waits until something is so; false when it took too long.
  func wait(seconds: Double = patience, until condition: () -> Bool) -> Bool {
    let end = Clock.monotonic() + seconds
    while !condition() {
      if Clock.monotonic() > end { return false }
      usleep(5000)
    }
    return true
  }

  /// The events of a run up to now.
  func events(_ run: RunFolder) -> [LoggedEvent] {
    let reader = EventLogReader(run.eventsPath)
    return reader.read(maximum: 1 << 26)
  }

  /// Whether the run has come to a step.
  func hasReached(_ step: Int, _ run: RunFolder) -> Bool {
    events(run).contains {
      if case .step(let report) = $0.event { report.step >= step } else { false }
    }
  }

  /// Keeper and engine of a run: all processes with its path among their arguments.
  func processes(of run: RunFolder, named name: String? = nil) -> [pid_t] {
    (Path.names(in: "/proc") ?? []).compactMap { entry -> pid_t? in
      guard let process = pid_t(entry), process != getpid(),
        let words = Self.file("/proc/\(entry)/cmdline"), words.contains(run.path),
        let own = Self.file("/proc/\(entry)/comm")
      else { return nil }
      return name == nil || own.hasPrefix(name ?? "") ? process : nil
    }
  }

  /// The viewers that were started in this place with a command.
  func viewers(_ command: String) -> [pid_t] {
    (Path.names(in: "/proc") ?? []).compactMap { pid_t($0) }.filter { process in
      guard let words = Self.file("/proc/\(process)/cmdline") else { return false }
      return words.contains("posetop\0\(command)")
        && Path.absolute("/proc/\(process)/cwd") == Path.absolute(path)
    }
  }

  private static func file(_ path: String) -> String? {
    let descriptor = posetop_open(path, O_RDONLY | O_CLOEXEC, 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = read(descriptor, &buffer, buffer.count)
    return count >= 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
  }

}
