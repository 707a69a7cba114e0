import CPosix
import Glibc
import RunFiles
import RunLink
import Support
import Testing
import TrainingAPI
import Wording

@Suite("A run in its own processes", .serialized, .enabled(if: programsFolder != nil, skipReason))
struct RunProcessTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  /// - Parameter steps: how many there are; nil where nobody counted.
  private func expectUnbroken(_ run: RunFolder, steps: Int? = nil) {
    let events = place.events(run)
    #expect(events.map(\.number) == Array(1...max(1, events.count)))
    let seen = events.compactMap {
      if case .step(let report) = $0.event { report.step } else { nil }
    }
    #expect(seen == Array(1...(steps ?? max(1, seen.count))))
  }

  private func lastEvent(_ run: RunFolder) -> TrainingEvent? { place.events(run).last?.event }

  @Test("a training runs to its end, with the tutorial's line for each epoch")
  func complete() throws {
    let (call, run) = try place.train("steps=60 epoch=20 rate=1000")
    #expect(call.wait() == 0)
    for line in [
      "Epoch 1, Train Loss: 0.0500, Val Loss: 0.0550",
      "Epoch 3, Train Loss: 0.0167, Val Loss: 0.0183",
    ] {
      #expect(call.output.split(separator: "\n").contains(Substring(line)))
    }
    expectUnbroken(run, steps: 60)
    // The keeper stays for a moment after the last event, until all viewers have it.
    #expect(place.wait { !RunLock.isHeld(run) })
    #expect(place.wait { place.processes(of: run).isEmpty })
    // Nothing of it stays behind in the temporary directory.
    #expect(Path.names(in: place.file("posetop-\(getuid())")) == [])
    let list = try place.call("runs")
    #expect(list.output.contains("completed") && list.output.contains("3/3"))
  }

  @Test("--json prints each event of the log once, and nothing else")
  func json() throws {
    let (call, run) = try place.train("steps=50 rate=1000", ["--json"])
    #expect(call.wait() == 0)
    #expect(call.errors.isEmpty)
    let log = try FileReading.bytes(of: run.eventsPath, limit: 1 << 20)
    #expect(call.output == String(decoding: log, as: UTF8.self))
    let again = try place.call("attach", "r", "--json")
    #expect(again.code == 0 && again.output == call.output)
  }

  @Test("kill -9 of the viewer stops nothing; attaching shows every event once")
  func killedViewer() throws {
    let (call, run) = try place.train("steps=300 rate=200", ["--json"])
    #expect(place.wait { place.hasReached(20, run) })
    kill(call.process, SIGKILL)
    call.wait()
    let viewer = try Invocation(place, ["attach", "--json"])
    #expect(viewer.wait() == 0)
    expectUnbroken(run, steps: 300)
    let log = try FileReading.bytes(of: run.eventsPath, limit: 1 << 20)
    #expect(viewer.output == String(decoding: log, as: UTF8.self))
  }

  @Test("SIGHUP only detaches")
  func hangUp() throws {
    let (call, run) = try place.train("steps=100 rate=200")
    #expect(place.wait { place.hasReached(5, run) })
    kill(call.process, SIGHUP)
    #expect(call.wait() == 0)
    #expect(RunLock.isHeld(run))
    #expect(place.wait { !RunLock.isHeld(run) })
    expectUnbroken(run, steps: 100)
  }

  @Test("the first Ctrl-C or SIGTERM stops and saves and exits 3", arguments: [SIGINT, SIGTERM])
  func stop(signal: Int32) throws {
    let (call, run) = try place.train("steps=100000 rate=200")
    #expect(place.wait { place.hasReached(5, run) })
    kill(call.process, signal)
    #expect(call.wait() == 3)
    guard case .finished(let report) = lastEvent(run) else {
      Issue.record("no finished event")
      return
    }
    #expect(report.reason == .stopped)
    expectUnbroken(run, steps: report.step)
  }

  @Test("the second Ctrl-C leaves at once with the engine still working")
  func leave() throws {
    // The engine takes commands between two steps: these are long enough for a second Ctrl-C.
    let (call, run) = try place.train("steps=100000 rate=0.4")
    #expect(place.wait { place.hasReached(1, run) })
    kill(call.process, SIGINT)
    #expect(place.wait { call.errors.contains("Stopping") })
    kill(call.process, SIGINT)
    #expect(call.wait() == 3)
    #expect(RunLock.isHeld(run))
    #expect(place.wait { !RunLock.isHeld(run) })
    #expect(lastEvent(run)?.name == "finished")
  }

  @Test("SIGTERM to the keeper or the engine stops and saves", arguments: ["keeper", "scripted"])
  func terminate(which: String) throws {
    let (call, run) = try place.train("steps=100000 rate=200")
    #expect(place.wait { place.hasReached(5, run) })
    let process = try #require(
      place.processes(of: run, named: "posetop-\(which)".prefixed(15)).first)
    kill(process, SIGTERM)
    #expect(call.wait() == 3)
    #expect(lastEvent(run)?.name == "finished")
  }

  @Test("tell lr is recorded with who, from, to and the step")
  func tell() throws {
    let (call, run) = try place.train("steps=100000 rate=200")
    #expect(place.wait { place.hasReached(5, run) })
    let tell = try place.call("tell", "r", "lr", "3e-4", "--json")
    #expect(tell.code == 2)  // options come before the operands, because of lr -1
    let told = try place.call("tell", "r", "lr", "3e-4")
    #expect(told.code == 0)
    let records = place.events(run).compactMap { event -> (CommandRecord, Double)? in
      if case .command(let record) = event.event { (record, event.time) } else { nil }
    }
    #expect(records.count == 2)
    let (record, time) = try #require(records.last)
    #expect(record.by.hasPrefix("tell of ") && record.by.contains("(pid \(told.process))"))
    #expect(abs(time - Clock.wall()) < 20)
    #expect(record.command == "lr 0.0003" && record.change?.from == 1e-3)
    #expect(record.change?.to == 3e-4)
    guard case .applied(let step) = record.status else {
      Issue.record("not applied")
      return
    }
    let next = place.events(run).compactMap { event -> StepReport? in
      if case .step(let report) = event.event, report.step > step { report } else { nil }
    }
    #expect(next.allSatisfy { $0.learningRate == 3e-4 })
    #expect(try place.call("tell", "--json", "r", "pause").output.contains("\"applied\""))
    #expect(place.wait { place.events(run).contains { $0.event == .state(.paused) } })
    #expect(try place.call("tell", "r", "stop").code == 0)
    #expect(call.wait() == 3)
    #expect(try place.call("tell", "r", "stop").code == 1)
  }

  @Test("a command that the engine rejects exits 1 with the reason")
  func rejected() throws {
    let (call, run) = try place.train("steps=100000 rate=200")
    #expect(place.wait { place.hasReached(5, run) })
    let told = try place.call("tell", "r", "undo")
    #expect(told.code == 1 && told.errors.contains("rejected"))
    #expect(try place.call("tell", "r", "stop").code == 0)
    call.wait()
  }

  @Test("an engine that dies again and again ends the run with its signal and last words")
  func crash() throws {
    for (signal, word) in [(6, "SIGABRT"), (11, "SIGSEGV"), (9, "SIGKILL"), (0, "exit code 9")] {
      let place = try Workplace()
      let (call, run) = try place.train("steps=100 rate=1000 crash=30 signal=\(signal)")
      #expect(call.wait() == 1)
      let events = place.events(run)
      guard case .failed(let sentence) = events.last?.event else {
        Issue.record("no failed event after signal \(signal)")
        continue
      }
      #expect(sentence.text().contains(word))
      #expect(sentence.text().contains("the script says: crash now"))
      #expect(call.errors.contains(word))
      // It was started anew three times, each time from the beginning.
      #expect(try FileReading.json(of: Path.join(run.path, "lives"), limit: 64).int == 4)
      #expect(events.map(\.number) == Array(1...events.count))
      #expect(events.first { $0.event.name != "state" }?.event.name == "planned")
    }
  }

  @Test("an engine that dies is started again from its last state, and each step stands once")
  func restart() throws {
    let (call, run) = try place.train(
      "steps=60 rate=500 crash=33 lives=1 save=10", ["--json"])
    #expect(call.wait() == 0)
    expectUnbroken(run, steps: 60)
    let names = place.events(run).map(\.event.name)
    #expect(names.filter { $0 == "restarted" }.count == 1)
    #expect(names.filter { $0 == "resumed" }.count == 1)
    #expect(names.last == "finished")
    // What was cut off is kept.
    let cut = EventLogReader(run.cutEventsPath).read().compactMap {
      if case .step(let report) = $0.event { report.step } else { nil }
    }
    #expect(cut == [31, 32, 33])
    // The viewer saw the steps behind the state twice, and nothing was lost to it.
    #expect(call.output.contains("\"event\":\"restarted\""))
  }

  @Test("pictures that kill the decoder are set aside one by one, and the training goes on")
  func badPictures() throws {
    let (call, run) = try place.train("steps=50 rate=500 bad=11,12,13,25,44 save=10")
    #expect(call.wait() == 0)
    expectUnbroken(run, steps: 50)
    let names = Quarantine(run).entries.map { Path.name(of: $0.file) }
    #expect(names == [11, 12, 13, 25, 44].map { "bad-\($0).jpg" })
    #expect(Quarantine(run).entries.allSatisfy { $0.reason == "SIGSEGV" })
    #expect(call.errors.contains("bad-44.jpg"))
  }

  @Test("commands that come between two engines wait for the next one")
  func commandBetween() throws {
    let (call, run) = try place.train("steps=100000 rate=500 crash=40 lives=3 save=10")
    #expect(place.wait { place.events(run).contains { $0.event.name == "restarted" } })
    #expect(try place.call("tell", "r", "stop").code == 0)
    #expect(call.wait() == 3)
    #expect(lastEvent(run)?.name == "finished")
  }

  @Test("when the keeper is killed the engine ends at once and writes nothing more")
  func killedKeeper() throws {
    let (call, run) = try place.train("steps=100000 rate=200")
    #expect(place.wait { place.hasReached(5, run) })
    let keeper = try #require(place.processes(of: run, named: "posetop-keeper").first)
    kill(keeper, SIGKILL)
    #expect(call.wait() == 1)
    #expect(place.wait { !RunLock.isHeld(run) })
    #expect(place.wait { place.processes(of: run).isEmpty })
    #expect(try place.call("runs").output.contains("interrupted"))
    #expect(try place.call("attach", "r").code == 1)
  }

  @Test("of 50 keepers that start at once one keeps the run")
  func race() throws {
    let run = try RunFolder.create(place.file("runs/r"), recipe: RunRecipe())
    let engine = Path.join(try #require(programsFolder), "posetop-scripted-engine")
    let keepers = try (0..<50).map { _ in
      try Invocation(
        place, ["keep", "--run", run.path, "--engine", engine], script: "steps=1000000 rate=50")
    }
    #expect(place.wait { place.hasReached(1, run) })
    #expect(place.wait { keepers.filter { $0.wait(seconds: 0.001) != nil }.count >= 49 })
    #expect(try place.call("tell", "r", "stop").code == 0)
    let codes = keepers.map { $0.wait() }
    #expect(codes.filter { $0 == 0 }.count == 1)
    #expect(codes.filter { $0 == 1 }.count == 49)
    expectUnbroken(run)
  }

  @Test("a run that is live or there cannot be started a second time")
  func second() throws {
    let (call, run) = try place.train("steps=100000 rate=200")
    #expect(place.wait { place.hasReached(5, run) })
    let (second, _) = try place.train("steps=10")
    #expect(second.wait() == 1)
    #expect(second.errors.contains("attach"))
    let (other, _) = try place.train("steps=10", ["--lr", "0.5"])
    #expect(other.wait() == 2)
    #expect(other.errors.contains("--run") && other.errors.contains("resume"))
    let third = try place.call("keep", "--run", run.path)
    #expect(third.code == 1)
    #expect(try place.call("tell", "r", "stop").code == 0)
    call.wait()
  }

  @Test("where the file system knows no locks, what the lock's file says keeps a second one out")
  func withoutLocks() throws {
    guard access("/usr/bin/strace", X_OK) == 0, Environment.value("POSETOP_SANITIZER") == nil else {
      print("skipped: strace is not here, which lets a call fail")
      return
    }
    let programs = try #require(programsFolder)
    func start(_ words: String, _ output: String, waits: Bool = false) -> Int32 {
      let script = "steps=100000 rate=100 save=10"
      return system(
        "cd \(place.path) && TMPDIR=\(place.path) POSETOP_RUNS=\(place.runs) SCRIPT='\(script)' "
          + "strace -f -qq -o /dev/null -e trace=flock -e inject=flock:error=EOPNOTSUPP "
          + "\(programs)/posetop \(words) --engine \(programs)/posetop-scripted-engine --headless "
          + ">\(output) 2>&1 </dev/null" + (waits ? "" : " &"))
    }
    let run = RunFolder(place.file("runs/r"))
    #expect(start("train data --run \(run.path)", "first") == 0)
    #expect(place.wait { place.hasReached(30, run) })
    let holder = try #require(LockHolder(run))
    #expect(holder.isAlive)
    #expect(start("resume r", "second", waits: true) >> 8 == 1)
    let bytes = try FileReading.bytes(of: place.file("second"), limit: 1 << 16)
    let said = String(decoding: bytes, as: UTF8.self)
    #expect(said.contains("pid \(holder.process) on "), "\(said)")
    // The keeper's death frees it, whatever stands in the file.
    for process in place.processes(of: run) { kill(process, SIGKILL) }
    #expect(place.wait { place.processes(of: run).isEmpty })
    // A process that ends has lost its command line a moment before it counts as dead.
    #expect(place.wait { !holder.isAlive })
    #expect(LockHolder(run) == holder)
    #expect(start("resume r", "third") == 0)
    #expect(place.wait { place.events(run).contains { $0.event.name == "resumed" } })
    #expect(LockHolder(run) != holder)
    for process in place.processes(of: run) { kill(process, SIGKILL) }
    #expect(place.wait { place.processes(of: run).isEmpty })
    expectUnbroken(run)
  }

  @Test("a viewer that never reads does not delay the training")
  func stalledViewer() throws {
    let (call, run) = try place.train("steps=400 rate=400")
    #expect(place.wait { place.hasReached(1, run) })
    let holder = try #require(LockHolder(run))
    let stalled = (0..<10).map { _ in posetop_socket_connect(holder.socket) }
    #expect(stalled.allSatisfy { $0 >= 0 })
    defer { for descriptor in stalled { close(descriptor) } }
    // They stay until it is over: a step that waited for one of them would wait for ever.
    #expect(call.wait() == 0)
    expectUnbroken(run, steps: 400)
  }

  @Test("a removed socket comes back, and viewers can come again")
  func removedSocket() throws {
    let (call, run) = try place.train("steps=100000 rate=100")
    #expect(place.wait { place.hasReached(1, run) })
    let holder = try #require(LockHolder(run))
    unlink(holder.socket)
    #expect(place.wait { access(holder.socket, F_OK) == 0 })
    #expect(try place.call("tell", "r", "stop").code == 0)
    #expect(call.wait() == 3)
  }
}

extension String {
  /// The first characters, as the kernel keeps a process's name.
  fileprivate func prefixed(_ count: Int) -> String { String(prefix(count)) }
}
