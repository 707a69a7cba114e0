import CPosix
import Glibc
public import RunFiles
import RunLink
import Support
import TrainingAPI
import Wording

/// The process that keeps a run: it holds the lock, the socket and the event log, starts the engine,
/// and starts it again when it dies. One thread; nothing in it waits for a viewer.
public final class Keeper {
  /// Seconds that an engine has to end after it closed its channel.
  static let engineGrace = 60.0

  /// Seconds that a run's lock is waited for: an engine whose keeper was killed needs a moment to end.
  static let lockPatience = 5.0

  /// Seconds that the last events wait for room on a full disk.
  static let lastWordGrace = 30.0

  private let folder: RunFolder
  private let log: EventLog
  private let server: ViewerServer
  private var engine: EngineProcess
  private let startEngine: (_ halvesBatch: Bool) throws(KeeperError) -> EngineProcess
  private let signals: SignalPipe
  private var supervision = Supervision()
  private var outcome: Outcome?
  private var saidFailure: FileError?
  private var saidLogout = false
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
    _ folder: RunFolder, log: EventLog, server: ViewerServer, signals: SignalPipe,
    startEngine: @escaping (_ halvesBatch: Bool) throws(KeeperError) -> EngineProcess
  ) throws(KeeperError) {
    self.folder = folder
    self.log = log
    self.server = server
    self.signals = signals
    self.startEngine = startEngine
    engine = try startEngine(false)
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
    let lock = try ofRun { () throws(RunError) in
      try RunLock.take(folder, socket: socketPath, patience: lockPatience)
    }
    let log = try ofRun { () throws(RunError) in try EventLog(folder.eventsPath) }
    let server: ViewerServer
    do throws(LinkError) {
      server = try ViewerServer(socketPath: socketPath)
    } catch {
      throw .link(error)
    }
    try ofRun { () throws(RunError) in try registry.register(folder) }
    defer { registry.remove(folder) }
    let descriptor = lock.descriptor
    let keeper = try Keeper(folder, log: log, server: server, signals: signals) {
      halvesBatch throws(KeeperError) in
      try EngineProcess(path, folder, lock: descriptor, halvesBatch: halvesBatch)
    }
    KeeperStart.report(nil, to: pipe)
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
      if engine.ending != nil, !engine.channel.isOpen, !goesOn() { break }
      killAfterGrace()
    }
    finish()
  }

  private func waitForSomething() {
    var items = [pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0)]
    if engine.channel.isOpen {
      let events = POLLIN | (engine.channel.waitingBytes > 0 ? POLLOUT : 0)
      items.append(pollfd(fd: engine.channel.descriptor, events: Int16(events), revents: 0))
    }
    items += server.pollDescriptors
    poll(&items, nfds_t(items.count), supervision.isWaiting ? 50 : 1000)
  }

  private func takeFromEngine() {
    guard engine.channel.isOpen else { return }
    engine.channel.flush()
    for message in engine.channel.receive() {
      if let event = message["event"] {
        take(event)
      } else if let ticket = message["flush"]?.int {
        answer(ticket, isDone: log.sync())
      } else if let number = message["cut"]?.int, let ticket = message["ticket"]?.int {
        cut(to: number, ticket)
      }
    }
    if !engine.channel.isOpen { channelClosedAt = Clock.monotonic() }
  }

  /// Says up to which event the log is on disk now, or that the disk refused it.
  private func answer(_ ticket: Int, isDone: Bool, commands: [CommandRecord] = []) {
    var answer = JSONObject([("answer", .integer(Int64(ticket)))])
    answer[isDone ? "number" : "refused"] = .integer(Int64(log.lastNumber))
    if !commands.isEmpty { answer["commands"] = .array(commands.map(\.json)) }
    engine.channel.send(.object(answer))
  }

  /// Cuts the log back to where the engine's state was taken.
  private func cut(to number: Int, _ ticket: Int) {
    do throws(RunError) {
      var loss: RunError?
      let rest = try log.cut(to: number, keepingRestIn: folder.cutEventsPath) { loss = $0 }
      server.cut(to: log.byteCount)
      if let loss { server.say(loss.sentence) }
      let commands = rest.compactMap { event -> CommandRecord? in
        if case .command(let record) = event.event { record } else { nil }
      }
      // A log that begins anew begins with the plan; the reason comes behind it.
      if number > 0 { sayRestart() }
      answer(ticket, isDone: true, commands: commands)
    } catch {
      log.append(.notice(Notice(.error, error.sentence)))
      answer(ticket, isDone: false)
    }
  }

  private func sayRestart() {
    guard let (reason, notice) = supervision.takeReason() else { return }
    log.append(.restarted(reason: reason))
    if let notice { log.append(.notice(Notice(.warning, notice))) }
  }

  /// Once, behind the plan: a logout would end the run.
  private func sayLogout() {
    if saidLogout { return }
    saidLogout = true
    if let warning = LogoutPolicy.ofThisProcess().warning {
      log.append(.notice(Notice(.warning, warning)))
    }
  }

  private func take(_ event: JSONValue) {
    guard let name = event["event"]?.string, event["time"]?.double != nil else { return }
    if name == "opening" { return server.pass(event) }
    log.append(event)
    switch name {
    case "planned":
      sayRestart()
      sayLogout()
    case "command":
      guard let record = CommandRecord(json: event) else { break }
      switch record.status {
      case .accepted: break
      case .applied: supervision.noteAnswer(record.id, isApplied: true)
      case .rejected: supervision.noteAnswer(record.id, isApplied: false)
      }
    case "finished":
      outcome = .finished
      supervision.noteEnd()
    case "failed": outcome = .failed
    case "checkpoint" where event["kind"]?.string == "state":
      supervision.noteDurable(step: event["step"]?.int ?? 0)
    default: break
    }
    let milestones = ["planned", "epoch", "command", "checkpoint", "finished", "failed"]
    if milestones.contains(name) { log.sync() }
  }

  private func serveViewers() {
    let requests = server.serve(number: log.writtenNumber, bytes: log.byteCount)
    for request in requests {
      if let refusal = request.refusal {
        record(request.request, .rejected(refusal))
      } else {
        forward(request.request)
      }
    }
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
    if outcome == nil {
      supervision.note(request)
      if engine.channel.isOpen { engine.channel.send(request.json) }
    } else {
      record(request, .rejected(Sentence(RunSentence.runIsOver)))
    }
  }

  private func record(_ request: CommandRequest, _ status: CommandRecord.Status) {
    log.append(
      .command(
        CommandRecord(
          id: request.id, by: request.by, command: request.command.text, status: status)))
    log.sync()
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

  /// Whether an ended engine is or will be followed by another one.
  private func goesOn() -> Bool {
    if !supervision.isWaiting {
      setCulpritAside()
      let decision = RestartPolicy.decide(
        after: engine.ending, hasFinished: outcome != nil, restarts: supervision.restarts,
        lastLine: folder.lastLogLine())
      switch decision {
      case .over(let failure):
        if let failure { fail(failure) }
        return false
      case .restart(let reason, let delay, let halvesBatch):
        supervision.plan(reason, after: delay, halvesBatch: halvesBatch)
      }
    }
    guard supervision.isDue else { return true }
    do throws(KeeperError) {
      engine = try startEngine(supervision.halvesBatch)
      channelClosedAt = nil
      for request in supervision.begin() { forward(request) }
      return true
    } catch {
      fail(error.sentence)
      return false
    }
  }

  /// A picture that was being decoded by the thread that crashed costs one picture, not the run.
  private func setCulpritAside() {
    guard case .signal(let number) = engine.ending, outcome == nil,
      let file = CrashNotes.crashed(folder.notesPath)
    else { return }
    var quarantine = Quarantine(folder)
    let signal = RestartPolicy.name(of: number)
    do throws(FileError) {
      try quarantine.add(file, reason: signal)
      supervision.noteSetAside(
        Sentence(RunSentence.pictureSetAside, UntrustedText.clean(file), signal))
    } catch {
      log.append(.notice(Notice(.error, error.sentence)))
    }
  }

  private func fail(_ reason: Sentence) {
    outcome = .failed
    log.append(.failed(reason))
    for request in supervision.begin() { forward(request) }
  }

  private func finish() {
    // Who asked too late gets an answer, too.
    for request in supervision.begin() { forward(request) }
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
