import CPosix

/// Work that is split over threads of its own, for commands that are not the engine.
///
/// What the pieces are given and give back are values; the results come in the order of the pieces,
/// so they do not depend on how many threads there are.
public enum Parallel {
  /// Threads that are worth starting here, 1...8.
  public static var width: Int { min(8, max(1, Int(posetop_allowed_processors()))) }

  /// The results of `count` pieces, each on a thread of its own; the first on the caller's.
  public static func map<Result: Sendable>(
    _ count: Int, _ piece: @escaping @Sendable (Int) -> Result
  ) -> [Result] {
    guard count > 1 else { return (0..<count).map(piece) }
    let results = Monitor([Result?](repeating: nil, count: count))
    let threads = (1..<count).map { number in
      WorkerThread(name: "piece \(number)") {
        let result = piece(number)
        results.update { $0[number] = result }
      }
    }
    let first = piece(0)
    for thread in threads { thread.join() }
    return results.update { values in
      values[0] = first
      return values.compactMap { $0 }
    }
  }

  /// The results of two functions that run at the same time.
  public static func both<First: Sendable, Second: Sendable>(
    _ first: @escaping @Sendable () -> First, _ second: @escaping @Sendable () -> Second
  ) -> (First, Second) {
    let slot = Monitor(First?.none)
    let thread = WorkerThread(name: "first of two") {
      let result = first()
      slot.update { $0 = result }
    }
    let other = second()
    thread.join()
    return (slot.wait { $0 }, other)
  }

  /// `0..<count` in at most `width` ranges of nearly equal length, none empty.
  public static func ranges(of count: Int) -> [Range<Int>] {
    let pieces = max(1, min(width, count))
    return (0..<pieces).map { count * $0 / pieces..<count * ($0 + 1) / pieces }
  }
}
