import RunFiles
import TerminalUI
import TestSupport
import Testing
import TrainingAPI
import Wording

@testable import Dashboard

@Suite("The dashboard as a program")
struct ProgramTests {
  private func program(
    _ connection: RecordedConnection, folder: String = "/nowhere/lite-0314"
  ) -> DashboardProgram {
    let program = DashboardProgram(
      connection: connection, runFolder: folder, capabilities: Fixtures.unicode.capabilities)
    program.resize(width: 80, height: 24)
    program.receive()
    return program
  }

  @Test("An old run is shown with its samples; leaving it says how it ended")
  func ended() throws {
    let folder = try Fixtures.folder()
    defer { Fixtures.remove(folder) }
    try Fixtures.previews.write(runFolder: folder)
    let program = program(
      RecordedConnection(Fixtures.run.events(ended: true), isLive: false), folder: folder)
    #expect(program.frame()?.rows[0].contains("DONE") == true)
    #expect(program.frame() == nil)
    program.handle(.character("2"))
    #expect(program.frame()?.rows[1].contains("figures/") == true)
    program.handle(.character("q"))
    guard case .runEnded(let report) = program.exit else {
      Issue.record("not ended")
      return
    }
    #expect(report?.reason == .completed)
  }

  @Test("A run that fails before it was planned leaves the screen at once")
  func failsEarly() {
    let reason = Sentence(key: "x", arguments: ["no data"])
    let event = LoggedEvent(number: 1, time: 1, event: .failed(reason))
    guard case .failed(let sentence) = program(RecordedConnection([event], isLive: false)).exit
    else {
      Issue.record("not failed")
      return
    }
    #expect(sentence == reason)
  }

  @Test("A run that fails later keeps its last picture, and leaving it says why")
  func failsLater() {
    let reason = Sentence(key: "x", arguments: ["out of memory"])
    let connection = RecordedConnection(Fixtures.run.events(through: 50), isLive: false)
    connection.add([LoggedEvent(number: 99, time: 2e9, event: .failed(reason))])
    let program = program(connection)
    #expect(program.exit == nil)
    #expect(program.frame()?.rows[0].contains("FAILED") == true)
    program.handle(.control("c"))
    guard case .failed = program.exit else {
      Issue.record("not failed")
      return
    }
  }

  @Test("Requests carry who asks and an id of their own; their fate is read from the log")
  func requests() {
    let connection = RecordedConnection(Fixtures.run.events(through: 50), isLive: true)
    let program = program(connection)
    program.handle(.character("w"))
    program.handle(.character(" "))
    #expect(connection.requests.map(\.command) == [.save, .pause])
    #expect(Set(connection.requests.map(\.id)).count == 2)
    #expect(connection.requests.allSatisfy { $0.by.hasPrefix("dashboard of ") })
    let record = CommandRecord(
      id: connection.requests[1].id, by: "", command: "pause", status: .applied(step: 51))
    connection.add([LoggedEvent(number: 99, time: 2e9, event: .command(record))])
    program.receive()
    #expect(program.frame()?.rows[22].contains("pause: applied at step 51") == true)
  }

  @Test("A terminal that goes away detaches; the run is asked for nothing")
  func leave() {
    let connection = RecordedConnection(Fixtures.run.events(through: 50), isLive: true)
    let program = program(connection)
    program.leave()
    guard case .detached = program.exit else {
      Issue.record("not detached")
      return
    }
    #expect(connection.requests.isEmpty)
  }

  @Test("A folder whose pictures are broken is said so, and nothing else suffers")
  func brokenPictures() throws {
    let folder = try Fixtures.folder()
    defer { Fixtures.remove(folder) }
    try Fixtures.previews.write(runFolder: folder)
    try ScriptedPreviews.spoil(SamplePreviews.path(runFolder: folder))
    let program = program(
      RecordedConnection(Fixtures.run.events(through: 50), isLive: true), folder: folder)
    program.handle(.character("2"))
    let rows = program.frame()?.rows ?? []
    #expect(rows.contains { $0.contains("readable") })
    program.handle(.character("1"))
    #expect(program.frame()?.rows[0].contains("[1 Train]") == true)
  }
}
