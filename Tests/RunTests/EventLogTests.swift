import Glibc
import RunFiles
import Support
import TestSupport
import Testing
import TrainingAPI

@Suite("The event log")
struct EventLogTests {
  private func filled(_ folder: TemporaryFolder, _ count: Int) throws -> String {
    let path = folder.path("events.ndjson")
    let log = try EventLog(path)
    for number in 1...count { #expect(log.append(step(number)) == number) }
    #expect(log.sync())
    return path
  }

  @Test("events are numbered from 1 and come back in order, also across openings")
  func numbers() throws {
    let folder = TemporaryFolder()
    let path = try filled(folder, 5)
    let log = try EventLog(path)
    #expect(log.lastNumber == 5)
    #expect(log.append(.state(.paused)) == 6)
    let events = EventLogReader(path).read()
    #expect(events.map(\.number) == Array(1...6))
    #expect(events.last?.event == .state(.paused))
  }

  @Test("a last line that was torn at any byte is cut off, and the next event follows")
  func tornTail() throws {
    let folder = TemporaryFolder()
    let whole = try FileReading.bytes(of: try filled(folder, 4), limit: 1 << 20)
    let lastLine = (whole.dropLast().lastIndex(of: 0x0A) ?? 0) + 1
    for end in lastLine..<whole.count {
      let path = folder.path("torn.ndjson")
      try DurableFile.commit(path, bytes: Array(whole[..<end]))
      let reader = EventLogReader(path)
      #expect(reader.read().map(\.number) == [1, 2, 3])
      let log = try EventLog(path)
      #expect(log.lastNumber == 3)
      log.append(.state(.running))
      #expect(reader.read().map(\.number) == [4])
      #expect(EventLogReader(path).read().count == 4)
    }
  }

  @Test("zeros and rubbish behind the last event, as a loss of power leaves them, are cut off")
  func rubbishTail() throws {
    let folder = TemporaryFolder()
    let whole = try FileReading.bytes(of: try filled(folder, 3), limit: 1 << 20)
    let tails: [[UInt8]] = [
      [UInt8](repeating: 0, count: 5000), Array("{\"time\":1}\n\n{}\n".utf8), [0x0A], [0xFF, 0x0A],
    ]
    for tail in tails {
      let path = folder.path("rubbish.ndjson")
      try DurableFile.commit(path, bytes: whole + tail)
      #expect(try EventLog(path).lastNumber == 3)
      #expect(try FileReading.bytes(of: path, limit: 1 << 20) == whole)
    }
  }

  @Test("a reader follows a growing log and sees each event once")
  func following() throws {
    let folder = TemporaryFolder()
    let path = folder.path("events.ndjson")
    let reader = EventLogReader(path)
    #expect(reader.read().isEmpty)
    let log = try EventLog(path)
    var seen: [Int] = []
    for number in 1...500 {
      log.append(step(number))
      if number % 7 == 0 { seen += reader.read(maximum: 1 << 10).map(\.number) }
    }
    var more = reader.read(maximum: 1 << 10)
    while !more.isEmpty {
      seen += more.map(\.number)
      more = reader.read(maximum: 1 << 10)
    }
    #expect(seen == Array(1...500))
    #expect(reader.offset == log.byteCount)
  }

  @Test("an endless line costs itself and no memory without bound")
  func endlessLine() throws {
    let folder = TemporaryFolder()
    var bytes = try FileReading.bytes(of: try filled(folder, 2), limit: 1 << 20)
    let rest = bytes
    bytes += [UInt8](repeating: 0x78, count: 5 << 20) + [0x0A] + rest
    try DurableFile.commit(folder.path("long.ndjson"), bytes: bytes)
    let reader = EventLogReader(folder.path("long.ndjson"))
    var events: [LoggedEvent] = []
    for _ in 0..<20 { events += reader.read() }
    #expect(events.map(\.number) == [1, 2, 1, 2])
    #expect(reader.skippedLines > 0)
  }

  @Test("steps can be left out of a reading")
  func withoutSteps() throws {
    let folder = TemporaryFolder()
    let path = try filled(folder, 100)
    let log = try EventLog(path)
    log.append(.state(.saving))
    #expect(EventLogReader(path).read(keepsSteps: false).map(\.number) == [101])
  }

  @Test("a folder, a link or a device is no log")
  func notAFile() throws {
    let folder = TemporaryFolder()
    symlink("/etc/passwd", folder.path("link"))
    for path in [folder.path, folder.path("link"), "/dev/null"] {
      #expect(throws: RunError.self) { _ = try EventLog(path) }
    }
  }

  @Test("a foreign file is refused and not touched")
  func foreignFile() throws {
    let folder = TemporaryFolder()
    let bytes = [UInt8](repeating: 0x61, count: 3 << 20)
    try DurableFile.commit(folder.path("big"), bytes: bytes)
    #expect(throws: RunError.brokenLog(path: folder.path("big"))) {
      _ = try EventLog(folder.path("big"))
    }
    #expect(try FileReading.bytes(of: folder.path("big"), limit: 4 << 20) == bytes)
  }

  @Test("a log is cut back to any event, and what was cut off is kept beside it")
  func cut() throws {
    let folder = TemporaryFolder()
    for count in [0, 1, 37, 99, 100, 120] {
      let path = folder.path("cut-\(count).ndjson")
      let log = try EventLog(path)
      for number in 1...100 { log.append(step(number)) }
      let rest = folder.path("rest-\(count).ndjson")
      let events = try log.cut(to: count, keepingRestIn: rest)
      let kept = min(count, 100)
      #expect(events.map(\.number) == Array((kept + 1)..<101))
      #expect(log.lastNumber == count)
      #expect(EventLogReader(path).read().map(\.number) == Array(1..<(kept + 1)))
      #expect(EventLogReader(rest).read().map(\.number) == Array((kept + 1)..<101))
      #expect(log.append(step(1)) == count + 1)
      #expect(try EventLog(path).lastNumber == count + 1)
    }
  }

  @Test("where what is cut off cannot be kept the log is cut all the same, and it is said")
  func cutWithoutRoom() throws {
    let folder = TemporaryFolder()
    let log = try EventLog(try filled(folder, 10))
    var losses = 0
    let events = try log.cut(to: 4, keepingRestIn: folder.path) { _ in losses += 1 }
    #expect(events.count == 6 && losses == 1 && log.lastNumber == 4)
    #expect(log.append(step(5)) == 5)
  }

  @Test("a long log is cut in the middle")
  func longCut() throws {
    let folder = TemporaryFolder()
    let path = try filled(folder, 60_000)
    let log = try EventLog(path)
    let events = try log.cut(to: 20_000, keepingRestIn: folder.path("rest.ndjson"))
    #expect(events.count == 40_000 && events.first?.number == 20_001)
    #expect(try EventLog(path).lastNumber == 20_000)
  }
}
