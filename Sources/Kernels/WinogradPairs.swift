// Winograd's F(2×2, 3×3) (Lavin and Gray, arXiv 1509.09308) for 16-bit maps, with products of pairs.
//
// Tiles are 4×4 windows at a distance of 2, numbered through the whole batch: image, row, column.
// Transformed values are rounded to bfloat16 too. With the points 0, ±1 and infinity a transform adds four
// values at most, so the error of a result is about 1.7 times that of rounding the operands of a direct
// convolution (F(4×4, 3×3) would make it ten times as large):
//   Bᵀ = [1 0 -1 0 | 0 1 1 0 | 0 -1 1 0 | 0 1 0 -1]
//   G  = [1 0 0 | 1/2 1/2 1/2 | 1/2 -1/2 1/2 | 0 0 1]
//   Aᵀ = [1 1 1 0 | 0 1 -1 -1]
// Channels come in sixteens. Rows of transformed values lie as [16][tile][channel].

private typealias Line = (Lanes, Lanes, Lanes, Lanes)

/// Where the pixels of one tile are; outside the picture they are zeros.
private struct Tile {
  let base: UnsafePointer<MapValue>
  let top: Int
  let left: Int

  @inline(__always)
  init(
    _ x: UnsafePointer<MapValue>, h: Int, w: Int, c: Int, tilesX: Int, tilesPerImage: Int,
    tile: Int, origin: Int
  ) {
    let image = tile / tilesPerImage
    let inImage = tile &- image &* tilesPerImage
    let tileY = inImage / tilesX
    base = x + image &* h &* w &* c
    top = tileY &* 2 &- origin
    left = (inImage &- tileY &* tilesX) &* 2 &- origin
  }

  @inline(__always)
  func pixel(
    _ i: Int, _ j: Int, h: Int, w: Int, c: Int, else outside: UnsafePointer<MapValue>
  ) -> UnsafePointer<MapValue> {
    let (y, x) = (top &+ i, left &+ j)
    return y >= 0 && y < h && x >= 0 && x < w ? base + (y &* w &+ x) &* c : outside
  }
}

@inline(__always)
private func inputLine(_ d: Line) -> Line { (d.0 - d.2, d.1 + d.2, d.2 - d.1, d.1 - d.3) }

@inline(__always)
private func turned(_ a: Line, _ b: Line, _ c: Line, _ d: Line) -> (Line, Line, Line, Line) {
  (
    (a.0, b.0, c.0, d.0), (a.1, b.1, c.1, d.1), (a.2, b.2, c.2, d.2), (a.3, b.3, c.3, d.3)
  )
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
public func winogradPairInput(
  _ x: UnsafePointer<MapValue>, _ zeros: UnsafePointer<MapValue>, _ h: Int, _ w: Int, _ c: Int,
  _ tilesX: Int, _ tilesPerImage: Int, _ first: Int, _ count: Int,
  _ v: UnsafeMutablePointer<MapValue>, _ plane: Int,
  _ places: UnsafeMutablePointer<UnsafePointer<MapValue>>
) {
  for index in 0..<count {
    let tile = Tile(
      x, h: h, w: w, c: c, tilesX: tilesX, tilesPerImage: tilesPerImage, tile: first &+ index,
      origin: 1)
    for i in 0..<4 {
      for j in 0..<4 {
        places[4 &* i &+ j] = tile.pixel(i, j, h: h, w: w, c: c, else: zeros)
      }
    }
    var channel = 0
    while channel < c {
      @inline(__always)
      func column(_ j: Int) -> Line {
        inputLine(
          (
            load(places[j] + channel), load(places[4 &+ j] + channel),
            load(places[8 &+ j] + channel), load(places[12 &+ j] + channel)
          ))
      }
      let lines = turned(column(0), column(1), column(2), column(3))
      let out = v + index &* c + channel
      storeLine(inputLine(lines.0), out, plane)
      storeLine(inputLine(lines.1), out + 4 &* plane, plane)
      storeLine(inputLine(lines.2), out + 8 &* plane, plane)
      storeLine(inputLine(lines.3), out + 12 &* plane, plane)
      channel &+= 16
    }
  }
}

/// A place in panels of pairs `[16][panel][pairs][width]`, `plane` pairs apart.
private struct PairPlace {
  let out: UnsafeMutablePointer<UInt32>
  let plane: Int

  @inline(__always)
  init(
    _ panels: UnsafeMutablePointer<UInt32>, _ plane: Int, _ width: Int, _ pairs: Int, pair: Int,
    channel: Int
  ) {
    let panel = channel / width
    out = panels + ((panel &* pairs &+ pair) &* width &+ channel &- panel &* width)
    self.plane = plane
  }

  /// Stores a line of the second tile beside that of the first, which waits in `scratch`.
  @inline(__always)
  func store(_ line: Line, _ i: Int, _ scratch: UnsafePointer<Float>) {
    put(line.0, 4 &* i, scratch)
    put(line.1, 4 &* i &+ 1, scratch)
    put(line.2, 4 &* i &+ 2, scratch)
    put(line.3, 4 &* i &+ 3, scratch)
  }

  @inline(__always)
  private func put(_ second: Lanes, _ index: Int, _ scratch: UnsafePointer<Float>) {
    storePairs(load(scratch + 16 &* index), second, out + index &* plane)
  }
}

@inline(__always)
private func keepLine(_ line: Line, _ i: Int, _ scratch: UnsafeMutablePointer<Float>) {
  let out = scratch + 64 &* i
  store(line.0, out)
  store(line.1, out + 16)
  store(line.2, out + 32)
  store(line.3, out + 48)
}

/// `V = Bᵀ d B` for `count` tiles from `first` on, as pairs of neighbouring tiles from `firstPair` on:
/// `[16]`, `plane` pairs apart, of panels `[panel][pairs][width]`, zero where a tile or a channel is
/// missing. `zeros` holds c of them, `places` 32 pointers, `scratch` 256 floats.
@inline(never)
public func winogradPairInputPairs(
  _ x: UnsafePointer<MapValue>, _ zeros: UnsafePointer<MapValue>, _ h: Int, _ w: Int, _ c: Int,
  _ tilesX: Int, _ tilesPerImage: Int, _ first: Int, _ count: Int, _ width: Int, _ pairs: Int,
  _ firstPair: Int, _ panels: UnsafeMutablePointer<UInt32>, _ plane: Int,
  _ places: UnsafeMutablePointer<UnsafePointer<MapValue>>, _ scratch: UnsafeMutablePointer<Float>
) {
  for p in 0..<(count &+ 1) / 2 {
    for half in 0..<2 {
      let index = 2 &* p &+ half
      let tile = Tile(
        x, h: h, w: w, c: c, tilesX: tilesX, tilesPerImage: tilesPerImage,
        tile: first &+ min(index, count &- 1), origin: 1)
      for i in 0..<4 {
        for j in 0..<4 {
          places[16 &* half &+ 4 &* i &+ j] =
            index < count ? tile.pixel(i, j, h: h, w: w, c: c, else: zeros) : zeros
        }
      }
    }
    var channel = 0
    while channel < c {
      @inline(__always)
      func lines(_ half: Int) -> (Line, Line, Line, Line) {
        let places = places + 16 &* half
        @inline(__always)
        func column(_ j: Int) -> Line {
          inputLine(
            (
              load(places[j] + channel), load(places[4 &+ j] + channel),
              load(places[8 &+ j] + channel), load(places[12 &+ j] + channel)
            ))
        }
        let lines = turned(column(0), column(1), column(2), column(3))
        return (
          inputLine(lines.0), inputLine(lines.1), inputLine(lines.2), inputLine(lines.3)
        )
      }
      let one = lines(0)
      keepLine(one.0, 0, scratch)
      keepLine(one.1, 1, scratch)
      keepLine(one.2, 2, scratch)
      keepLine(one.3, 3, scratch)
      let two = lines(1)
      let place = PairPlace(
        panels, plane, width, pairs, pair: firstPair &+ p, channel: channel)
      place.store(two.0, 0, scratch)
      place.store(two.1, 1, scratch)
      place.store(two.2, 2, scratch)
      place.store(two.3, 3, scratch)
      channel &+= 16
    }
  }
}

/// `E = A dy Aᵀ` for `count` tiles, the gradient of the products, as pairs of tiles laid out as above.
@inline(never)
public func winogradPairOutputGradient(
  _ dy: UnsafePointer<MapValue>, _ zeros: UnsafePointer<MapValue>, _ h: Int, _ w: Int, _ c: Int,
  _ tilesX: Int, _ tilesPerImage: Int, _ first: Int, _ count: Int, _ width: Int, _ pairs: Int,
  _ firstPair: Int, _ panels: UnsafeMutablePointer<UInt32>, _ plane: Int,
  _ places: UnsafeMutablePointer<UnsafePointer<MapValue>>, _ scratch: UnsafeMutablePointer<Float>
) {
  @inline(__always)
  func gradientLine(_ a: Lanes, _ b: Lanes) -> Line { (a, a + b, a - b, -b) }
  for p in 0..<(count &+ 1) / 2 {
    for half in 0..<2 {
      let index = 2 &* p &+ half
      let tile = Tile(
        dy, h: h, w: w, c: c, tilesX: tilesX, tilesPerImage: tilesPerImage,
        tile: first &+ min(index, count &- 1), origin: 0)
      for i in 0..<2 {
        for j in 0..<2 {
          places[4 &* half &+ 2 &* i &+ j] =
            index < count ? tile.pixel(i, j, h: h, w: w, c: c, else: zeros) : zeros
        }
      }
    }
    var channel = 0
    while channel < c {
      @inline(__always)
      func lines(_ half: Int) -> (Line, Line, Line, Line) {
        let places = places + 4 &* half
        let left = gradientLine(load(places[0] + channel), load(places[2] + channel))
        let right = gradientLine(load(places[1] + channel), load(places[3] + channel))
        return (
          gradientLine(left.0, right.0), gradientLine(left.1, right.1),
          gradientLine(left.2, right.2), gradientLine(left.3, right.3)
        )
      }
      let one = lines(0)
      keepLine(one.0, 0, scratch)
      keepLine(one.1, 1, scratch)
      keepLine(one.2, 2, scratch)
      keepLine(one.3, 3, scratch)
      let two = lines(1)
      let place = PairPlace(
        panels, plane, width, pairs, pair: firstPair &+ p, channel: channel)
      place.store(two.0, 0, scratch)
      place.store(two.1, 1, scratch)
      place.store(two.2, 2, scratch)
      place.store(two.3, 3, scratch)
      channel &+= 16
    }
    if c % width != 0 {
      // Sixteen channels that are missing in the last panel.
      let place = PairPlace(panels, plane, width, pairs, pair: firstPair &+ p, channel: c)
      for index in 0..<16 {
        UnsafeMutableRawPointer(place.out + index &* plane).storeBytes(
          of: SIMD16<UInt32>(), as: SIMD16<UInt32>.self)
      }
    }
  }
}

/// `y = Aᵀ m A (+ bias) (+ y)`, then ReLU, for `count` tiles; `m` is `[16]`, `plane` floats apart, of
/// rows `distance` floats apart. Pixels outside the picture go to `trash` (c values).
@inline(never)
public func winogradPairOutput(
  _ m: UnsafePointer<Float>, _ plane: Int, _ distance: Int, _ y: UnsafeMutablePointer<MapValue>,
  _ trash: UnsafeMutablePointer<MapValue>, _ bias: UnsafePointer<Float>?, _ h: Int, _ w: Int,
  _ c: Int, _ tilesX: Int, _ tilesPerImage: Int, _ first: Int, _ count: Int, _ applyRelu: Bool,
  _ accumulate: Bool
) {
  @inline(__always)
  func outputLine(_ m: Line) -> (Lanes, Lanes) { (m.0 + m.1 + m.2, m.1 - m.2 - m.3) }
  for index in 0..<count {
    let tile = Tile(
      y, h: h, w: w, c: c, tilesX: tilesX, tilesPerImage: tilesPerImage, tile: first &+ index,
      origin: 0)
    let p00 = tile.pixel(0, 0, h: h, w: w, c: c, else: trash)
    let p01 = tile.pixel(0, 1, h: h, w: w, c: c, else: trash)
    let p10 = tile.pixel(1, 0, h: h, w: w, c: c, else: trash)
    let p11 = tile.pixel(1, 1, h: h, w: w, c: c, else: trash)
    var channel = 0
    while channel < c {
      let source = m + index &* distance + channel
      @inline(__always)
      func column(_ j: Int) -> (Lanes, Lanes) {
        let at = source + j &* plane
        return outputLine(
          (
            load(at), load(at + 4 &* plane), load(at + 8 &* plane), load(at + 12 &* plane)
          ))
      }
      let (a, b, d, e) = (column(0), column(1), column(2), column(3))
      let upper = outputLine((a.0, b.0, d.0, e.0))
      let lower = outputLine((a.1, b.1, d.1, e.1))
      let added = bias.map { load($0 + channel) } ?? Lanes(repeating: 0)
      @inline(__always)
      func finish(_ value: Lanes, _ place: UnsafePointer<MapValue>) {
        let out = UnsafeMutablePointer(mutating: place + channel)
        var result = value + added
        if accumulate { result += load(out) }
        if applyRelu { result = relu(result) }
        store(result, out)
      }
      finish(upper.0, p00)
      finish(upper.1, p01)
      finish(lower.0, p10)
      finish(lower.1, p11)
      channel &+= 16
    }
  }
}

/// `U = G g Gᵀ` for the pairs of channels `first ..< first + count`; `g` is `[9][pairs]`, `u` is
/// `[16][pairs]`; in sixteens.
@inline(never)
public func winogradPairFilter(
  _ g: UnsafePointer<Float>, _ pairs: Int, _ first: Int, _ count: Int,
  _ u: UnsafeMutablePointer<Float>
) {
  @inline(__always)
  func filterLine(_ a: Lanes, _ b: Lanes, _ d: Lanes) -> Line {
    let half = Lanes(repeating: 0.5)
    return (a, half * (a + b + d), half * (a - b + d), d)
  }
  var at = first
  while at < first &+ count {
    @inline(__always)
    func column(_ j: Int) -> Line {
      filterLine(
        load(g + j &* pairs + at), load(g + (3 &+ j) &* pairs + at),
        load(g + (6 &+ j) &* pairs + at))
    }
    let (a, b, d) = (column(0), column(1), column(2))
    @inline(__always)
    func put(_ line: Line, _ i: Int) {
      store(line.0, u + (4 &* i) &* pairs + at)
      store(line.1, u + (4 &* i &+ 1) &* pairs + at)
      store(line.2, u + (4 &* i &+ 2) &* pairs + at)
      store(line.3, u + (4 &* i &+ 3) &* pairs + at)
    }
    put(filterLine(a.0, b.0, d.0), 0)
    put(filterLine(a.1, b.1, d.1), 1)
    put(filterLine(a.2, b.2, d.2), 2)
    put(filterLine(a.3, b.3, d.3), 3)
    at &+= 16
  }
}

/// `dg = Gᵀ dU G` for the rows (input channels) `first ..< first + count`; `du` is `[16][input]` of rows
/// `distance` floats apart, `dg` is `[9][input][output]`; outputs in sixteens.
@inline(never)
public func winogradPairFilterGradient(
  _ du: UnsafePointer<Float>, _ input: Int, _ output: Int, _ distance: Int, _ first: Int,
  _ count: Int, _ dg: UnsafeMutablePointer<Float>
) {
  @inline(__always)
  func gradientLine(_ u: Line) -> (Lanes, Lanes, Lanes) {
    let half = Lanes(repeating: 0.5)
    let sum = half * (u.1 + u.2)
    return (u.0 + sum, half * (u.1 - u.2), sum + u.3)
  }
  let plane = input &* distance
  for row in first..<first &+ count {
    var channel = 0
    while channel < output {
      let source = du + row &* distance + channel
      @inline(__always)
      func column(_ j: Int) -> (Lanes, Lanes, Lanes) {
        let at = source + j &* plane
        return gradientLine(
          (
            load(at), load(at + 4 &* plane), load(at + 8 &* plane), load(at + 12 &* plane)
          ))
      }
      let (a, b, d, e) = (column(0), column(1), column(2), column(3))
      @inline(__always)
      func put(_ line: (Lanes, Lanes, Lanes), _ i: Int) {
        let out = dg + (3 &* i &* input &+ row) &* output + channel
        store(line.0, out)
        store(line.1, out + input &* output)
        store(line.2, out + 2 &* input &* output)
      }
      put(gradientLine((a.0, b.0, d.0, e.0)), 0)
      put(gradientLine((a.1, b.1, d.1, e.1)), 1)
      put(gradientLine((a.2, b.2, d.2, e.2)), 2)
      channel &+= 16
    }
  }
}
