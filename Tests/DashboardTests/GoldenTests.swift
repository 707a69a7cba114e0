import TerminalUI
import TestSupport
import Testing
import TrainingAPI
import Wording

@testable import Dashboard

@Suite("Screens")
struct GoldenTests {
  static let looks: [(name: String, glyphs: GlyphSet)] = [("utf8", .unicode), ("ascii", .ascii)]
  static let depths: [ColorDepth] = [.mono, .colors16, .colors256]
  static let sizes = [(40, 12), (80, 24), (100, 30), (200, 60)]

  /// The text as it stands with 256 colours (UTF-8) or none (ASCII); at the other depths, and for
  /// the styles of all, a digest.
  private func expect(
    _ name: String, _ width: Int, _ height: Int,
    _ prepare: (inout DashboardState) -> Void = { _ in
    }
  ) throws {
    for (suffix, glyphs) in Self.looks {
      var state = Fixtures.state(width: width, height: height)
      prepare(&state)
      let surfaces = Self.depths.map { depth in
        let capabilities = Capabilities(glyphs: glyphs, depth: depth)
        return state.render(Look(theme: .standard, capabilities: capabilities))
      }
      let digests = zip(Self.depths, surfaces).map { depth, surface in
        "\(depth) \(Golden.digest(surface))"
      }
      try Golden.expect(
        glyphs == .ascii ? surfaces[0] : surfaces[2], digests,
        "\(name)-\(width)x\(height)-\(suffix)")
    }
  }

  @Test("Every screen looks as recorded", arguments: ScreenID.allCases, sizes)
  func screens(_ screen: ScreenID, _ size: (Int, Int)) throws {
    try expect(screen.word, size.0, size.1) { Fixtures.fill(&$0, screen) }
  }

  @Test(
    "On a GPU the memory is the GPU's, with what others hold of it",
    arguments: [ScreenID.train, .system], [(80, 24), (100, 30), (200, 60)])
  func graphics(_ screen: ScreenID, _ size: (Int, Int)) throws {
    for (suffix, glyphs) in Self.looks {
      let capabilities = Capabilities(
        glyphs: glyphs, depth: glyphs == .ascii ? .mono : .colors256)
      let surface = Fixtures.stateOnGPU(width: size.0, height: size.1, screen)
        .render(Look(theme: .standard, capabilities: capabilities))
      try Golden.expect(
        surface, [Golden.digest(surface)],
        "\(screen.word)-gpu-\(size.0)x\(size.1)-\(suffix)")
    }
  }

  @Test("The run's own GPU is looked at, wherever its memory is shown")
  func look() {
    func looks(_ state: inout DashboardState) -> [String?] {
      state.update(.tick(now: 1_760_000_400)).compactMap { effect -> String?? in
        if case .lookAtHost(let gpu) = effect { gpu } else { nil }
      }
    }
    var state = Fixtures.stateOnGPU(width: 80, height: 24, .train)
    #expect(looks(&state) == ["0000:65:00.0"])
    var other = Fixtures.state()
    #expect(looks(&other).isEmpty)
    // Of a run that is over nothing lies there any more.
    _ = state.update(
      .events([LoggedEvent(number: 9_999, time: 0, event: .failed(Sentence(RunSentence.runIsOver)))]
      ))
    let text = state.render(Fixtures.unicode).rows.joined()
    #expect(text.contains("? of 80G") && !text.contains("others"))
  }

  @Test("The first frame with one pane enlarged", arguments: [(80, 24)])
  func zoomed(_ width: Int, _ height: Int) throws {
    try expect("zoomed", width, height) {
      _ = $0.update(.key(.tab))
      _ = $0.update(.key(.tab))
      _ = $0.update(.key(.character("z")))
    }
  }

  @Test("Curves with a cursor, another run and a window", arguments: [(100, 30)])
  func curves(_ width: Int, _ height: Int) throws {
    try expect("curves", width, height) {
      Fixtures.fill(&$0, .runs)
      $0.runs.list.select(1, of: 3)
      _ = $0.update(.key(.enter))
      let other = ScriptedRun(epochs: 10, stepsPerEpoch: 80).events(ended: true)
      _ = $0.update(.overlay(path: "/runs/lite-0313-1801", events: other))
      _ = $0.update(.key(.character("1")))
      for key in "cy+hhh" { _ = $0.update(.key(.character(key.unicodeScalars.first ?? " "))) }
    }
  }

  @Test("The command line with what it may be completed to")
  func prompt() throws {
    try expect("prompt", 80, 24) {
      for key in ":set s" { _ = $0.update(.key(.character(key.unicodeScalars.first ?? " "))) }
      _ = $0.update(.key(.tab))
      _ = $0.update(.key(.tab))
    }
  }

  @Test("The help looks as recorded", arguments: [(40, 12), (80, 24), (200, 60)])
  func help(_ width: Int, _ height: Int) throws {
    try expect("help", width, height) { $0.overlay = .help(scroll: 0) }
  }

  @Test("The learning-rate editor looks as recorded", arguments: [(40, 12), (80, 24)])
  func editor(_ width: Int, _ height: Int) throws {
    try expect("editor", width, height) {
      _ = $0.update(.key(.character("e")))
      _ = $0.update(.key(.character("-")))
    }
  }

  @Test("The quit menu looks as recorded")
  func quit() throws { try expect("quit", 80, 24) { $0.overlay = .quit } }

  @Test("A run that has ended keeps its last picture")
  func ended() throws {
    let state = Fixtures.state(through: nil, ended: true)
    try Golden.expect(state.render(Fixtures.unicode), [], "ended-80x24-utf8")
  }

  @Test("Before the first event the screen says what is happening")
  func planning() throws {
    var state = DashboardState(runName: "lite-0314-0912")
    _ = state.update(.resize(width: 80, height: 24))
    try Golden.expect(state.render(Fixtures.unicode), [], "planning-80x24-utf8")
  }

  @Test("While a large annotation file is read, a bar shows how far")
  func opening() throws {
    var state = DashboardState(runName: "lite-0314-0912")
    _ = state.update(.resize(width: 80, height: 24))
    let event = LoggedEvent(number: 0, time: 0, event: .opening(done: 96, total: 240))
    _ = state.update(.events([event]))
    let rows = state.render(Fixtures.unicode).rows
    #expect(rows[1].hasPrefix(" Reading the annotations: 96 of 240 MB ▕██████████████"))
    _ = state.update(.events(Fixtures.run.events(through: 10, ended: false)))
    #expect(!state.render(Fixtures.unicode).rows.contains { $0.contains("240 MB") })
  }

  @Test("A tiny terminal has one line with everything that matters")
  func tiny() {
    let state = Fixtures.state(width: 39, height: 1)
    #expect(state.render(Fixtures.unicode).rows == ["ep 8/12 loss 4.10e-4 ETA 2m01s         "])
  }
}
