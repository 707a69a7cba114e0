import TerminalUI
import Testing

@testable import Dashboard

@Suite("Screens")
struct GoldenTests {
  static let looks: [(name: String, look: Look)] = [
    ("utf8", Fixtures.unicode), ("ascii", Fixtures.ascii),
  ]
  static let sizes = [(40, 12), (80, 24)]

  private func expect(
    _ name: String, _ width: Int, _ height: Int,
    _ prepare: (inout DashboardState) -> Void = { _ in
    }
  ) throws {
    for (suffix, look) in Self.looks {
      var state = Fixtures.state(width: width, height: height)
      prepare(&state)
      try Golden.expect(state.render(look), "\(name)-\(width)x\(height)-\(suffix)")
    }
  }

  @Test("The training's screen looks as recorded", arguments: sizes)
  func train(_ width: Int, _ height: Int) throws { try expect("train", width, height) }

  @Test("The samples' screen looks as recorded", arguments: sizes)
  func samples(_ width: Int, _ height: Int) throws {
    try expect("samples", width, height) { $0.screen = .samples }
  }

  @Test("The help looks as recorded", arguments: sizes)
  func help(_ width: Int, _ height: Int) throws {
    try expect("help", width, height) { $0.overlay = .help(scroll: 0) }
  }

  @Test("The learning-rate editor looks as recorded", arguments: sizes)
  func editor(_ width: Int, _ height: Int) throws {
    try expect("editor", width, height) {
      _ = $0.update(.key(.character("e")))
      _ = $0.update(.key(.character("-")))
    }
  }

  @Test("The quit menu looks as recorded")
  func quit() throws { try expect("quit", 80, 24) { $0.overlay = .quit } }

  @Test("A large terminal has all panes")
  func large() throws { try expect("train", 160, 48) }

  @Test("A run that has ended keeps its last picture")
  func ended() throws {
    let state = Fixtures.state(through: nil, ended: true)
    try Golden.expect(state.render(Fixtures.unicode), "ended-80x24-utf8")
  }

  @Test("Before the first event the screen says what is happening")
  func planning() throws {
    var state = DashboardState(runName: "lite-0314-0912")
    _ = state.update(.resize(width: 80, height: 24))
    try Golden.expect(state.render(Fixtures.unicode), "planning-80x24-utf8")
  }

  @Test("A tiny terminal has one line with everything that matters")
  func tiny() {
    let state = Fixtures.state(width: 39, height: 1)
    #expect(state.render(Fixtures.unicode).rows == ["ep 8/12 loss 4.10e-4 ETA 2m01s         "])
  }
}
