public import Imaging
public import Pose
import Raster

/// Pictures with their skeletons side by side, as one picture.
public enum ContactSheet {
  /// One picture with its points in its own pixels.
  public struct Entry: Sendable {
    /// The picture.
    public var picture: ImageBuffer
    /// One for each keypoint of the schema.
    public var keypoints: [Keypoint]

    /// An entry.
    public init(picture: ImageBuffer, keypoints: [Keypoint]) {
      self.picture = picture
      self.keypoints = keypoints
    }
  }

  /// Space between pictures, px.
  public static let gap = 6

  /// A sheet with cells of at most `cellWidth` x `cellHeight` px in `columns` columns.
  public static func draw(
    _ entries: [Entry], schema: KeypointSchema, cellWidth: Int, cellHeight: Int, columns: Int,
    limbWidth: Double
  ) -> ImageBuffer {
    let columns = max(1, min(columns, entries.count))
    let rows = (entries.count + columns - 1) / columns
    let (width, height) = (
      columns * (cellWidth + gap) + gap, max(1, rows) * (cellHeight + gap) + gap
    )
    var sheet = ImageBuffer(width: width, height: height, red: 24, green: 24, blue: 28)
    for (index, entry) in entries.enumerated() {
      let cell = skeleton(
        entry, schema: schema, width: cellWidth, height: cellHeight, limbWidth: limbWidth)
      let left = gap + index % columns * (cellWidth + gap) + (cellWidth - cell.width) / 2
      let top = gap + index / columns * (cellHeight + gap) + (cellHeight - cell.height) / 2
      for y in 0..<cell.height {
        for x in 0..<(cell.width * 3) {
          sheet.pixels[((top + y) * width + left) * 3 + x] = cell.pixels[y * cell.width * 3 + x]
        }
      }
    }
    return sheet
  }

  /// One picture scaled to fit a cell, with its skeleton drawn at that size.
  public static func skeleton(
    _ entry: Entry, schema: KeypointSchema, width: Int, height: Int, limbWidth: Double
  ) -> ImageBuffer {
    let picture = entry.picture
    guard picture.width > 0, picture.height > 0 else { return picture }
    let scale = min(
      Double(width) / Double(picture.width), Double(height) / Double(picture.height))
    let (newWidth, newHeight) = (
      max(1, Int(Double(picture.width) * scale)), max(1, Int(Double(picture.height) * scale))
    )
    var canvas = Canvas(width: newWidth, height: newHeight) { x, y in
      picture.mean(
        columns: Double(x) / scale..<Double(x + 1) / scale,
        rows: Double(y) / scale..<Double(y + 1) / scale)
    }
    let points = entry.keypoints.map { point in
      Keypoint(
        x: (point.x + 0.5) * scale - 0.5, y: (point.y + 0.5) * scale - 0.5,
        visibility: point.visibility)
    }
    if points.count == schema.count {
      SkeletonPainter(schema: schema).draw(points, on: &canvas, width: limbWidth)
    }
    return ImageBuffer(width: newWidth, height: newHeight, pixels: canvas.bytes)
  }
}

extension ImageBuffer {
  /// The mean colour of a part in 0...1: of the pixels that it touches, or between the nearest ones
  /// where it is smaller than a pixel.
  fileprivate func mean(columns: Range<Double>, rows: Range<Double>) -> Color {
    if columns.upperBound - columns.lowerBound < 1 {
      let x = min(max((columns.lowerBound + columns.upperBound) / 2 - 0.5, 0), Double(width - 1))
      let y = min(max((rows.lowerBound + rows.upperBound) / 2 - 0.5, 0), Double(height - 1))
      let (left, top) = (Int(x), Int(y))
      let (right, bottom) = (min(left + 1, width - 1), min(top + 1, height - 1))
      let (partX, partY) = (Float(x - Double(left)), Float(y - Double(top)))
      func part(_ y: Int) -> Color {
        pixel(left, y).mixed(pixel(right, y), partX)
      }
      return part(top).mixed(part(bottom), partY)
    }
    var sum = (red: Float(0), green: Float(0), blue: Float(0), count: Float(0))
    for y in Int(rows.lowerBound)..<max(Int(rows.upperBound), Int(rows.lowerBound) + 1) {
      for x in Int(columns.lowerBound)..<max(Int(columns.upperBound), Int(columns.lowerBound) + 1) {
        let color = pixel(min(x, width - 1), min(y, height - 1))
        sum = (sum.red + color.red, sum.green + color.green, sum.blue + color.blue, sum.count + 1)
      }
    }
    return Color(sum.red / sum.count, sum.green / sum.count, sum.blue / sum.count)
  }

  private func pixel(_ x: Int, _ y: Int) -> Color {
    let (red, green, blue) = color(x: x, y: y)
    return Color(Float(red) / 255, Float(green) / 255, Float(blue) / 255)
  }
}
