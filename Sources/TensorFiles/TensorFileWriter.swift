public import Support

/// A tensor that is to be written: its bytes stay where they are until the commit, or are made then.
public struct TensorToWrite {
  /// Takes a tensor's next bytes.
  public typealias Write = (UnsafeRawBufferPointer) throws(FileError) -> Void

  /// PyTorch's name.
  public var name: String
  /// The type of its elements.
  public let element: TensorElement
  /// The shape, outermost dimension first.
  public let shape: [Int]
  /// Makes its bytes.
  public let emit: (Write) throws(FileError) -> Void

  /// A tensor whose bytes are made piece by piece, in order and exactly as many as its shape has.
  public init(
    name: String, element: TensorElement, shape: [Int],
    emit: @escaping (Write) throws(FileError) -> Void
  ) {
    self.name = name
    self.element = element
    self.shape = shape
    self.emit = emit
  }

  /// A tensor over memory that outlives the commit; `bytes` holds exactly the shape's elements.
  public init(name: String, element: TensorElement, shape: [Int], bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count == shape.reduce(element.size, *))
    self.init(name: name, element: element, shape: shape) { (write) throws(FileError) in
      try write(bytes)
    }
  }
}

/// Writes safetensors files through the one commit protocol.
///
/// Equal tensors and metadata give equal bytes: the header is in the order of the tensors, there
/// are no time stamps, and it is padded with spaces so that the data begins at a multiple of 64.
public enum TensorFileWriter {
  /// Commits a file that holds the tensors in this order.
  ///
  /// - Parameter ahead: whether a second thread writes, through memory of its own
  ///   (`WriteAhead.plannedBytes`), while the next bytes are made; then each tensor hands on whole groups of
  ///   four bytes.
  public static func commit(
    _ path: String, tensors: [TensorToWrite], metadata: [(key: String, value: String)] = [],
    ahead: Bool = false, storage: any StorageCalls = SystemStorage()
  ) throws(FileError) {
    let header = TensorHeader.bytes(
      tensors.map { ($0.name, $0.element, $0.shape) }, metadata)
    try DurableFile.commit(path, storage: storage) { (writer) throws(FileError) in
      try writer.write(header)
      if ahead {
        try WriteAhead.run(writer, from: header.count) { (ahead) throws(FileError) in
          try emit(tensors) { (bytes) throws(FileError) in try ahead.append(bytes) }
        }
      } else {
        try emit(tensors) { (bytes) throws(FileError) in try writer.write(bytes) }
      }
    }
  }

  private static func emit(
    _ tensors: [TensorToWrite], _ write: TensorToWrite.Write
  ) throws(FileError) {
    for tensor in tensors {
      var left = tensor.shape.reduce(tensor.element.size, *)
      try tensor.emit { (bytes) throws(FileError) in
        left -= bytes.count
        try write(bytes)
      }
      precondition(left == 0, "\(tensor.name) has the bytes of its shape")
    }
  }
}
