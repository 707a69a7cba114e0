public import Cropping
import Support

/// A batch of made-up regions with what is to become of them: turned, shifted, at the edges and outside,
/// with colours changed, blurs and erased rectangles, now and then finished or empty.
public final class RandomCrops {
  /// Rows with no more than the recipes say.
  public let batch: PictureBatch
  /// All of the batch's memory.
  public let memory: UnsafeMutableRawBufferPointer
  /// The pictures `[count, height, width, 3]`, made by the processor of the whole regions.
  public private(set) var expected: [Float]
  /// What each picture is, for words on a failure.
  public private(set) var names: [String] = []

  /// - Parameter effects: whether there are blurs, erased rectangles and rows without a region.
  public init(count: Int, width: Int, height: Int, seed: UInt64, effects: Bool = true) {
    let rowBytes = PictureBatch.rowBytes(width: width, height: height)
    memory = .allocate(
      byteCount: count * (rowBytes + MemoryLayout<CropRecipe>.stride), alignment: 64)
    memory.initializeMemory(as: UInt8.self, repeating: 0xff)
    let rows = memory.baseAddress.unsafelyUnwrapped
    let recipes = (rows + count * rowBytes)
      .initializeMemory(as: CropRecipe.self, repeating: CropRecipe(.empty), count: count)
    batch = PictureBatch(
      rows: rows, count: count, width: width, height: height, recipes: UnsafePointer(recipes))
    let values = width * height * 3
    expected = [Float](repeating: .nan, count: count * values)
    var cropper = Cropper()
    for index in 0..<count {
      let random = CounterRandom(seed: seed, name: "crop \(index)")
      func between(_ low: Double, _ high: Double, _ at: Int) -> Double {
        low + (high - low) * random.uniform(at)
      }
      let form = effects ? random.uniform(0) : 1
      if form < 0.03 {
        recipes[index] = CropRecipe(.empty)
        names.append("empty")
        for at in 0..<values { expected[index * values + at] = 0 }
        continue
      }
      // From far smaller than the crop to larger than a row has room for.
      let (across, down) = (
        Int(between(1, 2.6 * Double(width), 1)), Int(between(1, 2.6 * Double(height), 2))
      )
      let pixels = (0..<across * down * 3).map {
        UInt8(
          truncatingIfNeeded: Int(
            4_294_967_296 * random.uniform(1000 + $0)))
      }
      let turn = between(-1.6, 1.6, 3)
      let scale = between(0.3, 1.6, 4)
      let isWhole = random.uniform(5) < 0.15
      let (a, b) = isWhole ? (1, 0) : (scale * (1 - turn * turn / 4), scale * turn)
      let mirror: Double = random.uniform(6) < 0.5 ? -1 : 1
      let middle = (between(-0.3, 1.3, 7) * Double(across), between(-0.3, 1.3, 8) * Double(down))
      let (halfX, halfY) = (Double(width - 1) / 2, Double(height - 1) / 2)
      var c = middle.0 - mirror * a * halfX + b * halfY
      var f = middle.1 - mirror * b * halfX - a * halfY
      if isWhole { (c, f) = (c.rounded(), f.rounded()) }
      var recipe = CropRecipe(
        toRegion: (mirror * a, -b, c, mirror * b, a, f), regionWidth: across, regionHeight: down,
        mean: SIMD3(0.485, 0.456, 0.406), deviation: SIMD3(0.229, 0.224, 0.225))
      if random.uniform(9) < 0.6 {
        recipe.changeColors(
          gain: SIMD3(
            Float(between(0.6, 1.5, 10)), Float(between(0.6, 1.5, 11)),
            Float(between(0.6, 1.5, 12))), offset: Float(between(-60, 60, 13)))
      }
      if effects, random.uniform(14) < 0.4 { recipe.blur(deviation: between(0.05, 8, 15)) }
      if effects, random.uniform(16) < 0.4 {
        func span(_ size: Int, _ at: Int) -> Range<Int> {
          let start = Int(random.uniform(at) * Double(size))
          return start..<start + Int(random.uniform(at + 1) * Double(size - start + 1))
        }
        recipe.erase(columns: span(width, 17), rows: span(height, 19))
      }
      pixels.withUnsafeBytes { region in
        expected.withUnsafeMutableBufferPointer { expected in
          let target = expected.baseAddress.unsafelyUnwrapped + index * values
          cropper.crop(
            recipe, from: region.baseAddress.unsafelyUnwrapped, into: target, width: width,
            height: height)
          let part = recipe.shownPart(width: width, height: height)
          let bytes = 3 * part.columns.count
          let row = rows + index * rowBytes
          if form < 0.06 || bytes * part.rows.count > rowBytes {
            row.copyMemory(from: target, byteCount: rowBytes)
            recipes[index] = CropRecipe(.finished)
            names.append("finished")
          } else {
            for (place, y) in part.rows.enumerated() {
              (row + place * bytes).copyMemory(
                from: region.baseAddress.unsafelyUnwrapped
                  + 3 * (y * across + part.columns.lowerBound), byteCount: bytes)
            }
            recipes[index] = recipe.having(columns: part.columns, rows: part.rows)
            names.append(
              "\(across)x\(down), \(part.columns) \(part.rows)"
                + (recipe.isBlurred ? ", blurred" : ""))
          }
        }
      }
    }
  }

  deinit { memory.deallocate() }

  /// How many of some values differ in a bit from what is expected, by how much at most, and in which
  /// picture first.
  public func differences(_ values: [Float]) -> (count: Int, largest: Float, first: String?) {
    let perPicture = max(1, expected.count / max(1, names.count))
    var (count, largest): (Int, Float) = (0, 0)
    var first: String?
    for (at, (value, wanted)) in zip(values, expected).enumerated()
    where value.bitPattern != wanted.bitPattern {
      count += 1
      let difference = abs(value - wanted)
      largest = difference.isNaN ? .infinity : max(largest, difference)
      if first == nil { first = "\(at / perPicture): \(names[at / perPicture])" }
    }
    return (count, largest, first)
  }
}
