public import Support

/// A tensor of float32 values that is written piece by piece, so that it never has to be copied as a
/// whole.
public struct StreamedTensor {
  /// The tensor's name.
  public let name: String
  /// Number of values.
  public let count: Int
  /// Copies the values from an offset on into a buffer, which it fills.
  public let read: (_ offset: Int, _ into: UnsafeMutableBufferPointer<Float>) -> Void

  /// A tensor of `count` values in one dimension.
  public init(
    name: String, count: Int,
    read: @escaping (_ offset: Int, _ into: UnsafeMutableBufferPointer<Float>) -> Void
  ) {
    self.name = name
    self.count = count
    self.read = read
  }
}

/// A safetensors file whose last tensor `crc32` holds the CRC-32 of every MiB before it, header
/// included: bit rot and torn writes are found wherever they are.
public enum SealedTensorFile {
  /// Name of the tensor of checksums.
  public static let sealName = "crc32"

  /// How the tensors flow to the disk.
  public enum Flow {
    /// Through scratch memory of at least some KiB, on the caller's thread.
    case through(UnsafeMutableBufferPointer<Float>)
    /// Through memory of its own (`WriteAhead.plannedBytes`), on a second thread too: sooner done,
    /// where the processor has nothing else to do.
    case ahead
  }

  /// Commits a file.
  ///
  /// - Parameter inspect: sees each piece before it is written; throwing ends the commit.
  public static func commit(
    _ path: String, tensors: [StreamedTensor], metadata: [(key: String, value: String)],
    flow: Flow, storage: any StorageCalls = SystemStorage(),
    inspect: (_ name: String, _ piece: UnsafeMutableBufferPointer<Float>) throws(FileError) -> Void
  ) throws(FileError) {
    let header = header(tensors, metadata)
    try DurableFile.commit(path, storage: storage) { (writer) throws(FileError) in
      var checksums = BlockChecksums()
      header.withUnsafeBytes { checksums.append($0) }
      try writer.write(header)
      switch flow {
      case .through(let buffer):
        try pieces(of: tensors, buffer.count) { (tensor, offset, count) throws(FileError) in
          let piece = UnsafeMutableBufferPointer(rebasing: buffer[..<count])
          tensor.read(offset, piece)
          try inspect(tensor.name, piece)
          checksums.append(UnsafeRawBufferPointer(piece))
          try writer.write(UnsafeRawBufferPointer(piece))
        }
      case .ahead:
        try WriteAhead.run(writer, from: header.count) { (ahead) throws(FileError) in
          try pieces(of: tensors, WriteAhead.pieceCount) {
            (tensor, offset, count) throws(FileError) in
            try ahead.append(count) { (piece) throws(FileError) in
              tensor.read(offset, piece)
              try inspect(tensor.name, piece)
              checksums.append(UnsafeRawBufferPointer(piece))
            }
          }
        }
      }
      let seal = checksums.finish().map(\.littleEndian)
      try writer.write(seal.withUnsafeBytes { Array($0) })
    }
  }

  private static func header(
    _ tensors: [StreamedTensor], _ metadata: [(key: String, value: String)]
  ) -> [UInt8] {
    let described = tensors.map {
      (name: $0.name, element: TensorElement.float32, shape: [$0.count])
    }
    // The header's length does not depend on the number of blocks' digits alone: settle it by trying.
    let data = tensors.reduce(0) { $0 + 4 * $1.count }
    var blocks = BlockChecksums.blocks(of: data)
    while true {
      let header = TensorHeader.bytes(described + [(sealName, .int32, [blocks])], metadata)
      let wanted = BlockChecksums.blocks(of: header.count + data)
      if wanted == blocks { return header }
      blocks = wanted
    }
  }

  /// Calls `body` for each piece of at most `largest` values.
  private static func pieces(
    of tensors: [StreamedTensor], _ largest: Int,
    _ body: (_ tensor: StreamedTensor, _ offset: Int, _ count: Int) throws(FileError) -> Void
  ) throws(FileError) {
    precondition(largest > 0)
    for tensor in tensors {
      for offset in stride(from: 0, to: tensor.count, by: largest) {
        try body(tensor, offset, min(largest, tensor.count - offset))
      }
    }
  }

  /// Opens a file and compares every byte with the checksums.
  public static func open(_ path: String) throws(FileError) -> TensorFile {
    let file = try TensorFile(path: path)
    guard let seal = file.entries.last, seal.name == sealName, seal.element == .int32,
      seal.shape == [BlockChecksums.blocks(of: seal.offset)]
    else { throw .brokenTensorFile(path: path, reason: "its checksums are missing") }
    var checksums = BlockChecksums()
    var block = [UInt8](repeating: 0, count: BlockChecksums.blockBytes)
    var offset = 0
    while offset < seal.offset {
      let count = min(block.count, seal.offset - offset)
      try file.read(bytesAt: offset, count: count, into: &block)
      block.withUnsafeBytes { checksums.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      offset += count
    }
    let expected = checksums.finish()
    let found = try file.bytes(sealName)
    for (number, checksum) in expected.enumerated() {
      let stored = (0..<4).reduce(UInt32(0)) { $0 | UInt32(found[number * 4 + $1]) << (8 * $1) }
      guard stored == checksum else {
        throw .brokenTensorFile(
          path: path, reason: "block \(number) of \(expected.count) differs from its checksum")
      }
    }
    return file
  }
}
