import Glibc
import Readers
import Support
import TensorFiles
import TestSupport
import Testing
import Wording

@Suite("Damaged JSON and tensor files")
struct MutantTests {
  @Test("A damaged JSON document is a value or an error with words, and a value is written back")
  func json() {
    let text = """
      {"a": [1, -2.5, 3e7, true, false, null], "b": {"c": "z\\u00e9\\ud83e\\udd4a\\n"},
       "keypoints": [[10, 20, 2], [0.5, 1e-3, 0]], "big": 9223372036854775807, "deep": [[[[[]]]]]}
      """
    var tally = MutantTally()
    Mutants(text, name: "json").forEach { bytes in
      do throws(JSONSyntaxError) {
        let value = try JSONValue(parsing: bytes)
        tally.count(isTaken: true)
        #expect((try? JSONValue(parsing: value.text))?.text == value.text)
      } catch {
        tally.count(isTaken: false)
        #expect(!error.reason.isEmpty)
      }
    }
    #expect(tally.isMixed)
  }

  @Test("A damaged tensor file is refused, or gives tensors of the sizes that its header says")
  func tensors() throws {
    var template = Array("/tmp/posetop-mutants-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    try #require(descriptor >= 0)
    close(descriptor)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unlink(path) }
    let seeds = try #require(Reader.named("safetensors")).seeds()
    var tally = MutantTally()
    try Mutants(seeds, name: "safetensors").forEach(at: path) {
      do throws(FileError) {
        let file = try TensorFile(path: path)
        tally.count(isTaken: true)
        for entry in file.entries {
          #expect(entry.count <= 1 << 16)
          #expect(entry.shape.reduce(entry.element.size, *) == entry.count)
          let bytes = try file.bytes(entry.name)
          #expect(file.entry(entry.name).map { $0.count == bytes.count } == true)
        }
      } catch {
        tally.count(isTaken: false)
        #expect(!error.sentence.text().contains("{0}"))
      }
    }
    #expect(tally.isMixed)
  }
}
