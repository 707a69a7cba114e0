import CSimdjson

/// Why a text is no JSON document: simdjson's message.
public struct JSONSyntaxError: Error, Hashable {
  /// What is wrong, in simdjson's words.
  public let reason: String
}

extension JSONValue {
  /// Levels of nesting that are read; a deeper document is refused.
  public static let maximumDepth = 32

  /// Reads one document.
  public init(parsing bytes: some Collection<UInt8>) throws(JSONSyntaxError) {
    let contiguous = ContiguousArray(bytes)
    let document = contiguous.withUnsafeBytes { buffer in
      posetop_json_parse(
        buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count, Self.maximumDepth)
    }
    defer { posetop_json_free(document) }
    if let error = document.error { throw JSONSyntaxError(reason: String(cString: error)) }
    var reader = NodeReader(
      nodes: UnsafeBufferPointer(start: document.nodes, count: document.node_count),
      text: UnsafeRawBufferPointer(start: document.text, count: document.text_count))
    self = reader.value()
  }

  /// Reads one document from text.
  public init(parsing text: String) throws(JSONSyntaxError) {
    try self.init(parsing: Array(text.utf8))
  }

  /// The document on one line, without spaces.
  public var text: String {
    var output: [UInt8] = []
    append(to: &output, indent: nil, level: 0)
    return String(decoding: output, as: UTF8.self)
  }

  /// The document with one member a line, for people; ends with a line break.
  public var prettyText: String {
    var output: [UInt8] = []
    append(to: &output, indent: 2, level: 0)
    output.append(0x0A)
    return String(decoding: output, as: UTF8.self)
  }

  /// Appends the document on one line to a buffer.
  public func append(to output: inout [UInt8]) { append(to: &output, indent: nil, level: 0) }

  private func append(to output: inout [UInt8], indent: Int?, level: Int) {
    switch self {
    case .null: output += "null".utf8
    case .bool(let value): output += (value ? "true" : "false").utf8
    case .integer(let value): output += value.description.utf8
    case .number(let value): output += (value.isFinite ? Self.shortest(value) : "null").utf8
    case .string(let value): Self.append(quoted: value, to: &output)
    case .array(let elements):
      // Arrays of plain values stay on one line also in the pretty form.
      let flat = elements.allSatisfy { $0.array == nil && $0.object == nil }
      Self.list(elements, "[", "]", flat ? nil : indent, level, &output) { element, output in
        element.append(to: &output, indent: indent, level: level + 1)
      }
    case .object(let object):
      Self.list(object.members, "{", "}", indent, level, &output) { member, output in
        Self.append(quoted: member.key, to: &output)
        output += (indent == nil ? ":" : ": ").utf8
        member.value.append(to: &output, indent: indent, level: level + 1)
      }
    }
  }

  private static func list<Element>(
    _ elements: [Element], _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ indent: Int?,
    _ level: Int, _ output: inout [UInt8], _ write: (Element, inout [UInt8]) -> Void
  ) {
    func newLine(_ level: Int) {
      guard let indent else { return }
      output.append(0x0A)
      output += [UInt8](repeating: 0x20, count: indent * level)
    }
    output.append(UInt8(ascii: open))
    for (index, element) in elements.enumerated() {
      if index > 0 { output.append(UInt8(ascii: ",")) }
      newLine(level + 1)
      write(element, &output)
    }
    if !elements.isEmpty { newLine(level) }
    output.append(UInt8(ascii: close))
  }

  private static func shortest(_ value: Double) -> String {
    // Swift prints the shortest text that reads back as the same number; JSON has no "1e+20" issue.
    value.description
  }

  /// Characters that move a cursor, hide or reorder are written as escapes: a document may be shown in
  /// a terminal as it is.
  private static func append(quoted text: String, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    if text.utf8.contains(where: { $0 >= 0x80 }) {
      var marks = 0
      for scalar in text.unicodeScalars {
        marks = UntrustedText.isMark(scalar) ? marks + 1 : 0
        let isPiledUp = marks > UntrustedText.maximumMarks
        if scalar.value >= 0x80, isPiledUp || UntrustedText.isHostile(scalar) {
          for unit in UTF16.encode(scalar) ?? .init() { escape(UInt32(unit), to: &output) }
        } else if scalar.value >= 0x80 {
          output += UTF8.encode(scalar) ?? .init()
        } else {
          append(UInt8(scalar.value), to: &output)
        }
      }
    } else {
      for byte in text.utf8 { append(byte, to: &output) }
    }
    output.append(UInt8(ascii: "\""))
  }

  private static func escape(_ unit: UInt32, to output: inout [UInt8]) {
    let digits = Array("0123456789abcdef".utf8)
    output += "\\u".utf8
    for shift in [12, 8, 4, 0] { output.append(digits[Int(unit >> UInt32(shift) & 15)]) }
  }

  private static func append(_ byte: UInt8, to output: inout [UInt8]) {
    switch byte {
    case UInt8(ascii: "\""): output += "\\\"".utf8
    case UInt8(ascii: "\\"): output += "\\\\".utf8
    case 0x0A: output += "\\n".utf8
    case 0x0D: output += "\\r".utf8
    case 0x09: output += "\\t".utf8
    case 0..<0x20, 0x7F: escape(UInt32(byte), to: &output)
    default: output.append(byte)
    }
  }
}

/// Walks the flat nodes of a parsed document; nesting is bounded by the parser.
private struct NodeReader {
  let nodes: UnsafeBufferPointer<posetop_json_node>
  let text: UnsafeRawBufferPointer
  var position = 0

  private func string(_ node: posetop_json_node) -> String {
    let start = Int(node.integer)
    return String(decoding: text[start..<start + Int(node.count)], as: UTF8.self)
  }

  mutating func value() -> JSONValue {
    let node = nodes[position]
    position += 1
    switch Int(node.kind) {
    case Int(POSETOP_JSON_FALSE.rawValue): return .bool(false)
    case Int(POSETOP_JSON_TRUE.rawValue): return .bool(true)
    case Int(POSETOP_JSON_INTEGER.rawValue): return .integer(node.integer)
    case Int(POSETOP_JSON_DOUBLE.rawValue): return .number(node.number)
    case Int(POSETOP_JSON_STRING.rawValue): return .string(string(node))
    case Int(POSETOP_JSON_ARRAY.rawValue):
      var elements: [JSONValue] = []
      elements.reserveCapacity(Int(node.count))
      for _ in 0..<node.count { elements.append(value()) }
      return .array(elements)
    case Int(POSETOP_JSON_OBJECT.rawValue):
      var members: [(key: String, value: JSONValue)] = []
      members.reserveCapacity(Int(node.count))
      for _ in 0..<node.count {
        let key = string(nodes[position])
        position += 1
        members.append((key, value()))
      }
      return .object(JSONObject(members))
    default: return .null
    }
  }
}
