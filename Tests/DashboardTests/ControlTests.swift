import Pose
import Support
import TerminalUI
import Testing
import TrainingAPI
import Wording

@testable import Dashboard

@Suite("Keys and commands")
struct ControlTests {
  @Test("No key means two things in one place, and every key is explained")
  func keymap() {
    for scope in KeyScope.allCases {
      // What is meant everywhere also holds on each screen.
      let bindings = Keymap.bindings.filter {
        $0.scope == scope || (scope.isScreen && $0.scope == .everywhere)
      }
      let keys = bindings.flatMap(\.keys)
      #expect(Set(keys).count == keys.count, "\(scope)")
    }
    for binding in Keymap.bindings {
      #expect(!binding.label.isEmpty)
      #expect(!binding.help.rawValue.isEmpty)
      #expect(binding.action != nil || binding.keys.isEmpty)
    }
  }

  @Test("Every sentence of the screen has its arguments numbered from 0 and fills them")
  func sentences() {
    let all =
      ScreenSentence.allCases.map { ($0.key, $0.rawValue) }
      + KeySentence.allCases.map { ($0.key, $0.rawValue) }
    for (key, template) in all {
      let count = (0..<10).prefix { template.contains("{\($0)}") }.count
      let arguments = (0..<count).map { "<\($0)>" }
      let text = Sentence(key: key, arguments: arguments).text()
      #expect(!text.contains("{") && !text.contains("}"), "\(template): \(text)")
      #expect(arguments.allSatisfy(text.contains), "\(template): \(text)")
    }
  }

  @Test("Ctrl-C never ends anything at once")
  func quit() {
    var state = Fixtures.state()
    #expect(state.update(.key(.control("c"))).isEmpty)
    #expect(state.overlay == .quit)
    #expect(state.update(.key(.control("c"))).isEmpty)
    #expect(state.overlay == nil)
    _ = state.update(.key(.character("q")))
    #expect(state.update(.key(.character("s"))) == [.send(.stop)])
    _ = state.update(.key(.character("q")))
    #expect(state.update(.key(.character("d"))) == [.detach])
  }

  @Test("A run that has ended is left without a question")
  func quitEnded() {
    var state = Fixtures.state(through: nil, ended: true)
    #expect(state.update(.key(.character("q"))) == [.detach])
    #expect(state.update(.key(.character("w"))).isEmpty)
    #expect(state.reply?.sentence == Sentence(ScreenSentence.replyEnded))
  }

  @Test("A read-only dashboard sends nothing")
  func readOnly() {
    var state = Fixtures.state(isReadOnly: true)
    for key in [" ", "w", "u", "e"] as [Unicode.Scalar] {
      #expect(state.update(.key(.character(key))).isEmpty)
      #expect(state.overlay == nil)
    }
    #expect(state.reply?.sentence == Sentence(ScreenSentence.replyReadOnly))
    #expect(!state.render(Fixtures.unicode).rows[23].contains("pause"))
  }

  @Test("Space pauses, and goes on when the run is paused")
  func pause() {
    var state = Fixtures.state()
    #expect(state.update(.key(.character(" "))) == [.send(.pause)])
    _ = state.update(.events([LoggedEvent(number: 0, time: 0, event: .state(.paused))]))
    #expect(state.update(.key(.character(" "))) == [.send(.resume)])
  }

  @Test("A command's fate is followed: sent, accepted, applied at a step")
  func fate() {
    var state = Fixtures.state()
    func answer(_ status: CommandRecord.Status) -> Message {
      let record = CommandRecord(id: "9-1", by: "me", command: "save", status: status)
      return .events([LoggedEvent(number: 0, time: state.now, event: .command(record))])
    }
    _ = state.update(.sent(id: "9-1", command: .save))
    #expect(state.reply?.sentence == Sentence(ScreenSentence.replySent, "save"))
    _ = state.update(answer(.accepted))
    #expect(state.reply?.sentence == Sentence(ScreenSentence.replyAccepted, "save"))
    _ = state.update(answer(.applied(step: 780)))
    #expect(state.reply?.sentence == Sentence(ScreenSentence.replyApplied, "save", 780))
    _ = state.update(.tick(now: state.now + 60))
    #expect(state.reply == nil)
    _ = state.update(.sent(id: nil, command: .save))
    #expect(state.reply?.style == .bad)
  }

  @Test("Somebody else's command is no answer to one's own")
  func others() {
    var state = Fixtures.state()
    _ = state.update(.sent(id: "9-1", command: .save))
    let record = CommandRecord(id: "8-1", by: "you", command: "stop", status: .applied(step: 1))
    _ = state.update(.events([LoggedEvent(number: 0, time: 0, event: .command(record))]))
    #expect(state.reply?.sentence == Sentence(ScreenSentence.replySent, "save"))
  }

  @Test("A rate is staged by factors and by typing; only Enter sends it")
  func editor() {
    var state = Fixtures.state()
    _ = state.update(.key(.character("e")))
    _ = state.update(.key(.character("-")))
    _ = state.update(.key(.character("+")))
    _ = state.update(.key(.character("-")))
    // The schedule moves on meanwhile: half is half of what is in force then.
    let step = StepReport(
      step: 776, epoch: 8, loss: 1e-3, learningRate: 1e-4, imagesPerSecond: 100, dataWait: 0)
    _ = state.update(.events([LoggedEvent(number: 0, time: 0, event: .step(step))]))
    guard case .rate(let editor) = state.overlay else { return #expect(Bool(false)) }
    #expect(editor.value == 5e-5)
    #expect(state.update(.key(.enter)) == [.send(.learningRate(.factor(0.5)))])
    // What is held is a value.
    _ = state.update(.key(.character("e")))
    _ = state.update(.key(.character("-")))
    _ = state.update(.key(.tab))
    #expect(state.update(.key(.enter)) == [.send(.learningRate(.hold(5e-5)))])
    _ = state.update(.key(.character("e")))
    for scalar in "2.5e-4".unicodeScalars {
      #expect(state.update(.key(.character(scalar))).isEmpty)
    }
    #expect(state.update(.key(.enter)) == [.send(.learningRate(.value(2.5e-4)))])
    _ = state.update(.key(.character("e")))
    _ = state.update(.key(.character("<")))
    #expect(state.update(.key(.escape)).isEmpty)
    #expect(state.overlay == nil)
  }

  @Test(
    "A rate that is none, or out of range, is not sent",
    arguments: ["", "e", ".", "1e", "1e-", "0", "2", "1e-9", "1e99", "1.2.3"])
  func badRate(_ text: String) {
    var state = Fixtures.state()
    _ = state.update(.key(.character("e")))
    _ = state.update(.key(.backspace))
    for _ in 0..<20 { _ = state.update(.key(.backspace)) }
    for scalar in text.unicodeScalars { _ = state.update(.key(.character(scalar))) }
    #expect(state.update(.key(.enter)).isEmpty)
    #expect(state.overlay != nil)
  }

  @Test("Minus is a sign only after an e")
  func minus() {
    var editor = RateEditor(rate: 1e-3)
    #expect(!editor.type("-") && !editor.type("+") && !editor.type("e"))
    #expect(editor.type("3") && editor.type("e") && editor.type("-") && editor.type("4"))
    #expect(editor.value == 3e-4)
    editor.multiply(by: 0.5)
    #expect(editor.value == 1.5e-4 && editor.complaint == nil)
    for _ in 0..<100 { editor.multiply(by: 2) }
    #expect(editor.value == RateEditor.allowed.upperBound)
  }

  @Test("Samples are shown worst first, and keys move among them")
  func samples() {
    var state = Fixtures.state(screen: .samples)
    let browser = state.samples
    let values = browser.order.map(browser.oks)
    #expect(values == values.sorted())
    _ = state.update(.key(.character("l")))
    _ = state.update(.key(.right))
    #expect(state.samples.position == 2)
    let shown = state.samples.current
    for kind in [KeypointErrorKind.inversion, .jitter, .miss] {
      while state.samples.sorting != .kind(kind) { _ = state.update(.key(.character("O"))) }
      let counts = state.samples.order.map { sample in
        state.samples.errors(of: sample)?.kinds.count { $0 == kind } ?? 0
      }
      #expect(counts == counts.sorted(by: >) && state.samples.current == shown)
    }
    _ = state.update(.key(.character("O")))
    #expect(state.samples.sorting == .file)
    #expect(state.samples.current == shown && state.samples.order == Array(0..<12))
    _ = state.update(.key(.character("G")))
    _ = state.update(.key(.pageDown))
    #expect(state.samples.current == 11)
    _ = state.update(.key(.character("g")))
    _ = state.update(.key(.left))
    #expect(state.samples.current == 0)
  }

  @Test("A click on a tab shows its screen")
  func click() {
    var state = Fixtures.state()
    _ = state.update(.key(.mouse(.click, x: 14, y: 0)))
    #expect(state.screen == .samples)
    _ = state.update(.key(.mouse(.click, x: 3, y: 0)))
    #expect(state.screen == .train)
    _ = state.update(.key(.mouse(.click, x: 79, y: 23)))
    #expect(state.screen == .train)
  }
}
