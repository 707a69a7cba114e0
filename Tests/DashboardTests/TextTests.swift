import Support
import TerminalUI
import Testing

@Suite("Text from outside")
struct TextTests {
  @Test(
    "What moves the cursor, hides or reorders is replaced by a visible mark",
    arguments: [
      ("plain name.jpg", "plain name.jpg"),
      ("\u{1B}]0;title\u{7}", "\u{FFFD}]0;title\u{FFFD}"),
      ("\u{1B}[2J", "\u{FFFD}[2J"),
      ("a\tb\r\nc", "a b  c"),
      ("\u{7F}\u{8}", "\u{FFFD}\u{FFFD}"),
      ("\u{9B}31m\u{85}", "\u{FFFD}31m\u{FFFD}"),
      ("\u{202E}gpj.exe", "\u{FFFD}gpj.exe"),
      ("a\u{2066}b\u{2069}c\u{200F}", "a\u{FFFD}b\u{FFFD}c\u{FFFD}"),
      ("z\u{200B}w\u{200D}j\u{FEFF}", "z\u{FFFD}w\u{FFFD}j\u{FFFD}"),
      ("soft\u{AD}hyphen", "soft\u{FFFD}hyphen"),
      ("tag\u{E0041}", "tag\u{FFFD}"),
      ("line\u{2028}sep\u{2029}", "line\u{FFFD}sep\u{FFFD}"),
      ("private\u{E000}", "private\u{FFFD}"),
      ("nbsp\u{A0}em\u{2003}", "nbsp em "),
      ("filler\u{3164}", "filler\u{FFFD}"),
      ("variation\u{FE0F}", "variation\u{FFFD}"),
      ("姿勢推定", "姿勢推定"),
      ("é e\u{301}", "é e\u{301}"),
      ("\u{301}first", "first"),
      ("", ""),
    ])
  func clean(_ text: String, _ expected: String) {
    let result = UntrustedText.clean(text)
    #expect(Array(result.unicodeScalars) == Array(expected.unicodeScalars))
  }

  @Test("A tower of marks is cut to two")
  func tower() {
    let text = "a" + String(repeating: "\u{301}", count: 50) + "b"
    #expect(UntrustedText.clean(text).unicodeScalars.count == 4)
  }

  @Test("Bytes that are no UTF-8 become replacement marks")
  func bytes() {
    #expect(UntrustedText.clean(bytes: [0x61, 0xFF, 0xC0, 0x80, 0x62]).hasPrefix("a\u{FFFD}"))
    #expect(UntrustedText.clean(bytes: [0xE5, 0xA7, 0xBF]) == "姿")
  }

  @Test("Long text is cut, with a mark")
  func long() {
    let text = String(repeating: "x", count: 10_000)
    #expect(UntrustedText.clean(text, limit: 10) == "xxxxxxxxxx\u{2026}")
    #expect(UntrustedText.clean(bytes: Array(text.utf8), limit: 10) == "xxxxxxxxxx\u{2026}")
  }

  @Test(
    "Characters take as many cells as terminals give them",
    arguments: [
      ("a", 1), ("姿", 2), ("ｗ", 2), ("é", 1), ("e\u{301}", 1), ("▀", 1), ("⣿", 1), ("🏃", 2),
      ("한", 2), ("…", 1), ("\u{1B}", 0),
    ])
  func widths(_ text: String, _ cells: Int) { #expect(CharacterWidth.of(text) == cells) }

  @Test("No half of a wide character stays behind")
  func wide() {
    var surface = Surface(width: 6, height: 1, glyphs: .unicode)
    surface.put("姿勢推", 0, 0, Style())
    surface.set(1, 0, "x", Style())
    #expect(surface.rows == [" x勢推"])
    surface.set(2, 0, "y", Style())
    #expect(surface.rows == [" xy 推"])
    surface.put("姿", 5, 0, Style())
    #expect(CharacterWidth.of(surface.rows[0]) == 6)
  }

  @Test("What lies outside of a surface is cut off")
  func clipping() {
    var surface = Surface(width: 4, height: 2, glyphs: .unicode)
    surface.put("abcdefgh", -2, 0, Style())
    surface.put("abcdefgh", 2, 1, Style(), limit: .max)
    surface.put("x", 0, 7, Style())
    surface.fill(Rect(x: -5, y: -5, width: 3, height: 3), "z")
    #expect(surface.rows == ["cdef", "  ab"])
  }

  @Test("Only what has changed is written, wide characters as a whole")
  func difference() {
    var old = Surface(width: 10, height: 2, glyphs: .unicode)
    old.put("姿 same", 0, 0, Style())
    var new = old
    #expect(SurfaceDiff.runs(from: old, to: new).isEmpty)
    new.put("勢", 0, 0, Style())
    new.set(9, 1, "!", Style())
    let runs = SurfaceDiff.runs(from: old, to: new)
    #expect(runs.map(\.x) == [0, 9] && runs.map(\.y) == [0, 1])
    #expect(SurfaceDiff.runs(from: nil, to: new).count == 2)
  }

  @Test("ASCII surfaces hold only ASCII")
  func ascii() {
    var surface = Surface(width: 5, height: 1, glyphs: .ascii)
    surface.put("é姿\u{1B}x", 0, 0, Style())
    #expect(surface.rows == ["???x "])
  }
}
