import Support
import TerminalUI
import Testing
import Wording

@testable import Dashboard

@Suite("Languages")
struct LanguageTests {
  /// The areas whose sentences stand on the screen: all but those that only the command line prints.
  private static let onScreen = SentenceTable.areas.map { $0.area }
    .filter { !["command", "help", "machine"].contains($0) }

  @Test("Every sentence of the screen has words in every language", arguments: onScreen)
  func complete(_ area: String) {
    let missing = SentenceTable.untranslated(area, in: .chinese)
    #expect(
      missing.isEmpty,
      "no Chinese words for \(missing.joined(separator: ", ")): add them in Wording/Chinese")
  }

  @Test("A translation has the arguments of its original", arguments: onScreen)
  func arguments(_ area: String) {
    for key in SentenceTable.keys where key.hasPrefix("\(area).") {
      let templates = Language.allCases.compactMap { SentenceTable.template(for: key, in: $0) }
      let found = templates.map { template in
        (0..<10).filter { template.contains("{\($0)}") }
      }
      #expect(found.allSatisfy { $0 == found[0] }, "\(key)")
    }
  }

  @Test("The environment chooses the language, the first variable that is set")
  func environment() {
    func language(_ variables: [String: String]) -> Language { Language { variables[$0] } }
    #expect(language(["LANG": "zh_CN.UTF-8"]) == .chinese)
    #expect(language(["LANG": "zh_CN.UTF-8", "LC_ALL": "C"]) == .english)
    #expect(language(["LC_MESSAGES": "zh_SG", "LANG": "de_DE"]) == .chinese)
    #expect(language([:]) == .english)
  }

  @Test("Wide characters are laid out right: each row is exactly as wide as the screen")
  func wide() {
    let random = CounterRandom(seed: 23, name: "languages")
    for index in 0..<140 {
      var state = Fixtures.state(
        width: 20 + Int(random.uniform(3 * index) * 160),
        height: 5 + Int(random.uniform(3 * index + 1) * 50))
      state.language = .chinese
      Fixtures.fill(&state, ScreenID.allCases[index % 7])
      if index % 5 == 0 { state.overlay = .help(scroll: 0) }
      if index % 7 == 0 { _ = state.update(.key(.character("e"))) }
      for row in state.render(Fixtures.unicode).rows {
        #expect(CharacterWidth.of(row) == state.width, "\(row)")
      }
    }
  }

  @Test(
    "The main screens in Chinese look as recorded", arguments: [ScreenID.train, .joints, .system])
  func golden(_ screen: ScreenID) throws {
    var state = Fixtures.state(width: 80, height: 24)
    state.language = .chinese
    Fixtures.fill(&state, screen)
    try Golden.expect(state.render(Fixtures.unicode), [], "\(screen.word)-zh-80x24-utf8")
  }
}
