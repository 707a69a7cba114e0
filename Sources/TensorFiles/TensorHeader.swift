import Glibc
import Support

func closeDescriptor(_ descriptor: Int32) { close(descriptor) }

/// A header as it is written, and the checks that make one trustworthy that is read.
enum TensorHeader {
  /// The header's bytes, its length in front, padded so that the data begins at a multiple of 64.
  static func bytes(
    _ tensors: [(name: String, element: TensorElement, shape: [Int])],
    _ metadata: [(key: String, value: String)]
  ) -> [UInt8] {
    var members: [(key: String, value: JSONValue)] = []
    if !metadata.isEmpty {
      let fields = metadata.map { (key: $0.key, value: JSONValue.string($0.value)) }
      members.append(("__metadata__", .object(JSONObject(fields))))
    }
    var offset = 0
    for tensor in tensors {
      let count = tensor.shape.reduce(tensor.element.size, *)
      let value: JSONValue = [
        "dtype": .string(tensor.element.rawValue),
        "shape": .array(tensor.shape.map { .integer(Int64($0)) }),
        "data_offsets": [.integer(Int64(offset)), .integer(Int64(offset + count))],
      ]
      members.append((tensor.name, value))
      offset += count
    }
    var text: [UInt8] = []
    JSONValue.object(JSONObject(members)).append(to: &text)
    while (8 + text.count) % 64 != 0 { text.append(UInt8(ascii: " ")) }
    let length = UInt64(text.count).littleEndian
    return withUnsafeBytes(of: length) { Array($0) } + text
  }

  static func read(
    _ descriptor: Int32, path: String, size: Int
  ) throws(FileError) -> ([TensorEntry], [String: String]) {
    func broken(_ reason: String) -> FileError { .brokenTensorFile(path: path, reason: reason) }
    var length: UInt64 = 0
    let got = withUnsafeMutableBytes(of: &length) {
      FileReading.read(descriptor, into: $0, at: 0)
    }
    guard got == 8 else { throw broken("it is shorter than 8 bytes") }
    length = UInt64(littleEndian: length)
    // The length of a header never fills all eight bytes: what does is another kind of file.
    guard length < 1 << 48 else { throw broken("it does not begin as .safetensors files do") }
    guard length <= UInt64(TensorFile.maximumHeader), length <= UInt64(size - 8) else {
      throw broken("its header claims \(length) bytes, the file has \(size)")
    }
    let headerLength = Int(length)
    var text = [UInt8](repeating: 0, count: headerLength)
    let count = text.withUnsafeMutableBytes { FileReading.read(descriptor, into: $0, at: 8) }
    guard count == headerLength else { throw .cannotRead(path: path, reason: FileError.reason()) }
    guard text.first == UInt8(ascii: "{") else {
      throw broken("its header does not begin with a brace")
    }
    let json: JSONValue
    do {
      json = try JSONValue(parsing: text)
    } catch {
      throw broken("its header is not valid JSON, \(error.reason)")
    }
    guard let object = json.object else { throw broken("its header is no JSON object") }
    return try check(object, start: 8 + headerLength, size: size, broken)
  }

  private static func check(
    _ object: JSONObject, start: Int, size: Int, _ broken: (String) -> FileError
  ) throws(FileError) -> ([TensorEntry], [String: String]) {
    var metadata: [String: String] = [:]
    var entries: [TensorEntry] = []
    var names: Set<String> = []
    for member in object.members {
      guard names.insert(member.key).inserted else {
        throw broken("the name \(member.key) stands twice in its header")
      }
      if member.key == "__metadata__" {
        for field in member.value.object?.members ?? [] {
          guard let value = field.value.string else {
            throw broken("its metadata field \(field.key) is no text")
          }
          metadata[field.key] = value
        }
        continue
      }
      entries.append(try entry(member.key, member.value, start: start, size: size, broken))
    }
    entries.sort { ($0.offset, $0.count) < ($1.offset, $1.count) }
    var end = start
    for entry in entries {
      guard entry.offset == end else {
        throw broken("tensor \(entry.name) leaves a hole or overlaps another")
      }
      end += entry.count
    }
    guard end == size else { throw broken("its tensors end at byte \(end), the file at \(size)") }
    return (entries, metadata)
  }

  private static func entry(
    _ name: String, _ value: JSONValue, start: Int, size: Int, _ broken: (String) -> FileError
  ) throws(FileError) -> TensorEntry {
    guard let element = value["dtype"]?.string.flatMap(TensorElement.init(rawValue:)) else {
      throw broken("tensor \(name) has an unknown element type")
    }
    guard let dimensions = value["shape"]?.array, let range = value["data_offsets"]?.array,
      dimensions.count <= 16, range.count == 2, let low = range[0].int, let high = range[1].int,
      low >= 0, high >= low, high <= size - start
    else { throw broken("tensor \(name) has a broken shape or place") }
    var shape: [Int] = []
    var bytes = element.size
    for dimension in dimensions {
      guard let length = dimension.int, length >= 0 else {
        throw broken("tensor \(name) has a broken shape")
      }
      let (product, overflow) = bytes.multipliedReportingOverflow(by: length)
      guard !overflow else { throw broken("tensor \(name) is impossibly large") }
      bytes = product
      shape.append(length)
    }
    guard bytes == high - low else {
      throw broken("tensor \(name) has \(high - low) bytes, its shape needs \(bytes)")
    }
    return TensorEntry(
      name: name, element: element, shape: shape, offset: start + low, count: bytes)
  }
}
