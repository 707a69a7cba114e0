import Glibc
import Support
import TensorFiles
import Testing

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

  /// Opens a changed copy of a file and reads all that it offers; only its own errors may come.
  private func read(_ bytes: [UInt8], _ path: String) throws -> Bool {
    try DurableFile.commit(path, bytes: bytes)
    do throws(FileError) {
      let file = try WeightFiles.open(path)
      for index in file.tensors.indices {
        let count = file.tensors[index].shape.reduce(1, *)
        #expect(count <= bytes.count)
        _ = try file.floats(index)
      }
      return true
    } catch {
      #expect(error.sentence.text().contains(Path.name(of: path)))
      return false
    }
  }

  private func temporaryFile() throws -> String {
    var template = Array("/tmp/posetop-weights-XXXXXX".utf8CString)
    let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
    return Path.join(folder, "mutant.pth")
  }

  @Test func `a file that is cut off anywhere is refused`() throws {
    let bytes = try FileReading.bytes(of: fixture("state.pth"), limit: 1 << 20)
    let path = try temporaryFile()
    for length in stride(from: 0, to: bytes.count, by: 61) {
      #expect(try !read(Array(bytes[..<length]), path))
    }
  }

  @Test func `two thousand mutants neither trap nor read outside the file`() throws {
    let bytes = try FileReading.bytes(of: fixture("state.pth"), limit: 1 << 20)
    let path = try temporaryFile()
    let random = CounterRandom(seed: 4, name: "mutants")
    let start = try #require(
      bytes.indices.first { Array(bytes[$0...].prefix(8)) == Array("data.pkl".utf8) })
    for mutant in 0..<2000 {
      var changed = bytes
      for change in 0..<1 + mutant % 3 {
        let number = random.bits(8 * mutant + change)
        // Half of the changes hit the pickle, which lies behind its name.
        let at =
          number % 2 == 0
          ? start + Int((number >> 8) % 1200) : Int((number >> 8) % UInt64(bytes.count))
        changed[min(at, bytes.count - 1)] = UInt8(truncatingIfNeeded: number >> 40)
      }
      _ = try read(changed, path)
    }
  }

  @Test func `an unknown opcode, a compressed member and a path are named`() throws {
    let bytes = try FileReading.bytes(of: fixture("state.pth"), limit: 1 << 20)
    let path = try temporaryFile()
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
