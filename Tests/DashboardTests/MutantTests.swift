import Support
import TerminalUI
import TestSupport
import Testing
import Wording

@Suite("Damaged themes")
struct MutantTests {
  @Test("A damaged theme is a theme with notices, or an error with words")
  func themes() {
    let seed = """
      # A theme
      name = Dusk
      base = default
      train = #010203 ansi=red  # lines
      val = none
      meter = #a0b0c0 bold
      """
    var tally = MutantTally()
    Mutants(seed, name: "theme").forEach { bytes in
      do throws(ThemeError) {
        _ = try ThemeFile.parse(String(decoding: bytes, as: UTF8.self), path: "x.theme") { _ in nil
        }
        tally.count(isTaken: true)
      } catch {
        tally.count(isTaken: false)
        #expect(!error.sentence.text().isEmpty)
      }
    }
    #expect(tally.isMixed)
  }
}
