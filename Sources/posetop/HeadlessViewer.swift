import Glibc
import Keeper
import RunFiles
import RunLink
import Support
import TrainingAPI
import Wording

/// Follows a run without a screen: lines for people, or events as JSON.
///
/// The first Ctrl-C or SIGTERM asks the run to stop and save and waits; the second leaves at once.
/// SIGHUP only ever detaches.
final class HeadlessViewer {
  private let connection: any RunConnection
  private let folder: RunFolder
  private let asJSON: Bool
  private let isReadOnly: Bool
  private let signals: SignalPipe
  private var printer: HeadlessPrinter
  private var result: ExitCode?
  private var stopRequests = 0

  init(_ connection: any RunConnection, _ folder: RunFolder, asJSON: Bool, isReadOnly: Bool) {
    self.connection = connection
    self.folder = folder
    self.asJSON = asJSON
    self.isReadOnly = isReadOnly
    signals = SignalPipe(watching: [SIGINT, SIGTERM, SIGHUP])
    printer = HeadlessPrinter(folder: folder)
  }

  /// Prints until the run is over; the exit code.
  func run() -> ExitCode {
    while connection.descriptor >= 0 {
      for event in connection.drain() { take(event) }
      for signal in signals.take() {
        if let code = take(signal) { return code }
      }
      guard connection.descriptor >= 0 else { break }
      var items = [
        pollfd(fd: connection.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0),
      ]
      poll(&items, nfds_t(items.count), 5000)
    }
    guard let result else {
      Output.sayError(Sentence(CommandLineSentence.logEnded, folder.name))
      return .failed
    }
    return result
  }

  private func take(_ event: LoggedEvent) {
    switch event.event {
    case .finished(let report): result = report.isComplete ? .done : .endedEarly
    case .failed: result = .failed
    case .resumed, .restarted: result = nil
    default: break
    }
    if asJSON {
      // The keeper's own words stand in no log, so they are no event.
      if event.number > 0 { Output.print(event.json.text) }
    } else {
      printer.print(event)
    }
  }

  private func take(_ signal: Int32) -> ExitCode? {
    if signal == SIGHUP || isReadOnly || !connection.isLive { return detach() }
    stopRequests += 1
    guard stopRequests == 1 else {
      Output.sayError(Sentence(CommandLineSentence.leftWhileSaving))
      return .endedEarly
    }
    let request = CommandRequest(
      id: "headless-\(getpid())", by: requester("headless viewer"), command: .stop)
    guard connection.send(request) else { return detach() }
    Output.sayError(Sentence(CommandLineSentence.stopSent))
    return nil
  }

  private func detach() -> ExitCode {
    if connection.isLive { Output.sayError(howToAttach(folder)) }
    return .done
  }
}
