import Imaging
import Support
import TensorFiles

let pictureReaders = [
  Reader(
    "png", seeds: { [try ImageEncoder.png(pattern(9, 7)), try ImageEncoder.png(pattern(1, 1))] }
  ) {
    readPicture($0)
  },
  Reader("jpeg", seeds: { [try ImageEncoder.jpeg(pattern(24, 16), quality: 50)] }) {
    readPicture($0)
  },
]

private func pattern(_ width: Int, _ height: Int) -> ImageBuffer {
  var picture = ImageBuffer(width: width, height: height)
  for index in picture.pixels.indices {
    picture.pixels[index] = UInt8(truncatingIfNeeded: index * 37)
  }
  return picture
}

private func readPicture(_ bytes: [UInt8]) -> Bool {
  for reduction in [1, 4] {
    guard let picture = try? ImageDecoder.decode(bytes, path: "x", reduction: reduction) else {
      return false
    }
    precondition(picture.pixels.count == picture.width * picture.height * 3)
  }
  return true
}

let tensorReaders = [
  Reader("safetensors", seeds: { [try tensorSeed()] }) { bytes in
    guard let file = try? TensorFile(path: try Scratch.write(bytes, "t.safetensors")) else {
      return false
    }
    for entry in file.entries {
      guard let content = try? file.bytes(entry.name) else { continue }
      precondition(file.entry(entry.name)?.count == content.count && content.count <= bytes.count)
    }
    return true
  },
  Reader("state", seeds: { [try stateSeed()] }) { bytes in
    guard let file = try? SealedTensorFile.open(try Scratch.write(bytes, "s.safetensors")) else {
      return false
    }
    precondition(file.entries.last?.name == SealedTensorFile.sealName)
    return true
  },
  Reader("torch", seeds: { [try torchSeed()] }) { bytes in
    guard let file = try? WeightFiles.open(try Scratch.write(bytes, "t.pth")) else { return false }
    for (index, tensor) in file.tensors.enumerated() {
      let count = tensor.shape.reduce(1, *)
      guard let values = try? file.floats(index) else { continue }
      precondition(values.count == count && count <= bytes.count)
    }
    return true
  },
]

private func tensorSeed() throws -> [UInt8] {
  let path = Path.join(Scratch.folder, "seed.safetensors")
  let values: [Float] = [1, 2, 3, 4, 5, 6]
  try values.withUnsafeBytes { buffer in
    let part = UnsafeRawBufferPointer(rebasing: buffer[..<8])
    try TensorFileWriter.commit(
      path,
      tensors: [
        TensorToWrite(name: "a.weight", element: .float32, shape: [2, 3], bytes: buffer),
        TensorToWrite(name: "steps", element: .int64, shape: [], bytes: part),
      ], metadata: [("format", "pt"), ("schema", "{}")])
  }
  return try FileReading.bytes(of: path, limit: 1 << 16)
}

private func stateSeed() throws -> [UInt8] {
  let path = Path.join(Scratch.folder, "seed-state.safetensors")
  let piece = UnsafeMutableBufferPointer<Float>.allocate(capacity: 16)
  piece.initialize(repeating: 0)
  defer { piece.deallocate() }
  let tensors = ["weights", "statistics"].map { name in
    StreamedTensor(name: name, count: 20) { _, target in target.update(repeating: 1.5) }
  }
  try SealedTensorFile.commit(
    path, tensors: tensors, metadata: [("format", "posetop-state"), ("state", "{\"schema\":1}")],
    flow: .through(piece)
  ) { _, _ throws(FileError) in }
  return try FileReading.bytes(of: path, limit: 1 << 16)
}

/// An archive as `torch.save` writes it, with one tensor of two rows.
private func torchSeed() throws -> [UInt8] {
  var pickle: [UInt8] = [0x80, 2]
  func text(_ word: String) {
    pickle += [UInt8(ascii: "X"), UInt8(word.utf8.count), 0, 0, 0] + Array(word.utf8)
  }
  func global(_ module: String, _ name: String) { pickle += Array("c\(module)\n\(name)\n".utf8) }
  pickle += Array("}q\u{0}(".utf8)
  text("layer.weight")
  global("torch._utils", "_rebuild_tensor_v2")
  pickle += Array("((".utf8)
  text("storage")
  global("torch", "FloatStorage")
  text("0")
  text("cpu")
  pickle += Array("K\u{6}tQK\u{0}K\u{2}K\u{3}\u{86}".utf8.filter { $0 != 0xC2 })
  pickle += Array("K\u{3}K\u{1}\u{86}".utf8.filter { $0 != 0xC2 })
  pickle += [0x89] + Array("}tRu.".utf8)
  return ZipWriter.archive([
    ("archive/data.pkl", pickle),
    ("archive/data/0", [Float](repeating: 0.5, count: 6).withUnsafeBytes { Array($0) }),
  ])
}

/// A zip archive of stored members, for seeds.
enum ZipWriter {
  static func archive(_ members: [(name: String, bytes: [UInt8])]) -> [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for (name, bytes) in members {
      let start = file.count
      let common =
        number(0, 2) + number(0, 2) + number(0, 4) + number(0, 4)
        + number(bytes.count, 4) + number(bytes.count, 4) + number(name.utf8.count, 2)
        + number(0, 2)
      file += number(0x0403_4B50, 4) + number(20, 2) + common + Array(name.utf8) + bytes
      directory +=
        number(0x0201_4B50, 4) + number(20, 2) + number(20, 2) + common
        + number(0, 2) + number(0, 2) + number(0, 2) + number(0, 4) + number(start, 4)
        + Array(name.utf8)
    }
    let count = members.count
    return file + directory + number(0x0605_4B50, 4) + number(0, 4) + number(count, 2)
      + number(count, 2) + number(directory.count, 4) + number(file.count, 4) + number(0, 2)
  }

  private static func number(_ value: Int, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
