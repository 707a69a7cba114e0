import Support

/// The fields of a message, in order: what the tests of the ONNX writer look at.
struct ProtobufFields {
  enum Value {
    case number(UInt64)
    case bytes(ArraySlice<UInt8>)
    case fixed(ArraySlice<UInt8>)
  }

  private(set) var fields: [(field: Int, value: Value)] = []

  /// Nil when the bytes are no message.
  init?(_ bytes: ArraySlice<UInt8>) {
    var rest = bytes
    func varint() -> UInt64? {
      var (value, shift): (UInt64, UInt64) = (0, 0)
      while let byte = rest.first, shift < 64 {
        rest = rest.dropFirst()
        value |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { return value }
        shift += 7
      }
      return nil
    }
    func take(_ count: Int) -> ArraySlice<UInt8>? {
      guard count >= 0, rest.count >= count else { return nil }
      defer { rest = rest.dropFirst(count) }
      return rest.prefix(count)
    }
    while !rest.isEmpty {
      guard let key = varint() else { return nil }
      switch key & 7 {
      case 0:
        guard let number = varint() else { return nil }
        fields.append((Int(key >> 3), .number(number)))
      case 1, 5:
        guard let bytes = take(key & 7 == 1 ? 8 : 4) else { return nil }
        fields.append((Int(key >> 3), .fixed(bytes)))
      case 2:
        guard let length = varint(), let bytes = take(Int(length)) else { return nil }
        fields.append((Int(key >> 3), .bytes(bytes)))
      default: return nil
      }
    }
  }

  func messages(_ field: Int) -> [ProtobufFields] {
    all(field).compactMap { if case .bytes(let bytes) = $0 { ProtobufFields(bytes) } else { nil } }
  }

  func texts(_ field: Int) -> [String] {
    all(field).compactMap {
      if case .bytes(let bytes) = $0 { String(decoding: bytes, as: UTF8.self) } else { nil }
    }
  }

  func numbers(_ field: Int) -> [Int] {
    all(field).compactMap { if case .number(let value) = $0 { Int(value) } else { nil } }
  }

  func bytes(_ field: Int) -> ArraySlice<UInt8>? {
    if case .bytes(let bytes)? = all(field).first { bytes } else { nil }
  }

  private func all(_ field: Int) -> [Value] {
    fields.filter { $0.field == field }.map(\.value)
  }
}

/// A graph of ONNX as far as its form can be checked without running it.
struct ONNXReading {
  let opset: Int
  let inputs: [String]
  let outputs: [String]
  /// Type, inputs and outputs of each node.
  let nodes: [(type: String, inputs: [String], outputs: [String])]
  /// Shape, element type and bytes of each constant.
  let initializers: [String: (shape: [Int], type: Int, bytes: Int)]
  let metadata: [String: String]

  init?(_ bytes: [UInt8]) {
    guard let model = ProtobufFields(bytes[...]), let graph = model.messages(7).first,
      let version = model.messages(8).first?.numbers(2).first
    else { return nil }
    opset = version
    inputs = graph.messages(11).flatMap { $0.texts(1) }
    outputs = graph.messages(12).flatMap { $0.texts(1) }
    nodes = graph.messages(1).map { ($0.texts(4).first ?? "", $0.texts(1), $0.texts(2)) }
    var found: [String: (shape: [Int], type: Int, bytes: Int)] = [:]
    for tensor in graph.messages(5) {
      found[tensor.texts(8).first ?? ""] = (
        tensor.numbers(1), tensor.numbers(2).first ?? 0, tensor.bytes(9)?.count ?? 0
      )
    }
    initializers = found
    metadata = Dictionary(
      model.messages(14).map { ($0.texts(1).first ?? "", $0.texts(2).first ?? "") },
      uniquingKeysWith: { first, _ in first })
  }

  /// What is wrong with the graph: a value that nobody makes before it is read, one that is made twice,
  /// a constant without the bytes of its shape.
  var faults: [String] {
    var known = Set(inputs).union(initializers.keys)
    var faults: [String] = []
    for node in nodes {
      for input in node.inputs where !input.isEmpty && !known.contains(input) {
        faults.append("\(node.type) reads \(input), which nobody has made")
      }
      for output in node.outputs where !known.insert(output).inserted {
        faults.append("\(output) is made twice")
      }
    }
    for output in outputs where !known.contains(output) { faults.append("no output \(output)") }
    let sizes = [1: 4, 2: 1, 7: 8]
    for (name, tensor) in initializers {
      if tensor.bytes != tensor.shape.reduce(sizes[tensor.type] ?? 0, *) {
        faults.append("\(name) has \(tensor.bytes) bytes, and the shape \(tensor.shape)")
      }
    }
    return faults
  }
}
