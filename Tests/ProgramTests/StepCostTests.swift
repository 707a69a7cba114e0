import Glibc
import Support
import Testing

@Suite(.enabled(if: programsFolder != nil, skipReason))
struct StepCostTests {
  // With and without a layer that is updated as its gradient is computed, and with transposed layers.
  @Test(arguments: [
    ("lite", "none"), ("cnn", "none"), ("cnn", "1000"), ("resnet18:heatmap", "none"),
    ("resnet18:heatmap:bf16", "none"),
  ])
  func `a training step allocates nothing and starts no thread`(
    _ model: String, _ updatesFrom: String
  ) throws {
    let place = try Workplace()
    let helper = Path.join(try #require(programsFolder), "posetop-test-helper")
    let command = "\(helper) step \(model) \(updatesFrom) >\(place.file("answer"))"
    #expect(system(command) == 0)
    let answer = String(
      decoding: try FileReading.bytes(of: place.file("answer"), limit: 4096), as: UTF8.self)
    let words = answer.split { $0 == " " || $0 == "\n" }.map(String.init)
    if words == ["not", "counted"] { return }
    #expect(
      words.prefix(2) == ["allocations", "0"] && words.suffix(2) == ["threads", "0"], "\(answer)")
    // OpenBLAS allocates in products with few rows or columns; there are few of those.
    #expect((Int(words[3]) ?? .max) <= 4, "\(answer)")
  }

  // A sample's own allocation would count 64 times here; a batch that is handed out has four.
  @Test func `a sample whose region is kept is cropped without an allocation`() throws {
    let place = try Workplace()
    let programs = try #require(programsFolder)
    let figures = place.file("figures")
    #expect(system("\(programs)/posetop figures \(figures) -n 64 >/dev/null") == 0)
    let command = "\(programs)/posetop-test-helper samples \(figures) 1"
    #expect(system("\(command) >\(place.file("answer"))") == 0)
    let answer = String(
      decoding: try FileReading.bytes(of: place.file("answer"), limit: 4096), as: UTF8.self)
    let words = answer.split { $0 == " " || $0 == "\n" }.map(String.init)
    if words == ["not", "counted"] { return }
    #expect(words.prefix(4) == ["samples", "64", "batches", "8"], "\(answer)")
    #expect((Int(words[5]) ?? .max) <= 40, "\(answer)")
  }
}
