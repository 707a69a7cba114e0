import Glibc

/// Numbers as people read them, without Foundation.
public enum NumberText {
  /// `printf` with one floating-point argument, such as `format("%.3g", x)`.
  public static func format(_ pattern: String, _ value: Double) -> String {
    var buffer = [CChar](repeating: 0, count: 64)
    let count = withVaList([value]) { vsnprintf(&buffer, buffer.count, pattern, $0) }
    let length = min(max(Int(count), 0), buffer.count - 1)
    return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// A number with a fixed count of decimals.
  public static func fixed(_ value: Double, _ decimals: Int) -> String {
    value.isFinite ? format("%.\(min(max(decimals, 0), 17))f", value) : special(value)
  }

  /// A number with a count of significant digits, in the shorter of the usual notations.
  public static func significant(_ value: Double, _ digits: Int) -> String {
    value.isFinite ? format("%.\(min(max(digits, 1), 17))g", value) : special(value)
  }

  /// A number in scientific notation, such as `2.50e-04`.
  public static func scientific(_ value: Double, _ decimals: Int) -> String {
    value.isFinite ? format("%.\(min(max(decimals, 0), 17))e", value) : special(value)
  }

  /// A size in bytes with a binary unit, such as `1.5 GiB`.
  public static func bytes(_ count: Int) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"]
    var value = Double(count)
    var unit = 0
    while abs(value) >= 1024, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return unit == 0 ? "\(count) B" : "\(fixed(value, abs(value) < 10 ? 2 : 1)) \(units[unit])"
  }

  /// A duration in its two largest units, such as `2h41m` or `12s`.
  public static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "?" }
    if seconds < 1 { return "\(Int(seconds * 1000))ms" }
    let total = Int(seconds.rounded())
    let (days, hours, minutes) = (total / 86400, total / 3600 % 24, total / 60 % 60)
    if days > 0 { return "\(days)d\(hours)h" }
    if hours > 0 { return "\(hours)h\(minutes < 10 ? "0" : "")\(minutes)m" }
    if minutes > 0 { return "\(minutes)m\(total % 60 < 10 ? "0" : "")\(total % 60)s" }
    return "\(total)s"
  }

  /// A count with thousands separated, such as `205,927,586`.
  public static func grouped(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var result = value < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result.append(",") }
      result.append(digit)
    }
    return result
  }

  private static func special(_ value: Double) -> String {
    value.isNaN ? "nan" : value > 0 ? "inf" : "-inf"
  }
}
