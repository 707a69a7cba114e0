import Support
import TerminalUI
import Testing
import Wording

@testable import Dashboard

@Suite("README")
struct ReadmeTests {
  /// The lines of the first block of code in a file of the repository.
  private func firstBlock(of name: String) throws -> [String] {
    let root = Path.parent(of: Path.parent(of: Path.parent(of: #filePath)))
    let bytes = try FileReading.bytes(of: Path.join(root, name), limit: 1 << 20)
    let lines = String(decoding: bytes, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let start = try #require(lines.firstIndex(of: "```"))
    return Array(lines[(start + 1)...].prefix { $0 != "```" })
  }

  @Test("The README shows the main screen as it is drawn")
  func mainScreen() throws {
    let rows = Fixtures.state(width: 80, height: 24).render(Fixtures.unicode).rows.map { row in
      var row = Substring(row)
      while row.last == " " { row.removeLast() }
      return String(row)
    }
    let drawn = rows.joined(separator: "\n")
    let shown = try firstBlock(of: "README.md").joined(separator: "\n")
    #expect(shown == drawn, "it should be:\n\(drawn)")
  }

  @Test("The Chinese README shows the main screen in Chinese")
  func chineseScreen() throws {
    var state = Fixtures.state(width: 80, height: 24)
    state.language = .chinese
    let drawn = state.render(Fixtures.unicode).rows.map { row in
      var row = Substring(row)
      while row.last == " " { row.removeLast() }
      return String(row)
    }.joined(separator: "\n")
    let shown = try firstBlock(of: "README.zh-CN.md").joined(separator: "\n")
    #expect(shown == drawn, "it should be:\n\(drawn)")
  }
}
