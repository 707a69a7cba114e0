import Imaging
import Testing
import Wording

private func near(_ color: (red: UInt8, green: UInt8, blue: UInt8), _ wanted: [Int], _ by: Int)
  -> Bool
{
  zip([color.red, color.green, color.blue], wanted).allSatisfy { abs(Int($0) - $1) <= by }
}

private func error(_ bytes: [UInt8]) -> ImageError? {
  do {
    _ = try ImageDecoder.decode(bytes, path: "a picture")
    return nil
  } catch {
    return error
  }
}

@Suite("Pictures")
struct ImagingTests {
  @Test("PNG keeps every pixel, and equal pictures give equal bytes")
  func roundTripPNG() throws {
    for (width, height) in [(1, 1), (7, 3), (33, 40)] {
      let picture = patterned(width, height)
      let bytes = try ImageEncoder.png(picture)
      #expect(try ImageDecoder.decode(bytes, path: "x") == picture)
      #expect(try ImageEncoder.png(picture) == bytes)
      #expect(
        try ImageDecoder.header(of: bytes, path: "x").stored
          == ImageSize(width: width, height: height))
    }
  }

  @Test("JPEG comes back nearly the same, and reduced by 2, 4 and 8")
  func roundTripJPEG() throws {
    var picture = ImageBuffer(width: 50, height: 37)
    for y in 0..<37 {
      for x in 0..<50 {
        picture.pixels[(y * 50 + x) * 3] = UInt8(x * 5)
        picture.pixels[(y * 50 + x) * 3 + 1] = UInt8(y * 6)
        picture.pixels[(y * 50 + x) * 3 + 2] = 90
      }
    }
    let bytes = try ImageEncoder.jpeg(picture, quality: 95)
    #expect(try ImageEncoder.jpeg(picture, quality: 95) == bytes)
    for factor in [1, 2, 4, 8] {
      let small = try ImageDecoder.decode(bytes, path: "x", reduction: factor)
      #expect(small.width == (50 + factor - 1) / factor)
      #expect(small.height == (37 + factor - 1) / factor)
      // The centre of a reduced pixel lies between those that it stands for.
      let (x, y) = (2.0, 2.0)
      let middle = Double(factor) * 2 + Double(factor - 1) / 2
      #expect(near(small.color(x: Int(x), y: Int(y)), [Int(middle * 5), Int(middle * 6), 90], 8))
    }
  }

  @Test("Odd kinds of PNG are read as 8-bit RGB over black")
  func oddPNG() throws {
    let gray = try ImageDecoder.decode(OddPictures.gray1, path: "x")
    #expect(near(gray.color(x: 0, y: 0), [255, 255, 255], 0))
    #expect(near(gray.color(x: 1, y: 5), [0, 0, 0], 0))
    let gray16 = try ImageDecoder.decode(OddPictures.gray16, path: "x")
    #expect(near(gray16.color(x: 5, y: 2), [159, 159, 159], 1))
    let deep = try ImageDecoder.decode(OddPictures.rgb16, path: "x")
    #expect(near(deep.color(x: 5, y: 2), [159, 64, 128], 1))
    let palette = try ImageDecoder.decode(OddPictures.palette, path: "x")
    #expect(near(palette.color(x: 2, y: 0), [10, 20, 30], 0))
    let transparent = try ImageDecoder.decode(OddPictures.rgba, path: "x")
    #expect(near(transparent.color(x: 0, y: 0), [200, 100, 50], 0))
    #expect(near(transparent.color(x: 7, y: 0), [0, 0, 0], 0))
    let interlaced = try ImageDecoder.decode(OddPictures.interlaced, path: "x")
    #expect(near(interlaced.color(x: 3, y: 6), [96, 192, 128], 0))
    #expect(try ImageDecoder.decode(OddPictures.interlaced, path: "x", reduction: 8).width == 1)
  }

  @Test("Grey, progressive and four-ink JPEG are read as 8-bit RGB")
  func oddJPEG() throws {
    let gray = try ImageDecoder.decode(OddPictures.grayJPEG, path: "x")
    #expect(near(gray.color(x: 9, y: 3), [144, 144, 144], 4))
    let progressive = try ImageDecoder.decode(OddPictures.progressiveJPEG, path: "x")
    #expect(near(progressive.color(x: 9, y: 3), [144, 48, 128], 8))
    let inks = try ImageDecoder.decode(OddPictures.cmykJPEG, path: "x")
    #expect(near(inks.color(x: 9, y: 3), [144, 48, 128], 10))
  }

  @Test("A file that ends early is an error at every length, never a crash or half a picture")
  func truncated() throws {
    let files = [
      try ImageEncoder.jpeg(patterned(16, 16), quality: 60), try ImageEncoder.png(patterned(5, 5)),
      OddPictures.progressiveJPEG, OddPictures.cmykJPEG, OddPictures.interlaced,
      OddPictures.palette,
    ]
    for file in files {
      var readable = 0
      for length in 0..<file.count {
        if error(Array(file.prefix(length))) == nil { readable += 1 }
      }
      // Only the end marker itself may be missing: a PNG's IEND chunk, a JPEG's last two bytes.
      #expect(readable <= 16, "\(readable) of \(file.count) lengths were read")
    }
  }

  @Test("A damaged byte gives a picture or an error, never a crash")
  func damaged() throws {
    let files = [
      try ImageEncoder.jpeg(patterned(24, 16), quality: 50), try ImageEncoder.png(patterned(9, 9)),
      OddPictures.progressiveJPEG, OddPictures.interlaced,
    ]
    for file in files {
      for place in file.indices {
        for change in [0x01, 0x80, 0xFF] as [UInt8] {
          var bytes = file
          bytes[place] ^= change
          if let error = error(bytes) { #expect(!error.sentence.text().contains("{")) }
        }
      }
    }
  }

  @Test("Sizes beyond the limits are refused from the header alone")
  func limits() throws {
    #expect(
      error(OddPictures.huge) == .sizeOutOfRange(path: "a picture", width: 20000, height: 1))
    #expect(
      error(OddPictures.area) == .sizeOutOfRange(path: "a picture", width: 16000, height: 16000))
    // The frame header of a JPEG, patched to 65500 x 65500.
    var bytes = try ImageEncoder.jpeg(patterned(16, 16), quality: 60)
    let frame = try #require(
      bytes.indices.first { $0 + 1 < bytes.count && bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
    for (offset, value) in [0xFF, 0xDC, 0xFF, 0xDC].enumerated() {
      bytes[frame + 5 + offset] = UInt8(value)
    }
    #expect(error(bytes) == .sizeOutOfRange(path: "a picture", width: 65500, height: 65500))
    #expect(
      error(bytes)?.sentence.text()
        == "a picture is 65500 x 65500 pixels; at most 16384 on a side and 64 million in all are read. Make it smaller."
    )
  }

  @Test("More pixels than a file's bytes can hold are refused before there is memory for them")
  func bytes() throws {
    // A fuzzer's find: 15,105 x 371 pixels in 47 bytes.
    let found =
      Array("\u{89}PNG\r\n\u{1A}\n\0\0\0\rIHDR\0\0;\u{1}\0\0\u{1}sRGBIDAT".unicodeScalars)
      .map { UInt8($0.value) } + [UInt8](repeating: 0, count: 16)
    #expect(
      error(found)?.sentence.text()
        == "a picture is a damaged PNG file: its 47 bytes cannot hold 15105 x 371 pixels. Replace it or remove its record."
    )
    // What packs best is still read: one colour.
    let plain = ImageBuffer(width: 1600, height: 1200)
    for file in [try ImageEncoder.png(plain), try ImageEncoder.jpeg(plain, quality: 1)] {
      #expect(try ImageDecoder.decode(file, path: "a picture").pixels.count == 5_760_000)
    }
  }

  @Test("What is no picture says so")
  func unknown() {
    #expect(error([]) == .unknownFormat(path: "a picture"))
    #expect(error(Array("GIF89a".utf8)) == .unknownFormat(path: "a picture"))
    #expect(
      ImageError.unknownFormat(path: "a\u{1B}[31m.gif").sentence.text()
        == "a\u{FFFD}[31m.gif is neither a PNG nor a JPEG file; convert it to one of them.")
  }

  @Test("Reduction takes the mean of the pixels that are there")
  func reduction() {
    let picture = ImageBuffer(width: 3, height: 1, pixels: [0, 0, 0, 3, 3, 3, 90, 91, 92])
    #expect(picture.reduced(by: 2).pixels == [2, 2, 2, 90, 91, 92])
  }
}
