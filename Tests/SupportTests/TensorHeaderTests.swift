import Glibc
import Support
import TensorFiles
import Testing

/// Headers of tensor files that say what cannot be.
@Suite("Headers of tensor files") struct TensorHeaderTests {
  /// A file of a header and so many bytes of tensors.
  private func file(_ header: String, _ data: Int) -> [UInt8] {
    let text = Array(header.utf8)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
    return length + text + [UInt8](repeating: 0, count: data)
  }

  private static func tensor(
    _ name: String, _ shape: String, _ low: Int, _ high: Int, _ type: String = "F32"
  ) -> String {
    "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":[\(low),\(high)]}"
  }

  /// What is wrong, tensors of a header, and bytes behind it.
  private static let liars: [(fault: String, tensors: [String], bytes: Int)] = [
    ("a shape of more values than its bytes", [tensor("a", "[3]", 0, 8)], 8),
    ("a shape of fewer values than its bytes", [tensor("a", "[1]", 0, 8)], 8),
    (
      "a shape of as many values as its bytes and the hole behind them",
      [tensor("a", "[3]", 0, 8), tensor("b", "[1]", 12, 16)], 16
    ),
    (
      "a shape of as many values as its bytes without those of the next tensor",
      [tensor("a", "[1]", 0, 8), tensor("b", "[1]", 4, 8)], 8
    ),
    ("no dimension, but two values", [tensor("a", "[]", 0, 8)], 8),
    ("another element type than its bytes", [tensor("a", "[2]", 0, 8, "F64")], 8),
    ("an unknown element type", [tensor("a", "[2]", 0, 8, "F33")], 8),
    ("bytes behind the end of the file", [tensor("a", "[4]", 0, 16)], 8),
    ("bytes that no tensor has", [tensor("a", "[1]", 0, 4)], 8),
    ("an end before the beginning", [tensor("a", "[0]", 4, 0)], 4),
    ("a negative beginning", [tensor("a", "[2]", -4, 4)], 4),
    ("a negative dimension", [tensor("a", "[-2]", 0, 8)], 8),
    ("two negative dimensions", [tensor("a", "[-1,-2]", 0, 8)], 8),
    ("a product beyond 64 bits", [tensor("a", "[4294967296,4294967296,2]", 0, 0)], 0),
    ("values beyond 64 bits of bytes", [tensor("a", "[4611686018427387905]", 0, 4)], 4),
    ("a fraction as a dimension", [tensor("a", "[0.5]", 0, 4)], 4),
    ("a hole", [tensor("a", "[1]", 0, 4), tensor("b", "[1]", 8, 12)], 12),
    ("an overlap", [tensor("a", "[2]", 0, 8), tensor("b", "[2]", 4, 12)], 12),
    (
      "an overlap as large as a hole",
      [tensor("a", "[1]", 0, 4), tensor("b", "[1]", 8, 12), tensor("c", "[1]", 8, 12)], 12
    ),
    ("an end beyond 64 bits", [tensor("a", "[9223372036854775807]", 0, .max, "U8")], 8),
    ("one name twice", [tensor("a", "[1]", 0, 4), tensor("a", "[1]", 4, 8)], 8),
    ("three offsets", ["\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,2,4]}"], 4),
    ("no shape", ["\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}"], 4),
  ]

  private func open(_ bytes: [UInt8]) throws -> TensorFile {
    var template = Array("/tmp/posetop-header-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    try #require(descriptor >= 0)
    close(descriptor)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unlink(path) }
    try DurableFile.commit(path, bytes: bytes)
    return try TensorFile(path: path)
  }

  @Test("one that says the truth is taken")
  func truth() throws {
    let header = [Self.tensor("b", "[1,2]", 4, 12), Self.tensor("a", "[]", 0, 4)]
    let read = try open(file("{\(header.joined(separator: ","))}", 12))
    #expect(read.entries.map(\.name) == ["a", "b"])
    #expect(try read.floats("b") == [0, 0])
  }

  @Test("one that lies is refused, whatever it lies about", arguments: liars.indices)
  func lies(index: Int) throws {
    let (fault, tensors, bytes) = Self.liars[index]
    #expect(throws: FileError.self, "\(fault)") {
      try open(file("{\(tensors.joined(separator: ","))}", bytes))
    }
  }
}
