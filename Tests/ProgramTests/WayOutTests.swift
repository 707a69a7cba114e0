import Glibc
import RunFiles
import Support
import Testing
import TrainingAPI

/// The terminal after every way in which a full-screen program can end.
@Suite(
  "The terminal afterwards", .serialized,
  .enabled(if: programsFolder != nil && hasTmux, "POSETOP_BIN or tmux is missing"))
struct WayOutTests {
  /// What a terminal is like before anything was drawn: ordinary screen, cursor shown, no mouse, no
  /// keypad, no insertion, lines wrapped.
  private static let ordinary = "0 1 0 0 0 0 0 0 1"

  private func text(_ place: Workplace, _ name: String) -> String {
    let bytes = try? FileReading.bytes(of: place.file(name), limit: 4096)
    return String(decoding: bytes ?? [], as: UTF8.self)
  }

  private func expectRestored(_ tmux: Tmux, _ place: Workplace, _ way: String) {
    #expect(
      place.wait { Path.isFile(place.file("after")) && !text(place, "after").isEmpty }, "\(way)")
    #expect(text(place, "before") == text(place, "after"), "\(way): the line's settings")
    #expect(place.wait { tmux.modes == Self.ordinary }, "\(way): \(tmux.modes)")
  }

  @Test(
    "return, exit, fault, trap, failed precondition, abort and overflow of the stack",
    arguments: ["return", "exit", "fault", "trap", "precondition", "abort", "overflow"])
  func ownEnd(kind: String) throws {
    let place = try Workplace()
    let helper = Path.join(try #require(programsFolder), "posetop-test-helper")
    for term in ["xterm-256color", "tmux-256color", "xterm"] {
      unlink(place.file("after"))
      let tmux = try Tmux(
        place,
        shell:
          "stty -g >before; TERM=\(term) LANG=C.UTF-8 SWIFT_BACKTRACE=enable=no \(helper) crash \(kind); "
          + "echo code $?; stty -g >after; sleep 60")
      #expect(tmux.shows("code "), "\(kind) \(tmux.screen)")
      expectRestored(tmux, place, "\(kind) with \(term)")
    }
  }

  /// A viewer of a live run and its process.
  private func viewer(_ place: Workplace) throws -> (Tmux, pid_t) {
    unlink(place.file("after"))
    let tmux = try Tmux(place, "attach r")
    #expect(tmux.shows("[1 Train]"))
    #expect(tmux.modes != Self.ordinary, "the full screen shows in the modes")
    let pid = try #require(place.viewers("attach").first)
    return (tmux, pid)
  }

  @Test("signals that end the viewer, or that somebody sends to it")
  func signals() throws {
    let place = try Workplace()
    let (call, run) = try place.train("steps=100000 rate=50")
    #expect(place.wait { place.hasReached(1, run) })
    for signal in [
      SIGTERM, SIGHUP, SIGQUIT, SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE, SIGTRAP,
    ] {
      let (tmux, pid) = try viewer(place)
      kill(pid, signal)
      #expect(tmux.shows("code "), "signal \(signal): \(tmux.screen)")
      expectRestored(tmux, place, "signal \(signal)")
    }
    // What nobody can catch leaves the screen as it was; one command helps, as README says.
    let (tmux, pid) = try viewer(place)
    kill(pid, SIGKILL)
    #expect(place.wait { Path.isFile(place.file("after")) })
    try tmux.keys("C-c")
    #expect(RunLock.isHeld(run), "none of it reached the training")
    #expect(try place.call("tell", "r", "stop").code == 0)
    call.wait()
  }

  @Test("after kill -9 of the viewer the documented line gives the terminal back")
  func killed() throws {
    let place = try Workplace()
    let (call, run) = try place.train("steps=100000 rate=50")
    #expect(place.wait { place.hasReached(1, run) })
    let program = Path.join(try #require(programsFolder), "posetop")
    let tmux = try Tmux(
      place,
      shell: "stty -g >before; TMPDIR=\(place.path) POSETOP_RUNS=\(place.runs) LANG=C.UTF-8 "
        + "\(program) attach r; reset; tput rmcup; stty -a >after; sleep 60")
    #expect(tmux.shows("[1 Train]"), "\(tmux.screen)")
    for viewer in place.viewers("attach") { kill(viewer, SIGKILL) }
    #expect(place.wait { text(place, "after").contains(" icanon") })
    #expect(text(place, "after").contains(" echo "), "lines are edited and echoed again")
    #expect(place.wait { tmux.modes == Self.ordinary }, "\(tmux.modes)")
    #expect(try place.call("tell", "r", "stop").code == 0)
    call.wait()
  }

  @Test("suspended and resumed 20 times, the shell and the dashboard take turns")
  func suspension() throws {
    let place = try Workplace()
    let (call, run) = try place.train("steps=100000 rate=50")
    #expect(place.wait { place.hasReached(1, run) })
    let program = Path.join(try #require(programsFolder), "posetop")
    let tmux = try Tmux(
      place, shell: "TMPDIR=\(place.path) POSETOP_RUNS=\(place.runs) LANG=C.UTF-8 PS1=ready: sh -i")
    #expect(tmux.shows("ready:"))
    try tmux.keys(
      "stty Space -g Space \\> before", "Enter", "\(program) Space attach Space r", "Enter")
    for round in 0..<20 {
      #expect(tmux.shows("[1 Train]"), "round \(round): \(tmux.screen)")
      try tmux.keys("C-z")
      #expect(
        place.wait { tmux.modes == Self.ordinary }, "round \(round): \(tmux.modes)")
      try tmux.keys("fg", "Enter")
      #expect(place.wait { tmux.modes != Self.ordinary }, "round \(round)")
    }
    #expect(tmux.shows("[1 Train]"))
    try tmux.keys("q", "d")
    #expect(place.wait { tmux.modes == Self.ordinary })
    try tmux.keys("stty Space -g Space \\> after", "Enter")
    #expect(place.wait { !text(place, "after").isEmpty })
    #expect(text(place, "before") == text(place, "after"))
    #expect(try place.call("tell", "r", "stop").code == 0)
    call.wait()
  }
}
