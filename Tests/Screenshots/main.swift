import Dashboard
import Glibc
import Imaging
import RunFiles
import RunLink
import Support
import TerminalUI
import Wording

// posetop-screenshots RUN FOLDER [name=.. size=WxH keys=.. depth=.. theme=.. glyphs=ascii lang=zh]
//
// Draws screens of a recorded run as PNG files: all of them, or the one that is described.

/// One picture: a size, and the keys that lead to what it shows.
struct Shot {
  var name: String
  var keys = ""
  var size = (width: 80, height: 24)
  var depth = ColorDepth.direct
  var theme = "default"
  var glyphs = GlyphSet.unicode
  var language = Language.english

  /// The keys that stand for the launcher.
  static let launcher = "<launcher>"

  static var all: [Shot] {
    let screens = [
      ("train", ""), ("samples", "2"), ("joints", "3"), ("runs", "4"), ("system", "5"),
      ("layers", "6"), ("log", "7"), ("help", "?"),
    ]
    let launcher = [(80, 24), (200, 60)].map { width, height in
      Shot(name: "launcher-\(width)x\(height)", keys: Shot.launcher, size: (width, height))
    }
    return launcher
      + screens.flatMap { name, keys in
        [(80, 24), (160, 45), (200, 60)].map { width, height in
          Shot(name: "\(name)-\(width)x\(height)", keys: keys, size: (width, height))
        }
      }
  }

  init(name: String, keys: String, size: (Int, Int)) {
    self.name = name
    self.keys = keys
    self.size = size
  }

  init(words: ArraySlice<String>) {
    name = "shot"
    for word in words {
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { continue }
      switch parts[0] {
      case "name": name = parts[1]
      case "keys": keys = parts[1]
      case "theme": theme = parts[1]
      case "lang": language = parts[1] == "zh" ? .chinese : .english
      case "glyphs": glyphs = parts[1] == "ascii" ? .ascii : .unicode
      case "depth": depth = Int(parts[1]).flatMap(ColorDepth.init(rawValue:)) ?? .direct
      case "size":
        let numbers = parts[1].split(separator: "x").compactMap { Int($0) }
        if numbers.count == 2 { size = (numbers[0], numbers[1]) }
      default: break
      }
    }
  }

  /// Named keys stand in angle brackets: `<tab>`.
  var pressed: [Key] {
    var result: [Key] = []
    var rest = Substring(keys)
    let named: [String: Key] = [
      "tab": .tab, "enter": .enter, "esc": .escape, "down": .down, "up": .up, "left": .left,
      "right": .right, "pgdn": .pageDown, "pgup": .pageUp,
    ]
    while let first = rest.first {
      if first == "<", let end = rest.firstIndex(of: ">"),
        let key = named[String(rest[rest.index(after: rest.startIndex)..<end])]
      {
        result.append(key)
        rest = rest[rest.index(after: end)...]
      } else {
        result += first.unicodeScalars.map(Key.init(character:))
        rest = rest.dropFirst()
      }
    }
    return result
  }
}

func fail(_ words: String) -> Never {
  print("posetop-screenshots: \(words)")
  exit(1)
}

/// The screen that a shot describes.
func draw(_ shot: Shot, _ theme: Theme, _ run: RunFolder, _ themes: ThemeStore) -> Surface? {
  if shot.keys == Shot.launcher {
    return LauncherShot.draw(
      run, width: shot.size.width, height: shot.size.height, depth: shot.depth, theme: theme)
  }
  let program = DashboardProgram(
    connection: LogConnection(run), runFolder: run.path,
    capabilities: Capabilities(glyphs: shot.glyphs, depth: shot.depth),
    options: DashboardProgram.Options(
      theme: theme, themes: themes, language: shot.language))
  program.resize(width: shot.size.width, height: shot.size.height)
  while program.descriptor >= 0 { program.receive() }
  for key in shot.pressed {
    program.handle(key)
    while program.isReading { program.receive() }
  }
  return program.frame()
}

let arguments = CommandLine.arguments
guard arguments.count >= 3 else { fail("wants a run's folder and a folder for the pictures") }
let run = RunFolder(arguments[1])
guard run.isRun else { fail("\(arguments[1]) holds no run") }
let shots = arguments.count > 3 ? [Shot(words: arguments[3...])] : Shot.all
let fonts = "/usr/share/fonts/truetype/"
let fallback = ["wqy/wqy-zenhei.ttc", "dejavu/DejaVuSans.ttf"].map { fonts + $0 }
let painter = SurfacePicture(
  regular: GlyphSource(
    paths: [fonts + "dejavu/DejaVuSansMono.ttf"] + fallback, pixels: SurfacePicture.fontPixels),
  bold: GlyphSource(
    paths: [fonts + "dejavu/DejaVuSansMono-Bold.ttf"], pixels: SurfacePicture.fontPixels))
guard !painter.regular.isEmpty else { fail("no font: install fonts-dejavu-core") }
let themes = ThemeStore(folder: nil, executable: "/proc/self/exe")
for shot in shots {
  guard let theme = try? themes.load(shot.theme).theme else { fail("no theme \(shot.theme)") }
  guard let surface = draw(shot, theme, run, themes) else { fail("nothing to draw") }
  do {
    let path = Path.join(arguments[2], "\(shot.name).png")
    try Path.makeFolders(arguments[2])
    try DurableFile.commit(path, bytes: ImageEncoder.png(painter.draw(surface)))
    print(path)
  } catch {
    fail("\(shot.name): \(error)")
  }
}
