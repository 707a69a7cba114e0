import Glibc
import RunFiles
import Support
import TestSupport
import Testing
import TrainingAPI
import Wording

/// Trainings whose disk fills up.
@Suite(
  "Trainings on a full disk", .serialized, .enabled(if: programsFolder != nil, skipReason))
struct FullDiskTests {
  private let settings = [
    "--input", "32x32", "--batch", "8", "--epochs", "8", "--threads", "1", "--loaders", "1",
    "--checkpoint-every", "2",
  ]

  private func notices(_ place: Workplace, _ run: RunFolder) -> [String] {
    place.events(run).compactMap {
      if case .notice(let notice) = $0.event { notice.sentence.text() } else { nil }
    }
  }

  @Test("it goes on, says so, waits at its end until there is room, and loses nothing")
  func room() throws {
    let place = try Workplace()
    #expect(try place.call("figures", "people", "-n", "50", "--seed", "3").code == 0)
    let whole = try Invocation(place, ["train", "people", "--run", "whole"] + settings)
    try #require(whole.wait() == 0, "\(whole.errors)")
    let mount = place.file("small")
    mkdir(mount, 0o755)
    guard system("mount -t tmpfs -o size=128M none \(mount) 2>/dev/null") == 0 else {
      print("skipped: no file system can be mounted here (needs root)")
      return
    }
    defer { system("umount -l \(mount)") }
    let run = RunFolder(Path.join(mount, "r"))
    let call = try Invocation(place, ["train", "people", "--run", "small/r"] + settings)
    #expect(place.wait { place.hasReached(5, run) })
    // Everything that is left, to the last block.
    system(
      "dd if=/dev/zero of=\(mount)/ballast bs=64k 2>/dev/null; dd if=/dev/zero of=\(mount)/rest bs=512 2>/dev/null"
    )
    // With the disk full an engine dies, too: the log is cut back and it goes on.
    if let engine = place.processes(of: run, named: "posetop-engine").first {
      kill(engine, SIGKILL)
    }
    #expect(place.wait { call.errors.contains("cannot be written") }, "\(call.errors)")
    #expect(call.wait(seconds: 1) == nil)
    #expect(RunLock.isHeld(run), "it lives: \(call.errors)")
    unlink(Path.join(mount, "rest"))
    unlink(Path.join(mount, "ballast"))
    #expect(call.wait() == 0, "\(call.errors)")
    #expect(
      notices(place, run).contains {
        $0.contains("could not be saved") || $0.contains("the disk does not take it")
      })
    for name in ["last.safetensors", "best.safetensors"] {
      #expect(
        try FileReading.bytes(of: Path.join(run.path, name), limit: 1 << 26)
          == FileReading.bytes(of: place.file("whole/\(name)"), limit: 1 << 26), "\(name)")
    }
    let seen = place.events(run).flatMap { logged -> [Int] in
      guard case .step(let report) = logged.event else { return [] }
      return Array((report.step - report.count + 1)...report.step)
    }
    #expect(seen == Array(1...40))
  }

  @Test("files that may not grow are an error of the call, and a second stop ends the waiting")
  func fileSizeLimit() throws {
    let place = try Workplace()
    #expect(try place.call("figures", "people", "-n", "50", "--seed", "3").code == 0)
    let program = Path.join(try #require(programsFolder), "posetop")
    let words = ([program, "train", "people", "--run", "runs/r", "--headless"] + settings)
      .joined(separator: " ")
    // 4 MiB: the log has room, states and weights have not.
    let code = place.file("code")
    let shell =
      "cd \(place.path); ulimit -f 8192; TMPDIR=\(place.path) POSETOP_RUNS=\(place.runs) \(words) "
      + ">out 2>err; echo $? >\(code)"
    #expect(system("(\(shell)) </dev/null &") == 0)
    let run = RunFolder(place.file("runs/r"))
    #expect(
      place.wait {
        notices(place, run).contains { $0.contains("the disk does not take it") }
      })
    #expect(notices(place, run).contains { $0.contains("could not be saved") })
    #expect(try place.call("tell", "r", "stop").code != 2)
    #expect(place.wait { !RunLock.isHeld(run) })
    #expect(place.events(run).last?.event.name == "finished")
  }
}
