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
    guard code == 0 || isWarning(handle) else {
      throw .broken(path: path, format: format, reason: message(handle))
    }
    return header
  }

  private static func run(
    _ bytes: [UInt8], _ handle: tjhandle, _ target: inout [UInt8], _ width: Int, _ height: Int,
    _ pixelFormat: TJPF, path: String
  ) throws(ImageError) {
    let code = bytes.withUnsafeBufferPointer { source in
      target.withUnsafeMutableBufferPointer {
        tjDecompress2(
          handle, source.baseAddress, UInt(source.count), $0.baseAddress, Int32(width), 0,
          Int32(height), Int32(pixelFormat.rawValue), TJFLAG_LIMITSCANS)
      }
    }
    guard code != 0 else { return }
    // Stray bytes between markers are common and harmless; a file that ends early shows a part of
    // the picture and would teach the labels of what is missing.
    let reason = message(handle)
    let isCutOff = reason.contains("remature end") || reason.contains("Premature")
    guard isWarning(handle), !isCutOff else {
      throw .broken(path: path, format: format, reason: reason)
    }
  }

  private static func isWarning(_ handle: tjhandle) -> Bool {
    tjGetErrorCode(handle) == Int32(TJERR_WARNING.rawValue)
  }

  private static func message(_ handle: tjhandle) -> String {
    tjGetErrorStr2(handle).map { String(cString: $0) } ?? "unknown"
  }
}
