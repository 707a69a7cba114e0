import Datasets
import Imaging
import Pose
import Support
import TestSupport
import Testing

/// A JPEG file with an EXIF block that has one entry, the orientation.
private func withOrientation(_ jpeg: [UInt8], _ number: UInt8, isLittle: Bool = true) -> [UInt8] {
  let entry: [UInt8] =
    isLittle
    ? [0x12, 0x01, 3, 0, 1, 0, 0, 0, number, 0, 0, 0]
    : [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, number, 0, 0]
  let head: [UInt8] =
    isLittle
    ? [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0] : [0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1]
  let body = Array("Exif".utf8) + [0, 0] + head + entry + [0, 0, 0, 0]
  let length = body.count + 2
  return [0xFF, 0xD8, 0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 255)] + body
    + jpeg.dropFirst(2)
}

/// Four quarters of different colours: red, green above blue, white.
private func quarters(_ width: Int, _ height: Int) -> ImageBuffer {
  var picture = ImageBuffer(width: width, height: height)
  for y in 0..<height {
    for x in 0..<width {
      let color: [UInt8] =
        y < height / 2
        ? x < width / 2 ? [250, 0, 0] : [0, 250, 0]
        : x < width / 2 ? [0, 0, 250] : [250, 250, 250]
      for channel in 0..<3 { picture.pixels[(y * width + x) * 3 + channel] = color[channel] }
    }
  }
  return picture
}

private func name(_ picture: ImageBuffer, _ x: Int, _ y: Int) -> Character {
  let (red, green, blue) = picture.color(x: x, y: y)
  switch (red > 125, green > 125, blue > 125) {
  case (true, false, false): return "r"
  case (false, true, false): return "g"
  case (false, false, true): return "b"
  case (true, true, true): return "w"
  default: return "?"
  }
}

/// The corners of a picture: above left and right, below left and right.
private func corners(_ picture: ImageBuffer) -> String {
  let (right, bottom) = (picture.width - 3, picture.height - 3)
  return String([
    name(picture, 2, 2), name(picture, right, 2), name(picture, 2, bottom),
    name(picture, right, bottom),
  ])
}

@Suite("EXIF orientation")
struct OrientationTests {
  @Test("The eight orientations are applied as viewers show them, in both byte orders")
  func all() throws {
    let jpeg = try ImageEncoder.jpeg(quarters(64, 32), quality: 95)
    let wanted = ["rgbw", "grwb", "wbgr", "bwrg", "rbgw", "brwg", "wgbr", "gwrb"]
    for number in 1...8 {
      for isLittle in [true, false] {
        let bytes = withOrientation(jpeg, UInt8(number), isLittle: isLittle)
        let picture = try ImageDecoder.decode(bytes, path: "x")
        #expect(corners(picture) == wanted[number - 1], "\(number)")
        #expect(picture.width == (number > 4 ? 32 : 64))
        let small = try ImageDecoder.decode(bytes, path: "x", reduction: 2)
        #expect(corners(small) == wanted[number - 1] && small.width == picture.width / 2)
      }
    }
  }

  @Test("Where the annotations give the stored pixels' size, the picture stays as stored")
  func declared() throws {
    let folder = TemporaryFolder()
    let jpeg = try ImageEncoder.jpeg(quarters(64, 32), quality: 95)
    try folder.write("a.jpg", withOrientation(jpeg, 6))
    var sample = Sample(
      imagePath: Path.join(folder.path, "a.jpg"), name: "a", image: 0,
      keypoints: gridPoints(32, 64))
    func preview() throws -> String {
      let set = Dataset(
        name: "s", path: "s", format: "coco", schema: .coco17, samples: [sample])
      return corners(
        try SamplePreview.make(set, sample: 0, input: InputSpec(width: 32, height: 32)).picture)
    }
    #expect(try preview() == "brwg")
    sample.declaredSize = ImageSize(width: 64, height: 32)
    #expect(try preview() == "rgbw")
    sample.declaredSize = ImageSize(width: 32, height: 64)
    #expect(try preview() == "brwg")
  }

  @Test("A broken EXIF block counts as none")
  func broken() throws {
    let jpeg = try ImageEncoder.jpeg(quarters(64, 32), quality: 95)
    let whole = withOrientation(jpeg, 6)
    for place in 6..<44 {
      for value in [0x00, 0x7F, 0xFF] as [UInt8] {
        var bytes = whole
        bytes[place] = value
        guard let header = try? ImageDecoder.header(of: bytes, path: "x") else { continue }
        #expect((1...8).contains(header.orientation.number))
      }
    }
    #expect(try ImageDecoder.header(of: withOrientation(jpeg, 9), path: "x").orientation == .stored)
  }

  @Test("PNG's own EXIF chunk counts as well")
  func png() throws {
    let bytes = try ImageEncoder.png(quarters(64, 32))
    // After the header chunk; the check sum of an ancillary chunk that is wrong is no matter here.
    let tiff: [UInt8] =
      [0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 3, 0, 0, 0, 0, 0, 0]
    let chunk = [0, 0, 0, UInt8(tiff.count)] + Array("eXIf".utf8) + tiff + [0, 0, 0, 0]
    let turned = Array(bytes[..<33]) + chunk + Array(bytes[33...])
    #expect(try ImageDecoder.header(of: turned, path: "x").orientation.number == 3)
  }
}
