import Execution
import Glibc
import Support

/// What the processor reaches at most, measured: what the time of an op is compared with.
enum CeilingMeasurement {
  private static let size = 512
  /// Bytes that each thread copies at once; more than caches hold.
  private static let copied = 64 << 20

  static func run(threads: Int) throws(ExecutionError) -> Ceilings {
    let crew = Crew(size: threads)
    defer { crew.stop() }
    let floats = 3 * size * size
    let matrices = try MemoryBlock(bytes: 4 * threads * floats)
    for index in 0..<threads * floats { matrices.floats[index] = 1 / Float(1 + index % 7) }
    let pictures = try MemoryBlock(bytes: 2 * threads * copied)
    memset(pictures.base, 1, pictures.bytes)
    let (values, bytes) = (matrices.floats, pictures.base)
    let rounds = 8
    let product = best { _ in
      crew.run(threads, batch: 0) { _, piece, _ in
        let a = values + piece * floats
        let (b, c) = (a + size * size, a + 2 * size * size)
        for _ in 0..<rounds { BLAS.multiply(size, size, size, a, size, b, size, c, size) }
      }
    }
    let copy = best { _ in
      crew.run(threads, batch: 0) { _, piece, _ in
        let source = bytes + 2 * piece * copied
        memcpy(source + copied, source, copied)
      }
    }
    let flops = 2 * size * size * size * rounds * threads
    return Ceilings(
      flopsPerSecond: Double(flops) / product,
      bytesPerSecond: Double(2 * copied * threads) / copy)
  }

  /// The shortest of seven times, s.
  private static func best(_ body: (Int) -> Void) -> Double {
    var shortest = Double.infinity
    for round in 0..<7 {
      let start = Clock.monotonic()
      body(round)
      shortest = min(shortest, Clock.monotonic() - start)
    }
    return max(shortest, 1e-9)
  }
}
