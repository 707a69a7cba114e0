import Glibc
import RunFiles
import Support
import TestSupport
import Testing
import TrainingAPI

/// Trainings whose processes are killed at random.
@Suite("Trainings that are killed", .serialized, .enabled(if: programsFolder != nil, skipReason))
struct KillTests {
  private static let kills = isLongTest ? 200 : 25

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
    try #require(whole.wait() == 0, "\(whole.errors)")
    let expected = try weights(RunFolder(place.file("runs/whole")))

    let random = CounterRandom(seed: 20_26, name: "kills")
    let run = RunFolder(place.file("runs/killed"))
    var call = try Invocation(place, ["train", "people", "--run", "runs/killed"] + settings)
    var kills = 0
    // Between two kills one engine begins, and cuts the log once.
    var (most, cutOff) = (0, 0)
    func countRedone() {
      most = max(most, stepsCutOff(run) - cutOff)
      cutOff = stepsCutOff(run)
    }
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
      countRedone()
      for process in processes where kill(process, SIGKILL) == 0 { kills += 1 }
      if place.wait(seconds: 2, until: { !RunLock.isHeld(run) }) {
        call.wait()
        if RunSummary(run).standing == .completed {
          // It was faster than the kills: another one, from the beginning.
          #expect(try weights(run) == expected)
          cutOff = 0
          #expect(system("rm -rf \(run.path)") == 0)
          call = try Invocation(place, ["train", "people", "--run", "runs/killed"] + settings)
        } else {
          call = try Invocation(place, ["resume", "runs/killed"])
        }
      }
    }
    while RunSummary(run).standing != .completed || RunLock.isHeld(run) {
      try #require(call.wait() != nil)
      if RunSummary(run).standing == .completed { break }
      call = try Invocation(place, ["resume", "runs/killed"])
    }
    #expect(try weights(run) == expected, "after \(kills) kills")
    countRedone()
    let seen = place.events(run).flatMap { logged -> [Int] in
      guard case .step(let report) = logged.event else { return [] }
      return Array((report.step - report.count + 1)...report.step)
    }
    #expect(seen == Array(1...50), "each step stands in the log once")
    #expect(most <= 3, "\(most) steps were done again after one death")
    print("\(kills) kills; after each at most \(most) steps were done again")
  }

  @Test(
    "kill -9 at a call that changes the disk, by whichever process makes it, costs no step and no bit"
  )
  func killsAtCalls() throws {
    guard access("/usr/bin/strace", X_OK) == 0, Environment.value("POSETOP_SANITIZER") == nil else {
      print("skipped: strace is not here, which kills at a call")
      return
    }
    let place = try Workplace()
    #expect(try place.call("figures", "people", "-n", "50", "--seed", "3").code == 0)
    let whole = try Invocation(place, ["train", "people", "--run", "runs/whole"] + settings)
    try #require(whole.wait() == 0, "\(whole.errors)")
    let expected = try weights(RunFolder(place.file("runs/whole")))
    let program = Path.join(try #require(programsFolder), "posetop")
    let run = RunFolder(place.file("runs/r"))
    let points =
      isLongTest
      ? ["rename", "fsync", "unlink", "ftruncate", "pwrite64", "mkdir"].flatMap { call in
        (1...10).map { (call, $0) }
      } : [("rename", 3), ("fsync", 7), ("unlink", 2), ("pwrite64", 20)]
    for (call, number) in points {
      removeTree(run.path)
      let words = (["train", "people", "--run", run.path] + settings).joined(separator: " ")
      system(
        "cd \(place.path) && TMPDIR=\(place.path) POSETOP_RUNS=\(place.runs) timeout 60 strace -f -qq "
          + "-o /dev/null -e trace=\(call) -e inject=\(call):signal=SIGKILL:when=\(number) "
          + "\(program) \(words) >out 2>err </dev/null")
      #expect(place.wait { !RunLock.isHeld(run) }, "\(call) \(number)")
      if RunSummary(run).standing != .completed, run.isRun {
        let again = try Invocation(place, ["resume", "runs/r"])
        #expect(again.wait() == 0, "\(call) \(number): \(again.errors)")
      }
      // Where even the recipe was not there yet, there is nothing to lose.
      if run.isRun { #expect(try weights(run) == expected, "\(call) \(number)") }
    }
  }

  /// Steps in all parts of the log that were cut off so far.
  private func stepsCutOff(_ run: RunFolder) -> Int {
    let reader = EventLogReader(run.cutEventsPath)
    return reader.read(maximum: 1 << 26).reduce(0) { sum, logged in
      if case .step(let report) = logged.event { sum + report.count } else { sum }
    }
  }
}
