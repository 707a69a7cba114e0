/// Divides a length among neighbours: pure arithmetic, so that every size can be tested.
public enum Layout {
  /// What one neighbour wants.
  public struct Part: Sendable {
    /// With less than this it is left out.
    var minimum: Int
    /// Its share of what is left over; 0 keeps it at its minimum.
    var weight: Int
    /// It never grows beyond this.
    var maximum: Int
    /// The lowest is left out first when the minima do not fit.
    var priority: Int

    /// A neighbour.
    public init(minimum: Int, weight: Int = 0, maximum: Int = .max, priority: Int = 0) {
      self.minimum = max(0, minimum)
      self.weight = max(0, weight)
      self.maximum = max(minimum, maximum)
      self.priority = priority
    }
  }

  /// The lengths of the parts: 0 for one that was left out; their sum is never above `length`.
  public static func lengths(_ length: Int, _ parts: [Part]) -> [Int] {
    var present = Set(parts.indices)
    var needed = parts.reduce(0) { $0 + $1.minimum }
    while needed > length {
      // Of equal priority the last goes first.
      guard let victim = present.min(by: { (parts[$0].priority, -$0) < (parts[$1].priority, -$1) })
      else { break }
      present.remove(victim)
      needed -= parts[victim].minimum
    }
    var result = parts.indices.map { present.contains($0) ? parts[$0].minimum : 0 }
    var spare = max(0, length) - result.reduce(0, +)
    var growing = present.filter { parts[$0].weight > 0 && result[$0] < parts[$0].maximum }
    while spare > 0, !growing.isEmpty {
      let total = growing.reduce(0) { $0 + parts[$1].weight }
      let before = spare
      for index in growing.sorted() {
        let share = min(
          max(1, before * parts[index].weight / total), parts[index].maximum - result[index], spare)
        result[index] += share
        spare -= share
      }
      growing = growing.filter { result[$0] < parts[$0].maximum }
    }
    return result
  }

  /// Rectangles below one another.
  public static func rows(_ rect: Rect, _ parts: [Part]) -> [Rect] {
    var y = rect.y
    return lengths(rect.height, parts).map { height in
      defer { y += height }
      return Rect(x: rect.x, y: y, width: rect.width, height: height)
    }
  }

  /// Rectangles beside one another.
  public static func columns(_ rect: Rect, _ parts: [Part]) -> [Rect] {
    var x = rect.x
    return lengths(rect.width, parts).map { width in
      defer { x += width }
      return Rect(x: x, y: rect.y, width: width, height: rect.height)
    }
  }
}
