import Support
import TerminalUI
import TestSupport
import Testing
import TrainingAPI
import Wording

@testable import Dashboard

@Suite("The command line")
struct CommandTests {
  /// Types a line on the command line and presses Enter.
  private func run(_ state: inout DashboardState, _ line: String) -> [Effect] {
    _ = state.update(.key(.character(":")))
    for scalar in line.unicodeScalars { _ = state.update(.key(.character(scalar))) }
    return state.update(.key(.enter))
  }

  @Test("Commands of the engine are the same words as in the shell")
  func engine() {
    var state = Fixtures.state()
    #expect(run(&state, "lr 3e-4") == [.send(.learningRate(.value(3e-4)))])
    #expect(run(&state, "lr x0.5") == [.send(.learningRate(.factor(0.5)))])
    #expect(run(&state, " save ") == [.send(.save)])
    #expect(run(&state, "step") == [.send(.step)])
    #expect(state.typedCommands == ["lr 3e-4", "lr x0.5", "save", "step"])
  }

  @Test("A wrong word names the nearest, and nothing is sent")
  func wrong() {
    var state = Fixtures.state()
    #expect(run(&state, "puase").isEmpty)
    #expect(state.reply?.sentence.arguments == ["puase", "pause"])
    #expect(run(&state, "metrik AP").isEmpty)
    #expect(state.reply?.sentence.arguments == ["metrik", "metric"])
    #expect(run(&state, "lr").isEmpty && state.reply?.style == .bad)
    #expect(run(&state, "set smooth=7").isEmpty && state.reply?.style == .bad)
    #expect(run(&state, "").isEmpty && state.overlay == nil)
  }

  @Test("A dashboard that only watches refuses the engine's commands, not its own")
  func readOnly() {
    var state = Fixtures.state(isReadOnly: true)
    #expect(run(&state, "stop").isEmpty)
    #expect(state.reply?.sentence == Sentence(ScreenSentence.replyReadOnly))
    #expect(run(&state, "theme nord") == [.useTheme(name: "nord")])
  }

  @Test("Settings, metrics, screens and steps are reached by words")
  func settings() {
    var state = Fixtures.state()
    _ = run(&state, "set smooth=0.6")
    _ = run(&state, "set scale=linear")
    _ = run(&state, "set axis=time")
    #expect(state.chart.smoothing == 1 && !state.chart.isLogarithmic)
    #expect(state.chart.axis == .time)
    _ = run(&state, "metric ap")
    #expect(state.chart.metric == "AP")
    _ = run(&state, "show log")
    #expect(state.screen == .log)
    _ = run(&state, "goto 200")
    #expect(state.screen == .train && state.chart.cursor == 200)
  }

  @Test("Tab completes as far as it is clear, and shows what there is")
  func complete() {
    var prompt = Prompt(.command, text: "exp")
    let state = Fixtures.state()
    prompt.complete(state.completions)
    #expect(prompt.text == "export ")
    prompt.complete(state.completions)
    #expect(prompt.text == "export loss.")
    prompt.complete(state.completions)
    #expect(prompt.candidates == ["loss.svg", "loss.csv", "loss.txt"])
    prompt.type("s")
    prompt.complete(state.completions)
    #expect(prompt.text == "export loss.svg " && prompt.candidates.isEmpty)
  }

  @Test("Older commands come back, and what was being typed is kept")
  func history() {
    var state = Fixtures.state()
    _ = run(&state, "pause")
    _ = run(&state, "save")
    var prompt = Prompt(.command, text: "lr")
    prompt.recall(-1, in: state.typedCommands)
    #expect(prompt.text == "save")
    prompt.recall(-1, in: state.typedCommands)
    prompt.recall(-1, in: state.typedCommands)
    #expect(prompt.text == "pause")
    prompt.recall(1, in: state.typedCommands)
    prompt.recall(1, in: state.typedCommands)
    #expect(prompt.text == "lr")
  }

  @Test("What is seen is exported: points as CSV, a picture as SVG, the screen as text")
  func export() throws {
    var state = Fixtures.state()
    state.chart.smoothing = 0
    #expect(run(&state, "export loss.pdf").isEmpty && state.reply?.style == .warning)
    guard case .write(let path, let text) = run(&state, "export out/loss.csv").first else {
      Issue.record("nothing written")
      return
    }
    #expect(path == "out/loss.csv")
    let lines = text.split(separator: "\n")
    #expect(lines.first == "series,x,value,low,high")
    #expect(lines.count == 1 + 775 + 7)
    let svg = CurveExport.text(of: state, .svg)
    #expect(svg.hasPrefix("<svg") && svg.hasSuffix("</svg>\n") && svg.contains("lr×.5"))
    #expect(CurveExport.text(of: state, .text).contains("┤"))
  }

  @Test("Words in the log are found upwards and downwards")
  func search() {
    var state = Fixtures.state(screen: .log)
    _ = state.update(.key(.character("/")))
    for scalar in "EPOCH 3".unicodeScalars { _ = state.update(.key(.character(scalar))) }
    _ = state.update(.key(.enter))
    let index = state.logCount - 1 - state.logView.offset
    #expect(state.logText(index).contains("epoch 3"))
    _ = state.update(.key(.character("n")))
    #expect(state.reply?.sentence == Sentence(ScreenSentence.replyNotFound, "EPOCH 3"))
  }

  @Test("Runs are filtered by words and by settings, and laid over this one")
  func runs() {
    var state = Fixtures.state()
    Fixtures.fill(&state, .runs)
    for (filter, count) in [
      ("", 3), ("lite", 2), ("model=cnn", 1), ("lr>0.0015", 2), ("lr>0.0015 failed", 1),
      ("nothing", 0),
    ] {
      state.runs.filter = filter
      #expect(state.runs.shown.count == count, "\(filter)")
    }
    state.runs.filter = ""
    state.runs.list.select(1, of: 3)
    #expect(state.update(.key(.enter)) == [.loadOverlay(path: "/runs/lite-0313-1801")])
    let other = ScriptedRun(epochs: 2, stepsPerEpoch: 10).events(ended: true)
    _ = state.update(.overlay(path: "/runs/lite-0313-1801", events: other))
    #expect(state.overlays.first?.history.step == 20)
    #expect(state.update(.key(.enter)) == [.dropOverlay(path: "/runs/lite-0313-1801")])
    #expect(state.overlays.isEmpty)
  }
}
