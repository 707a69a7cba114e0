import CTurboJPEG
import Glibc

/// JPEG by libjpeg-turbo's TurboJPEG interface.
enum JPEGReading {
  private static let format = "JPEG"

  static func size(_ bytes: [UInt8], path: String) throws(ImageError) -> ImageSize {
    try withDecompressor(path: path) { handle throws(ImageError) in
      let header = try header(bytes, handle, path: path)
      return ImageSize(width: Int(header.width), height: Int(header.height))
    }
  }

  /// Bytes that a file of this size has at least: Huffman's codes take a bit for each block of 8×8 pixels,
  /// arithmetic ones as little as they like.
  static func leastBytes(_ bytes: [UInt8], size: ImageSize) -> Int {
    JPEGSegments(bytes).contains { (0xC0...0xC2).contains($0.marker) }
      ? (size.width / 8) * (size.height / 8) / 8 : 0
  }

  static func decode(
    _ bytes: [UInt8], size: ImageSize, reduction: Int, path: String,
    into picture: inout ImageBuffer
  ) throws(ImageError) {
    try withDecompressor(path: path) { handle throws(ImageError) in
      let header = try header(bytes, handle, path: path)
      let width = (size.width + reduction - 1) / reduction
      let height = (size.height + reduction - 1) / reduction
      if header.colorspace == Int32(TJCS_CMYK.rawValue)
        || header.colorspace == Int32(TJCS_YCCK.rawValue)
      {
        var inks = [UInt8](repeating: 0, count: width * height * 4)
        try run(bytes, handle, &inks, width, height, TJPF_CMYK, path: path)
        picture.reshape(width: width, height: height)
        convert(inks, to: &picture.pixels)
      } else {
        picture.reshape(width: width, height: height)
        try run(bytes, handle, &picture.pixels, width, height, TJPF_RGB, path: path)
      }
    }
  }

  /// CMYK files store their inks inverted (Adobe's way, the only one in use).
  private static func convert(_ inks: [UInt8], to pixels: inout [UInt8]) {
    for index in 0..<(inks.count / 4) {
      let black = Int(inks[index * 4 + 3])
      for channel in 0..<3 {
        pixels[index * 3 + channel] = UInt8((Int(inks[index * 4 + channel]) * black + 127) / 255)
      }
    }
  }

  private static func withDecompressor<Result>(
    path: String, _ body: (tjhandle) throws(ImageError) -> Result
  ) throws(ImageError) -> Result {
    guard let handle = tjInitDecompress() else {
      throw .broken(path: path, format: format, reason: "out of memory")
    }
    defer { tjDestroy(handle) }
    return try body(handle)
  }

  private struct Header {
    var width: Int32 = 0
    var height: Int32 = 0
    var subsampling: Int32 = 0
    var colorspace: Int32 = 0
  }

  private static func header(
    _ bytes: [UInt8], _ handle: tjhandle, path: String
  ) throws(ImageError) -> Header {
    var header = Header()
    let code = bytes.withUnsafeBufferPointer {
      tjDecompressHeader3(
        handle, $0.baseAddress, UInt($0.count), &header.width, &header.height,
        &header.subsampling, &header.colorspace)
    }
    // A warning alone also gives -1, but then the size is known.
    guard code == 0 || header.width > 0 else {
      throw .broken(path: path, format: format, reason: message(handle))
    }
    return header
  }

  /// Decodes; stray bytes between markers are common and harmless, but a file that ends early or is
  /// damaged shows only a part of the picture and would teach the labels of what is missing.
  private static func run(
    _ bytes: [UInt8], _ handle: tjhandle, _ target: inout [UInt8], _ width: Int, _ height: Int,
    _ pixelFormat: TJPF, path: String
  ) throws(ImageError) {
    func decode(_ flags: Int32) -> Bool {
      bytes.withUnsafeBufferPointer { source in
        target.withUnsafeMutableBufferPointer {
          tjDecompress2(
            handle, source.baseAddress, UInt(source.count), $0.baseAddress, Int32(width), 0,
            Int32(height), Int32(pixelFormat.rawValue), TJFLAG_LIMITSCANS | flags)
        }
      } == 0
    }
    if decode(TJFLAG_STOPONWARNING) { return }
    let reason = message(handle)
    // The library keeps the first warning, or the error that ended it. So only a file that is
    // whole and whose one complaint is harmless gets a second try.
    let harmless = ["extraneous bytes before marker", "Unknown Adobe color transform"]
    let isWhole = bytes.suffix(4096).contains(sequence: [0xFF, 0xD9])
    if isWhole, harmless.contains(where: { reason.contains($0) }) {
      if decode(0) || message(handle) == reason { return }
    }
    throw .broken(path: path, format: format, reason: reason)
  }

  private static func message(_ handle: tjhandle) -> String {
    tjGetErrorStr2(handle).map { String(cString: $0) } ?? "unknown"
  }
}

extension ArraySlice<UInt8> {
  /// Whether two bytes follow one another somewhere.
  fileprivate func contains(sequence pair: [UInt8]) -> Bool {
    indices.dropLast().contains { self[$0] == pair[0] && self[$0 + 1] == pair[1] }
  }
}
