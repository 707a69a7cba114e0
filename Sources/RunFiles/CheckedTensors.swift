import Support
import TensorFiles

/// A tensor of this module's files with the memory that it is written from.
struct TensorBytes {
  let name: String
  let element: TensorElement
  let shape: [Int]
  let bytes: [UInt8]

  init(_ name: String, _ element: TensorElement, _ shape: [Int], _ bytes: [UInt8]) {
    self.name = name
    self.element = element
    self.shape = shape
    self.bytes = bytes
  }

  init(_ name: String, _ shape: [Int], _ values: [Float]) {
    self.init(name, .float32, shape, values.withUnsafeBytes { Array($0) })
  }

  /// Commits a file of these tensors.
  static func commit(
    _ path: String, _ tensors: [TensorBytes], metadata: [(key: String, value: String)]
  ) throws(FileError) {
    try commit(path, tensors[...], [], metadata: metadata)
  }

  /// The pointers live only within the nested scopes, so each tensor opens one more of them.
  private static func commit(
    _ path: String, _ rest: ArraySlice<TensorBytes>, _ ready: [TensorToWrite],
    metadata: [(key: String, value: String)]
  ) throws(FileError) {
    guard let tensor = rest.first else {
      try TensorFileWriter.commit(path, tensors: ready, metadata: metadata)
      return
    }
    let outcome: Result<Void, FileError> = tensor.bytes.withUnsafeBytes { bytes in
      let next = TensorToWrite(
        name: tensor.name, element: tensor.element, shape: tensor.shape, bytes: bytes)
      do throws(FileError) {
        return .success(try commit(path, rest.dropFirst(), ready + [next], metadata: metadata))
      } catch {
        return .failure(error)
      }
    }
    try outcome.get()
  }
}

/// A safetensors file whose tensors are read only in the shape that is expected.
struct CheckedTensors {
  let file: TensorFile

  init(_ path: String, limit: Int) throws(FileError) {
    file = try TensorFile(path: path)
    let bytes = file.entries.reduce(0) { $0 + $1.count }
    if bytes > limit { throw .tooLarge(path: path, bytes: bytes, limit: limit) }
  }

  func mismatch(_ name: String, _ got: [Int], _ expected: String) -> FileError {
    .tensorMismatch(path: file.path, name: name, got: Self.text(got), expected: expected)
  }

  /// The shape of a tensor of that type and rank.
  func shape(_ name: String, _ element: TensorElement, rank: Int) throws(FileError) -> [Int] {
    guard let entry = file.entry(name) else { throw .tensorMissing(path: file.path, name: name) }
    guard entry.element == element, entry.shape.count == rank else {
      throw mismatch(name, entry.shape, "\(element.rawValue), \(rank)-D")
    }
    return entry.shape
  }

  func floats(_ name: String, _ expected: [Int]) throws(FileError) -> [Float] {
    let shape = try shape(name, .float32, rank: expected.count)
    guard shape == expected else { throw mismatch(name, shape, Self.text(expected)) }
    return try file.floats(name)
  }

  func bytes(_ name: String) throws(FileError) -> [UInt8] { try file.bytes(name) }

  /// A metadata field that holds JSON.
  func metadata(_ key: String) throws(FileError) -> JSONValue {
    do throws(JSONSyntaxError) {
      return try JSONValue(parsing: file.metadata[key] ?? "")
    } catch {
      throw .unexpectedJSON(path: file.path, place: key, expected: "JSON")
    }
  }

  func number(_ key: String) -> Int? { file.metadata[key].flatMap { Int($0) } }

  private static func text(_ shape: [Int]) -> String {
    shape.map(String.init).joined(separator: "×")
  }
}
