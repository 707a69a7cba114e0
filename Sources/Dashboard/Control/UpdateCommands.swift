import Support
import TerminalUI
import TrainingAPI
import Wording

// What is typed on the command line and while searching.

extension DashboardState {
  static let typedLimit = 100

  mutating func acceptPrompt() -> [Effect] {
    guard case .prompt(let prompt) = overlay else { return [] }
    overlay = nil
    let text = prompt.text.split(separator: " ").joined(separator: " ")
    switch prompt.kind {
    case .search:
      if screen == .runs {
        runs.filter = text
        runs.list.select(0, of: runs.shown.count)
      } else {
        logView.search = text
        findInLog(up: true)
      }
      return []
    case .command:
      guard !text.isEmpty else { return [] }
      if typedCommands.last != text { typedCommands.append(text) }
      if typedCommands.count > Self.typedLimit { typedCommands.removeFirst() }
      return run(text.split(separator: " ").map(String.init))
    case .path, .setting: return []
    }
  }

  private mutating func run(_ words: [String]) -> [Effect] {
    do throws(CommandError) {
      if let command = try ScreenCommand(words: words) { return carryOut(command) }
      return ask(try EngineCommand(words: words))
    } catch {
      var sentence = error.sentence
      if case .unknown(let word, _) = error, word == words.first {
        // The nearest word may be one of the screen's own.
        let all = ScreenCommand.words + EngineCommand.words
        sentence =
          CommandError.unknown(word: word, nearest: NearestWord.find(word, in: all)).sentence
      }
      reply = Reply(sentence: sentence, style: .bad, until: now + Self.replySeconds)
      return []
    }
  }

  private mutating func carryOut(_ command: ScreenCommand) -> [Effect] {
    switch command {
    case .theme(let name): return [.useTheme(name: name)]
    case .goTo(let step):
      chart.cursor = min(step, max(history.step, 1))
      let span = chartSpan
      if !span.contains(step) { chart.window = nil }
      return show(.train)
    case .export(let path): return export(to: path)
    case .metric(let name):
      let names = metricNames
      guard let found = names.first(where: { $0.lowercased() == name.lowercased() }) else {
        say(.replyNoMetric, [name, names.joined(separator: ", ")], .warning)
        return []
      }
      chart.metric = found
      return screen == .train ? [] : show(.train)
    case .show(let next): return show(next)
    case .set(let name, let value): return set(name, value)
    case .help: return perform(.help)
    case .quit: return perform(.quitMenu)
    case .detach: return [.detach]
    case .zoom: return perform(.toggleZoom)
    }
  }

  private mutating func set(_ name: String, _ value: String) -> [Effect] {
    switch name {
    case "smooth":
      if let factor = Double(value),
        let index = ChartSettings.smoothings.firstIndex(of: factor)
      {
        chart.smoothing = index
      }
    case "scale": chart.isLogarithmic = value == "log"
    case "axis":
      chart.axis = value == "epochs" ? .epochs : value == "time" ? .time : .steps
    case "clip": chart.clipsOutliers = value == "on"
    case "picture": samples.picture = PictureMode(rawValue: value)
    case "sync": isSynchronized = value == "on"
    case "lang": language = Language(rawValue: value) ?? language
    default: break
    }
    return []
  }

  private mutating func export(to path: String) -> [Effect] {
    guard let format = CurveExport.Format(path: path) else {
      say(.replyExportFormat, [path], .warning)
      return []
    }
    return [.write(path: path, text: CurveExport.text(of: self, format))]
  }
}
