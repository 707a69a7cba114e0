public import CVector

// What Winograd's F(2×2, 3×3) and F(3×3, 2×2) share for 16-bit maps, with products of pairs: 4×4 windows,
// with the interpolation points 0, ±1 and infinity.
//   Bᵀ = [1 0 -1 0 | 0 1 1 0 | 0 -1 1 0 | 0 1 0 -1]
// Transformed values are rounded to bfloat16 too. With these points a transform adds four values at most,
// so the error of a result is about 1.7 times that of rounding the operands of a direct convolution
// (F(4×4, 3×3) would make it ten times as large). Channels come in sixteens.

/// Four vectors: a row or a column of a window.
typealias Line = (Lanes, Lanes, Lanes, Lanes)

/// Where the pixels of one tile are; outside the picture they are somewhere else.
struct PairTile {
  private let tiles: posetop_tiles
  private let base: UnsafePointer<MapValue>
  private let top: Int
  private let left: Int

  @inline(__always)
  init(_ x: UnsafePointer<MapValue>, _ tiles: posetop_tiles, _ tile: Int) {
    self.tiles = tiles
    let image = tile / tiles.per_image
    let inImage = tile &- image &* tiles.per_image
    let tileY = inImage / tiles.tiles_x
    base = x + image &* tiles.image_step
    top = tileY &* tiles.step &- tiles.origin_y
    left = (inImage &- tileY &* tiles.tiles_x) &* tiles.step &- tiles.origin_x
  }

  @inline(__always)
  private func pixel(
    _ i: Int, _ j: Int, else outside: UnsafePointer<MapValue>
  ) -> UnsafePointer<MapValue> {
    let (y, x) = (top &+ i, left &+ j)
    let isInside = y >= 0 && y < tiles.height && x >= 0 && x < tiles.width
    return isInside ? base + (y &* tiles.row_step &+ x &* tiles.pixel_step) : outside
  }

  /// Notes the places of `size`² pixels, row by row.
  @inline(__always)
  func locate(
    _ size: Int, else outside: UnsafePointer<MapValue>,
    _ places: UnsafeMutablePointer<UnsafePointer<MapValue>>
  ) {
    for i in 0..<size {
      for j in 0..<size { places[size &* i &+ j] = pixel(i, j, else: outside) }
    }
  }
}

@inline(__always)
private func windowLine(_ d: Line) -> Line { (d.0 - d.2, d.1 + d.2, d.2 - d.1, d.1 - d.3) }

/// Columns as rows.
@inline(__always)
func turned(_ a: Line, _ b: Line, _ c: Line, _ d: Line) -> (Line, Line, Line, Line) {
  (
    (a.0, b.0, c.0, d.0), (a.1, b.1, c.1, d.1), (a.2, b.2, c.2, d.2), (a.3, b.3, c.3, d.3)
  )
}

@inline(__always)
private func window(
  _ places: UnsafeMutablePointer<UnsafePointer<MapValue>>, _ channel: Int
) -> (Line, Line, Line, Line) {
  @inline(__always)
  func column(_ j: Int) -> Line {
    windowLine(
      (
        load(places[j] + channel), load(places[4 &+ j] + channel),
        load(places[8 &+ j] + channel), load(places[12 &+ j] + channel)
      ))
  }
  let lines = turned(column(0), column(1), column(2), column(3))
  return (windowLine(lines.0), windowLine(lines.1), windowLine(lines.2), windowLine(lines.3))
}

/// A column of products, whose four rows lie `4 · plane` floats apart.
@inline(__always)
func loadColumn(_ at: UnsafePointer<Float>, _ plane: Int) -> Line {
  (load(at), load(at + 4 &* plane), load(at + 8 &* plane), load(at + 12 &* plane))
}

@inline(__always)
private func storeLine(_ line: Line, _ out: UnsafeMutablePointer<MapValue>, _ plane: Int) {
  store(line.0, out)
  store(line.1, out + plane)
  store(line.2, out + 2 &* plane)
  store(line.3, out + 3 &* plane)
}

/// `V = Bᵀ d B` for `count` tiles from `first` on; `v` is `[16]`, `plane` values apart, of
/// `[count][c]`; `zeros` holds c of them, `places` 16 pointers.
@inline(never)
public func winogradPairWindows(
  _ x: UnsafePointer<MapValue>, _ zeros: UnsafePointer<MapValue>, _ tiles: posetop_tiles, _ c: Int,
  _ first: Int, _ count: Int, _ v: UnsafeMutablePointer<MapValue>, _ plane: Int,
  _ places: UnsafeMutablePointer<UnsafePointer<MapValue>>
) {
  for index in 0..<count {
    PairTile(x, tiles, first &+ index).locate(4, else: zeros, places)
    var channel = 0
    while channel < c {
      let lines = window(places, channel)
      let out = v + index &* c + channel
      storeLine(lines.0, out, plane)
      storeLine(lines.1, out + 4 &* plane, plane)
      storeLine(lines.2, out + 8 &* plane, plane)
      storeLine(lines.3, out + 12 &* plane, plane)
      channel &+= 16
    }
  }
}

/// Where pairs of tiles go in panels `[16][panel][pairs][width]`, `plane` pairs apart.
struct PairPanels {
  let panels: UnsafeMutablePointer<UInt32>
  let plane: Int
  let width: Int
  let pairs: Int

  @inline(__always)
  private func place(_ pair: Int, _ channel: Int) -> UnsafeMutablePointer<UInt32> {
    let panel = channel / width
    return panels + ((panel &* pairs &+ pair) &* width &+ channel &- panel &* width)
  }

  /// Notes the transformed values of the first of two tiles; `scratch` holds 256 floats.
  @inline(__always)
  func keep(_ lines: (Line, Line, Line, Line), _ scratch: UnsafeMutablePointer<Float>) {
    keepLine(lines.0, scratch)
    keepLine(lines.1, scratch + 64)
    keepLine(lines.2, scratch + 128)
    keepLine(lines.3, scratch + 192)
  }

  /// Stores those of the second beside what was noted.
  @inline(__always)
  func put(
    _ lines: (Line, Line, Line, Line), pair: Int, channel: Int,
    _ scratch: UnsafeMutablePointer<Float>
  ) {
    let out = place(pair, channel)
    putLine(lines.0, scratch, out)
    putLine(lines.1, scratch + 64, out + 4 &* plane)
    putLine(lines.2, scratch + 128, out + 8 &* plane)
    putLine(lines.3, scratch + 192, out + 12 &* plane)
  }

  @inline(__always)
  private func keepLine(_ line: Line, _ out: UnsafeMutablePointer<Float>) {
    store(line.0, out)
    store(line.1, out + 16)
    store(line.2, out + 32)
    store(line.3, out + 48)
  }

  @inline(__always)
  private func putLine(
    _ line: Line, _ first: UnsafeMutablePointer<Float>, _ out: UnsafeMutablePointer<UInt32>
  ) {
    storePairs(load(first), line.0, out)
    storePairs(load(first + 16), line.1, out + plane)
    storePairs(load(first + 32), line.2, out + 2 &* plane)
    storePairs(load(first + 48), line.3, out + 3 &* plane)
  }

  /// Zeros in the place of sixteen channels that are missing in the last panel, if c leaves any.
  @inline(__always)
  func fill(pair: Int, _ c: Int) {
    guard c % width != 0 else { return }
    let out = place(pair, c)
    for index in 0..<16 {
      UnsafeMutableRawPointer(out + index &* plane).storeBytes(
        of: SIMD16<UInt32>(), as: SIMD16<UInt32>.self)
    }
  }
}

/// Notes where the pixels of two neighbouring tiles are, the `pair`-th of `count` tiles from `first` on;
/// those of a tile that is missing are zeros.
@inline(__always)
func locatePair(
  _ x: UnsafePointer<MapValue>, _ zeros: UnsafePointer<MapValue>, _ tiles: posetop_tiles,
  _ first: Int, _ count: Int, _ pair: Int, size: Int,
  _ places: UnsafeMutablePointer<UnsafePointer<MapValue>>
) {
  PairTile(x, tiles, first &+ 2 &* pair).locate(size, else: zeros, places)
  if 2 &* pair &+ 1 < count {
    PairTile(x, tiles, first &+ 2 &* pair &+ 1).locate(size, else: zeros, places + size &* size)
  } else {
    for index in size &* size..<2 &* size &* size { places[index] = zeros }
  }
}

/// `V = Bᵀ d B` for `count` tiles from `first` on, as pairs of neighbouring tiles from `firstPair` on:
/// `[16]`, `plane` pairs apart, of panels `[panel][pairs][width]`, zero where a tile or a channel is
/// missing. `zeros` holds c of them, `places` 32 pointers, `scratch` 256 floats.
@inline(never)
public func winogradPairWindowPairs(
  _ x: UnsafePointer<MapValue>, _ zeros: UnsafePointer<MapValue>, _ tiles: posetop_tiles, _ c: Int,
  _ first: Int, _ count: Int, _ width: Int, _ pairs: Int, _ firstPair: Int,
  _ panels: UnsafeMutablePointer<UInt32>, _ plane: Int,
  _ places: UnsafeMutablePointer<UnsafePointer<MapValue>>, _ scratch: UnsafeMutablePointer<Float>
) {
  let panels = PairPanels(panels: panels, plane: plane, width: width, pairs: pairs)
  for p in 0..<(count &+ 1) / 2 {
    locatePair(x, zeros, tiles, first, count, p, size: 4, places)
    var channel = 0
    while channel < c {
      panels.keep(window(places, channel), scratch)
      panels.put(window(places + 16, channel), pair: firstPair &+ p, channel: channel, scratch)
      channel &+= 16
    }
    panels.fill(pair: firstPair &+ p, c)
  }
}
