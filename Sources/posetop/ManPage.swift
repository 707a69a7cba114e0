import Support
import Wording

/// The man page, made of what `--help` and `posetop help` say.
enum ManPage {
  static var text: String {
    var lines = [
      ".TH POSETOP 1 \"\" \"posetop \(posetopVersion)\" \"User Commands\"",
      ".SH NAME", "posetop \\- train human\\-keypoint detectors, live in the terminal",
      ".SH SYNOPSIS", ".B posetop", ".br", ".B posetop", ".I COMMAND", "[OPTION]... [OPERAND]...",
      ".SH DESCRIPTION", "Without a command posetop opens the launcher.", ".SH COMMANDS",
    ]
    for command in CommandCatalogue.all where !command.isHidden {
      lines += [
        ".SS \"posetop \(escaped("\(command.name) \(command.operands)".trimmedRight))\"",
        escaped(command.summary).capitalizedFirst + ".",
      ]
      for option in command.options where !option.isHidden {
        let short = option.letter.map { "\\fB\\-\($0)\\fR, " } ?? ""
        let value = option.placeholder.map { " \\fI\(escaped($0))\\fR" } ?? ""
        lines += [
          ".TP", "\(short)\\fB\\-\\-\(escaped(option.name))\\fR\(value)", escaped(option.help),
        ]
      }
    }
    for (name, page) in HelpPages.topics {
      lines += [".SH \(escaped(name.uppercased()))", ".nf"]
      lines += Sentence(page).text().split(separator: "\n", omittingEmptySubsequences: false)
        .map { escaped(String($0)) }
      lines.append(".fi")
    }
    lines += [
      ".SH FILES", ".TP", ".I runs/", "Runs, or the folder that $POSETOP_RUNS names.", ".TP",
      ".I ~/.config/posetop/themes/", "Themes of your own.", ".SH EXIT STATUS",
      "0 done, 1 the work failed, 2 wrong usage, 3 ended early with everything saved.",
    ]
    return lines.joined(separator: "\n")
  }

  /// Text that roff prints as it is.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\\": result += "\\e"
      case "-": result += "\\-"
      case "…": result += "..."
      default: result.append(character)
      }
    }
    return result.first == "." || result.first == "'" ? "\\&" + result : result
  }
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
