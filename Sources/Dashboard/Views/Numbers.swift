import Glibc
import Support

/// Numbers in the dashboard's own shapes: short, and of steady width where they change often.
enum Numbers {
  /// A loss: three significant digits, `7.12e-4` below a thousandth.
  static func loss(_ value: Double) -> String {
    guard value.isFinite else { return "nan" }
    let size = abs(value)
    if size == 0 { return "0" }
    if size < 1e-3 || size >= 1e5 { return compactExponent(NumberText.scientific(value, 2)) }
    let decimals = size < 0.01 ? 5 : size < 0.1 ? 4 : size < 10 ? 3 : size < 100 ? 2 : 1
    return NumberText.fixed(value, decimals)
  }

  /// A learning rate: `2.50e-4`.
  static func rate(_ value: Double) -> String {
    if value == 0 { return "0" }
    return value.isFinite ? compactExponent(NumberText.scientific(value, 2)) : "nan"
  }

  /// A factor: `×.5`, `×2`.
  static func factor(_ value: Double, ascii: Bool) -> String {
    guard value.isFinite, value > 0 else { return "" }
    var text = NumberText.significant(value, 2)
    if text.hasPrefix("0.") { text.removeFirst() }
    return (ascii ? "x" : "×") + text
  }

  /// A speed: one decimal below a hundred.
  static func speed(_ value: Double) -> String {
    guard value.isFinite, value >= 0 else { return "?" }
    return NumberText.fixed(value, value < 10 ? 2 : value < 100 ? 1 : 0)
  }

  /// Bytes in few characters: `812M`, `1.2G`.
  static func bytes(_ count: Int) -> String {
    let units = ["B", "K", "M", "G", "T"]
    var value = Double(max(0, count))
    var unit = 0
    while value >= 1000, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return NumberText.fixed(value, unit > 0 && value < 10 ? 1 : 0) + units[unit]
  }

  /// A share as a percentage.
  static func percent(_ share: Double, decimals: Int = 0) -> String {
    share.isFinite ? "\(NumberText.fixed(100 * share, decimals))%" : "?"
  }

  /// A command's words with numbers of many digits shortened: what was staged by halving has them.
  static func shortened(_ command: String) -> String {
    command.split(separator: " ").map { word -> String in
      let isFactor = word.hasPrefix("x")
      let digits = isFactor ? word.dropFirst() : word
      guard digits.count > 8, let value = Double(digits) else { return String(word) }
      return (isFactor ? "x" : "") + NumberText.significant(value, 3)
    }.joined(separator: " ")
  }

  /// How long ago something was, in whole seconds at least.
  static func age(_ seconds: Double) -> String {
    seconds < 1 ? "0s" : NumberText.duration(seconds.rounded(.down))
  }

  /// The time of day: `14:02`.
  static func clock(_ time: Double, offset: Int) -> String {
    guard time.isFinite, abs(time) < 1e12 else { return "--:--" }
    let seconds = ((Int(time) + offset) % 86400 + 86400) % 86400
    let (hour, minute) = (seconds / 3600, seconds / 60 % 60)
    return "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
  }

  private static func compactExponent(_ text: String) -> String {
    let parts = text.split(separator: "e")
    guard parts.count == 2, let exponent = Int(parts[1]) else { return text }
    return "\(parts[0])e\(exponent)"
  }
}
