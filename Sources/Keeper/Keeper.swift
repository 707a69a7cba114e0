import CPosix
import Glibc
public import RunFiles
import RunLink
import Support
import TrainingAPI
import Wording

/// The process that keeps a run: it holds the lock, the socket and the event log, starts the engine
/// and records how that ended. One thread; nothing in it waits for a viewer.
public final class Keeper {
  /// Seconds that an engine has to end after it closed its channel.
  static let engineGrace = 60.0

  /// Seconds that the last events wait for room on a full disk.
  static let lastWordGrace = 30.0

  private let folder: RunFolder
  private let log: EventLog
  private let server: ViewerServer
  private let engine: EngineProcess
  private let signals: SignalPipe
  private var outcome: Outcome?
  private var saidFailure: FileError?
  private var ownRequests = 0
  private var channelClosedAt: Double?
  private var lastTended = Clock.monotonic()
  /// Why no viewer can come; said once for each reason.
  private var unreachable: Sentence? {
    didSet {
      if let unreachable, unreachable != oldValue {
        log.append(.notice(Notice(.warning, unreachable)))
      }
    }
  }

  private enum Outcome { case finished, failed }

  private init(
    _ folder: RunFolder, log: EventLog, server: ViewerServer, engine: EngineProcess,
    signals: SignalPipe
  ) {
    self.folder = folder
    self.log = log
    self.server = server
    self.engine = engine
    self.signals = signals
  }

  /// Keeps a run until it is over; the body of the hidden command.
  ///
  /// - Parameters:
  ///   - folder: the run, with its recipe written.
  ///   - enginePath: another engine than the one beside this program.
  /// - Returns: the exit code.
  public static func keep(_ folder: RunFolder, enginePath: String?) -> Int32 {
    posetop_name_process("posetop-keeper")
    let pipe = KeeperStart.findReportPipe()
    let signals = SignalPipe(
      watching: [SIGTERM, SIGINT, SIGCHLD], ignoring: [SIGHUP, SIGPIPE, SIGQUIT, SIGXFSZ])
    chdir("/")
    do throws(KeeperError) {
      try run(folder, enginePath, signals, pipe)
      return 0
    } catch {
      KeeperStart.report(error.sentence, to: pipe)
      return 1
    }
  }

  private static func run(
    _ folder: RunFolder, _ enginePath: String?, _ signals: SignalPipe, _ pipe: Int32
  ) throws(KeeperError) {
    guard let path = enginePath ?? Program.enginePath else {
      throw .engineMissing(folder: Path.parent(of: Program.ownPath))
    }
    let registry = try ofRun { () throws(RunError) in try RunRegistry.open() }
    let socketPath = registry.socketPath(of: folder)
    let lock = try ofRun { () throws(RunError) in try RunLock.take(folder, socket: socketPath) }
    let log = try ofRun { () throws(RunError) in try EventLog(folder.eventsPath) }
    let server: ViewerServer
    do throws(LinkError) {
      server = try ViewerServer(socketPath: socketPath)
    } catch {
      throw .link(error)
    }
    try ofRun { () throws(RunError) in try registry.register(folder) }
    defer { registry.remove(folder) }
    let engine = try EngineProcess(path, folder, lock: lock.descriptor)
    KeeperStart.report(nil, to: pipe)
    let keeper = Keeper(folder, log: log, server: server, engine: engine, signals: signals)
    keeper.loop()
  }

  private static func ofRun<Value: ~Copyable>(
    _ body: () throws(RunError) -> Value
  ) throws(KeeperError) -> Value {
    do throws(RunError) {
      return try body()
    } catch {
      throw .run(error)
    }
  }

  // MARK: The loop

  private func loop() {
    while true {
      waitForSomething()
      for signal in signals.take() where signal == SIGTERM || signal == SIGINT {
        askToStop(signal)
      }
      takeFromEngine()
      engine.check()
      log.syncIfDue()
      sayFailure()
      serveViewers()
      tendRegistry()
      if engine.ending != nil, !engine.channel.isOpen { break }
      killAfterGrace()
    }
    recordEnd()
    finish()
  }

  private func waitForSomething() {
    var items = [pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0)]
    if engine.channel.isOpen {
      let events = POLLIN | (engine.channel.waitingBytes > 0 ? POLLOUT : 0)
      items.append(pollfd(fd: engine.channel.descriptor, events: Int16(events), revents: 0))
    }
    items += server.pollDescriptors
    poll(&items, nfds_t(items.count), 1000)
  }

  private func takeFromEngine() {
    guard engine.channel.isOpen else { return }
    engine.channel.flush()
    for message in engine.channel.receive() {
      if let event = message["event"] {
        take(event)
      } else if let ticket = message["flush"]?.int {
        var answer = JSONObject([("flushed", .integer(Int64(ticket)))])
        if log.sync() { answer["number"] = .integer(Int64(log.lastNumber)) }
        engine.channel.send(.object(answer))
      }
    }
    if !engine.channel.isOpen { channelClosedAt = Clock.monotonic() }
  }

  private func take(_ event: JSONValue) {
    guard let name = event["event"]?.string, event["time"]?.double != nil else { return }
    log.append(event)
    switch name {
    case "finished": outcome = .finished
    case "failed": outcome = .failed
    default: break
    }
    let milestones = ["planned", "epoch", "command", "checkpoint", "finished", "failed"]
    if milestones.contains(name) { log.sync() }
  }

  private func serveViewers() {
    let requests = server.serve(number: log.writtenNumber, bytes: log.byteCount)
    for request in requests { forward(request) }
  }

  /// Every 5 seconds: cleaners of temporary folders may have removed socket and registration.
  private func tendRegistry() {
    guard Clock.monotonic() - lastTended >= 5 else { return }
    lastTended = Clock.monotonic()
    do throws(RunError) {
      let registry = try RunRegistry.open()
      if !registry.isRegistered(folder) { try registry.register(folder) }
      unreachable = server.checkSocket()?.sentence
    } catch {
      unreachable = error.sentence
    }
  }

  private func forward(_ request: CommandRequest) {
    if engine.channel.isOpen, outcome == nil {
      engine.channel.send(request.json)
    } else {
      let record = CommandRecord(
        id: request.id, by: request.by, command: request.command.text,
        status: .rejected(Sentence(RunSentence.runIsOver)))
      log.append(.command(record))
      log.sync()
    }
  }

  private func askToStop(_ signal: Int32) {
    ownRequests += 1
    let name = signal == SIGTERM ? "SIGTERM" : "SIGINT"
    forward(
      CommandRequest(
        id: "keeper-\(getpid())-\(ownRequests)", by: "keeper (\(name))", command: .stop))
  }

  /// Viewers read the log, so a log that cannot be written has to be said on the socket.
  private func sayFailure() {
    guard log.failure != saidFailure else { return }
    saidFailure = log.failure
    if let failure = log.failure { server.say(failure.sentence) }
  }

  private func killAfterGrace() {
    guard let channelClosedAt, Clock.monotonic() - channelClosedAt > Self.engineGrace else {
      return
    }
    engine.kill()
  }

  // MARK: The end

  private func recordEnd() {
    if case .over(let failure) = RestartPolicy.decide(
      after: engine.ending, hasFinished: outcome != nil, lastLine: folder.lastLogLine()),
      let failure
    {
      log.append(.failed(failure))
    }
  }

  private func finish() {
    // On a full disk the last events are worth a wait; somebody may make room.
    let end = Clock.monotonic() + Self.lastWordGrace
    while !log.sync(), Clock.monotonic() < end {
      sayFailure()
      serveViewers()
      usleep(500_000)
    }
    saveUnwritten()
    serveViewers()
    server.end(number: log.writtenNumber, bytes: log.byteCount, seconds: 2)
  }

  /// What the log could not take goes to engine.log, where there may be room for the shortest.
  private func saveUnwritten() {
    guard let failure = log.failure else { return }
    let text = UntrustedText.clean(failure.sentence.text())
    let line = Array("\(text) (events from \(log.writtenNumber + 1) on are lost)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
  }
}
