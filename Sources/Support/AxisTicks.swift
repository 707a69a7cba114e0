import Glibc

/// Round numbers for an axis.
public enum AxisTicks {
  /// About `count` round values within the range: 1, 2 or 5 times a power of ten apart.
  public static func linear(_ range: ClosedRange<Double>, count: Int) -> [Double] {
    let span = range.upperBound - range.lowerBound
    guard span.isFinite, span > 0, count > 0 else { return [range.lowerBound] }
    let rough = span / Double(count)
    let power = pow(10, floor(log10(rough)))
    guard power.isFinite, power > 0 else { return [range.lowerBound] }
    let step = [1.0, 2, 5, 10].map { $0 * power }.first { $0 >= rough * 0.999 } ?? 10 * power
    let first = (range.lowerBound / step).rounded(.up)
    var ticks: [Double] = []
    for index in 0...4 * count + 4 {
      let tick = (first + Double(index)) * step
      if tick > range.upperBound + step * 1e-9 { break }
      ticks.append(abs(tick) < step * 1e-9 ? 0 : tick)
    }
    return ticks
  }

  /// Round values of a logarithmic axis: as many per decade as `count` allows.
  public static func logarithmic(_ range: ClosedRange<Double>, count: Int) -> [Double] {
    guard range.lowerBound > 0, range.upperBound.isFinite, count > 0 else { return [] }
    let low = Int(floor(log10(range.lowerBound)))
    let high = Int(ceil(log10(range.upperBound)))
    var best: [Double] = []
    for steps in [[1.0], [1, 3], [1, 2, 5], [1, 2, 3, 5, 7]] {
      let ticks = (low...max(low, high)).flatMap { decade in
        steps.map { $0 * pow(10, Double(decade)) }
      }.filter { range.contains($0) }
      if ticks.count <= count || best.isEmpty { best = ticks }
    }
    if best.count > count, count > 0 {
      // More decades than rows: every n-th.
      let every = (best.count + count - 1) / count
      best = best.enumerated().filter { $0.offset % every == 0 }.map(\.element)
    }
    return best.count >= 2 ? best : linear(range, count: min(3, count)).filter { $0 > 0 }
  }

  /// A number as an axis shows it: `0.5`, `2000`, `80k`, `6e-3`.
  public static func label(_ value: Double) -> String {
    guard value.isFinite else { return "" }
    let size = abs(value)
    if size == 0 { return "0" }
    if size >= 1e4 || size < 9.995e-3 {
      let text = NumberText.significant(value, 2)
      if size >= 1e4, size < 1e12 {
        let (scale, unit) = size < 1e6 ? (1e3, "k") : size < 1e9 ? (1e6, "M") : (1e9, "G")
        return NumberText.significant(value / scale, 3) + unit
      }
      let exponent = Int(floor(log10(size) + 1e-9))
      let mantissa = value / pow(10, Double(exponent))
      return mantissa.isFinite ? "\(NumberText.significant(mantissa, 2))e\(exponent)" : text
    }
    return size >= 999.5 ? NumberText.fixed(value, 0) : NumberText.significant(value, 3)
  }

  /// About `count` round numbers of seconds: 1, 2, 5, 10, 15 or 30 seconds or minutes, or hours.
  public static func seconds(_ range: ClosedRange<Double>, count: Int) -> [Double] {
    let span = range.upperBound - range.lowerBound
    guard span.isFinite, span > 0, count > 0 else { return [range.lowerBound] }
    let steps: [Double] = [
      1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400,
    ]
    guard let step = steps.first(where: { span / $0 <= Double(count) }) else {
      return linear(range, count: count)
    }
    let first = Int((range.lowerBound / step).rounded(.up))
    return (first...first + count).map { Double($0) * step }.filter { $0 <= range.upperBound }
  }

  /// Seconds as an axis shows them: `45s`, `12m`, `1h30`.
  public static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, abs(seconds) < 1e12 else { return "" }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole)s" }
    if whole < 3600 { return whole % 60 == 0 ? "\(whole / 60)m" : "\(whole / 60)m\(whole % 60)" }
    let minutes = whole / 60 % 60
    return "\(whole / 3600)h" + (minutes == 0 ? "" : "\(minutes)")
  }

  /// The least of the round numbers 1, 1.125, 1.25, ... times a power of two that is not below a
  /// value: an axis that ends there moves seldom while the value grows.
  public static func grown(_ value: Double) -> Double {
    guard value.isFinite, value > 0 else { return 1 }
    let power = pow(2, floor(log2(value)))
    return (0...8).lazy.map { power * (1 + Double($0) / 8) }.first { $0 >= value } ?? 2 * power
  }

  /// A count of steps as an axis shows it: `800`, `2k`, `1.5M`.
  public static func count(_ value: Double) -> String {
    abs(value) >= 1000 && abs(value) < 1e4
      ? NumberText.significant(value / 1000, 3) + "k" : label(value)
  }
}
