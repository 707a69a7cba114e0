import CPosix
import Glibc
import RunFiles
import Support
import TestSupport
import Testing
import TrainingAPI

/// Viewers that come and go in every way, and who may come.
@Suite(
  "Coming and going", .serialized,
  .enabled(if: programsFolder != nil && hasTmux, "POSETOP_BIN or tmux is missing"))
struct AttachTests {
  private static let cycles = isLongTest ? 100 : 15

  private func descriptors(_ process: pid_t) -> Int {
    Path.names(in: "/proc/\(process)/fd")?.count ?? 0
  }

  @Test("viewers that detach, are killed, or lose their terminal leave the training as it is")
  func cycles() throws {
    let place = try Workplace()
    let (call, run) = try place.train("steps=1000000 rate=100")
    #expect(place.wait { place.hasReached(1, run) })
    let keeper = try #require(place.processes(of: run, named: "posetop-keeper").first)
    let before = place.processes(of: run).sorted()
    let open = descriptors(keeper)
    let random = CounterRandom(seed: 7, name: "viewers")
    for cycle in 0..<Self.cycles {
      let way = cycle < 5 ? cycle : Int(random.bits(cycle) % 5)
      let pause = UInt32(random.bits(cycle + 10_000) % 200_000)
      if way == 0 {
        let viewer = try Invocation(place, ["attach", "r", "--headless"])
        usleep(pause)
        kill(viewer.process, SIGKILL)
        viewer.wait()
        continue
      }
      let terminal = try Pseudoterminal(place, ["attach", "r"])
      if way != 4 { #expect(terminal.shows("Train"), "cycle \(cycle)") }
      usleep(pause)
      switch way {
      case 1: terminal.type("qd")
      case 2: kill(terminal.process, SIGKILL)
      default: terminal.hangUp()
      }
      // Nothing waits for a terminal that is gone.
      let start = Clock.monotonic()
      terminal.wait()
      #expect(terminal.hasEnded, "cycle \(cycle), way \(way)")
      if Clock.monotonic() - start > 1 {
        print("cycle \(cycle), way \(way): \(Clock.monotonic() - start) s")
      }
    }
    #expect(place.processes(of: run).sorted().filter { before.contains($0) } == before)
    #expect(place.wait { descriptors(keeper) == open }, "\(descriptors(keeper)), not \(open)")
    #expect(try place.call("tell", "r", "stop").code == 0)
    call.wait()
    let steps = place.events(run).compactMap { event -> (Int, Double)? in
      if case .step(let report) = event.event { (report.step, event.time) } else { nil }
    }
    #expect(steps.map(\.0) == Array(1...steps.count))
    let gap = zip(steps, steps.dropFirst()).map { $1.1 - $0.1 }.max() ?? 0
    print("\(Self.cycles) viewers came and went; the longest gap between two steps was \(gap) s")
  }

  /// A copy of the helper that any user may run.
  private func helper(_ place: Workplace) throws -> String {
    let own = Path.join(try #require(programsFolder), "posetop-test-helper")
    let copy = place.file("helper")
    try #require(system("cp \(own) \(copy) && chmod 755 \(copy)") == 0)
    return copy
  }

  @Test("another user is refused by the modes, and where they are loosened by the kernel's word")
  func otherUser() throws {
    guard getuid() == 0, access("/usr/bin/setpriv", X_OK) == 0 else {
      print("skipped: only root can be another user")
      return
    }
    let place = try Workplace()
    let (call, run) = try place.train("steps=100000 rate=100")
    #expect(place.wait { place.hasReached(1, run) })
    let socket = try #require(LockHolder(run)).socket
    let helper = try helper(place)
    func knock(_ user: Int) -> String {
      let out = place.file("knock")
      system(
        "env -u TSAN_OPTIONS -u ASAN_OPTIONS setpriv --reuid=\(user) --regid=\(user) --clear-groups \(helper) knock \(socket) "
          + "'{\"command\":\"stop\",\"id\":\"evil\",\"by\":\"evil\"}' >\(out) 2>&1")
      let bytes = try? FileReading.bytes(of: out, limit: 4096)
      return String(decoding: bytes ?? [], as: UTF8.self)
    }
    chmod(place.path, 0o755)
    if knock(65534).isEmpty {
      print("skipped: another user cannot run the programs where they lie")
    } else {
      #expect(knock(65534).hasPrefix("refused: Permission denied"))
      chmod(Path.parent(of: socket), 0o777)
      chmod(socket, 0o777)
      #expect(knock(65534).hasPrefix("closed"), "\(knock(65534))")
      chmod(Path.parent(of: socket), 0o700)
      chmod(socket, 0o600)
      #expect(!place.events(run).contains { $0.event.name == "command" })
      // Root is let in, and the record says who it was.
      #expect(knock(0).hasPrefix("answered"))
    }
    #expect(call.wait() == 3)
  }

  @Test("a keeper that was killed leaves a socket that the next one replaces")
  func staleSocket() throws {
    let place = try Workplace()
    let (call, run) = try place.train("steps=100000 rate=100 save=10")
    #expect(place.wait { place.hasReached(15, run) })
    let socket = try #require(LockHolder(run)).socket
    for process in place.processes(of: run, named: "posetop-keeper") { kill(process, SIGKILL) }
    call.wait()
    #expect(place.wait { !RunLock.isHeld(run) })
    #expect(access(socket, F_OK) == 0, "the socket's file is still there")
    let engine = Path.join(try #require(programsFolder), "posetop-scripted-engine")
    let again = try Invocation(
      place, ["resume", "r", "--engine", engine], script: "steps=100000 rate=100 save=10")
    #expect(place.wait { place.events(run).contains { $0.event.name == "resumed" } })
    #expect(try place.call("tell", "r", "stop").code == 0)
    #expect(again.wait() == 3)
  }
}
