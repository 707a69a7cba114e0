import CPosix
import Glibc
import RunFiles
import Support
import Testing
import TrainingAPI

@Suite(
  .serialized, .enabled(if: programsFolder != nil && hasTmux, "POSETOP_BIN or tmux is missing"))
struct TerminalTests {
  @Test func `a person trains, looks, changes the rate, detaches, attaches and stops`() throws {
    let place = try Workplace()
    let figures = try place.call("figures", "people", "-n", "80", "--seed", "5")
    #expect(figures.code == 0, "\(figures.errors)")
    let run = RunFolder(place.file("runs/r"))
    do {
      let tmux = try Tmux(
        place, columns: 80, rows: 24,
        "train people --run runs/r --epochs 400 --batch 8 --threads 1 --loaders 1")
      #expect(tmux.shows("[1 Train]"))
      #expect(tmux.shows("worst keypoints"))
      #expect(place.wait { place.hasReached(9, run) })
      try tmux.keys("e", "5", "e", "-", "4", "Enter")
      let isApplied = place.wait {
        place.events(run).contains { logged in
          guard case .command(let record) = logged.event, case .applied = record.status else {
            return false
          }
          return record.command == "lr 0.0005" && record.change?.to == 0.0005
        }
      }
      #expect(isApplied, "\(tmux.screen)")
      try tmux.keys("2")
      #expect(tmux.shows("ground truth"), "\(tmux.screen)")
      try tmux.keys("i")
      #expect(tmux.shows("l_wrist"))
      try tmux.resize(40, 12)
      try tmux.resize(1, 1)
      try tmux.resize(200, 60)
      try tmux.keys("?")
      #expect(tmux.shows("Ctrl-C"), "\(tmux.screen)")
      try tmux.keys("Escape", "C-c")
      #expect(tmux.shows("etach"), "\(tmux.screen)")
      try tmux.keys("d")
      #expect(tmux.shows("code 0"), "\(tmux.screen)")
      // The shell makes the file before stty writes into it.
      #expect(
        place.wait {
          (try? FileReading.bytes(of: place.file("after"), limit: 4096).isEmpty) == false
        })
      let modes = ["before", "after"].map {
        try? FileReading.bytes(of: place.file($0), limit: 4096)
      }
      #expect(modes[0] == modes[1], "the terminal's modes are as they were")
    }
    #expect(RunLock.isHeld(run), "the training goes on without a viewer")
    let again = try Tmux(place, columns: 80, rows: 24, "attach r")
    #expect(again.shows("LIVE"))
    try again.keys("q", "s")
    #expect(again.shows("STOPPED"), "\(again.screen)")
    try again.keys("q")
    #expect(again.shows("code 3"), "\(again.screen)")
    #expect(Path.isFile(run.lastPath))
    var expected = 1
    for case .step(let report) in place.events(run).map(\.event) {
      #expect(report.step - report.count + 1 == expected)
      expected = report.step + 1
    }
  }

  @Test func `the launcher finds a data set, plans, starts, and opens runs`() throws {
    let place = try Workplace()
    #expect(try place.call("figures", "people", "-n", "80", "--seed", "5").code == 0)
    do {
      let tmux = try Tmux(place, columns: 120, rows: 40, "")
      #expect(tmux.shows("people"), "\(tmux.screen)")
      // The first is the workplace's own, which is empty.
      try tmux.keys("Down")
      #expect(tmux.shows("80 people in 80 pictures"), "\(tmux.screen)")
      #expect(tmux.shows("parameters"), "\(tmux.screen)")
      #expect(tmux.shows("measured)"), "\(tmux.screen)")
      // Epochs are the seventh setting; batch the sixth.
      try tmux.keys("Tab", "Down", "Down", "Down", "Down", "Down", "8", "Enter", "Down")
      try tmux.keys("4", "0", "0", "Enter")
      #expect(tmux.shows("posetop train people --epochs 400 --batch 8"), "\(tmux.screen)")
      try tmux.keys("Enter")
      #expect(tmux.shows("[1 Train]"), "\(tmux.screen)")
      #expect(tmux.shows("LIVE"), "\(tmux.screen)")
      try tmux.keys("q", "s")
      #expect(tmux.shows("STOPPED"), "\(tmux.screen)")
      try tmux.keys("q")
      #expect(tmux.shows("code 3"), "\(tmux.screen)")
    }
    let again = try Tmux(place, columns: 80, rows: 24, "train --lr 0.003")
    #expect(again.shows("--lr 0.003"), "\(again.screen)")
    #expect(again.shows("lite-"), "\(again.screen)")
    try again.keys("q")
    #expect(again.shows("code 0"), "\(again.screen)")
  }

  @Test(arguments: ["LANG=C.UTF-8", "LANG=C.UTF-8 COLORTERM=truecolor"])
  func `after other sizes and keys the screen is the one that a new viewer shows`(
    _ setting: String
  ) throws {
    let place = try Workplace()
    let (viewer, run) = try place.train("steps=40 epoch=20 rate=200")
    #expect(viewer.wait() == 0)
    let tmux = try Tmux(place, columns: 100, rows: 30, setting: setting, "attach runs/r")
    #expect(tmux.shows("[1 Train]"), "\(run.name) \(tmux.screen)")
    try tmux.keys("2", "3")
    #expect(tmux.shows("[3 Joints]"))
    try tmux.resize(60, 20)
    #expect(tmux.shows("[3"))
    // A storm: somebody drags the window's corner, down to almost nothing.
    for index in 0..<40 {
      try tmux.resize(1 + index * 37 % 190, 1 + index * 23 % 58)
      if index % 8 == 0 { try tmux.keys(String(1 + index % 7)) }
    }
    try tmux.resize(120, 34)
    try tmux.keys("7", "1", "3")
    let fresh = try Tmux(place, columns: 120, rows: 34, setting: setting, "attach runs/r")
    #expect(fresh.shows("[1 Train]"))
    try fresh.keys("3")
    #expect(fresh.shows("[3 Joints]"))
    #expect(place.wait { tmux.screen == fresh.screen }, "\(tmux.screen)\n\(fresh.screen)")
  }

  @Test(arguments: ["TERM=bogus", "TERM=vt100 LC_ALL=C", "NO_COLOR=1"])
  func `odd terminals show the dashboard`(_ setting: String) throws {
    let place = try Workplace()
    let (viewer, run) = try place.train("steps=40 epoch=20 rate=200")
    #expect(viewer.wait() == 0)
    let tmux = try Tmux(place, columns: 80, rows: 24, setting: setting, "attach runs/r")
    #expect(tmux.shows("[1 Train]"), "\(run.name) \(tmux.screen)")
  }
}
