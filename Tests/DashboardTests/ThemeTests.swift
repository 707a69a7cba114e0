import Support
import TerminalUI
import Testing
import Wording

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
}
