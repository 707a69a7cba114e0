import Glibc
import RunFiles
import Support
import TerminalNcurses
import TerminalUI
import Wording

/// What the terminal can do.
let terminalCheck = DoctorCheck(name: "terminal") {
  var section = DoctorSection()
  guard let probe = TerminalProbe() else {
    section.line("terminal", "none")
    section.json["terminal"] = .null
    section.warn("no-terminal", Sentence(MachineSentence.noTerminal), .noTerminalCure)
    return section
  }
  let capabilities = probe.capabilities
  let colors =
    capabilities.depth == .direct
    ? "24-bit"
    : capabilities.depth == .mono ? "none" : "\(capabilities.depth.rawValue)"
  let pictures = PictureMode.available(capabilities).first ?? .letters
  let way = capabilities.pixels.map { "its own pixels (\($0.rawValue))" }
  let size = capabilities.cellSize.map { "\($0.width)x\($0.height) px a cell" }
  section.line(
    "terminal",
    "\(probe.term.isEmpty ? "TERM is not set" : probe.term), \(probe.columns)x\(probe.rows)"
      + (size.map { ", \($0)" } ?? "") + (probe.multiplexer.map { ", in \($0)" } ?? ""))
  section.line("colours", colors)
  section.line("characters", probe.isUTF8 ? "UTF-8" : "ASCII")
  section.line("pictures", way ?? pictures.title)
  section.line("mouse", probe.hasMouse ? "yes" : "no")
  section.json["term"] = .string(UntrustedText.clean(probe.term))
  section.json["columns"] = .integer(Int64(probe.columns))
  section.json["rows"] = .integer(Int64(probe.rows))
  section.json["described"] = .bool(probe.isDescribed)
  section.json["colors"] = .integer(Int64(capabilities.depth.rawValue))
  section.json["utf8"] = .bool(probe.isUTF8)
  section.json["mouse"] = .bool(probe.hasMouse)
  section.json["multiplexer"] = probe.multiplexer.map { .string($0) } ?? .null
  section.json["pictures"] = .string(capabilities.pixels?.rawValue ?? pictures.rawValue)
  section.json["answers"] = .bool(probe.hasAnswered)
  troubles(probe, &section)
  return section
}

private func troubles(_ probe: TerminalProbe, _ section: inout DoctorSection) {
  if !probe.isDescribed {
    section.warn(
      "terminal-unknown",
      Sentence(MachineSentence.noDescription, UntrustedText.clean(probe.term, limit: 60)),
      .noDescriptionCure)
  }
  if !probe.isUTF8 {
    section.warn("no-utf8", Sentence(MachineSentence.notUTF8), .notUTF8Cure)
  }
  if Environment.value("NO_COLOR") != nil {
    section.warn("no-color", Sentence(MachineSentence.noColour), .noColourCure)
  } else if probe.capabilities.depth < .colors256 {
    section.warn(
      "few-colors", Sentence(MachineSentence.fewColours, probe.describedColors), .fewColoursCure)
  } else if probe.capabilities.depth < .direct {
    section.warn(
      "no-exact-colors", Sentence(MachineSentence.noExactColours), .noExactColoursCure)
  }
}

extension PictureMode {
  /// The mode in words.
  fileprivate var title: String {
    switch self {
    case .pixels: "its own pixels"
    case .halfBlocks: "half-blocks"
    case .quadrants: "quadrants"
    case .braille: "braille"
    case .ramp: "characters"
    case .letters: "letters"
    }
  }
}
