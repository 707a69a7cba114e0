/// A value in a pickle: inert data. Callables are names, calls are records; nothing is executed.
///
/// Values that hold others hold their places in the document: a pickle may nest a million levels deep
/// or hold itself, and neither may overflow the stack or keep memory for ever.
enum PickleValue {
  /// The place of a value in its document.
  typealias Place = Int

  case none
  case bool(Bool)
  case integer(Int)
  case float(Double)
  case text(String)
  case tuple([Place])
  case list([Place])
  /// Keys and values in turn.
  case dictionary([Place])
  /// A name such as `torch FloatStorage`.
  case global(module: String, name: String)
  /// What a callable would have made of its arguments.
  case call(PickleCall)
  /// What PyTorch keeps outside the pickle: a storage.
  case persistent([Place])
}

/// A call with its arguments.
struct PickleCall {
  let module: String
  let name: String
  let arguments: [PickleValue.Place]
  /// Keys and values, in turn, that were set on the result.
  var items: [PickleValue.Place] = []

  var isOrderedDictionary: Bool { module == "collections" && name == "OrderedDict" }
}

/// All values of a pickle, and which of them is the whole.
struct PickleDocument {
  let values: [PickleValue]
  let root: PickleValue.Place

  subscript(place: PickleValue.Place) -> PickleValue { values[place] }

  /// The items of a dictionary in their order; nil when the value is none.
  func items(_ place: PickleValue.Place) -> [(key: PickleValue.Place, value: PickleValue.Place)]? {
    let flat: [PickleValue.Place]
    switch values[place] {
    case .dictionary(let items): flat = items
    case .call(let call) where call.isOrderedDictionary: flat = call.items
    default: return nil
    }
    return stride(from: 0, to: flat.count, by: 2).map { (flat[$0], flat[$0 + 1]) }
  }

  func text(_ place: PickleValue.Place) -> String? {
    if case .text(let text) = values[place] { text } else { nil }
  }

  func integer(_ place: PickleValue.Place) -> Int? {
    if case .integer(let value) = values[place] { value } else { nil }
  }

  /// The numbers of a tuple of numbers.
  func integers(_ place: PickleValue.Place) -> [Int]? {
    guard case .tuple(let places) = values[place] else { return nil }
    let numbers = places.compactMap { integer($0) }
    return numbers.count == places.count ? numbers : nil
  }
}
