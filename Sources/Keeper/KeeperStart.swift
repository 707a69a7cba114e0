import CPosix
import Glibc
public import RunFiles
import Support
import TrainingAPI
import Wording

/// Starting the keeper of a run as a process of its own.
public enum KeeperStart {
  /// The hidden command of `posetop` that keeps a run.
  public static let command = "keep"
  /// The descriptor on which the keeper says that it is ready, or why not.
  static let reportDescriptor: Int32 = 3

  /// Starts the keeper of a run, whose recipe is written, and waits until viewers can connect, but
  /// not longer than `seconds`. Tests name another `engine` than the one beside this program.
  public static func start(
    _ folder: RunFolder, engine: String? = nil, patience seconds: Double = 20
  ) throws(KeeperError) {
    var ends: (Int32, Int32) = (-1, -1)
    let code = withUnsafeMutableBytes(of: &ends) { buffer in
      pipe(buffer.assumingMemoryBound(to: Int32.self).baseAddress)
    }
    guard code == 0 else {
      throw .cannotStart(path: Program.ownPath, reason: String(cString: strerror(errno)))
    }
    let report = posetop_move_up(ends.1, 10)
    posetop_close_on_exec(ends.0)
    defer { close(ends.0) }
    var arguments = [command, "--run", folder.path]
    if let engine { arguments += ["--engine", Path.absolute(engine)] }
    do throws(KeeperError) {
      _ = try Program.start(
        Program.ownPath, arguments,
        environment: ["SWIFT_BACKTRACE": "enable=no", "OPENBLAS_NUM_THREADS": "1"],
        log: folder.engineLogPath, inherited: [report], isLeader: true)
    } catch {
      close(report)
      throw error
    }
    close(report)
    try awaitReport(ends.0, folder, seconds)
  }

  private static func awaitReport(
    _ descriptor: Int32, _ folder: RunFolder, _ seconds: Double
  ) throws(KeeperError) {
    let end = Clock.monotonic() + seconds
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1024)
    while text.last != 0x0A {
      var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let left = end - Clock.monotonic()
      guard left > 0 else { break }
      guard poll(&item, 1, Int32(min(left, 60) * 1000)) > 0 else { continue }
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      text += buffer[..<count]
    }
    if let report = try? JSONValue(parsing: text) {
      if report["ready"]?.bool == true { return }
      if let sentence = Sentence(json: report) { throw .refused(sentence) }
    }
    throw .keeperSilent(run: folder.path, lastLine: folder.lastLogLine())
  }

  /// The pipe to whoever started this keeper, found before anything else is opened; -1 without one.
  static func findReportPipe() -> Int32 {
    var status = stat()
    guard fstat(reportDescriptor, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else {
      return -1
    }
    posetop_close_on_exec(reportDescriptor)
    return reportDescriptor
  }

  /// The keeper's answer to whoever started it: why it failed, or nil when it is ready. Nobody has to
  /// be there any more.
  static func report(_ failure: Sentence?, to pipe: Int32) {
    if let failure {
      let line = Array("\(UntrustedText.clean(failure.text()))\n".utf8)
      _ = write(STDERR_FILENO, line, line.count)
    }
    let value = failure?.json ?? ["ready": true]
    let bytes = Array((value.text + "\n").utf8)
    _ = write(pipe, bytes, bytes.count)
    close(pipe)
  }
}
