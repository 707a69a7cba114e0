import Glibc

/// Scratch memory of a worker for the transforms: 36 · 16 floats, 81 pointers, a pixel.
struct TransformScratch {
  let floats: UnsafeMutablePointer<Float>
  let places: UnsafeMutablePointer<UnsafePointer<Float>>
  let edge: UnsafeMutablePointer<Float>

  static func count(channels: Int) -> Int { (36 * 16 + 176 + channels + 15) / 16 * 16 }

  init(_ base: UnsafeMutablePointer<Float>, channels: Int) {
    floats = base
    places = UnsafeMutableRawPointer(base + 36 * 16)
      .assumingMemoryBound(to: UnsafePointer<Float>.self)
    edge = base + 36 * 16 + 176
    memset(edge, 0, channels * 4)
  }
}

/// Distance of the 36 planes: a line more than they hold, so that they do not share a cache set.
func plane(_ floats: Int) -> Int { floats + 16 }

/// A phase that turns each tap of a weight `[taps][output][input]`, so that lanes are output channels.
func turningPhase(
  _ kernels: KernelTable, _ weight: UnsafeMutablePointer<Float>, taps: Int, input: Int,
  output: Int, into turned: UnsafeMutablePointer<Float>
) -> Phase {
  let rows = Pieces(total: output, largest: 16, multiple: 16)
  return Phase(pieces: { _ in taps * rows.count }) { _, piece, _ in
    let tap = piece / rows.count * input * output
    kernels.transposeMatrix(
      weight + tap, output, input, rows.first(piece % rows.count),
      rows.count(of: piece % rows.count), turned + tap)
  }
}

/// Transformed filters that a node keeps at a time, in floats: 38 MB.
let keptFilterFloats = 9_437_184

extension KernelTable {
  /// The 36 products of `count` transformed windows and the transformed filters, `filterPlane` floats
  /// apart, of `channels` output channels: `m (+)= v · filters`.
  func multiplyPlanes(
    _ count: Int, channels: Int, input: Int, _ v: UnsafePointer<Float>,
    _ filters: UnsafePointer<Float>, filterPlane: Int, add: Bool, _ m: UnsafeMutablePointer<Float>
  ) {
    let (vPlane, mPlane) = (plane(input * count), plane(channels * count))
    for product in 0..<36 {
      multiplySixteens(
        count, channels / 16, input, v + product * vPlane, count * 16,
        filters + product * filterPlane, input * 16, add, m + product * mPlane, count * 16)
    }
  }

  /// Turns the rows `first ..< first + count` of a matrix `[rows][columns]` into columns; rows in sixteens.
  func transposeMatrix(
    _ x: UnsafePointer<Float>, _ rows: Int, _ columns: Int, _ first: Int, _ count: Int,
    _ y: UnsafeMutablePointer<Float>
  ) {
    turnRows(x + first * columns, columns, count, columns, y + first, rows)
  }
}

/// The phases of each chunk of batches up to `largest`, one chunk after the other; `range` says which things
/// it has for a batch, nil for none.
func chunkedPhases(
  upTo largest: Int, _ chunks: @escaping (Int) -> Pieces,
  _ phases: (_ range: @escaping (Int) -> (first: Int, count: Int)?) -> [Phase]
) -> [Phase] {
  (0..<Pieces.most(largest) { chunks($0).count }).flatMap { chunk in
    phases { batch in
      let chunks = chunks(batch)
      return chunk < chunks.count ? (chunks.first(chunk), chunks.count(of: chunk)) : nil
    }
  }
}
