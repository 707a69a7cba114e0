/// Reads a pickle of protocols 2 to 4 as inert data (opcodes: CPython's `Lib/pickletools.py`).
///
/// Only the opcodes that `torch.save` writes for weights are known; any other is an error. Each opcode
/// takes at least a byte and makes at most one value, so memory is bounded by the pickle's size.
struct PickleReader {
  /// What is wrong with a pickle.
  struct Failure: Error {
    let reason: String
  }

  private let bytes: [UInt8]
  private var at = 0
  private var stack: [PickleValue] = []
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]

  /// The value of a pickle.
  static func read(_ bytes: [UInt8]) throws(Failure) -> PickleValue {
    var reader = PickleReader(bytes: bytes)
    return try reader.run()
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func run() throws(Failure) -> PickleValue {
    while true {
      let opcode = try number(1)
      switch UInt8(opcode) {
      case 0x80: _ = try number(1)  // PROTO
      case 0x95: _ = try take(8)  // FRAME
      case UInt8(ascii: "."): return try pop()
      case UInt8(ascii: "("): marks.append(stack.count)
      case UInt8(ascii: "N"): stack.append(.none)
      case 0x88: stack.append(.bool(true))
      case 0x89: stack.append(.bool(false))
      case UInt8(ascii: "J"): stack.append(.integer(Int(Int32(truncatingIfNeeded: try number(4)))))
      case UInt8(ascii: "K"): stack.append(.integer(try number(1)))
      case UInt8(ascii: "M"): stack.append(.integer(try number(2)))
      case 0x8A: stack.append(.integer(try longInteger()))
      case UInt8(ascii: "G"): stack.append(.float(try float()))
      case UInt8(ascii: "X"): stack.append(.text(try text(try number(4))))
      case 0x8C: stack.append(.text(try text(try number(1))))
      case UInt8(ascii: "U"): stack.append(.text(try text(try number(1))))
      case UInt8(ascii: "c"): stack.append(.global(module: try line(), name: try line()))
      case 0x93: try stackGlobal()
      case UInt8(ascii: "q"): memo[try number(1)] = try top()
      case UInt8(ascii: "r"): memo[try number(4)] = try top()
      case 0x94: memo[memo.count] = try top()
      case UInt8(ascii: "h"): stack.append(try remembered(try number(1)))
      case UInt8(ascii: "j"): stack.append(try remembered(try number(4)))
      default: try container(UInt8(opcode))
      }
    }
  }

  private mutating func container(_ opcode: UInt8) throws(Failure) {
    switch opcode {
    case UInt8(ascii: ")"): stack.append(.tuple([]))
    case 0x85: stack.append(.tuple([try pop()]))
    case 0x86: try tuple(of: 2)
    case 0x87: try tuple(of: 3)
    case UInt8(ascii: "t"): stack.append(.tuple(try sinceMark()))
    case UInt8(ascii: "]"): stack.append(.list(PickleList()))
    case UInt8(ascii: "}"): stack.append(.dictionary(PickleDictionary()))
    case UInt8(ascii: "a"):
      let value = try pop()
      try append([value])
    case UInt8(ascii: "e"): try append(try sinceMark())
    case UInt8(ascii: "s"):
      let value = try pop()
      let key = try pop()
      try setItems([key, value])
    case UInt8(ascii: "u"): try setItems(try sinceMark())
    case UInt8(ascii: "Q"):
      guard case .tuple(let values) = try pop() else {
        throw Failure(reason: "a reference to a storage is no tuple")
      }
      stack.append(.persistent(values))
    case UInt8(ascii: "R"), 0x81:
      let arguments = try pop()
      guard case .tuple(let values) = arguments, case .global(let module, let name) = try pop()
      else { throw Failure(reason: "something is called that is no name") }
      stack.append(.call(PickleCall(module: module, name: name, arguments: values)))
    case UInt8(ascii: "b"): _ = try pop()  // BUILD: attributes such as `_metadata`, not needed
    default:
      throw Failure(reason: "its pickle has the unknown opcode \(opcode) at byte \(at - 1)")
    }
  }

  // MARK: - Stack

  private func top() throws(Failure) -> PickleValue {
    guard let value = stack.last, stack.count > (marks.last ?? 0) else {
      throw Failure(reason: "its pickle uses a value that is not there")
    }
    return value
  }

  private mutating func pop() throws(Failure) -> PickleValue {
    let value = try top()
    stack.removeLast()
    return value
  }

  private mutating func sinceMark() throws(Failure) -> [PickleValue] {
    guard let mark = marks.popLast(), mark <= stack.count else {
      throw Failure(reason: "its pickle ends a group that never began")
    }
    let values = Array(stack[mark...])
    stack.removeLast(values.count)
    return values
  }

  private mutating func tuple(of count: Int) throws(Failure) {
    var values: [PickleValue] = []
    for _ in 0..<count { values.append(try pop()) }
    stack.append(.tuple(values.reversed()))
  }

  private func remembered(_ index: Int) throws(Failure) -> PickleValue {
    guard let value = memo[index] else {
      throw Failure(reason: "its pickle remembers a value that is not there")
    }
    return value
  }

  private mutating func append(_ values: [PickleValue]) throws(Failure) {
    guard case .list(let list) = try top() else {
      throw Failure(reason: "its pickle appends to something that is no list")
    }
    list.values += values
  }

  private mutating func setItems(_ values: [PickleValue]) throws(Failure) {
    guard values.count % 2 == 0 else { throw Failure(reason: "its pickle has a key without value") }
    let items = stride(from: 0, to: values.count, by: 2).map {
      (key: values[$0], value: values[$0 + 1])
    }
    switch try top() {
    case .dictionary(let dictionary): dictionary.items += items
    case .call(let call): call.items += items
    default: throw Failure(reason: "its pickle sets items of something that is no dictionary")
    }
  }

  private mutating func stackGlobal() throws(Failure) {
    let name = try pop()
    guard let name = name.text, let module = try pop().text else {
      throw Failure(reason: "a name in its pickle is no text")
    }
    stack.append(.global(module: module, name: name))
  }

  // MARK: - Bytes

  private mutating func take(_ count: Int) throws(Failure) -> ArraySlice<UInt8> {
    guard count >= 0, count <= bytes.count - at else {
      throw Failure(reason: "its pickle is cut off at byte \(at)")
    }
    defer { at += count }
    return bytes[at..<at + count]
  }

  private mutating func number(_ width: Int) throws(Failure) -> Int {
    try take(width).reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// LONG1: a two's complement number of up to 8 bytes.
  private mutating func longInteger() throws(Failure) -> Int {
    let width = try number(1)
    guard width <= 8 else { throw Failure(reason: "its pickle has a number beyond 64 bits") }
    if width == 0 { return 0 }
    let raw = try take(width).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let unused = UInt64(64 - 8 * width)
    return Int(Int64(bitPattern: raw << unused) >> Int64(unused))
  }

  private mutating func float() throws(Failure) -> Double {
    Double(bitPattern: try take(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }

  private mutating func text(_ length: Int) throws(Failure) -> String {
    String(decoding: try take(length), as: UTF8.self)
  }

  private mutating func line() throws(Failure) -> String {
    guard let end = bytes[at...].firstIndex(of: 10) else {
      throw Failure(reason: "its pickle is cut off at byte \(at)")
    }
    let word = try text(end - at)
    at += 1
    return word
  }
}
