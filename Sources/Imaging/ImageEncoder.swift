import CPNG
import CTurboJPEG

/// Writes pictures; the same picture gives the same bytes.
public enum ImageEncoder {
  /// A PNG file, 8-bit RGB.
  public static func png(_ picture: ImageBuffer) throws(ImageError) -> [UInt8] {
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    image.width = png_uint_32(picture.width)
    image.height = png_uint_32(picture.height)
    image.format = png_uint_32(PNG_FORMAT_RGB)
    defer { png_image_free(&image) }
    // A PNG of incompressible pixels is a little larger than they are.
    var size = png_alloc_size_t(picture.pixels.count + picture.pixels.count / 8 + 65536)
    var bytes = [UInt8](repeating: 0, count: Int(size))
    let written = bytes.withUnsafeMutableBytes { target in
      picture.pixels.withUnsafeBytes {
        png_image_write_to_memory(&image, target.baseAddress, &size, 0, $0.baseAddress, 0, nil)
      }
    }
    guard written != 0 else {
      throw .cannotEncode(format: "PNG", reason: PNGReading.message(image))
    }
    bytes.removeLast(bytes.count - Int(size))
    return bytes
  }

  /// A baseline JPEG file with halved colour resolution.
  ///
  /// `quality`: 1...100.
  public static func jpeg(
    _ picture: ImageBuffer, quality: Int = 85
  ) throws(ImageError) -> [UInt8] {
    guard let handle = tjInitCompress() else {
      throw .cannotEncode(format: "JPEG", reason: "out of memory")
    }
    defer { tjDestroy(handle) }
    var target: UnsafeMutablePointer<UInt8>?
    var size: UInt = 0
    let code = picture.pixels.withUnsafeBufferPointer {
      tjCompress2(
        handle, $0.baseAddress, Int32(picture.width), 0, Int32(picture.height),
        Int32(TJPF_RGB.rawValue), &target, &size, Int32(TJSAMP_420.rawValue),
        Int32(min(max(quality, 1), 100)), TJFLAG_ACCURATEDCT)
    }
    defer { tjFree(target) }
    guard code == 0, let target else {
      let reason = tjGetErrorStr2(handle).map { String(cString: $0) } ?? "unknown"
      throw .cannotEncode(format: "JPEG", reason: reason)
    }
    return Array(UnsafeBufferPointer(start: target, count: Int(size)))
  }
}
