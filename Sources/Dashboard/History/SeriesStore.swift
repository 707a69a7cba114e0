import TerminalUI

/// The values of a curve over a whole run, in bounded memory.
///
/// The newest points are kept as they came. The whole run is kept in buckets of equal length with
/// mean, smallest and largest value; when there are too many, neighbours are joined in pairs. A
/// million steps cost as much as a few thousand, and a spike of one step is never lost.
struct SeriesStore: Sendable, Equatable {
  /// One step, or the steps of one bucket.
  struct Entry: Sendable, Equatable {
    var step: Int
    /// Seconds since 1970 of its last step.
    var time: Double
    var mean: Double
    var low: Double
    var high: Double
    /// Finite values in it.
    var count: Int
    /// Whether a value in it was no number.
    var hasGap: Bool
  }

  static let recentLimit = 2048
  static let bucketLimit = 4096

  private(set) var recent: [Entry] = []
  private(set) var buckets: [Entry] = []
  /// Steps in a bucket.
  private(set) var bucketLength = 1
  /// The last step that was added.
  private(set) var lastStep = 0
  /// The step of the first point.
  private var firstStep = 0

  var isEmpty: Bool { buckets.isEmpty }

  /// Adds the value of a step, or of `count` steps that end with it.
  mutating func append(
    step: Int, value: Double, range: ClosedRange<Double>? = nil, count: Int = 1, time: Double = 0
  ) {
    if step <= lastStep, !buckets.isEmpty { cut(after: step - 1) }
    let finite = value.isFinite
    let entry = Entry(
      step: step, time: time, mean: value, low: range?.lowerBound ?? value,
      high: range?.upperBound ?? value,
      count: finite ? max(1, count) : 0, hasGap: !finite)
    if buckets.isEmpty { firstStep = step }
    lastStep = step
    recent.append(entry)
    // Cut in large pieces, so that the array is not moved at each step.
    if recent.count >= 2 * Self.recentLimit { recent.removeFirst(Self.recentLimit) }
    if let last = buckets.last, last.step / bucketLength == step / bucketLength {
      buckets[buckets.count - 1] = Self.join(last, entry)
    } else {
      buckets.append(entry)
      if buckets.count > Self.bucketLimit { coarsen() }
    }
  }

  /// Forgets what came after a step: the run went on from there.
  mutating func cut(after step: Int) {
    recent.removeAll { $0.step > step }
    buckets.removeAll { $0.step > step }
    lastStep = buckets.last?.step ?? 0
  }

  private mutating func coarsen() {
    bucketLength *= 2
    var joined: [Entry] = []
    joined.reserveCapacity(Self.bucketLimit)
    for entry in buckets {
      if let last = joined.last, last.step / bucketLength == entry.step / bucketLength {
        joined[joined.count - 1] = Self.join(last, entry)
      } else {
        joined.append(entry)
      }
    }
    buckets = joined
  }

  private static func join(_ left: Entry, _ right: Entry) -> Entry {
    let hasGap = left.hasGap || right.hasGap
    guard left.count > 0, right.count > 0 else {
      var some = left.count > 0 ? left : right
      some.step = right.step
      some.time = right.time
      some.hasGap = hasGap
      return some
    }
    let count = left.count + right.count
    let share = Double(right.count) / Double(count)
    return Entry(
      step: right.step, time: right.time, mean: left.mean + (right.mean - left.mean) * share,
      low: min(left.low, right.low), high: max(left.high, right.high), count: count,
      hasGap: hasGap)
  }

  /// The points of the whole run; `x` maps a step to the axis.
  func points(x: (Int) -> Double) -> [ChartPoint] {
    Self.points(buckets[...], x)
  }

  /// The points from a step on, as they came where they are still kept.
  func points(from step: Int, x: (Int) -> Double) -> [ChartPoint] {
    if let first = recent.first, first.step <= max(step, firstStep) {
      return Self.points(recent[...], x)
    }
    return points(x: x)
  }

  /// The entry that holds a step, or the last one.
  func entry(at step: Int) -> Entry? {
    let list = recent.first.map { $0.step <= step } == true ? recent : buckets
    // The first entry that ends at the step or after it.
    var (low, high) = (0, list.count)
    while low < high {
      let middle = (low + high) / 2
      if list[middle].step < step { low = middle + 1 } else { high = middle }
    }
    return low < list.count ? list[low] : list.last
  }

  private static func points(_ entries: ArraySlice<Entry>, _ x: (Int) -> Double) -> [ChartPoint] {
    var points: [ChartPoint] = []
    points.reserveCapacity(entries.count)
    for entry in entries {
      let place = x(entry.step)
      if entry.count > 0 {
        points.append(ChartPoint(x: place, value: entry.mean, low: entry.low, high: entry.high))
      }
      if entry.hasGap { points.append(ChartPoint(x: place, value: .nan)) }
    }
    return points
  }

  /// The curve smoothed by an exponential mean over its points, without the start's bias.
  static func smoothed(_ points: [ChartPoint], factor: Double) -> [ChartPoint] {
    guard factor > 0, factor < 1 else { return points }
    var mean = 0.0
    var weight = 0.0
    return points.map { point in
      guard point.value.isFinite else { return point }
      mean = factor * mean + (1 - factor) * point.value
      weight = factor * weight + (1 - factor)
      return ChartPoint(x: point.x, value: mean / weight)
    }
  }
}
