import Glibc
import RunFiles
import Support
import TestSupport
import Testing
import TrainingAPI

/// Signals in every phase of a real training.
@Suite(
  "Signals to a training", .serialized, .enabled(if: programsFolder != nil, skipReason))
struct SignalTests {
  /// The phases, each with the events that say that it has begun.
  enum Phase: String, CaseIterable {
    case start, training, saving, evaluating, paused

    func hasBegun(_ events: [LoggedEvent]) -> Bool {
      switch self {
      case .start: true
      case .training: events.contains { $0.event.name == "step" }
      case .saving: events.contains { $0.event == .state(.saving) }
      case .evaluating: events.contains { $0.event == .state(.evaluating) }
      case .paused: events.contains { $0.event == .state(.paused) }
      }
    }
  }

  private let settings = [
    "--input", "32x32", "--batch", "8", "--epochs", "6", "--threads", "1", "--loaders", "1",
    "--checkpoint-every", "2", "--augment", "standard",
  ]

  private func weights(_ run: RunFolder) throws -> [[UInt8]] {
    try [run.lastPath, run.bestPath].map { try FileReading.bytes(of: $0, limit: 1 << 26) }
  }

  private func makePeople(_ place: Workplace) throws {
    #expect(try place.call("figures", "people", "-n", "60", "--seed", "3").code == 0)
  }

  private func whole(_ place: Workplace) throws -> [[UInt8]] {
    let call = try Invocation(place, ["train", "people", "--run", "runs/whole"] + settings)
    try #require(call.wait() == 0, "\(call.errors)")
    return try weights(RunFolder(place.file("runs/whole")))
  }

  private func process(_ place: Workplace, _ run: RunFolder, _ name: String) -> pid_t? {
    place.processes(of: run, named: String(name.prefix(15))).first
  }

  @Test("a storm of those that mean nothing to it changes neither its steps nor its weights")
  func ignored() throws {
    let place = try Workplace()
    try makePeople(place)
    let expected = try whole(place)
    let run = RunFolder(place.file("runs/r"))
    let table: [(name: String, signals: [Int32])] = [
      ("posetop-engine", [SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGWINCH, SIGXFSZ, SIGTSTP, SIGURG]),
      ("posetop-keeper", [SIGHUP, SIGQUIT, SIGPIPE, SIGWINCH, SIGXFSZ, SIGTSTP, SIGURG]),
    ]
    let call = try Invocation(place, ["train", "people", "--run", "runs/r"] + settings)
    // The phases follow one another in the training itself; two of them are asked for.
    var sent = 0
    let storm = Clock.monotonic()
    var asked = false
    var isPaused = false
    while call.code == nil, Clock.monotonic() - storm < 120 {
      // What has no handler yet can be ended by anything; from then on by nothing in the table.
      if RunLock.isHeld(run) {
        let isPlanned = place.events(run).contains { $0.event.name == "planned" }
        for (name, signals) in table {
          guard let process = process(place, run, name) else { continue }
          for signal in signals where signal != SIGINT || isPlanned {
            if kill(process, signal) == 0 { sent += 1 }
          }
        }
      }
      if !asked, place.hasReached(8, run) {
        asked = true
        #expect(try place.call("tell", "r", "save").code == 0)
        isPaused = try place.call("tell", "r", "pause").code == 0
      } else if isPaused, place.events(run).contains(where: { $0.event == .state(.paused) }) {
        isPaused = false
        #expect(try place.call("tell", "r", "resume").code == 0)
      }
      call.wait(seconds: 0.002)
    }
    #expect(call.code == 0, "\(call.errors)")
    #expect(sent > 500)
    #expect(try weights(run) == expected)
    let events = place.events(run)
    for phase in Phase.allCases { #expect(phase.hasBegun(events), "\(phase)") }
    #expect(!events.contains { $0.event.name == "restarted" })
    expectEachStepOnce(run, place, upTo: 36)
  }

  private func expectEachStepOnce(_ run: RunFolder, _ place: Workplace, upTo last: Int) {
    let seen = place.events(run).flatMap { logged -> [Int] in
      guard case .step(let report) = logged.event else { return [] }
      return Array((report.step - report.count + 1)...report.step)
    }
    #expect(seen == Array(1...last))
  }

  @Test(
    "SIGTERM in any phase, to engine or keeper, once or twice, saves the step it stands at, and the rest follows bit for bit",
    arguments: Phase.allCases)
  func termination(phase: Phase) throws {
    let place = try Workplace()
    try makePeople(place)
    let expected = try whole(place)
    for (name, times) in [("posetop-engine", 1), ("posetop-keeper", 1), ("posetop-keeper", 2)] {
      let way = "\(phase), \(name), \(times)"
      let run = RunFolder(place.file("runs/r"))
      removeTree(run.path)
      let call = try Invocation(place, ["train", "people", "--run", "runs/r"] + settings)
      #expect(place.wait { process(place, run, name) != nil || call.code != nil })
      if phase == .saving || phase == .paused {
        #expect(place.wait { place.hasReached(2, run) })
        #expect(try place.call("tell", "r", phase == .saving ? "save" : "pause").code == 0)
      }
      #expect(place.wait { phase.hasBegun(place.events(run)) }, "\(way)")
      for _ in 0..<times {
        if let process = process(place, run, name) { kill(process, SIGTERM) }
        usleep(3000)
      }
      let code = call.wait()
      #expect(code == 3 || code == 0, "\(way): \(call.errors)")
      #expect(place.wait { !RunLock.isHeld(run) })
      guard case .finished(let report) = place.events(run).last?.event else {
        Issue.record("\(way): no finished event")
        continue
      }
      #expect(
        CheckpointStore(run).newest()?.state["progress"]?["step"]?.int == report.step, "\(way)")
      if report.reason == .stopped {
        let again = try Invocation(place, ["resume", "runs/r"])
        #expect(again.wait() == 0, "\(way): \(again.errors)")
      }
      #expect(try weights(run) == expected, "\(way)")
      expectEachStepOnce(run, place, upTo: 36)
    }
  }
}
