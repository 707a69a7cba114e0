public import CVector

// Winograd's F(2×2, 3×3) (Lavin and Gray, arXiv 1509.09308) on the windows of `WinogradPairWindows.swift`;
// tiles lie at a distance of 2:
//   G  = [1 0 0 | 1/2 1/2 1/2 | 1/2 -1/2 1/2 | 0 0 1]
//   Aᵀ = [1 1 1 0 | 0 1 -1 -1]

/// `E = A dy Aᵀ` for `count` tiles of 2×2 pixels, the gradient of the products, as pairs of tiles laid out
/// as the windows are.
@inline(never)
public func winogradPairTwosGradient(
  _ dy: UnsafePointer<MapValue>, _ zeros: UnsafePointer<MapValue>, _ tiles: posetop_tiles,
  _ c: Int, _ first: Int, _ count: Int, _ width: Int, _ pairs: Int, _ firstPair: Int,
  _ panels: UnsafeMutablePointer<UInt32>, _ plane: Int,
  _ places: UnsafeMutablePointer<UnsafePointer<MapValue>>, _ scratch: UnsafeMutablePointer<Float>
) {
  @inline(__always)
  func gradientLine(_ a: Lanes, _ b: Lanes) -> Line { (a, a + b, a - b, -b) }
  let panels = PairPanels(panels: panels, plane: plane, width: width, pairs: pairs)
  for p in 0..<(count &+ 1) / 2 {
    locatePair(dy, zeros, tiles, first, count, p, size: 2, places)
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
      panels.keep(lines(0), scratch)
      panels.put(lines(1), pair: firstPair &+ p, channel: channel, scratch)
      channel &+= 16
    }
    panels.fill(pair: firstPair &+ p, c)
  }
}

/// `y = Aᵀ m A (+ bias) (+ y)`, then ReLU, for `count` tiles; `m` is `[16]`, `plane` floats apart, of
/// rows `distance` floats apart. Pixels outside the picture go to `trash` (c values); `places` holds 4
/// pointers.
@inline(never)
public func winogradPairTwos(
  _ m: UnsafePointer<Float>, _ plane: Int, _ distance: Int, _ y: UnsafeMutablePointer<MapValue>,
  _ trash: UnsafeMutablePointer<MapValue>, _ bias: UnsafePointer<Float>?, _ tiles: posetop_tiles,
  _ c: Int, _ first: Int, _ count: Int, _ applyRelu: Bool, _ accumulate: Bool,
  _ places: UnsafeMutablePointer<UnsafePointer<MapValue>>
) {
  @inline(__always)
  func outputLine(_ m: Line) -> (Lanes, Lanes) { (m.0 + m.1 + m.2, m.1 - m.2 - m.3) }
  for index in 0..<count {
    PairTile(y, tiles, first &+ index).locate(2, else: trash, places)
    var channel = 0
    while channel < c {
      let source = m + index &* distance + channel
      @inline(__always)
      func column(_ j: Int) -> (Lanes, Lanes) {
        outputLine(loadColumn(source + j &* plane, plane))
      }
      let (a, b, d, e) = (column(0), column(1), column(2), column(3))
      let upper = outputLine((a.0, b.0, d.0, e.0))
      let lower = outputLine((a.1, b.1, d.1, e.1))
      let added = bias.map { load($0 + channel) } ?? Lanes(repeating: 0)
      @inline(__always)
      func finish(_ value: Lanes, _ index: Int) {
        let out = UnsafeMutablePointer(mutating: places[index] + channel)
        var result = value + added
        if accumulate { result += load(out) }
        if applyRelu { result = relu(result) }
        store(result, out)
      }
      finish(upper.0, 0)
      finish(upper.1, 1)
      finish(lower.0, 2)
      finish(lower.1, 3)
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
        gradientLine(loadColumn(source + j &* plane, plane))
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
