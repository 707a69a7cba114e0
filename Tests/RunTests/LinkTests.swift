import CPosix
import Glibc
import RunFiles
import RunLink
import Support
import TestSupport
import Testing
import TrainingAPI
import Wording

@Suite("The engine's channel", .serialized)
struct EngineLinkTests {
  /// Both ends: the keeper's as a channel, the engine's as a descriptor.
  private func pair() throws -> (FrameChannel, Int32) {
    var ends: [Int32] = [-1, -1]
    try #require(posetop_socket_pair(&ends) == 0)
    return (FrameChannel(ends[0]), ends[1])
  }

  private func receive(_ channel: FrameChannel, until count: Int) -> [JSONValue] {
    var messages: [JSONValue] = []
    let end = Clock.monotonic() + 10
    while messages.count < count, channel.isOpen, Clock.monotonic() < end {
      messages += channel.receive()
      usleep(1000)
    }
    return messages
  }

  @Test("events arrive in order, also when the keeper is slow")
  func order() throws {
    let (keeper, descriptor) = try pair()
    let link = EngineLink(descriptor: descriptor, commands: CommandMailbox()) {}
    for number in 1...5000 { link.publish(step(number)) }
    let messages = receive(keeper, until: 5000)
    #expect(messages.compactMap { $0["event"]?["step"]?.int } == Array(1...5000))
    link.close()
  }

  @Test("flush waits for the keeper's word and gives its number, also when the disk refuses")
  func flush() throws {
    let (keeper, descriptor) = try pair()
    let link = EngineLink(descriptor: descriptor, commands: CommandMailbox()) {}
    let answers = Monitor<[LogFlush]>([])
    let worker = WorkerThread(name: "flusher") {
      for _ in 0..<3 {
        link.publish(.state(.running))
        let answer = link.awaitFlush(link.requestFlush())
        answers.update { $0.append(answer) }
      }
    }
    for (key, number) in [("number", 5), ("refused", 6), ("number", 7)] {
      let messages = receive(keeper, until: 2)
      let ticket = try #require(messages.last?["flush"]?.int)
      let answer = JSONObject([
        ("answer", .integer(Int64(ticket))), (key, .integer(Int64(number))),
      ])
      keeper.send(.object(answer))
    }
    worker.join()
    #expect(
      answers.update { $0 }
        == [.durable(number: 5), .refused(number: 6), .durable(number: 7)])
    #expect(link.isOpen)
    link.close()
  }

  @Test("commands reach the mailbox, and rubbish does not")
  func commands() throws {
    let (keeper, descriptor) = try pair()
    let mailbox = CommandMailbox()
    let link = EngineLink(descriptor: descriptor, commands: mailbox) {}
    let request = CommandRequest(id: "1", by: "x", command: .learningRate(.value(1e-4)))
    keeper.send(["command": "explode", "id": "0", "by": "x"])
    keeper.send(["what": [1, 2, 3]])
    keeper.send(request.json)
    let end = Clock.monotonic() + 5
    var got: [CommandRequest] = []
    while got.isEmpty, Clock.monotonic() < end {
      mailbox.wait(seconds: 0.1)
      got = mailbox.drain()
    }
    #expect(got == [request])
    link.close()
  }

  @Test("when the keeper goes, the engine is told and nothing waits for ever")
  func keeperGone() throws {
    let gone = ConditionSignal()
    var keeper: FrameChannel?
    let descriptor: Int32
    (keeper, descriptor) = try pair()
    let link = EngineLink(descriptor: descriptor, commands: CommandMailbox()) { gone.raise() }
    #expect(link.isOpen && keeper != nil)
    keeper = nil
    #expect(gone.wait(seconds: 5))
    #expect(!link.isOpen)
    link.publish(.state(.running))
    #expect(link.flush() == nil)
    link.close()
  }

  @Test("a hostile keeper's frame closes the channel and traps nothing")
  func hostileKeeper() throws {
    let (keeper, descriptor) = try pair()
    let gone = ConditionSignal()
    let link = EngineLink(descriptor: descriptor, commands: CommandMailbox()) { gone.raise() }
    let bytes: [UInt8] = [0xFF, 0xFF, 0xFF, 0x7F, 1, 2, 3]
    #expect(posetop_socket_send(keeper.descriptor, bytes, bytes.count) == bytes.count)
    #expect(gone.wait(seconds: 5))
    link.close()
  }
}

@Suite("The keeper's socket", .serialized)
struct ViewerTests {
  private let folder = TemporaryFolder()

  /// A run with its lock, log and socket in this process, which plays the keeper.
  private func keep(_ body: (RunFolder, EventLog, ViewerServer) throws -> Void) throws {
    let run = try folder.makeRun("run")
    let path = folder.path("s")
    let lock = try RunLock.take(run, socket: path, patience: 0)
    let log = try EventLog(run.eventsPath)
    let server = try ViewerServer(socketPath: path)
    try body(run, log, server)
    #expect(lock.descriptor > 0)
  }

  private func serve(_ server: ViewerServer, _ log: EventLog) -> [CommandRequest] {
    server.serve(number: log.writtenNumber, bytes: log.byteCount).map(\.request)
  }

  @Test("a viewer gets the history and what follows, each event once")
  func historyAndMore() throws {
    try keep { run, log, server in
      for number in 1...100 { log.append(step(number)) }
      let viewer = try ViewerLink(run)
      var seen: [Int] = []
      for number in 101...200 {
        log.append(step(number))
        _ = serve(server, log)
        seen += viewer.drain().map(\.number)
      }
      log.append(.finished(FinishReport(reason: .completed, step: 200, epoch: 1, bestEpoch: 1)))
      server.end(number: log.writtenNumber, bytes: log.byteCount, seconds: 1)
      while viewer.descriptor >= 0 { seen += viewer.drain().map(\.number) }
      #expect(seen == Array(1...201))
      #expect(!viewer.isLive && viewer.ending == .ended)
    }
  }

  @Test("the descriptor is readable as long as something is unread, and only then")
  func readiness() throws {
    try keep { run, log, server in
      let viewer = try ViewerLink(run)
      _ = serve(server, log)
      while !viewer.drain().isEmpty {}
      func isReadable() -> Bool {
        var item = pollfd(fd: viewer.descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&item, 1, 0) > 0
      }
      #expect(!isReadable())
      log.append(step(1))
      _ = serve(server, log)
      #expect(isReadable())
      #expect(viewer.drain().count == 1)
      _ = viewer.drain()
      #expect(!isReadable())
    }
  }

  @Test("what passes by reaches those who watch and stands in no log")
  func passing() throws {
    try keep { run, log, server in
      let viewer = try ViewerLink(run)
      _ = serve(server, log)
      let event = LoggedEvent(number: 0, time: 5, event: .opening(done: 45, total: 240))
      server.pass(event.json)
      log.append(step(1))
      _ = serve(server, log)
      var seen: [LoggedEvent] = []
      for _ in 0..<100 where seen.count < 2 {
        seen += viewer.drain()
        usleep(1000)
      }
      #expect(seen.first == event && seen.map(\.number) == [0, 1])
      #expect(EventLogReader(run.eventsPath).read().map(\.number) == [1])
    }
  }

  @Test("a stalled viewer delays nothing, and others see every event")
  func stalled() throws {
    try keep { run, log, server in
      let stalled = try (0..<20).map { _ in try ViewerLink(run) }
      let viewer = try ViewerLink(run)
      var seen = 0
      for number in 1...5000 {
        log.append(step(number))
        _ = serve(server, log)
        seen += viewer.drain().count
      }
      #expect(seen == 5000 && server.viewerCount == 21)
      // When a stalled one wakes, it reads what it missed: first as far as the last word that it was
      // told, then the rest.
      var late = 0
      let end = Clock.monotonic() + 60
      while late < 5000, Clock.monotonic() < end {
        late += stalled[0].drain().count
        _ = serve(server, log)
      }
      #expect(late == 5000)
    }
  }

  @Test("commands come with the kernel's word on who sent them")
  func commands() throws {
    try keep { run, log, server in
      let viewer = try ViewerLink(run)
      #expect(viewer.send(CommandRequest(id: "7", by: "evil", command: .pause)))
      var got: [CommandRequest] = []
      for _ in 0..<100 where got.isEmpty {
        got = serve(server, log)
        usleep(1000)
      }
      #expect(got.map(\.command) == [.pause])
      #expect(got.first?.by == "evil (pid \(getpid()))")
    }
  }

  @Test("frames that make no sense end that viewer's connection and nothing else")
  func hostileViewers() throws {
    try keep { run, log, server in
      let good = try ViewerLink(run)
      let random = CounterRandom(seed: 3, name: "viewers")
      let attempts = Environment.value("POSETOP_LONG_TESTS") == nil ? 300 : 10_000
      for attempt in 0..<attempts {
        let descriptor = posetop_socket_connect(server.socketPath)
        try #require(descriptor >= 0)
        let bytes = (0..<64).map { UInt8(truncatingIfNeeded: random.bits(64 * attempt + $0)) }
        _ = posetop_socket_send(descriptor, bytes, bytes.count)
        #expect(serve(server, log).isEmpty)
        close(descriptor)
        _ = serve(server, log)
      }
      _ = serve(server, log)
      #expect(server.viewerCount == 1)
      #expect(good.isLive)
    }
  }

  @Test(
    "the viewer that took control last has it; watchers have none, and single commands always pass")
  func control() throws {
    try keep { run, log, server in
      let first = try ViewerLink(run, role: .controller)
      let watcher = try ViewerLink(run, role: .watcher)
      let caller = try ViewerLink(run)
      func outcome(_ viewer: ViewerLink) -> Bool? {
        #expect(viewer.send(CommandRequest(id: "1", by: "x", command: .pause)))
        for _ in 0..<200 {
          let got = server.serve(number: log.writtenNumber, bytes: log.byteCount)
          if let request = got.first { return request.refusal == nil }
          usleep(1000)
        }
        return nil
      }
      #expect(outcome(first) == true && outcome(watcher) == false && outcome(caller) == true)
      do {
        let second = try ViewerLink(run, role: .controller)
        #expect(outcome(second) == true && outcome(first) == false && outcome(caller) == true)
        let words = first.drain().compactMap { event -> String? in
          if case .notice(let notice) = event.event { notice.sentence.text() } else { nil }
        }
        #expect(words.contains { $0.contains("controls this run now") })
      }
      // When it is gone, the other one has control again.
      _ = serve(server, log)
      #expect(outcome(first) == true)
    }
  }

  @Test("too many viewers are turned away, and the first ones stay")
  func manyViewers() throws {
    try keep { run, log, server in
      var links: [ViewerLink] = []
      for _ in 0..<100 {
        links.append(try ViewerLink(run))
        _ = serve(server, log)
      }
      #expect(server.viewerCount == 64)
      _ = links.map { $0.drain() }
      #expect(links.prefix(64).allSatisfy { $0.isLive })
      #expect(!links[80].isLive && links[80].ending == .lost)
    }
  }

  @Test("a stale socket is replaced, and a removed one is bound anew")
  func socketFile() throws {
    try keep { run, log, server in
      var status = stat()
      #expect(lstat(server.socketPath, &status) == 0)
      #expect(status.st_mode & 0o7777 == 0o600)
      unlink(server.socketPath)
      #expect(throws: LinkError.self) { _ = try ViewerLink(run) }
      #expect(server.checkSocket() == nil)
      let viewer = try ViewerLink(run)
      _ = serve(server, log)
      #expect(viewer.isLive && server.viewerCount == 1)
      _ = try ViewerServer(socketPath: server.socketPath)
      #expect(server.checkSocket() == nil)
      #expect(try ViewerLink(run).isLive)
    }
  }

  @Test("an ended run is read from its log alone")
  func endedRun() throws {
    let run = try folder.makeRun("ended")
    let log = try EventLog(run.eventsPath)
    for number in 1...10 { log.append(step(number)) }
    let connection = LogConnection(run)
    var seen = 0
    while connection.descriptor >= 0 { seen += connection.drain().count }
    #expect(seen == 10)
    #expect(!connection.isLive)
    #expect(!connection.send(CommandRequest(id: "1", by: "x", command: .stop)))
  }
}
