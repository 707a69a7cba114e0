/// A value in a pickle: inert data. Callables are names, calls are records; nothing is executed.
indirect enum PickleValue {
  case none
  case bool(Bool)
  case integer(Int)
  case float(Double)
  case text(String)
  case tuple([PickleValue])
  case list(PickleList)
  case dictionary(PickleDictionary)
  /// A name such as `torch FloatStorage`.
  case global(module: String, name: String)
  /// What a callable would have made of its arguments.
  case call(PickleCall)
  /// What PyTorch keeps outside the pickle: a storage.
  case persistent([PickleValue])

  /// The items of a dictionary in their order.
  var items: [(key: PickleValue, value: PickleValue)]? {
    switch self {
    case .dictionary(let dictionary): dictionary.items
    case .call(let call) where call.isOrderedDictionary: call.items
    default: nil
    }
  }

  var text: String? {
    if case .text(let text) = self { text } else { nil }
  }

  var integer: Int? {
    if case .integer(let value) = self { value } else { nil }
  }

  /// The numbers of a tuple of numbers.
  var integers: [Int]? {
    guard case .tuple(let values) = self else { return nil }
    let numbers = values.compactMap(\.integer)
    return numbers.count == values.count ? numbers : nil
  }
}

/// A list that grows after it was put on the stack.
final class PickleList {
  var values: [PickleValue] = []
}

/// A dictionary that grows after it was put on the stack.
final class PickleDictionary {
  var items: [(key: PickleValue, value: PickleValue)] = []
}

/// A call with its arguments.
final class PickleCall {
  let module: String
  let name: String
  let arguments: [PickleValue]
  /// Items that were set on the result.
  var items: [(key: PickleValue, value: PickleValue)] = []

  init(module: String, name: String, arguments: [PickleValue]) {
    self.module = module
    self.name = name
    self.arguments = arguments
  }

  var isOrderedDictionary: Bool { module == "collections" && name == "OrderedDict" }
}
