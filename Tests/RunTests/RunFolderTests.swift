import Glibc
import RunFiles
import Support
import TestSupport
import Testing
import TrainingAPI
import Wording

@Suite("Run folders, locks and names")
struct RunFolderTests {
  @Test("a new run holds its recipe, and a second run is refused in its place")
  func create() throws {
    let folder = TemporaryFolder()
    var recipe = RunRecipe()
    recipe.epochs = 7
    let run = try RunFolder.create(folder.path("a"), recipe: recipe)
    #expect(run.isRun)
    #expect(try run.recipe() == recipe)
    #expect(throws: RunError.alreadyARun(path: folder.path("a"))) {
      try RunFolder.create(folder.path("a"), recipe: recipe)
    }
    #expect(Path.names(in: run.path) == ["recipe.json"])
  }

  @Test("what recipe.json says beyond the settings is no error; a broken one is")
  func recipeReading() throws {
    let folder = TemporaryFolder()
    let run = try folder.makeRun("a")
    try DurableFile.commit(
      run.recipePath, bytes: Array("{\"epochs\": 3, \"fingerprint\": {\"cpu\": \"x\"}}".utf8))
    #expect(try run.recipe().epochs == 3)
    for text in ["", "{", "[]x", "{\"epochs\": \"many\"}"] {
      try DurableFile.commit(run.recipePath, bytes: Array(text.utf8))
      #expect(throws: RunError.self) { try run.recipe() }
    }
  }

  @Test("the lock has one holder, says who it is, and is free when that one is gone")
  func lock() throws {
    let folder = TemporaryFolder()
    let run = try folder.makeRun("a")
    #expect(!RunLock.isHeld(run))
    do {
      let lock = try RunLock.take(run, socket: "/tmp/s", patience: 0)
      #expect(lock.descriptor >= 10)
      #expect(RunLock.isHeld(run))
      let holder = try #require(LockHolder(run))
      #expect(holder.process == Int(getpid()) && holder.socket == "/tmp/s")
      #expect(holder.isHere && holder.isAlive)
      do {
        _ = try RunLock.take(run, socket: "/tmp/t", patience: 0.1)
        Issue.record("a second holder")
      } catch {
        #expect(error.sentence.text().contains("pid \(getpid())"))
      }
      #expect(LockHolder(run)?.socket == "/tmp/s")
    }
    #expect(!RunLock.isHeld(run))
    _ = try RunLock.take(run, socket: "/tmp/t", patience: 0)
  }

  @Test("a lock file with rubbish in it names nobody")
  func rubbishLock() throws {
    let folder = TemporaryFolder()
    let run = try folder.makeRun("a")
    for text in ["", "{}", "{\"pid\": \"x\", \"host\": 3}", "\u{0}\u{0}"] {
      try DurableFile.commit(run.lockPath, bytes: Array(text.utf8))
      #expect(LockHolder(run) == nil)
      #expect(!RunLock.isHeld(run))
    }
  }

  @Test("a process that died is not the one that has its number now")
  func recycledNumber() throws {
    let folder = TemporaryFolder()
    let run = try folder.makeRun("a")
    var holder = LockHolder.current(socket: "")
    #expect(holder.isAlive)
    holder.ticks += 1
    #expect(!holder.isAlive)
    holder.host = "elsewhere"
    #expect(holder.isAlive)
    _ = run
  }

  @Test("a process that died does not live because nobody has waited for it")
  func unburied() throws {
    var process: pid_t = 0
    let words = [strdup("true"), nil]
    defer { free(words[0]) }
    try #require(posix_spawn(&process, "/bin/true", nil, nil, words, nil) == 0)
    var end = siginfo_t()
    #expect(waitid(P_PID, id_t(process), &end, WEXITED | WNOWAIT) == 0)
    var holder = LockHolder.current(socket: "")
    holder.process = Int(process)
    holder.ticks = 0
    #expect(!holder.isAlive)
    #expect(waitpid(process, nil, 0) == process)
  }

  @Test("names of new runs are unique and safe")
  func naming() throws {
    let folder = TemporaryFolder()
    var seen: Set<String> = []
    for model in ["lite", "lite", "../../etc", "LITE", ""] {
      let path = try RunNaming.makeFolder(model: model, in: folder.path("runs"))
      #expect(seen.insert(path).inserted)
      #expect(Path.isFolder(path) && Path.parent(of: path) == folder.path("runs"))
    }
  }

  @Test("RUN is a path, a whole name, or the unique beginning of one")
  func lookup() throws {
    let folder = TemporaryFolder()
    let first = try folder.makeRun("lite-0101-1000")
    let second = try folder.makeRun("lite-0102-1000")
    let third = try folder.makeRun("lite")
    let lookup = RunLookup(runsFolder: folder.path, liveRuns: [])
    #expect(try lookup.find("lite-0101") == first)
    #expect(try lookup.find(second.path) == second)
    #expect(try lookup.find("lite") == third)
    #expect(throws: RunError.ambiguous(name: "lite-", matches: [first.name, second.name])) {
      try lookup.find("lite-")
    }
    for word in ["nope", "", "/", folder.path, "..", "a/b"] {
      #expect(throws: RunError.self, "\(word)") { try lookup.find(word) }
    }
  }

  @Test("without RUN the only live run is meant, else the newest")
  func lookupWithoutName() throws {
    let folder = TemporaryFolder()
    #expect(throws: RunError.noRuns(folder: folder.path)) {
      try RunLookup(runsFolder: folder.path, liveRuns: []).find(nil)
    }
    let first = try folder.makeRun("b")
    let second = try folder.makeRun("a")
    var times = [timespec(tv_sec: 1000, tv_nsec: 0), timespec(tv_sec: 1000, tv_nsec: 0)]
    utimensat(AT_FDCWD, second.recipePath, &times, 0)
    #expect(try RunLookup(runsFolder: folder.path, liveRuns: []).find(nil) == first)
    #expect(try RunLookup(runsFolder: folder.path, liveRuns: [second]).find(nil) == second)
    #expect(throws: RunError.self) {
      try RunLookup(runsFolder: folder.path, liveRuns: [first, second]).find(nil)
    }
  }

  @Test("a run in one line: state, epochs and the best metric")
  func summary() throws {
    let folder = TemporaryFolder()
    let run = try folder.makeRun()
    #expect(RunSummary(run).standing == .empty)
    let log = try EventLog(run.eventsPath)
    for event in EventTests.events.dropLast() { log.append(event) }
    let summary = RunSummary(run)
    #expect(summary.standing == .stopped)
    #expect(summary.model == "lite" && summary.epochs == (3, 50))
    #expect(summary.best?.name == "AP" && summary.best?.value == 0.5)
    log.append(.resumed(step: 3))
    #expect(RunSummary(run).standing == .interrupted)
    log.append(.failed(EventTests.reason))
    #expect(RunSummary(run).standing == .failed)
  }
}

@Suite("The registry of live runs")
struct RunRegistryTests {
  @Test("it is made private, and found again")
  func make() throws {
    let folder = TemporaryFolder()
    let registry = try RunRegistry.open(temporary: folder.path)
    var status = stat()
    #expect(lstat(registry.path, &status) == 0)
    #expect(status.st_mode & 0o7777 == 0o700)
    #expect(try RunRegistry.open(temporary: folder.path).path == registry.path)
  }

  @Test("a planted link, file, foreign or open folder is refused")
  func planted() throws {
    let name = "posetop-\(getuid())"
    let plants: [(TemporaryFolder) -> Void] = [
      { symlink("/tmp", $0.path(name)) },
      { symlink("/nonexistent", $0.path(name)) },
      { close(creat($0.path(name), 0o700)) },
      { mkfifo($0.path(name), 0o700) },
      {
        mkdir($0.path(name), 0o700)
        chmod($0.path(name), 0o777)
      },
    ]
    for plant in plants {
      let folder = TemporaryFolder()
      plant(folder)
      #expect(throws: RunError.self) { try RunRegistry.open(temporary: folder.path) }
    }
    if getuid() == 0 {
      let folder = TemporaryFolder()
      mkdir(folder.path(name), 0o700)
      chown(folder.path(name), 65534, 65534)
      #expect(throws: RunError.self) { try RunRegistry.open(temporary: folder.path) }
    }
  }

  @Test("a temporary directory that is too long for sockets, or missing, is not used")
  func longPath() throws {
    let folder = TemporaryFolder()
    let long = folder.path(String(repeating: "x", count: 120))
    mkdir(long, 0o700)
    for path in [long, folder.path("missing")] {
      let registry = try RunRegistry.open(temporary: path)
      let run = try folder.makeRun("run-\(path.utf8.count)")
      #expect(registry.socketPath(of: run).hasPrefix("/tmp/posetop-\(getuid())/"))
      #expect(registry.socketPath(of: run).utf8.count < 108)
    }
  }

  @Test("a run is listed while it is held; a dead keeper's entry is swept away")
  func liveRuns() throws {
    let folder = TemporaryFolder()
    let registry = try RunRegistry.open(temporary: folder.path)
    let run = try folder.makeRun()
    try registry.register(run)
    do {
      let lock = try RunLock.take(run, socket: registry.socketPath(of: run), patience: 0)
      #expect(lock.descriptor > 0)
      #expect(registry.liveRuns() == [run])
    }
    #expect(registry.liveRuns().isEmpty)
    // This process lives, so its entry stays; that of a number nobody has goes.
    #expect(registry.isRegistered(run))
    let entry = try #require(
      Path.names(in: registry.path)?.first { $0.hasSuffix(".run") })
    let text = "{\"run\": \"\(run.path)\", \"pid\": 4194305}"
    try DurableFile.commit(Path.join(registry.path, entry), bytes: Array(text.utf8))
    #expect(registry.liveRuns().isEmpty)
    #expect(!registry.isRegistered(run))
  }

  @Test("rubbish in the registry is no run and no trap")
  func rubbish() throws {
    let folder = TemporaryFolder()
    let registry = try RunRegistry.open(temporary: folder.path)
    for (index, text) in ["", "{}", "{\"run\": 7}", "\u{0}", "[[["].enumerated() {
      try DurableFile.commit(
        Path.join(registry.path, "\(index).run"), bytes: Array(text.utf8))
    }
    mkfifo(Path.join(registry.path, "f.run"), 0o600)
    #expect(registry.liveRuns().isEmpty)
  }
}
