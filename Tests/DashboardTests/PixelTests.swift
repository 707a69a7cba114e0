import CZlib
import Support
import TerminalUI
import TestSupport
import Testing

@testable import Dashboard

@Suite("Pictures in the terminal's own pixels")
struct PixelTests {
  private static func picture(_ width: Int, _ height: Int, seed: UInt64 = 1) -> PixelPicture {
    let random = CounterRandom(seed: seed, name: "pixels")
    var pixels: [UInt8] = []
    for y in 0..<height {
      for x in 0..<width {
        // Areas and noise, so that runs are short and long.
        let noise = (x / 5 + y / 3) % 4 == 0 ? Int(random.uniform(y * width + x) * 60) : 0
        pixels += [
          UInt8(min(255, x * 255 / width + noise)), UInt8(y * 255 / height), UInt8(noise * 4),
        ]
      }
    }
    return PixelPicture(
      rect: Rect(x: 3, y: 2, width: 10, height: 5), width: width, height: height, pixels: pixels)
  }

  /// A reader of sixels of its own: the colour of each pixel in percent.
  private static func decode(_ bytes: [UInt8]) -> (width: Int, height: Int, [[Int]?]) {
    var text = Substring(String(decoding: bytes, as: UTF8.self))
    #expect(text.hasPrefix("\u{1B}P") && text.hasSuffix("\u{1B}\\"))
    text = text.dropLast(2)
    text = text[(text.firstIndex(of: "q").map { text.index(after: $0) } ?? text.startIndex)...]
    func number() -> Int {
      let digits = text.prefix { $0.isNumber }
      text = text.dropFirst(digits.count)
      return Int(digits) ?? 0
    }
    func numbers() -> [Int] {
      var list = [number()]
      while text.first == ";" {
        text.removeFirst()
        list.append(number())
      }
      return list
    }
    text.removeFirst()
    let size = numbers()
    let (width, height) = (size[2], size[3])
    var pixels = [[Int]?](repeating: nil, count: width * height)
    var palette: [Int: [Int]] = [:]
    var (x, band, color) = (0, 0, 0)
    while let next = text.first {
      text.removeFirst()
      var count = 1
      var sixel = next
      switch next {
      case "#":
        let list = numbers()
        color = list[0]
        if list.count == 5 { palette[color] = Array(list[2...]) }
        continue
      case "$":
        x = 0
        continue
      case "-":
        x = 0
        band += 6
        continue
      case "!":
        count = number()
        sixel = text.removeFirst()
      default: break
      }
      let bits = Int(sixel.asciiValue ?? 63) - 63
      for _ in 0..<count {
        for bit in 0..<6 where bits >> bit & 1 == 1 {
          #expect(x < width && band + bit < height)
          pixels[(band + bit) * width + x] = palette[color]
        }
        x += 1
      }
    }
    return (width, height, pixels)
  }

  @Test(
    "A sixel picture has each pixel in about its colour", arguments: [(7, 5), (64, 48), (33, 13)])
  func sixel(_ width: Int, _ height: Int) {
    let picture = Self.picture(width, height)
    let (shownWidth, shownHeight, pixels) = Self.decode(Sixel.encode(picture))
    #expect(shownWidth == width && shownHeight == height)
    for (index, pixel) in pixels.enumerated() {
      guard let pixel else {
        Issue.record("pixel \(index) was not drawn")
        continue
      }
      for channel in 0..<3 {
        let wanted = Double(picture.pixels[3 * index + channel]) / 255 * 100
        // A step is a fifth; the pattern moves a colour by at most one.
        #expect(abs(Double(pixel[channel]) - wanted) <= 21)
      }
    }
  }

  @Test("A kitty picture comes in pieces of at most 4096 characters, each of them whole")
  func kitty() throws {
    let bytes = KittyGraphics.show(Self.picture(96, 128), number: 7, inCells: false)
    let parts = String(decoding: bytes, as: UTF8.self).split(
      separator: "\u{1B}\\", omittingEmptySubsequences: true)
    for (index, part) in parts.enumerated() {
      #expect(part.hasPrefix("\u{1B}_G"))
      let halves = part.dropFirst(3).split(separator: ";", maxSplits: 1)
      let keys = Set(halves[0].split(separator: ",").map(String.init))
      #expect(halves[1].count <= 4096 && halves[1].count % 4 == 0)
      #expect(keys.contains(index == parts.count - 1 ? "m=0" : "m=1"))
      if index == 0 {
        #expect(keys.isSuperset(of: ["a=T", "f=24", "s=96", "v=128", "i=7", "c=10", "r=5", "q=2"]))
      }
    }
    #expect(parts.count > 1)
  }

  /// A reader of kitty's pictures of its own, as the documentation has them: the keys of the first
  /// piece, and the pixels of all.
  private static func decodeKitty(_ bytes: [UInt8]) throws -> (keys: [String: String], [UInt8]) {
    var keys: [String: String] = [:]
    var data = ""
    for part in String(decoding: bytes, as: UTF8.self).split(separator: "\u{1B}\\") {
      #expect(part.hasPrefix("\u{1B}_G"))
      let halves = part.dropFirst(3).split(
        separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
      for pair in halves[0].split(separator: ",") {
        let sides = pair.split(separator: "=")
        if keys[String(sides[0])] == nil || sides[0] == "m" {
          keys[String(sides[0])] = String(sides[1])
        }
      }
      data += halves[1]
    }
    let packed = try #require(Base64.decode(data))
    let size = try #require(Int(keys["s"] ?? "")) * (try #require(Int(keys["v"] ?? ""))) * 3
    guard keys["o"] == "z" else { return (keys, packed) }
    var pixels = [UInt8](repeating: 0, count: size + 1)
    var count = uLongf(pixels.count)
    #expect(uncompress(&pixels, &count, packed, uLong(packed.count)) == Z_OK)
    return (keys, Array(pixels.prefix(Int(count))))
  }

  @Test(
    "What kitty is sent is the picture, byte for byte, also through tmux",
    arguments: [(1, 1), (7, 5), (96, 128), (190, 250)])
  func kittyRoundTrip(_ width: Int, _ height: Int) throws {
    let picture = Self.picture(width, height)
    var surface = Surface(width: 40, height: 20, glyphs: .unicode)
    surface.place(picture, .kitty)
    for isInTmux in [false, true] {
      var layer = PictureLayer(isInTmux: isInTmux)
      let way = isInTmux ? PixelProtocol.kittyCells : .kitty
      _ = layer.begin(surface, way)
      var sent = layer.finish(surface, way)
      // The cursor is kept around it, and moved to the picture where the terminal places it.
      let place = isInTmux ? "" : "\u{1B}[3;4H"
      #expect(sent.starts(with: Array("\u{1B}7\(place)".utf8)))
      #expect(sent.suffix(2) == Array("\u{1B}8".utf8)[...])
      sent = Array(sent.dropFirst(2 + place.utf8.count).dropLast(2))
      if isInTmux { sent = try #require(Self.unwrapTmux(sent)) }
      let (keys, pixels) = try Self.decodeKitty(sent)
      #expect(pixels == picture.pixels)
      #expect(keys["s"] == "\(width)" && keys["v"] == "\(height)" && keys["m"] == "0")
      #expect(keys["c"] == "10" && keys["r"] == "5" && keys["f"] == "24" && keys["a"] == "T")
      #expect((keys["U"] == "1") == isInTmux)
    }
  }

  /// What tmux hands on: each sequence without its wrapping, with doubled ESC made one.
  private static func unwrapTmux(_ bytes: [UInt8]) -> [UInt8]? {
    let (head, tail) = (Array("\u{1B}Ptmux;".utf8), Array("\u{1B}\\".utf8))
    var result: [UInt8] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      guard rest.starts(with: head) else { return nil }
      rest = rest.dropFirst(head.count)
      while !rest.starts(with: tail) {
        guard let byte = rest.popFirst() else { return nil }
        // Inside, an ESC that is not doubled would end the wrapping early.
        if byte == 0x1B, rest.popFirst() != 0x1B { return nil }
        result.append(byte)
      }
      rest = rest.dropFirst(tail.count)
    }
    return result
  }

  @Test("Through tmux each sequence is wrapped, and each ESC in it doubled")
  func tmux() {
    let wrapped = KittyGraphics.throughTmux(
      KittyGraphics.remove(number: 1) + KittyGraphics.remove(number: 2))
    let one = "\u{1B}Ptmux;\u{1B}\u{1B}_Ga=d,d=I,q=2,i=1\u{1B}\u{1B}\\\u{1B}\\"
    let two = "\u{1B}Ptmux;\u{1B}\u{1B}_Ga=d,d=I,q=2,i=2\u{1B}\u{1B}\\\u{1B}\\"
    #expect(String(decoding: wrapped, as: UTF8.self) == one + two)
  }

  @Test("In placeholders each cell says its row, its column and the picture's number")
  func placeholders() {
    var surface = Surface(width: 20, height: 10, glyphs: .unicode)
    surface.place(Self.picture(8, 8), .kittyCells)
    let cell = surface[4, 4]
    #expect(cell.scalar == "\u{10EEEE}")
    #expect(cell.mark == "\u{30E}" && cell.secondMark == "\u{30D}")
    #expect(cell.style.foreground == .palette(1))
    #expect(surface[2, 2] == .blank)
    for row in surface.rows { #expect(CharacterWidth.of(row) == 20) }
    #expect(KittyGraphics.mark(0) == "\u{305}" && KittyGraphics.mark(100_000) == nil)
  }

  @Test("A picture that is shown is not sent again; one that has gone is taken away")
  func layer() {
    var layer = PictureLayer(isInTmux: false)
    var surface = Surface(width: 40, height: 20, glyphs: .unicode)
    surface.place(Self.picture(8, 8), .kitty)
    func show(_ next: Surface) -> (gone: [UInt8], new: [UInt8]) {
      (layer.begin(next, .kitty).bytes, layer.finish(next, .kitty))
    }
    let first = show(surface)
    #expect(first.gone.isEmpty && first.new.count > 100)
    let again = show(surface)
    #expect(again.gone.isEmpty && again.new.isEmpty)
    let empty = Surface(width: 40, height: 20, glyphs: .unicode)
    let last = show(empty)
    #expect(last.gone == KittyGraphics.remove(number: 1) && last.new.isEmpty)
    // Sixels go only with the cells under them.
    var sixels = PictureLayer(isInTmux: false)
    _ = sixels.begin(surface, .sixel)
    let sent = sixels.finish(surface, .sixel)
    #expect(sent.starts(with: Array("\u{1B}7\u{1B}[3;4H\u{1B}P".utf8)))
    var other = Surface(width: 40, height: 20, glyphs: .unicode)
    other.place(Self.picture(8, 8, seed: 2), .sixel)
    let covered = sixels.begin(other, .sixel)
    let cover = sixels.finish(other, .sixel)
    #expect(!covered.wipesScreen && !cover.isEmpty)
    let wiped = sixels.begin(empty, .sixel)
    #expect(wiped.wipesScreen)
  }

  @Test("Answers of terminals say what they show; keys between them stay keys")
  func answers() {
    typealias Answer = (TerminalAnswers.Beginning, String)
    func pixels(_ list: [Answer]) -> PixelProtocol? {
      var answers = TerminalAnswers()
      for (beginning, text) in list {
        answers.begin(beginning)
        for scalar in text.unicodeScalars {
          let isTaken = answers.take(scalar)
          #expect(isTaken)
        }
        let isKey = !answers.take("q")
        #expect(isKey)
      }
      return answers.pixels
    }
    let kitty: Answer = (.application, "i=4711;OK\u{1B}\\")
    let plain: Answer = (.device, "62;22c")
    let sixel: Answer = (.device, "62;4;22c")
    #expect(pixels([kitty, plain]) == .kitty)
    #expect(pixels([kitty, sixel]) == .kitty)
    #expect(pixels([sixel]) == .sixel)
    #expect(pixels([plain]) == nil)
    #expect(pixels([(.application, "i=4711;EINVAL\u{1B}\\"), plain]) == nil)
    #expect(pixels([kitty]) == nil, "the last answer has not come")
    #expect(pixels([(.control, ">|xterm(390)\u{1B}\\"), sixel]) == .sixel)
  }

  @Test("A terminal says on what ground it writes, in one to four digits a colour")
  func ground() {
    func isLight(_ text: String) -> Bool? {
      var answers = TerminalAnswers()
      answers.begin(.ground)
      for scalar in text.unicodeScalars {
        let isTaken = answers.take(scalar)
        #expect(isTaken)
      }
      let isKey = !answers.take("q")
      #expect(isKey)
      return answers.isGroundLight
    }
    #expect(isLight("rgb:ffff/ffff/ffff\u{1B}\\") == true)
    #expect(isLight("rgb:fa/fa/fa\u{7}") == true)
    #expect(isLight("rgba:1e1e/1e1e/2e2e/ffff\u{1B}\\") == false)
    #expect(isLight("rgb:0/0/0\u{7}") == false)
    // Yellow is light, blue is dark.
    #expect(isLight("rgb:ffff/ffff/0000\u{7}") == true)
    #expect(isLight("rgb:0000/0000/ffff\u{7}") == false)
    for broken in [
      "rgb:/\u{7}", "\u{7}", "rgb:fffff/0/0\u{7}", "#ffffff\u{1B}\\", "rgb:ff/ff\u{7}",
    ] {
      #expect(isLight(broken) == nil)
    }
  }

  @Test("The samples are drawn in pixels where the terminal can; not under a popup")
  func samples() {
    for way in PixelProtocol.allCases {
      var state = Fixtures.state(width: 120, height: 40, screen: .samples)
      let look = Look(
        theme: .standard,
        capabilities: Capabilities(
          glyphs: .unicode, depth: .colors256, pixels: way,
          cellSize: .init(width: 8, height: 16)))
      let surface = state.render(look)
      #expect(surface.pictures.count == 2)
      for picture in surface.pictures {
        #expect(surface.bounds.contains(picture.rect.x, picture.rect.y))
        #expect(picture.width <= picture.rect.width * 8 + 7)
        #expect(picture.height <= picture.rect.height * 16 + 15)
      }
      // Truth and prediction differ; the same state gives the same pictures.
      #expect(surface.pictures[0].key != surface.pictures[1].key)
      #expect(state.render(look).pictures == surface.pictures)
      for row in surface.rows { #expect(CharacterWidth.of(row) == 120) }
      _ = state.update(.key(.character("?")))
      #expect(state.render(look).pictures.isEmpty)
    }
  }
}
