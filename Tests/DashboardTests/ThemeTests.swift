import Support
import TerminalUI
import Testing
import Wording

@testable import Dashboard
@testable import TerminalUI

@Suite("Themes")
struct ThemeTests {
  private func parse(_ text: String) throws(ThemeError) -> ThemeFile.Outcome {
    try ThemeFile.parse(text, path: "x.theme") { _ in nil }
  }

  @Test("The file of the default theme says the same as the one that is compiled in")
  func standard() throws {
    let root = Path.parent(of: Path.parent(of: Path.parent(of: #filePath)))
    let store = ThemeStore(folders: [Path.join(root, "themes")])
    let (theme, notices) = try store.load("default")
    #expect(theme == .standard)
    #expect(notices.isEmpty)
  }

  @Test("A theme survives being written and read")
  func roundTrip() throws {
    let (theme, _) = try parse(ThemeFile.text(of: .standard))
    #expect(theme == .standard)
  }

  @Test("A comment begins at the line's start or after two spaces, so that colours need no quotes")
  func comments() throws {
    let (theme, _) = try parse(
      "# first\ntrain = #010203 ansi=red  # not part of it\n; also\nval = none\n")
    #expect(theme.style(.train, depth: .colors256).foreground == .rgb(1, 2, 3))
    #expect(theme.style(.train, depth: .colors16).foreground == .palette(1))
    #expect(theme.style(.validation, depth: .colors256).foreground == .terminal)
    #expect(
      theme.style(.meter, depth: .colors256) == Theme.standard.style(.meter, depth: .colors256))
  }

  @Test(
    "A broken value is an error that names key and word",
    arguments: ["#12345", "#GGGGGG", "red", "#123456 ansi=pink", "#123456 attr=loud", "on=", "a=b"])
  func badValues(_ value: String) {
    #expect { try parse("train = \(value)") } throws: { error in
      guard case .badValue(_, "train", _) = error as? ThemeError else { return false }
      return true
    }
  }

  @Test("A line without a value, a doubled key and a base that does not exist are errors")
  func structure() {
    #expect(throws: ThemeError.broken(path: "x.theme", line: 2)) {
      try parse("train = none\nnothing here\n")
    }
    #expect(throws: ThemeError.duplicate(path: "x.theme", key: "val")) {
      try parse("val = none\nval = none\n")
    }
    #expect(throws: ThemeError.notFound(name: "nord", known: ["default"])) {
      try parse("base = nord\n")
    }
  }

  @Test("An unknown key is ignored, with a line that names the nearest")
  func unknown() throws {
    let (_, notices) = try parse("trian = none\n\u{1B}[2J = none\n")
    #expect(notices.count == 2)
    #expect(notices.first?.text().contains("train") == true)
    #expect(notices.allSatisfy { !$0.text().contains("\u{1B}") })
  }

  @Test("Without colours only attributes are left, and 8 colours know no bright ones")
  func depths() {
    for key in StyleKey.allCases {
      let mono = Theme.standard.style(key, depth: .mono)
      #expect(mono.foreground == .terminal && mono.background == .terminal)
      let few = Theme.standard.style(key, depth: .colors8)
      if let index = few.foreground.paletteIndex(depth: .colors8) { #expect(index < 8) }
    }
  }

  @Test("The colours of the default theme are entries of xterm's palette, tints in the cube")
  func cube() {
    for key in StyleKey.allCases {
      guard let parts = Theme.standard.style(key, depth: .colors256).foreground.components else {
        continue
      }
      let shown = Palette.components(of: Palette.nearest256(parts))
      #expect(parts == shown, "\(key)")
    }
  }

  @Test("A theme that builds on itself is refused")
  func circular() throws {
    let folder = try Fixtures.folder()
    defer { Fixtures.remove(folder) }
    try DurableFile.commit(Path.join(folder, "a.theme"), bytes: Array("base = b\n".utf8))
    try DurableFile.commit(Path.join(folder, "b.theme"), bytes: Array("base = a\n".utf8))
    let store = ThemeStore(folders: [folder])
    #expect(throws: ThemeError.self) { try store.load("a") }
    #expect(throws: ThemeError.self) { try store.load("c") }
    #expect(store.names == ["a", "b", "default"])
  }

  private static let folder = Path.join(
    Path.parent(of: Path.parent(of: Path.parent(of: #filePath))), "themes")

  @Test("Every theme of the program is read without a complaint and differs from the others")
  func all() throws {
    let store = ThemeStore(folders: [Self.folder])
    #expect(store.names.count >= 12)
    var seen: [Theme] = []
    for name in store.names {
      let (theme, notices) = try store.load(name)
      #expect(notices.isEmpty && theme.name == name, "\(name)")
      #expect(!seen.contains { $0.entries == theme.entries }, "\(name)")
      seen.append(theme)
    }
  }

  @Test("Text, curves and warnings of every theme stand out from what lies behind them")
  func contrast() throws {
    let store = ThemeStore(folders: [Self.folder])
    for name in store.names {
      let theme = try store.load(name).theme
      guard let paper = theme.style(.text, depth: .direct).background.components else { continue }
      for (key, least) in [
        (StyleKey.text, 4.5), (.train, 2.2), (.validation, 2.2), (.good, 2.2), (.warning, 2.2),
        (.bad, 2.2), (.key, 4.5), (.hint, 2.2), (.faint, 2.2),
      ] {
        guard let ink = theme.style(key, depth: .direct).foreground.components else { continue }
        let contrast = ColorVision.contrast(ColorVision.linear(ink), ColorVision.linear(paper))
        #expect(contrast >= least, "\(name) \(key) \(contrast)")
      }
    }
  }

  @Test(
    "Two themes keep curves, sides and states apart for colour-blind readers",
    arguments: ["okabe-dark", "okabe-light"])
  func colorBlind(_ name: String) throws {
    let theme = try ThemeStore(folders: [Self.folder]).load(name).theme
    for kind in ColorVision.kinds {
      for (left, right) in [
        (StyleKey.train, StyleKey.validation), (.limbLeft, .limbRight), (.good, .bad),
        (.good, .warning), (.rate, .train), (.rate, .bad),
      ] {
        let colors = try [left, right].map { key in
          try #require(theme.style(key, depth: .direct).foreground.components)
        }
        let seen = colors.map {
          ColorVision.lab(ColorVision.simulate(ColorVision.linear($0), kind.matrix))
        }
        let difference = ColorVision.distance(seen[0], seen[1])
        #expect(difference > 20, "\(name) \(kind.name): \(left) and \(right) \(difference)")
      }
    }
  }

  @Test("A theme of btop colours everything that it can, and the rest stays")
  func btop() throws {
    let (theme, notices) = try parse(
      """
      # Bashtop theme
      theme[main_bg]="#282a36"
      theme[main_fg]="#f8f8f2"
      theme[title]="#f8f8f2"
      theme[hi_fg]="255 121 198"
      theme[inactive_fg]="#44"
      theme[cpu_start]="#50fa7b"
      theme[cpu_end]="#ff5555"
      theme[available_end]="#ffb86c"
      theme[cached_end]=""

      """)
    #expect(notices.isEmpty)
    #expect(
      theme.style(.text, depth: .direct)
        == Style(.rgb(0xF8, 0xF8, 0xF2), on: .rgb(0x28, 0x2A, 0x36)))
    #expect(theme.style(.key, depth: .direct).foreground == .rgb(255, 121, 198))
    #expect(theme.style(.faint, depth: .direct).foreground == .rgb(0x44, 0x44, 0x44))
    #expect(theme.style(.train, depth: .direct).foreground == .rgb(0xFF, 0xB8, 0x6C))
    #expect(theme.style(.validation, depth: .direct).foreground == .rgb(0x50, 0xFA, 0x7B))
    #expect(throws: ThemeError.self) { try parse("theme[main_bg]=\"#12345\"\n") }
  }

  @Test("A theme's background lies behind everything, in 16 colours by the nearest name")
  func background() throws {
    let (theme, _) = try parse("text = #101010\nbackground = #FAFAFA\n")
    #expect(theme.style(.text, depth: .direct).background == .rgb(0xFA, 0xFA, 0xFA))
    #expect(theme.style(.text, depth: .colors16) == Style(.palette(0), on: .palette(15)))
    let look = Look(
      theme: theme, capabilities: Capabilities(glyphs: .unicode, depth: .direct))
    let surface = Fixtures.state().render(look)
    #expect(surface.cells.allSatisfy { $0.style.background != .terminal })
  }
}
