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
  private var values: [PickleValue] = []
  private var stack: [PickleValue.Place] = []
  private var marks: [Int] = []
  private var memo: [Int: PickleValue.Place] = [:]

  /// The values of a pickle.
  static func read(_ bytes: [UInt8]) throws(Failure) -> PickleDocument {
    var reader = PickleReader(bytes: bytes)
    let root = try reader.run()
    return PickleDocument(values: reader.values, root: root)
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func run() throws(Failure) -> PickleValue.Place {
    while true {
      let opcode = try number(1)
      switch UInt8(opcode) {
      case 0x80: _ = try number(1)  // PROTO
      case 0x95: _ = try take(8)  // FRAME
      case UInt8(ascii: "."): return try pop()
      case UInt8(ascii: "("): marks.append(stack.count)
      case UInt8(ascii: "N"): push(.none)
      case 0x88: push(.bool(true))
      case 0x89: push(.bool(false))
      case UInt8(ascii: "J"): push(.integer(Int(Int32(truncatingIfNeeded: try number(4)))))
      case UInt8(ascii: "K"): push(.integer(try number(1)))
      case UInt8(ascii: "M"): push(.integer(try number(2)))
      case 0x8A: push(.integer(try longInteger()))
      case UInt8(ascii: "G"): push(.float(try float()))
      case UInt8(ascii: "X"): push(.text(try text(try number(4))))
      case 0x8C: push(.text(try text(try number(1))))
      case UInt8(ascii: "U"): push(.text(try text(try number(1))))
      case UInt8(ascii: "c"): push(.global(module: try line(), name: try line()))
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
    case UInt8(ascii: ")"): push(.tuple([]))
    case 0x85: push(.tuple([try pop()]))
    case 0x86: try tuple(of: 2)
    case 0x87: try tuple(of: 3)
    case UInt8(ascii: "t"): push(.tuple(try sinceMark()))
    case UInt8(ascii: "]"): push(.list([]))
    case UInt8(ascii: "}"): push(.dictionary([]))
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
      guard case .tuple(let places) = values[try pop()] else {
        throw Failure(reason: "a reference to a storage is no tuple")
      }
      push(.persistent(places))
    case UInt8(ascii: "R"), 0x81:
      let arguments = try pop()
      guard case .tuple(let places) = values[arguments],
        case .global(let module, let name) = values[try pop()]
      else { throw Failure(reason: "something is called that is no name") }
      push(.call(PickleCall(module: module, name: name, arguments: places)))
    case UInt8(ascii: "b"): _ = try pop()  // BUILD: attributes such as `_metadata`, not needed
    default:
      throw Failure(reason: "its pickle has the unknown opcode \(opcode) at byte \(at - 1)")
    }
  }

  // MARK: - Stack

  private mutating func push(_ value: PickleValue) {
    stack.append(values.count)
    values.append(value)
  }

  private func top() throws(Failure) -> PickleValue.Place {
    guard let place = stack.last, stack.count > (marks.last ?? 0) else {
      throw Failure(reason: "its pickle uses a value that is not there")
    }
    return place
  }

  private mutating func pop() throws(Failure) -> PickleValue.Place {
    let place = try top()
    stack.removeLast()
    return place
  }

  private mutating func sinceMark() throws(Failure) -> [PickleValue.Place] {
    guard let mark = marks.popLast(), mark <= stack.count else {
      throw Failure(reason: "its pickle ends a group that never began")
    }
    let places = Array(stack[mark...])
    stack.removeLast(places.count)
    return places
  }

  private mutating func tuple(of count: Int) throws(Failure) {
    var places: [PickleValue.Place] = []
    for _ in 0..<count { places.append(try pop()) }
    push(.tuple(places.reversed()))
  }

  private func remembered(_ index: Int) throws(Failure) -> PickleValue.Place {
    guard let place = memo[index] else {
      throw Failure(reason: "its pickle remembers a value that is not there")
    }
    return place
  }

  private mutating func append(_ places: [PickleValue.Place]) throws(Failure) {
    let place = try top()
    guard case .list(var list) = values[place] else {
      throw Failure(reason: "its pickle appends to something that is no list")
    }
    // Without this the array would be copied at each append.
    values[place] = .none
    list += places
    values[place] = .list(list)
  }

  private mutating func setItems(_ places: [PickleValue.Place]) throws(Failure) {
    guard places.count % 2 == 0 else { throw Failure(reason: "its pickle has a key without value") }
    let place = try top()
    switch values[place] {
    case .dictionary(var items):
      values[place] = .none
      items += places
      values[place] = .dictionary(items)
    case .call(var call):
      values[place] = .none
      call.items += places
      values[place] = .call(call)
    default: throw Failure(reason: "its pickle sets items of something that is no dictionary")
    }
  }

  private mutating func stackGlobal() throws(Failure) {
    guard case .text(let name) = values[try pop()], case .text(let module) = values[try pop()]
    else { throw Failure(reason: "a name in its pickle is no text") }
    push(.global(module: module, name: name))
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
