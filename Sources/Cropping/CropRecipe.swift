import Glibc

/// Everything that makes a network's picture of a part of a decoded one: what the processor's `Cropper`
/// and the GPU's `cropPictures` both follow, to the same bits.
///
/// `CropRecipe` in `Cropping.cu`, field by field.
public struct CropRecipe: Sendable {
  /// What lies in a row of a batch.
  public enum Form: Int32, Sendable {
    /// The part of a region that the crop shows, `[partHeight, partWidth, 3]` bytes.
    case region
    /// The picture itself, `[height, width, 3]` floats.
    case finished
    /// Nothing: the picture is zero.
    case empty
  }

  /// The largest radius of a blur, px: three deviations of the strongest one.
  public static let largestBlurRadius = 24

  /// Where a pixel (x, y) of the crop lies in the region: at (a·x + b·y + c, d·x + e·y + f).
  var (a, b, c, d, e, f): (Double, Double, Double, Double, Double, Double)
  /// Colours become `value * gain + offset`, in 0...255, before they are normalised.
  var gain: InlineArray<3, Float> = [1, 1, 1]
  var offset: Float = 0
  /// Normalised values are `value * scale + shift`.
  var scale: InlineArray<3, Float>
  var shift: InlineArray<3, Float>
  /// Size of the region, px; outside of it there is black.
  var (width, height): (Int32, Int32)
  /// The rectangle of the region that is there.
  var (left, top, partWidth, partHeight): (Int32, Int32, Int32, Int32)
  /// The rectangle of the crop that is erased to the mean colour: where it begins and where it has ended.
  var (eraseLeft, eraseRight, eraseTop, eraseBottom): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
  /// The blur has `taps[0]...taps[2 * blurRadius]`; 0 for no blur.
  var blurRadius: Int32 = 0
  var form = Form.region.rawValue
  var taps = InlineArray<49, Float>(repeating: 0)

  /// A crop without any change of colour, blur or erased rectangle.
  ///
  /// - Parameters:
  ///   - map: (a, b, c, d, e, f).
  ///   - regionWidth: px.
  ///   - regionHeight: px.
  ///   - mean: what is subtracted from red, green and blue in 0...1.
  ///   - deviation: what the difference is divided by.
  public init(
    toRegion map: (Double, Double, Double, Double, Double, Double), regionWidth: Int,
    regionHeight: Int, mean: SIMD3<Float>, deviation: SIMD3<Float>
  ) {
    (a, b, c, d, e, f) = map
    let (scales, shifts) = (1 / (255 * deviation), -mean / deviation)
    scale = [scales.x, scales.y, scales.z]
    shift = [shifts.x, shifts.y, shifts.z]
    (width, height) = (Int32(regionWidth), Int32(regionHeight))
    (left, top, partWidth, partHeight) = (0, 0, width, height)
  }

  /// A row that holds something else than a region.
  public init(_ form: Form) {
    self.init(
      toRegion: (0, 0, 0, 0, 0, 0), regionWidth: 0, regionHeight: 0, mean: .zero, deviation: .one)
    self.form = form.rawValue
  }

  /// Changes colours: `value * gain + offset`, cut to 0...255.
  public mutating func changeColors(gain: SIMD3<Float>, offset: Float) {
    self.gain = [gain.x, gain.y, gain.z]
    self.offset = offset
  }

  /// Blurs the normalised crop along rows and then columns; the edge pixels go on outside.
  ///
  /// - Parameter deviation: of the Gaussian, px, above 0 and at most 8; it is cut off at three times that.
  public mutating func blur(deviation: Double) {
    let radius = max(1, Int((3 * deviation).rounded(.up)))
    precondition(deviation > 0 && radius <= Self.largestBlurRadius)
    let values = (-radius...radius).map {
      Float(exp(-Double($0 * $0) / (2 * deviation * deviation)))
    }
    let sum = values.reduce(0, +)
    for (index, value) in values.enumerated() { taps[index] = value / sum }
    blurRadius = Int32(radius)
  }

  /// Erases a rectangle of the crop, after everything else.
  public mutating func erase(columns: Range<Int>, rows: Range<Int>) {
    (eraseLeft, eraseRight) = (Int32(columns.lowerBound), Int32(columns.upperBound))
    (eraseTop, eraseBottom) = (Int32(rows.lowerBound), Int32(rows.upperBound))
  }

  /// Whether the crop is blurred.
  public var isBlurred: Bool { blurRadius > 0 }

  /// Bytes of a row that count, of `rowBytes`.
  func bytes(of rowBytes: Int) -> Int {
    switch Form(rawValue: form) {
    case .region: 3 * Int(partWidth) * Int(partHeight)
    case .finished: rowBytes
    case .empty, nil: 0
    }
  }

  // MARK: - The part that is shown

  /// The rectangle of the region that holds every pixel which a crop of that size looks at, columns and
  /// rows; empty where it shows nothing of the region.
  public func shownPart(width: Int, height: Int) -> (columns: Range<Int>, rows: Range<Int>) {
    let (lastX, lastY) = (Double(width - 1), Double(height - 1))
    func span(_ ofX: Double, _ ofY: Double, _ start: Double, count: Int32) -> Range<Int> {
      // A linear map is largest and smallest at the corners.
      let corners = [
        start, start + ofX * lastX, start + ofY * lastY, start + ofX * lastX + ofY * lastY,
      ]
      let (low, high) = (corners.min() ?? 0, corners.max() ?? 0)
      guard low.isFinite, high.isFinite else { return 0..<0 }
      // The pixel at the right of a position counts too, and one more on each side, since positions are
      // rounded.
      let limit = Double(count)
      let first = min(max(low.rounded(.down) - 1, 0), limit)
      let end = min(max(high.rounded(.down) + 3, first), limit)
      return Int(first)..<Int(end)
    }
    return (span(a, b, c, count: self.width), span(d, e, f, count: self.height))
  }

  /// The same recipe where of the region only a rectangle is there.
  public func having(columns: Range<Int>, rows: Range<Int>) -> CropRecipe {
    precondition(columns.lowerBound >= 0 && columns.upperBound <= Int(width))
    precondition(rows.lowerBound >= 0 && rows.upperBound <= Int(height))
    var recipe = self
    (recipe.left, recipe.top) = (Int32(columns.lowerBound), Int32(rows.lowerBound))
    (recipe.partWidth, recipe.partHeight) = (Int32(columns.count), Int32(rows.count))
    return recipe
  }
}
