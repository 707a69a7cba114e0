import Pose
import Support
import TerminalUI
import TrainingAPI
import Wording

/// What words and pictures are drawn with: a language, and how things look on this terminal.
protocol ScreenContext {
  var language: Language { get }
  var look: Look { get }
  /// How pictures are to be drawn; nil for the terminal's best.
  var pictureChoice: PictureMode? { get }
}

/// What every view of the dashboard draws from: the state, and how things look on this terminal.
struct DrawContext: ScreenContext {
  let state: DashboardState
  let look: Look
  /// The pane that was chosen.
  var focus: PaneID?

  var language: Language { state.language }
  /// Under a popup a picture in the terminal's own pixels would show through.
  var pictureChoice: PictureMode? {
    if state.overlay != nil, state.samples.picture ?? .pixels == .pixels,
      look.capabilities.pixels != nil
    {
      return PictureMode.available(look.capabilities).first { $0 != .pixels }
    }
    return state.samples.picture
  }
  var history: RunHistory { state.history }

  /// A keypoint's name in few letters: `l_ankle`.
  static func short(_ name: String) -> String {
    KeypointSchema.shortName(UntrustedText.clean(name, limit: 40))
  }
}

extension ScreenContext {
  var isASCII: Bool { look.capabilities.glyphs == .ascii }

  /// How pictures are drawn here: what was chosen where the terminal can show it, else its best.
  var pictureMode: PictureMode {
    let available = PictureMode.available(look.capabilities)
    return pictureChoice.flatMap { available.contains($0) ? $0 : nil } ?? available[0]
  }

  /// A sentence or label of the screen.
  func say(_ template: ScreenSentence, _ arguments: any CustomStringConvertible...) -> String {
    say(Sentence(key: template.key, arguments: arguments.map { $0.description }))
  }

  /// A sentence or label of the launcher.
  func say(_ template: LauncherSentence, _ arguments: any CustomStringConvertible...) -> String {
    say(Sentence(key: template.key, arguments: arguments.map { $0.description }))
  }

  /// A word for a key.
  func say(_ template: KeySentence) -> String { say(Sentence(key: template.key, arguments: [])) }

  /// A sentence without arguments by its key.
  func say(key: String) -> String { say(Sentence(key: key, arguments: [])) }

  /// The words of any sentence. It may hold foreign text, so it is made harmless once more here.
  func say(_ sentence: Sentence) -> String {
    UntrustedText.clean(sentence.text(in: language))
  }

  /// Text cut to a width, with a mark where something is missing.
  func fit(_ text: String, _ width: Int) -> String {
    guard CharacterWidth.of(text) > width else { return text }
    guard width > 0 else { return "" }
    var result = String.UnicodeScalarView()
    var used = 0
    for scalar in text.unicodeScalars {
      let next = max(0, CharacterWidth.of(scalar))
      if used + next > width - 1 { break }
      result.append(scalar)
      used += next
    }
    result.append(look.symbols.ellipsis)
    return String(result)
  }

  /// Text in lines of a width, broken at spaces.
  func wrap(_ text: String, _ width: Int) -> [String] {
    guard width > 0 else { return [] }
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if line.isEmpty {
        line = String(word)
      } else if CharacterWidth.of(line) + 1 + CharacterWidth.of(String(word)) <= width {
        line += " \(word)"
      } else {
        lines.append(fit(line, width))
        line = String(word)
      }
    }
    if !line.isEmpty { lines.append(fit(line, width)) }
    return lines
  }

  /// Draws text in the middle of a rectangle.
  func center(_ text: String, into surface: inout Surface, in rect: Rect, _ style: StyleKey) {
    let lines = wrap(text, max(1, rect.width - 2))
    let top = rect.y + max(0, (rect.height - lines.count) / 2)
    for (index, line) in lines.prefix(rect.height).enumerated() {
      let x = rect.x + max(0, (rect.width - CharacterWidth.of(line)) / 2)
      surface.put(line, x, top + index, look[style], limit: rect.right - x)
    }
  }
}
