import Support
import Testing
import Wording

@Suite("Sentences within sentences")
struct NestedSentenceTests {
  private let inner = Sentence(SupportSentence.cannotRead, "a.json", "Permission denied")

  @Test("An argument that is a sentence is said in the reader's language")
  func languages() {
    let outer = Sentence(EngineSentence.mirrorFailed, inner)
    #expect(
      outer.text() == "The second copy is behind: a.json cannot be read: Permission denied.")
    #expect(outer.text(in: .chinese) == "第二份副本落后了:无法读取 a.json:Permission denied。")
  }

  @Test("They may be nested in one another, hold any text, and travel")
  func deep() throws {
    let odd = Sentence(SupportSentence.cannotOpen, "⟪3:x⟫ 12:34 {0}\u{1F}é", "why")
    let deep = Sentence(
      EngineSentence.notRolledBack, Sentence(EngineSentence.stateNotSaved, 3, odd))
    #expect(deep.text().contains("⟪3:x⟫ 12:34 {0}\u{1F}é cannot be opened: why."))
    let copy = Sentence(key: deep.key, arguments: deep.arguments)
    #expect(copy == deep && copy.text(in: .chinese) == deep.text(in: .chinese))
  }

  @Test(
    "What is no sentence stays text",
    arguments: ["⟪⟫", "⟪5:abc⟫", "⟪x⟫", "⟪-1:⟫", "⟪3:abc", "⟪99999999999999999999:a⟫"])
  func broken(_ text: String) {
    #expect(Sentence(EngineSentence.mirrorFailed, text).text().hasSuffix(text))
  }
}
