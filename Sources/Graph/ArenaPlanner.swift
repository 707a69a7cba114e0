/// One thing that needs a place in the arena for a while.
public struct ArenaRequest: Sendable, Hashable {
  /// Bytes; may be 0.
  public let bytes: Int
  /// When it must not be overwritten.
  public let range: LiveRange

  /// A request.
  public init(bytes: Int, range: LiveRange) {
    self.bytes = bytes
    self.range = range
  }
}

/// Places everything in one arena such that nothing that lives at the same time overlaps.
///
/// Greedy by size (Pisarchyk and Lee, arXiv 2001.03288): the largest first, each at the lowest gap
/// that is free during its whole life; ties by order, so the result is a function of the graph.
public enum ArenaPlanner {
  /// Alignment of every place, bytes: a cache line, and the width of an AVX-512 register.
  public static let alignment = 64

  /// For each request its first byte, and the size of the arena.
  public static func place(_ requests: [ArenaRequest]) -> (offsets: [Int], bytes: Int) {
    var offsets = [Int](repeating: 0, count: requests.count)
    var placed: [Int] = []
    var total = 0
    let order = requests.indices.sorted {
      (requests[$0].bytes, $1) > (requests[$1].bytes, $0)
    }
    for index in order where requests[index].bytes > 0 {
      let size = aligned(requests[index].bytes)
      var offset = 0
      for other in placed where requests[other].range.overlaps(requests[index].range) {
        if offset + size <= offsets[other] { break }
        offset = max(offset, offsets[other] + aligned(requests[other].bytes))
      }
      offsets[index] = offset
      total = max(total, offset + size)
      let at = placed.firstIndex { offsets[$0] > offset } ?? placed.count
      placed.insert(index, at: at)
    }
    return (offsets, total)
  }

  /// The size rounded up to the alignment.
  public static func aligned(_ bytes: Int) -> Int {
    (bytes + alignment - 1) / alignment * alignment
  }
}
