import CNVIDIA

/// What a call of cuDNN said instead of success.
struct CuDNNFailure: Error {
  let function: String
  let code: Int32
}

/// A descriptor of cuDNN's graph interface: made, given attributes, finalised, destroyed at the end.
final class CuDNNDescriptor {
  private(set) var handle: cudnnBackendDescriptor_t?
  private let library: posetop_cudnn
  /// Descriptors that this one refers to, which have to live as long.
  private var parts: [CuDNNDescriptor] = []

  init(_ library: posetop_cudnn, _ kind: Int) throws(CuDNNFailure) {
    self.library = library
    try checked(
      "cudnnBackendCreateDescriptor", library.cudnnBackendCreateDescriptor?(Int32(kind), &handle))
  }

  deinit { if let handle { _ = library.cudnnBackendDestroyDescriptor?(handle) } }

  private func checked(_ function: String, _ code: Int32?) throws(CuDNNFailure) {
    if code != 0 { throw CuDNNFailure(function: function, code: code ?? -1) }
  }

  private func set(
    _ attribute: Int, _ type: Int, _ count: Int, _ values: UnsafeRawPointer?
  ) throws(CuDNNFailure) {
    try checked(
      "cudnnBackendSetAttribute \(attribute)",
      library.cudnnBackendSetAttribute?(handle, Int32(attribute), Int32(type), Int64(count), values)
    )
  }

  /// Sets numbers.
  func set(_ attribute: Int, _ values: [Int]) throws(CuDNNFailure) {
    let words = values.map { Int64($0) }
    let result = words.withUnsafeBytes { bytes in
      library.cudnnBackendSetAttribute?(
        handle, Int32(attribute), Int32(CUDNN_TYPE_INT64), Int64(words.count), bytes.baseAddress)
    }
    try checked("cudnnBackendSetAttribute \(attribute)", result)
  }

  /// Sets a value of an enum, whose type of attribute is `type`.
  func set(_ attribute: Int, choice: Int, as type: Int) throws(CuDNNFailure) {
    var value = Int32(choice)
    try set(attribute, type, 1, &value)
  }

  /// Sets a truth value.
  func set(_ attribute: Int, _ value: Bool) throws(CuDNNFailure) {
    var byte: UInt8 = value ? 1 : 0
    try set(attribute, Int(CUDNN_TYPE_BOOLEAN), 1, &byte)
  }

  /// Sets a factor.
  func set(_ attribute: Int, _ value: Float) throws(CuDNNFailure) {
    var value = value
    try set(attribute, Int(CUDNN_TYPE_FLOAT), 1, &value)
  }

  /// Sets pointers.
  func set(_ attribute: Int, pointers: [UnsafeMutableRawPointer?]) throws(CuDNNFailure) {
    let result = pointers.withUnsafeBytes { bytes in
      library.cudnnBackendSetAttribute?(
        handle, Int32(attribute), Int32(CUDNN_TYPE_VOID_PTR), Int64(pointers.count),
        bytes.baseAddress)
    }
    try checked("cudnnBackendSetAttribute \(attribute)", result)
  }

  /// Sets the handle of the library.
  func set(_ attribute: Int, handle library: cudnnHandle_t?) throws(CuDNNFailure) {
    var value = library
    try set(attribute, Int(CUDNN_TYPE_HANDLE), 1, &value)
  }

  /// Refers to other descriptors and keeps them.
  func set(_ attribute: Int, _ others: [CuDNNDescriptor]) throws(CuDNNFailure) {
    let handles = others.map(\.handle)
    let result = handles.withUnsafeBytes { bytes in
      library.cudnnBackendSetAttribute?(
        handle, Int32(attribute), Int32(CUDNN_TYPE_BACKEND_DESCRIPTOR), Int64(handles.count),
        bytes.baseAddress)
    }
    try checked("cudnnBackendSetAttribute \(attribute)", result)
    parts += others
  }

  /// Settles the attributes.
  func finalize() throws(CuDNNFailure) {
    try checked("cudnnBackendFinalize", library.cudnnBackendFinalize?(handle))
  }

  /// A number.
  func number(_ attribute: Int) throws(CuDNNFailure) -> Int {
    var (value, count): (Int64, Int64) = (0, 0)
    try checked(
      "cudnnBackendGetAttribute \(attribute)",
      library.cudnnBackendGetAttribute?(
        handle, Int32(attribute), Int32(CUDNN_TYPE_INT64), 1, &count, &value))
    return Int(value)
  }

  /// Values of an enum.
  func choices(_ attribute: Int, as type: Int, most: Int) throws(CuDNNFailure) -> [Int] {
    var values = [Int32](repeating: 0, count: most)
    var count: Int64 = 0
    try checked(
      "cudnnBackendGetAttribute \(attribute)",
      library.cudnnBackendGetAttribute?(
        handle, Int32(attribute), Int32(type), Int64(most), &count, &values))
    return values.prefix(max(0, Int(count))).map { Int($0) }
  }

  /// Descriptors of a kind that this one holds.
  func descriptors(
    _ attribute: Int, kind: Int, most: Int
  ) throws(CuDNNFailure) -> [CuDNNDescriptor] {
    var results: [CuDNNDescriptor] = []
    for _ in 0..<most { results.append(try CuDNNDescriptor(library, kind)) }
    var handles = results.map(\.handle)
    var count: Int64 = 0
    try checked(
      "cudnnBackendGetAttribute \(attribute)",
      library.cudnnBackendGetAttribute?(
        handle, Int32(attribute), Int32(CUDNN_TYPE_BACKEND_DESCRIPTOR), Int64(most), &count,
        &handles))
    let found = Array(results.prefix(max(0, Int(count))))
    // What was found refers to what it was found in.
    for descriptor in found { descriptor.parts.append(self) }
    return found
  }
}
