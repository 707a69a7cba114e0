import Support

/// Weights that `torch.save` wrote (PyTorch 1.6 and later): a zip archive of stored members, with a
/// pickle that says which tensors there are. The pickle is read as inert data.
final class TorchFile: WeightSource {
  let path: String
  let tensors: [WeightEntry]
  let metadata: [String: String] = [:]
  private let places: [Place]
  private let descriptor: Int32

  /// Where a tensor's values lie.
  private struct Place {
    let element: TensorElement
    let offset: Int
    let shape: [Int]
    let strides: [Int]
  }

  /// Largest pickle that is read; ResNet-152's has 100 KB.
  private static let largestPickle = 64 << 20

  init(path: String) throws(FileError) {
    let (descriptor, size) = try FileReading.open(path)
    do throws(FileError) {
      let directory = try ZipDirectory(descriptor, path: path, size: size)
      (tensors, places) = try Self.tensors(descriptor, path, directory)
    } catch {
      closeDescriptor(descriptor)
      throw error
    }
    self.path = path
    self.descriptor = descriptor
  }

  deinit { closeDescriptor(descriptor) }

  func floats(_ index: Int) throws(FileError) -> [Float] {
    let place = places[index]
    let count = place.shape.reduce(1, *)
    if count == 0 { return [] }
    // From the first to the last element that the strides reach.
    let span = zip(place.shape, place.strides).reduce(1) { $0 + ($1.0 - 1) * $1.1 }
    var bytes = [UInt8](repeating: 0, count: span * place.element.size)
    let got = bytes.withUnsafeMutableBytes {
      FileReading.read(descriptor, into: $0, at: place.offset)
    }
    guard got == bytes.count else { throw .cannotRead(path: path, reason: FileError.reason()) }
    let values = place.element.floats(bytes)
    if span == count, Self.isContiguous(place.shape, place.strides) { return values }
    return (0..<count).map { index in
      var (rest, at) = (index, 0)
      for (extent, stride) in zip(place.shape, place.strides).reversed() {
        at += rest % extent * stride
        rest /= extent
      }
      return values[at]
    }
  }

  private static func isContiguous(_ shape: [Int], _ strides: [Int]) -> Bool {
    var expected = 1
    for (extent, stride) in zip(shape, strides).reversed() {
      if extent != 1 && stride != expected { return false }
      expected *= extent
    }
    return true
  }

  private static func tensors(
    _ descriptor: Int32, _ path: String, _ directory: ZipDirectory
  ) throws(FileError) -> ([WeightEntry], [Place]) {
    func broken(_ reason: String) -> FileError { .brokenTensorFile(path: path, reason: reason) }
    guard
      let name = directory.members.keys.filter({ $0 == "data.pkl" || $0.hasSuffix("/data.pkl") })
        .min(by: { ($0.utf8.count, $0) < ($1.utf8.count, $1) }),
      let member = directory.members[name], member.count <= largestPickle
    else { throw broken("its archive holds no data.pkl of PyTorch") }
    let folder = name.dropLast("data.pkl".utf8.count)
    if let order = directory.members["\(folder)byteorder"], order.count != 6 {
      throw broken("its numbers are big-endian")
    }
    var pickle = [UInt8](repeating: 0, count: member.count)
    let got = pickle.withUnsafeMutableBytes {
      FileReading.read(descriptor, into: $0, at: member.offset)
    }
    guard got == member.count else { throw .cannotRead(path: path, reason: FileError.reason()) }
    let document: PickleDocument
    do {
      document = try PickleReader.read(pickle)
    } catch {
      throw broken(error.reason)
    }
    var entries: [WeightEntry] = []
    var places: [Place] = []
    for (key, value) in stateDictionary(document) {
      guard let name = document.text(key), let tensor = tensorCall(value, document) else {
        continue
      }
      let shown = UntrustedText.clean(name)
      guard let place = place(tensor, document, folder: folder, directory) else {
        throw broken("its tensor \(shown) has a broken shape, type or place")
      }
      entries.append(WeightEntry(name: name, shape: place.shape))
      places.append(place)
    }
    guard !entries.isEmpty else { throw broken("there is no tensor in it") }
    return (entries, places)
  }

  /// The items of the weights: the pickled dictionary itself, or the one that trainers keep in it.
  private static func stateDictionary(
    _ document: PickleDocument
  ) -> [(key: PickleValue.Place, value: PickleValue.Place)] {
    let items = document.items(document.root) ?? []
    for name in ["state_dict", "model", "model_state_dict", "net"] {
      if let found = items.first(where: { document.text($0.key) == name }),
        let inner = document.items(found.value)
      {
        return inner
      }
    }
    return items
  }

  /// The record of `_rebuild_tensor_v2`, also within a `_rebuild_parameter`.
  private static func tensorCall(
    _ place: PickleValue.Place, _ document: PickleDocument
  ) -> PickleCall? {
    guard case .call(let call) = document[place], call.module == "torch._utils" else { return nil }
    if call.name == "_rebuild_parameter", let first = call.arguments.first {
      guard case .call(let inner) = document[first], inner.name == "_rebuild_tensor_v2" else {
        return nil
      }
      return inner
    }
    return call.name == "_rebuild_tensor_v2" ? call : nil
  }

  private static let elements: [String: TensorElement] = [
    "FloatStorage": .float32, "DoubleStorage": .float64, "HalfStorage": .float16,
    "BFloat16Storage": .bfloat16, "LongStorage": .int64, "IntStorage": .int32,
    "ByteStorage": .uint8, "BoolStorage": .uint8,
  ]

  private static func place(
    _ call: PickleCall, _ document: PickleDocument, folder: Substring, _ directory: ZipDirectory
  ) -> Place? {
    guard call.arguments.count >= 4, case .persistent(let storage) = document[call.arguments[0]],
      storage.count >= 5, document.text(storage[0]) == "storage",
      case .global(_, let type) = document[storage[1]], let element = elements[type],
      let key = document.text(storage[2]), let first = document.integer(call.arguments[1]),
      first >= 0, let shape = document.integers(call.arguments[2]),
      let strides = document.integers(call.arguments[3]),
      shape.count == strides.count, shape.count <= 8, (shape + strides).allSatisfy({ $0 >= 0 }),
      let member = directory.members["\(folder)data/\(key)"]
    else { return nil }
    // The last element that is reached must lie in the member, whatever the numbers are.
    var (count, last, overflows) = (1, first, false)
    for (extent, stride) in zip(shape, strides) {
      let (product, tooMany) = count.multipliedReportingOverflow(by: extent)
      let (reach, tooFar) = max(extent - 1, 0).multipliedReportingOverflow(by: stride)
      let (sum, tooHigh) = last.addingReportingOverflow(reach)
      (count, last) = (product, sum)
      overflows = overflows || tooMany || tooFar || tooHigh
    }
    let available = member.count / element.size
    guard !overflows, count <= available, count == 0 || last < available else { return nil }
    return Place(
      element: element, offset: member.offset + first * element.size, shape: shape,
      strides: strides)
  }
}
