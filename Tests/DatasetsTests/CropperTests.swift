import Cropping
import Imaging
import Pose
import Support
import Testing

@testable import Datasets

@Suite("Cropping") struct CropperTests {
  /// Bilinear interpolation as it is written in books; black outside.
  private func color(
    _ picture: ImageBuffer, _ x: Float, _ y: Float, _ channel: Int
  ) -> Float {
    guard x > -1, y > -1, x < Float(picture.width), y < Float(picture.height) else { return 0 }
    let (left, top) = (x.rounded(.down), y.rounded(.down))
    func pixel(_ dx: Int, _ dy: Int) -> Float? {
      let (column, row) = (Int(left) + dx, Int(top) + dy)
      guard column >= 0, row >= 0, column < picture.width, row < picture.height else { return nil }
      return Float(picture.pixels[(row * picture.width + column) * 3 + channel])
    }
    let (partX, partY) = (x - left, y - top)
    let weights = [
      (1 - partX) * (1 - partY), partX * (1 - partY), (1 - partX) * partY, partX * partY,
    ]
    let pixels = [pixel(0, 0), pixel(1, 0), pixel(0, 1), pixel(1, 1)]
    if pixels.allSatisfy({ $0 != nil }) {
      let values = zip(pixels, weights).map { ($0 ?? 0) * $1 }
      return (values[0] + values[1]) + (values[2] + values[3])
    }
    return zip(pixels, weights).reduce(0) { sum, next in next.0.map { sum + next.1 * $0 } ?? sum }
  }

  private func crop(
    _ recipe: CropRecipe, _ picture: ImageBuffer, into image: inout [Float], width: Int = 19,
    height: Int = 23
  ) {
    var cropper = Cropper()
    picture.pixels.withUnsafeBytes { region in
      image.withUnsafeMutableBufferPointer {
        guard let target = $0.baseAddress else { return }
        cropper.crop(
          recipe, from: region.baseAddress ?? UnsafeRawPointer(target), into: target,
          width: width, height: height)
      }
    }
  }

  @Test("A warp is bilinear interpolation, bit for bit, inside, at the edges and outside")
  func warps() {
    let random = CounterRandom(seed: 7, name: "warp")
    var picture = ImageBuffer(width: 31, height: 22)
    for index in picture.pixels.indices {
      picture.pixels[index] = UInt8(256 * random.uniform(index))
    }
    let input = InputSpec(width: 19, height: 23)
    var image = [Float](repeating: .nan, count: 19 * 23 * 3)
    for number in 0..<40 {
      let random = CounterRandom(seed: UInt64(number), name: "map")
      func between(_ low: Double, _ high: Double, _ at: Int) -> Double {
        low + (high - low) * random.uniform(at)
      }
      // Every fourth map is at whole numbers.
      let map =
        number % 4 == 0
        ? AffineMap(a: 1, b: 0, c: Double(number - 12), d: 0, e: 1, f: Double(8 - number))
        : AffineMap(
          a: between(-2, 2, 0), b: between(-1, 1, 1), c: between(-8, 34, 2), d: between(-1, 1, 3),
          e: between(-2, 2, 4), f: between(-8, 26, 5))
      var recipe = input.recipe(map, of: picture)
      let gain: SIMD3<Float> = number % 2 == 0 ? SIMD3(repeating: 1) : SIMD3(1.2, 0.8, 1.1)
      let offset: Float = number % 2 == 0 ? 0 : 9
      recipe.changeColors(gain: gain, offset: offset)
      crop(recipe, picture, into: &image)
      for y in 0..<23 {
        for x in 0..<19 {
          let sourceX = Float(map.b * Double(y) + map.c + map.a * Double(x))
          let sourceY = Float(map.e * Double(y) + map.f + map.d * Double(x))
          for channel in 0..<3 {
            var value = color(picture, sourceX, sourceY, channel)
            if offset != 0 { value = min(max(value * gain[channel] + offset, 0), 255) }
            let wanted =
              value * (1 / (255 * input.deviation[channel]))
              + -input.mean[channel] / input.deviation[channel]
            let got = image[(y * 19 + x) * 3 + channel]
            if got != wanted { #expect(got == wanted, "map \(number) at \(x), \(y)") }
          }
        }
      }
    }
  }

  @Test("A picture without pixels is black")
  func empty() {
    let input = InputSpec(width: 3, height: 2)
    var image = [Float](repeating: .nan, count: 18)
    let picture = ImageBuffer(width: 0, height: 0)
    crop(input.recipe(.identity, of: picture), picture, into: &image, width: 3, height: 2)
    for index in image.indices {
      #expect(image[index] == -input.mean[index % 3] / input.deviation[index % 3])
    }
  }
}
