import Glibc
import Readers
import Support
import TensorFiles
import TestSupport
import Testing
import Wording

@Suite struct WeightFileTests {
  private func fixture(_ name: String) -> String {
    Path.join(Path.join(Path.parent(of: #filePath), "Fixtures"), name)
  }

  private func values(_ source: any WeightSource, _ name: String) throws -> [Float] {
    try source.floats(#require(source.tensors.firstIndex { $0.name == name }))
  }

  @Test(arguments: ["state.pth", "nested.pth"])
  func `a file of torch.save gives its tensors, whatever their type and strides`(
    _ name: String
  ) throws {
    let file = try WeightFiles.open(fixture(name))
    #expect(file.tensors.count == 8)
    #expect(file.tensors[0].shape == [2, 3, 4])
    #expect(try values(file, "layer.weight") == (0..<24).map { Float($0) / 4 })
    let turned = try values(file, "layer.turned")
    #expect(turned[..<5] == [0, 1.5, 3, 4.5, 0.25])
    #expect(try values(file, "layer.part") == [2, 2.25, 3.5, 3.75])
    #expect(try values(file, "half") == [0.5, -2, 65504, 5.9604645e-08])
    #expect(try values(file, "brain") == [1, -3.5])
    #expect(try values(file, "double") == [0.1, 1e30])
    #expect(try values(file, "parameter") == [7])
    #expect(try values(file, "bn.num_batches_tracked") == [3])
  }

  @Test func `PyTorch's old format is named, with what to do`() {
    let error = #expect(throws: FileError.self) { try WeightFiles.open(fixture("old.pth")) }
    #expect(error?.sentence.text().contains("before version 1.6") == true)
  }

  private func temporaryFile() throws -> String {
    var template = Array("/tmp/posetop-weights-XXXXXX".utf8CString)
    let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
    return Path.join(folder, "mutant.pth")
  }

  @Test func `a damaged file of torch.save is refused, or gives tensors within its size`() throws {
    let bytes = try FileReading.bytes(of: fixture("state.pth"), limit: 1 << 20)
    let path = try temporaryFile()
    defer { removeTree(Path.parent(of: path)) }
    var tally = MutantTally()
    try Mutants([bytes], name: "torch").forEach(at: path) {
      do throws(FileError) {
        let file = try WeightFiles.open(path)
        tally.count(isTaken: true)
        for index in file.tensors.indices {
          let count = file.tensors[index].shape.reduce(1, *)
          #expect(count <= 2 * bytes.count)
          #expect(try file.floats(index).count == count)
        }
      } catch {
        tally.count(isTaken: false)
        #expect(!error.sentence.text().contains("{0}"))
      }
    }
    #expect(tally.isMixed)
  }

  @Test func `a tensor beyond its storage, and a storage beyond the file, are refused`() throws {
    // One tensor of 2 rows of 3 values in a storage of 6.
    let seed = try #require(try Reader.named("torch")?.seeds().first)
    func find(_ pattern: [UInt8], last: Bool = false) throws -> Int {
      let places = (0...(seed.count - pattern.count)).filter {
        Array(seed[$0..<$0 + pattern.count]) == pattern
      }
      return try #require(last ? places.last : places.first)
    }
    let shape = try find([0x4B, 2, 0x4B, 3, 0x86])
    let strides = try find([0x4B, 3, 0x4B, 1, 0x86])
    let member = try find([0x50, 0x4B, 1, 2], last: true)
    let cases: [(name: String, changes: [Int: UInt8], isTaken: Bool)] = [
      ("as it is", [:], true), ("no rows", [shape + 1: 0], true),
      ("one row twice", [strides + 1: 0], true), ("four columns", [shape + 3: 4], false),
      ("one value between the rows", [strides + 1: 4], false),
      ("far strides", [strides + 1: 255, strides + 3: 255], false),
      ("a first value that leaves too few", [shape - 1: 1], false),
      ("a storage of a GiB", [member + 23: 0x40, member + 27: 0x40], false),
      ("a storage of a byte more than there is", [member + 20: 255, member + 24: 255], false),
    ]
    let path = try temporaryFile()
    defer { removeTree(Path.parent(of: path)) }
    for (name, changes, isTaken) in cases {
      var bytes = seed
      for (place, byte) in changes { bytes[place] = byte }
      try DurableFile.commit(path, bytes: bytes)
      #expect(((try? WeightFiles.open(path)) != nil) == isTaken, "\(name)")
    }
  }

  @Test func `an unknown opcode, a compressed member and a path are named`() throws {
    let bytes = try FileReading.bytes(of: fixture("state.pth"), limit: 1 << 20)
    let path = try temporaryFile()
    defer { removeTree(Path.parent(of: path)) }
    func says(_ changed: [UInt8], _ words: String) throws -> Bool {
      try DurableFile.commit(path, bytes: changed)
      do throws(FileError) {
        _ = try WeightFiles.open(path)
        return false
      } catch {
        return error.sentence.text().contains(words)
      }
    }
    func find(_ text: [UInt8], from: Int = 0) throws -> Int {
      try #require(
        (from..<bytes.count - text.count).first { Array(bytes[$0..<$0 + text.count]) == text })
    }
    var changed = bytes
    // The pickle begins with PROTO 2; `i` (INST) is an opcode that could call something.
    let pickle = try find([0x80, 0x02])
    changed[pickle + 2] = UInt8(ascii: "i")
    #expect(try says(changed, "unknown opcode 105"))
    changed = bytes
    let directory = try find([0x50, 0x4B, 0x01, 0x02])
    changed[directory + 10] = 8
    #expect(try says(changed, "is compressed"))
    changed = bytes
    changed[directory + 46] = UInt8(ascii: "/")
    #expect(try says(changed, "has a path as its name"))
  }
}
