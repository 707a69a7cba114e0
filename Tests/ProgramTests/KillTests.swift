import Glibc
import RunFiles
import Support
import Testing
import TrainingAPI

/// Trainings whose processes are killed at random.
@Suite("Trainings that are killed", .serialized, .enabled(if: programsFolder != nil, skipReason))
struct KillTests {
  private static let kills = isLong ? 200 : 25
  private static let isLong = Environment.value("POSETOP_LONG_TESTS") != nil

  private let settings = [
    "--input", "32x32", "--batch", "8", "--epochs", "10", "--threads", "1", "--loaders", "1",
    "--checkpoint-every", "2", "--augment", "standard",
  ]

  private func weights(_ run: RunFolder) throws -> [[UInt8]] {
    try [run.lastPath, run.bestPath].map { try FileReading.bytes(of: $0, limit: 1 << 26) }
  }

  @Test("kill -9 of engine, keeper or both at any time leads to the same weights, bit for bit")
  func randomKills() throws {
    let place = try Workplace()
    #expect(try place.call("figures", "people", "-n", "50", "--seed", "3").code == 0)
    let whole = try Invocation(place, ["train", "people", "--run", "runs/whole"] + settings)
    try #require(whole.wait(seconds: 300) == 0, "\(whole.errors)")
    let expected = try weights(RunFolder(place.file("runs/whole")))

    let random = CounterRandom(seed: 20_26, name: "kills")
    let run = RunFolder(place.file("runs/killed"))
    var call = try Invocation(place, ["train", "people", "--run", "runs/killed"] + settings)
    var kills = 0
    var most = 0
    var round = 0
    while kills < Self.kills {
      round += 1
      let stream = random.stream(round)
      // Between the beginning of a life and a good way into it.
      usleep(UInt32(50_000 + stream.uniform(0) * 900_000))
      let which = [["posetop-engine"], ["posetop-keeper"], ["posetop-engine", "posetop-keeper"]][
        Int(stream.uniform(1) * 3)]
      let processes = which.flatMap { name in
        place.processes(of: run, named: String(name.prefix(15)))
      }
      for process in processes where kill(process, SIGKILL) == 0 { kills += 1 }
      if place.wait(seconds: 2, until: { !RunLock.isHeld(run) }) {
        call.wait(seconds: 20)
        if RunSummary(run).standing == .completed {
          // It was faster than the kills: another one, from the beginning.
          #expect(try weights(run) == expected)
          most = max(most, mostRedone(run))
          #expect(system("rm -rf \(run.path)") == 0)
          call = try Invocation(place, ["train", "people", "--run", "runs/killed"] + settings)
        } else {
          call = try Invocation(place, ["resume", "runs/killed"])
        }
      }
    }
    while RunSummary(run).standing != .completed || RunLock.isHeld(run) {
      try #require(call.wait(seconds: 300) != nil)
      if RunSummary(run).standing == .completed { break }
      call = try Invocation(place, ["resume", "runs/killed"])
    }
    #expect(try weights(run) == expected, "after \(kills) kills")
    most = max(most, mostRedone(run))
    let seen = place.events(run).flatMap { logged -> [Int] in
      guard case .step(let report) = logged.event else { return [] }
      return Array((report.step - report.count + 1)...report.step)
    }
    #expect(seen == Array(1...50), "each step stands in the log once")
    #expect(most <= 3, "\(most) steps were done again after one death")
    print("\(kills) kills; after each at most \(most) steps were done again")
  }

  /// The most steps that one death cost: a part of the log that was cut off ends where the numbers of
  /// events or steps do not go on.
  private func mostRedone(_ run: RunFolder) -> Int {
    let reader = EventLogReader(run.cutEventsPath)
    var (most, steps, last, lastStep) = (0, 0, 0, 0)
    for logged in reader.read(maximum: 1 << 26) {
      if logged.number != last + 1 { steps = 0 }
      last = logged.number
      guard case .step(let report) = logged.event else { continue }
      if steps > 0, report.step - report.count != lastStep { steps = 0 }
      steps += report.count
      lastStep = report.step
      most = max(most, steps)
    }
    return most
  }
}
