import CPNG
import Glibc

/// PNG by libpng's simplified interface, which keeps its error jumps on the C side.
enum PNGReading {
  static func size(_ bytes: [UInt8], path: String) throws(ImageError) -> ImageSize {
    // Signature, length and name of the first chunk, then width and height.
    guard bytes.count >= 24, bytes[12...15].elementsEqual("IHDR".utf8) else {
      throw .broken(path: path, format: "PNG", reason: "the header is cut off")
    }
    func number(_ start: Int) -> Int {
      bytes[start..<(start + 4)].reduce(0) { $0 << 8 | Int($1) }
    }
    return ImageSize(width: number(16), height: number(20))
  }

  /// Bytes that a file of this size has at least: deflate makes no more than 1032 bytes of one.
  static func leastBytes(_ bytes: [UInt8], size: ImageSize) -> Int {
    guard bytes.count >= 26 else { return 26 }
    // By the kind of colours: RGB, grey and RGB with transparency, else grey or a palette.
    let channels =
      switch bytes[25] {
      case 2: 3
      case 4: 2
      case 6: 4
      default: 1
      }
    return size.width * size.height * max(1, Int(bytes[24])) * channels / 8 / 1032
  }

  static func decode(
    _ bytes: [UInt8], size: ImageSize, path: String, into picture: inout ImageBuffer
  ) throws(ImageError) {
    picture.reshape(width: size.width, height: size.height)
    // One closure for both calls: libpng keeps the address of the bytes between them.
    let fault = bytes.withUnsafeBytes { source in
      picture.pixels.withUnsafeMutableBytes { decode(source, size: size, into: $0) }
    }
    if let fault { throw .broken(path: path, format: "PNG", reason: fault) }
  }

  /// Fills [height, width, 3]; returns what is wrong.
  private static func decode(
    _ source: UnsafeRawBufferPointer, size: ImageSize, into target: UnsafeMutableRawBufferPointer
  ) -> String? {
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    defer { png_image_free(&image) }
    guard png_image_begin_read_from_memory(&image, source.baseAddress, source.count) != 0 else {
      return message(image)
    }
    guard Int(image.width) == size.width, Int(image.height) == size.height,
      target.count == size.width * size.height * 3
    else { return "its header contradicts itself" }
    image.format = png_uint_32(PNG_FORMAT_RGB)
    // 16 bits without a gamma are sRGB like everything else, not linear light.
    image.flags |= png_uint_32(PNG_IMAGE_FLAG_16BIT_sRGB)
    var black = png_color(red: 0, green: 0, blue: 0)
    let finished = png_image_finish_read(&image, &black, target.baseAddress, 0, nil)
    return finished == 0 ? message(image) : nil
  }

  static func message(_ image: png_image) -> String {
    withUnsafeBytes(of: image.message) { buffer in
      String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
