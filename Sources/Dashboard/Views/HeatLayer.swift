import RunFiles
import TerminalUI

/// A keypoint's heatmap over a crop.
enum HeatLayer {
  /// From nothing over purple and orange to yellow: brighter is more, also without colours.
  private static let colors: [SIMD3<Float>] = [
    SIMD3(20, 10, 50), SIMD3(120, 30, 110), SIMD3(220, 70, 60), SIMD3(250, 160, 30),
    SIMD3(255, 245, 150),
  ]

  private static func color(_ value: Float) -> SIMD3<Float> {
    let place = min(max(value, 0), 1) * Float(colors.count - 1)
    let low = min(colors.count - 2, Int(place))
    return colors[low] + (colors[low + 1] - colors[low]) * (place - Float(low))
  }

  /// The crop, darkened, with the heat laid over it.
  static func blended(
    _ heat: (maps: SampleHeatmaps, joint: Int), over crop: ArraySlice<UInt8>, width: Int,
    height: Int
  ) -> ArraySlice<UInt8> {
    var pixels = Array(crop)
    for y in 0..<height {
      for x in 0..<width {
        let value = heat.maps.value(
          of: heat.joint, x: (Double(x) + 0.5) / Double(width),
          y: (Double(y) + 0.5) / Double(height))
        let at = (y * width + x) * 3
        let color = color(value)
        let share = 0.25 + 0.7 * value
        for channel in 0..<3 {
          let below = Float(pixels[at + channel]) * 0.6
          pixels[at + channel] = UInt8(
            min(255, max(0, below + (color[channel] - below) * share)))
        }
      }
    }
    return pixels[...]
  }

  /// Digits 1...9 where the heat is, for terminals without pictures.
  static func drawDigits(
    _ heat: (maps: SampleHeatmaps, joint: Int), into surface: inout Surface,
    at place: CellPicture.Placement, _ context: any ScreenContext
  ) {
    for row in 0..<place.rect.height {
      for column in 0..<place.rect.width {
        let value = heat.maps.value(
          of: heat.joint, x: (Double(column) + 0.5) / Double(place.rect.width),
          y: (Double(row) + 0.5) / Double(place.rect.height))
        let digit = min(9, Int(value * 10))
        guard digit > 0 else { continue }
        surface.set(
          place.rect.x + column, place.rect.y + row, Unicode.Scalar(UInt8(0x30 + digit)),
          context.look[digit > 6 ? .marker : .faint])
      }
    }
  }
}
