public import Support

/// A tensor that a weight file offers.
public struct WeightEntry: Sendable, Hashable {
  /// Its name in the file; foreign text.
  public let name: String
  /// The shape, outermost dimension first.
  public let shape: [Int]
}

/// A file of weights, of whatever format.
public protocol WeightSource: AnyObject {
  /// The file.
  var path: String { get }
  /// Its tensors.
  var tensors: [WeightEntry] { get }
  /// What else it says of itself.
  var metadata: [String: String] { get }
  /// The values of the tensor at a place of `tensors`, in row-major order.
  func floats(_ index: Int) throws(FileError) -> [Float]
}

/// Opens weight files by what their first bytes are.
public enum WeightFiles {
  /// Opens a safetensors file, or one that `torch.save` wrote (PyTorch 1.6 and later).
  public static func open(_ path: String) throws(FileError) -> any WeightSource {
    let (descriptor, size) = try FileReading.open(path)
    var magic = [UInt8](repeating: 0, count: 8)
    let count = magic.withUnsafeMutableBytes { FileReading.read(descriptor, into: $0, at: 0) }
    FileReading.close(descriptor)
    guard count >= 0 else { throw .cannotRead(path: path, reason: FileError.reason()) }
    if magic.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return try TorchFile(path: path) }
    // The old format is a bare pickle of protocol 2 that begins with a magic number.
    if magic[0] == 0x80, magic[1] <= 5, size > 8, magic[2] == 0x8A {
      throw .brokenTensorFile(
        path: path,
        reason:
          "it has PyTorch's format from before version 1.6; load it in PyTorch and save it again with torch.save"
      )
    }
    return try SafetensorsWeights(path: path)
  }
}

/// A safetensors file as weights.
final class SafetensorsWeights: WeightSource {
  let tensors: [WeightEntry]
  private let file: TensorFile

  init(path: String) throws(FileError) {
    file = try TensorFile(path: path)
    tensors = file.entries.map { WeightEntry(name: $0.name, shape: $0.shape) }
  }

  var path: String { file.path }
  var metadata: [String: String] { file.metadata }

  func floats(_ index: Int) throws(FileError) -> [Float] {
    let entry = file.entries[index]
    return entry.element.floats(try file.bytes(entry.name))
  }
}

extension TensorElement {
  /// The values of little-endian elements; integers are rounded to float32.
  func floats(_ bytes: [UInt8]) -> [Float] {
    bytes.withUnsafeBytes { buffer in
      (0..<buffer.count / size).map { index in
        let at = index * size
        switch self {
        case .float32:
          return Float(bitPattern: buffer.loadUnaligned(fromByteOffset: at, as: UInt32.self))
        case .float64:
          return Float(
            Double(bitPattern: buffer.loadUnaligned(fromByteOffset: at, as: UInt64.self)))
        case .bfloat16:
          let high = UInt32(buffer.loadUnaligned(fromByteOffset: at, as: UInt16.self))
          return Float(bitPattern: high << 16)
        case .float16:
          return Self.single(ofHalf: buffer.loadUnaligned(fromByteOffset: at, as: UInt16.self))
        case .int64: return Float(buffer.loadUnaligned(fromByteOffset: at, as: Int64.self))
        case .int32: return Float(buffer.loadUnaligned(fromByteOffset: at, as: Int32.self))
        case .uint8: return Float(buffer[at])
        }
      }
    }
  }

  /// IEEE half precision, without needing the processor's conversion.
  private static func single(ofHalf half: UInt16) -> Float {
    let sign: Float = half & 0x8000 == 0 ? 1 : -1
    let exponent = Int(half >> 10) & 31
    let fraction = Float(half & 1023) / 1024
    switch exponent {
    case 0: return sign * fraction * 0x1p-14
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default:
      return sign * (1 + fraction) * Float(bitPattern: UInt32(exponent - 15 + 127) << 23)
    }
  }
}
