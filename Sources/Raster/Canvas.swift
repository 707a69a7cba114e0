public import Support

/// A picture to draw on, in floating point.
public struct Canvas: Sendable {
  /// Width, px.
  public let width: Int
  /// Height, px.
  public let height: Int
  /// [height, width, 3] in 0...1.
  public private(set) var values: [Float]

  /// A canvas of one colour.
  public init(width: Int, height: Int, _ color: Color) {
    self.width = max(0, width)
    self.height = max(0, height)
    values = []
    values.reserveCapacity(self.width * self.height * 3)
    for _ in 0..<(self.width * self.height) {
      values.append(color.red)
      values.append(color.green)
      values.append(color.blue)
    }
  }

  /// A canvas with a picture on it: rows from the top of R, G, B.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(pixels.count == width * height * 3)
    self.width = width
    self.height = height
    values = pixels.map { Float($0) / 255 }
  }

  /// A canvas with a colour for each pixel (x, y).
  public init(width: Int, height: Int, color: (Int, Int) -> Color) {
    self.init(width: width, height: height, Color(0, 0, 0))
    for pixel in 0..<(self.width * self.height) {
      let color = color(pixel % self.width, pixel / self.width)
      values[pixel * 3] = color.red
      values[pixel * 3 + 1] = color.green
      values[pixel * 3 + 2] = color.blue
    }
  }

  /// Draws a shape; pixels on its edge are covered in part.
  public mutating func draw(_ shape: Shape, _ paint: Paint) {
    visit(shape) { values, pixel, x, y, distance, coverage in
      let color = paint.color(x, y, distance: distance)
      let share = color.alpha * coverage
      values[pixel] += (color.red - values[pixel]) * share
      values[pixel + 1] += (color.green - values[pixel + 1]) * share
      values[pixel + 2] += (color.blue - values[pixel + 2]) * share
    }
  }

  /// Paints the whole canvas.
  public mutating func fill(_ paint: Paint) {
    for row in 0..<height {
      for column in 0..<width {
        let color = paint.color(Double(column), Double(row), distance: -.infinity)
        let pixel = (row * width + column) * 3
        values[pixel] += (color.red - values[pixel]) * color.alpha
        values[pixel + 1] += (color.green - values[pixel + 1]) * color.alpha
        values[pixel + 2] += (color.blue - values[pixel + 2]) * color.alpha
      }
    }
  }

  /// Draws a shape in one colour.
  public mutating func draw(_ shape: Shape, _ color: Color) { draw(shape, .solid(color)) }

  private mutating func visit(
    _ shape: Shape,
    _ body: (inout UnsafeMutableBufferPointer<Float>, Int, Double, Double, Double, Float) -> Void
  ) {
    guard let (columns, rows) = Self.pixels(of: shape, width: width, height: height) else {
      return
    }
    let stride = width
    values.withUnsafeMutableBufferPointer { values in
      for row in rows {
        for column in columns {
          let (x, y) = (Double(column), Double(row))
          let distance = shape.distance(x, y)
          guard distance < 0.5 else { continue }
          body(
            &values, (row * stride + column) * 3, x, y, distance,
            Float(min(1, 0.5 - distance)))
        }
      }
    }
  }

  /// The pixels that a shape may touch; nil when it lies outside.
  static func pixels(
    of shape: Shape, width: Int, height: Int
  ) -> (columns: ClosedRange<Int>, rows: ClosedRange<Int>)? {
    let bounds = shape.bounds
    let (left, right) = (max(0, bounds.left - 0.5), min(Double(width - 1), bounds.right + 0.5))
    let (top, bottom) = (max(0, bounds.top - 0.5), min(Double(height - 1), bounds.bottom + 0.5))
    guard left <= right, top <= bottom else { return nil }
    return (Int(left)...Int(right.rounded(.up)), Int(top)...Int(bottom.rounded(.up)))
  }

  /// Softens the whole canvas with a box of `2 * radius + 1` pixels, `passes` times.
  public mutating func blur(radius: Int, passes: Int = 2) {
    guard radius > 0, width > 0, height > 0 else { return }
    for _ in 0..<passes {
      smooth(count: width, lines: height, step: 3, line: width * 3, radius: radius)
      smooth(count: height, lines: width, step: width * 3, line: 3, radius: radius)
    }
  }

  private mutating func smooth(count: Int, lines: Int, step: Int, line: Int, radius: Int) {
    var sums = [Float](repeating: 0, count: count + 1)
    for index in 0..<lines {
      for channel in 0..<3 {
        let start = index * line + channel
        for place in 0..<count { sums[place + 1] = sums[place] + values[start + place * step] }
        for place in 0..<count {
          let (first, last) = (max(0, place - radius), min(count - 1, place + radius))
          values[start + place * step] = (sums[last + 1] - sums[first]) / Float(last - first + 1)
        }
      }
    }
  }

  /// Adds grey noise, uniform within ± `amount`; the same for the same random stream.
  public mutating func addNoise(_ amount: Float, random: CounterRandom) {
    for pixel in 0..<(width * height) {
      let value = (Float(random.bits(pixel) >> 40) * 0x1p-23 - 1) * amount
      for channel in 0..<3 { values[pixel * 3 + channel] += value }
    }
  }

  /// 8-bit RGB, [height, width, 3], rounded to nearest.
  public var bytes: [UInt8] { values.map { UInt8(min(max($0, 0), 1) * 255 + 0.5) } }
}

/// How much of each pixel a union of shapes covers.
public struct Mask: Sendable {
  /// Width, px.
  public let width: Int
  /// Height, px.
  public let height: Int
  /// [height, width] in 0...1.
  public private(set) var values: [Float]

  /// An empty mask.
  public init(width: Int, height: Int) {
    self.width = max(0, width)
    self.height = max(0, height)
    values = [Float](repeating: 0, count: self.width * self.height)
  }

  /// Adds a shape.
  public mutating func add(_ shape: Shape) {
    change(shape) { max($0, $1) }
  }

  /// Takes a shape away.
  public mutating func remove(_ shape: Shape) {
    change(shape) { min($0, 1 - $1) }
  }

  private mutating func change(_ shape: Shape, _ body: (Float, Float) -> Float) {
    guard let (columns, rows) = Canvas.pixels(of: shape, width: width, height: height) else {
      return
    }
    for row in rows {
      for column in columns {
        let coverage = min(max(0.5 - shape.distance(Double(column), Double(row)), 0), 1)
        values[row * width + column] = body(values[row * width + column], Float(coverage))
      }
    }
  }

  /// Covered pixels, parts counted.
  public var area: Double { values.reduce(0) { $0 + Double($1) } }
}
