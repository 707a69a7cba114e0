import Glibc

/// How colours look to readers who lack a kind of cone, and how far colours are apart.
enum ColorVision {
  typealias RGB = (red: Double, green: Double, blue: Double)

  /// Normal sight, and full protanopia, deuteranopia and tritanopia by Machado, Oliveira and
  /// Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency" (2009),
  /// for linear RGB.
  static let kinds: [(name: String, matrix: [Double])] = [
    ("normal", [1, 0, 0, 0, 1, 0, 0, 0, 1]),
    (
      "protanopia",
      [
        0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998,
      ]
    ),
    (
      "deuteranopia",
      [
        0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881,
      ]
    ),
    (
      "tritanopia",
      [
        1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900,
      ]
    ),
  ]

  static func linear(_ color: (red: UInt8, green: UInt8, blue: UInt8)) -> RGB {
    func part(_ byte: UInt8) -> Double {
      let value = Double(byte) / 255
      return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
    return (part(color.red), part(color.green), part(color.blue))
  }

  static func simulate(_ color: RGB, _ m: [Double]) -> RGB {
    func row(_ at: Int) -> Double {
      min(1, max(0, m[at] * color.red + m[at + 1] * color.green + m[at + 2] * color.blue))
    }
    return (row(0), row(3), row(6))
  }

  private static func luminance(_ color: RGB) -> Double {
    0.2126 * color.red + 0.7152 * color.green + 0.0722 * color.blue
  }

  /// The contrast of WCAG 2, 1...21.
  static func contrast(_ left: RGB, _ right: RGB) -> Double {
    let (a, b) = (luminance(left) + 0.05, luminance(right) + 0.05)
    return max(a, b) / min(a, b)
  }

  /// CIE L*a*b* for daylight (D65).
  static func lab(_ color: RGB) -> [Double] {
    func curve(_ value: Double) -> Double {
      value > 216.0 / 24389 ? cbrt(value) : (24389.0 / 27 * value + 16) / 116
    }
    let x = curve((0.4124 * color.red + 0.3576 * color.green + 0.1805 * color.blue) / 0.9505)
    let y = curve(luminance(color))
    let z = curve((0.0193 * color.red + 0.1192 * color.green + 0.9505 * color.blue) / 1.089)
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
  }

  /// The difference ΔE of CIE 1976.
  static func distance(_ left: [Double], _ right: [Double]) -> Double {
    zip(left, right).map { ($0 - $1) * ($0 - $1) }.reduce(0, +).squareRoot()
  }
}
