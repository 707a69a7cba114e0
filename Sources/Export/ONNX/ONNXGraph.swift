import Support
import TensorFiles

/// A graph of ONNX while it is built: nodes, constants, inputs and outputs.
///
/// Source: onnx/onnx.proto, IR version 8; the numbers of its fields stand here and nowhere else.
struct ONNXGraph {
  /// The types of elements that are used.
  enum Element: Int {
    case float = 1
    case uint8 = 2
    case int64 = 7
  }

  /// A value of a node's attribute.
  enum Attribute {
    case int(Int)
    case float(Float)
    case text(String)
    case ints([Int])
  }

  /// An extent: a number, or a name for what is known only when it runs.
  enum Extent {
    case count(Int)
    case named(String)
  }

  private var nodes: [ProtobufMessage] = []
  private var initializers: [ProtobufMessage] = []
  private var inputs: [ProtobufMessage] = []
  private var outputs: [ProtobufMessage] = []
  private var names: Set<String> = []
  private var constants: [String: String] = [:]

  /// A name that no value has yet.
  mutating func fresh(_ base: String) -> String {
    var name = base
    var number = 2
    while !names.insert(name).inserted {
      name = "\(base)_\(number)"
      number += 1
    }
    return name
  }

  /// Adds a node with one output, and names it.
  mutating func node(
    _ type: String, _ inputs: [String], _ attributes: [(String, Attribute)] = [], named: String
  ) -> String {
    let output = fresh(named)
    add(type, inputs, [output], attributes)
    return output
  }

  /// Adds a node whose output has a name that was given to the outside.
  mutating func add(
    _ type: String, _ inputs: [String], _ outputs: [String],
    _ attributes: [(String, Attribute)] = []
  ) {
    var node = ProtobufMessage()
    for input in inputs { node.add(1, input) }
    for output in outputs { node.add(2, output) }
    node.add(3, "\(outputs[0])/\(type)")
    node.add(4, type)
    for (name, value) in attributes { node.add(5, Self.attribute(name, value)) }
    nodes.append(node)
  }

  private static func attribute(_ name: String, _ value: Attribute) -> ProtobufMessage {
    var message = ProtobufMessage()
    message.add(1, name)
    switch value {
    case .float(let number):
      message.add(2, number)
      message.add(20, 1)
    case .int(let number):
      message.add(3, number)
      message.add(20, 2)
    case .text(let text):
      message.add(4, text)
      message.add(20, 3)
    case .ints(let numbers):
      for number in numbers { message.add(8, number) }
      message.add(20, 7)
    }
    return message
  }

  /// Adds a tensor of weights under its own name.
  mutating func weights(_ tensor: TensorToWrite) -> String {
    if names.insert(tensor.name).inserted {
      var message = Self.tensorHead(tensor.shape, .float, tensor.name)
      message.add(9, length: tensor.shape.reduce(4, *), emit: tensor.emit)
      initializers.append(message)
    }
    return tensor.name
  }

  /// A constant; equal ones are stored once.
  mutating func floats(_ values: [Float], _ shape: [Int], named: String) -> String {
    let bytes = values.flatMap { value in
      withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
    }
    return constant(bytes, shape, .float, named)
  }

  /// A constant of whole numbers; equal ones are stored once.
  mutating func ints(_ values: [Int], _ shape: [Int]? = nil, named: String) -> String {
    let bytes = values.flatMap { value in
      withUnsafeBytes(of: Int64(value).littleEndian) { Array($0) }
    }
    return constant(bytes, shape ?? [values.count], .int64, named)
  }

  private mutating func constant(
    _ bytes: [UInt8], _ shape: [Int], _ element: Element, _ base: String
  ) -> String {
    let key = "\(element) \(shape) \(bytes)"
    if let known = constants[key] { return known }
    let name = fresh(base)
    constants[key] = name
    var message = Self.tensorHead(shape, element, name)
    message.add(9, bytes)
    initializers.append(message)
    return name
  }

  private static func tensorHead(
    _ shape: [Int], _ element: Element, _ name: String
  ) -> ProtobufMessage {
    var message = ProtobufMessage()
    for extent in shape { message.add(1, extent) }
    message.add(2, element.rawValue)
    message.add(8, name)
    return message
  }

  /// Declares an input.
  mutating func input(_ name: String, _ element: Element, _ shape: [Extent]) {
    names.insert(name)
    inputs.append(Self.value(name, element, shape))
  }

  /// Declares an output; a node writes it.
  mutating func output(_ name: String, _ element: Element, _ shape: [Extent]) {
    names.insert(name)
    outputs.append(Self.value(name, element, shape))
  }

  private static func value(
    _ name: String, _ element: Element, _ shape: [Extent]
  ) -> ProtobufMessage {
    var extents = ProtobufMessage()
    for extent in shape {
      var message = ProtobufMessage()
      switch extent {
      case .count(let count): message.add(1, count)
      case .named(let name): message.add(2, name)
      }
      extents.add(1, message)
    }
    var tensor = ProtobufMessage()
    tensor.add(1, element.rawValue)
    tensor.add(2, extents)
    var type = ProtobufMessage()
    type.add(1, tensor)
    var message = ProtobufMessage()
    message.add(1, name)
    message.add(2, type)
    return message
  }

  /// The graph as a model.
  func model(
    name: String, producer: String, version: String, opset: Int,
    metadata: [(key: String, value: String)]
  ) -> ProtobufMessage {
    var graph = ProtobufMessage()
    for node in nodes { graph.add(1, node) }
    graph.add(2, name)
    for tensor in initializers { graph.add(5, tensor) }
    for input in inputs { graph.add(11, input) }
    for output in outputs { graph.add(12, output) }
    var operators = ProtobufMessage()
    operators.add(1, "")
    operators.add(2, opset)
    var model = ProtobufMessage()
    model.add(1, 8)
    model.add(2, producer)
    model.add(3, version)
    model.add(8, operators)
    for (key, value) in metadata {
      var entry = ProtobufMessage()
      entry.add(1, key)
      entry.add(2, value)
      model.add(14, entry)
    }
    // Last, since it is the long one.
    model.add(7, graph)
    return model
  }
}
