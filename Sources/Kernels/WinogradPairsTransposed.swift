public import CVector

// Winograd's F(3×3, 2×2) on the windows of `WinogradPairWindows.swift`; tiles lie at a distance of 3:
//   G  = [1 0 | 1/2 1/2 | 1/2 -1/2 | 0 1]
//   Aᵀ = [1 1 1 0 | 0 1 -1 0 | 0 1 1 -1]
// A transposed 4×4 convolution with stride 2 is four 2×2 convolutions, one for each parity of the
// output's row and column; see `WinogradTransposed.swift`.

private typealias Three = (Lanes, Lanes, Lanes)

/// `y (+)= Aᵀ m A` for `count` tiles of 3×3 pixels; `m` is `[16]`, `plane` floats apart, of rows `distance`
/// floats apart. Pixels outside the picture go to `trash` (c values); `places` holds 9 pointers.
@inline(never)
public func winogradPairThrees(
  _ m: UnsafePointer<Float>, _ plane: Int, _ distance: Int, _ y: UnsafeMutablePointer<MapValue>,
  _ trash: UnsafeMutablePointer<MapValue>, _ tiles: posetop_tiles, _ c: Int, _ first: Int,
  _ count: Int, _ accumulate: Bool, _ places: UnsafeMutablePointer<UnsafePointer<MapValue>>
) {
  @inline(__always)
  func outputLine(_ m: Line) -> Three {
    let sum = m.1 + m.2
    return (m.0 + sum, m.1 - m.2, sum - m.3)
  }
  for index in 0..<count {
    PairTile(y, tiles, first &+ index).locate(3, else: trash, places)
    var channel = 0
    while channel < c {
      let source = m + index &* distance + channel
      @inline(__always)
      func column(_ j: Int) -> Three {
        outputLine(loadColumn(source + j &* plane, plane))
      }
      let (a, b, d, e) = (column(0), column(1), column(2), column(3))
      @inline(__always)
      func finish(_ line: Three, _ row: Int) {
        finish(line.0, 3 &* row)
        finish(line.1, 3 &* row &+ 1)
        finish(line.2, 3 &* row &+ 2)
      }
      @inline(__always)
      func finish(_ value: Lanes, _ index: Int) {
        let out = UnsafeMutablePointer(mutating: places[index] + channel)
        store(accumulate ? load(out) + value : value, out)
      }
      finish(outputLine((a.0, b.0, d.0, e.0)), 0)
      finish(outputLine((a.1, b.1, d.1, e.1)), 1)
      finish(outputLine((a.2, b.2, d.2, e.2)), 2)
      channel &+= 16
    }
  }
}

/// `E = A dy Aᵀ` for `count` tiles of 3×3 pixels, the gradient of the products, as pairs of tiles laid out
/// as the windows are.
@inline(never)
public func winogradPairThreesGradient(
  _ dy: UnsafePointer<MapValue>, _ zeros: UnsafePointer<MapValue>, _ tiles: posetop_tiles,
  _ c: Int, _ first: Int, _ count: Int, _ width: Int, _ pairs: Int, _ firstPair: Int,
  _ panels: UnsafeMutablePointer<UInt32>, _ plane: Int,
  _ places: UnsafeMutablePointer<UnsafePointer<MapValue>>, _ scratch: UnsafeMutablePointer<Float>
) {
  @inline(__always)
  func gradientLine(_ d: Three) -> Line {
    let outer = d.0 + d.2
    return (d.0, outer + d.1, outer - d.1, -d.2)
  }
  let panels = PairPanels(panels: panels, plane: plane, width: width, pairs: pairs)
  for p in 0..<(count &+ 1) / 2 {
    locatePair(dy, zeros, tiles, first, count, p, size: 3, places)
    var channel = 0
    while channel < c {
      @inline(__always)
      func lines(_ half: Int) -> (Line, Line, Line, Line) {
        let places = places + 9 &* half
        @inline(__always)
        func column(_ j: Int) -> Line {
          gradientLine(
            (
              load(places[j] + channel), load(places[3 &+ j] + channel),
              load(places[6 &+ j] + channel)
            ))
        }
        let (a, b, d) = (column(0), column(1), column(2))
        return (
          gradientLine((a.0, b.0, d.0)), gradientLine((a.1, b.1, d.1)),
          gradientLine((a.2, b.2, d.2)), gradientLine((a.3, b.3, d.3))
        )
      }
      panels.keep(lines(0), scratch)
      panels.put(lines(1), pair: firstPair &+ p, channel: channel, scratch)
      channel &+= 16
    }
    panels.fill(pair: firstPair &+ p, c)
  }
}

@inline(__always)
private func filterLine(_ a: Lanes, _ b: Lanes) -> Line {
  let half = Lanes(repeating: 0.5)
  return (a, half * (a + b), half * (a - b), b)
}

/// `U = G g Gᵀ` for 2×2 filters, as panel `panel` of the 16 right operands, `plane` pairs apart: pairs of
/// rows, 32 columns, zero where there is none. `weight` is `[tap][rows][columns]`, columns in sixteens, rows
/// in pairs; the filter's taps are `tap0 ... tap3`, row by row.
@inline(never)
public func winogradPairSmallFilters(
  _ weight: UnsafePointer<Float>, _ rows: Int, _ columns: Int, _ panel: Int, _ tap0: Int,
  _ tap1: Int, _ tap2: Int, _ tap3: Int, _ panels: UnsafeMutablePointer<UInt32>, _ plane: Int
) {
  let size = rows &* columns
  for pair in 0..<rows / 2 {
    for group in 0..<2 {
      let out = panels + (panel &* (rows / 2) &+ pair) &* 32 + group &* 16
      let column = panel &* 32 &+ group &* 16
      guard column < columns else {
        for index in 0..<16 {
          UnsafeMutableRawPointer(out + index &* plane).storeBytes(
            of: SIMD16<UInt32>(), as: SIMD16<UInt32>.self)
        }
        continue
      }
      let one = weight + 2 &* pair &* columns + column
      let two = one + columns
      let left = filterLine(load(one + tap0 &* size), load(one + tap2 &* size))
      let right = filterLine(load(one + tap1 &* size), load(one + tap3 &* size))
      let left2 = filterLine(load(two + tap0 &* size), load(two + tap2 &* size))
      let right2 = filterLine(load(two + tap1 &* size), load(two + tap3 &* size))
      @inline(__always)
      func put(_ first: Line, _ second: Line, _ i: Int) {
        let out = out + 4 &* i &* plane
        storePairs(first.0, second.0, out)
        storePairs(first.1, second.1, out + plane)
        storePairs(first.2, second.2, out + 2 &* plane)
        storePairs(first.3, second.3, out + 3 &* plane)
      }
      put(filterLine(left.0, right.0), filterLine(left2.0, right2.0), 0)
      put(filterLine(left.1, right.1), filterLine(left2.1, right2.1), 1)
      put(filterLine(left.2, right.2), filterLine(left2.2, right2.2), 2)
      put(filterLine(left.3, right.3), filterLine(left2.3, right2.3), 3)
    }
  }
}

/// `dg = Gᵀ dU G` for the rows `first ..< first + count`; `du` is `[16][rows]` of rows `distance` floats
/// apart, `dweight` is `[tap][rows][columns]`; else as above.
@inline(never)
public func winogradPairSmallFilterGradient(
  _ du: UnsafePointer<Float>, _ rows: Int, _ columns: Int, _ distance: Int, _ first: Int,
  _ count: Int, _ tap0: Int, _ tap1: Int, _ tap2: Int, _ tap3: Int,
  _ dweight: UnsafeMutablePointer<Float>
) {
  @inline(__always)
  func gradientLine(_ u: Line) -> (Lanes, Lanes) {
    let half = Lanes(repeating: 0.5)
    return (u.0 + half * (u.1 + u.2), half * (u.1 - u.2) + u.3)
  }
  let plane = rows &* distance
  let size = rows &* columns
  for row in first..<first &+ count {
    var column = 0
    while column < columns {
      let source = du + row &* distance + column
      @inline(__always)
      func line(_ j: Int) -> (Lanes, Lanes) {
        gradientLine(loadColumn(source + j &* plane, plane))
      }
      let (a, b, d, e) = (line(0), line(1), line(2), line(3))
      let upper = gradientLine((a.0, b.0, d.0, e.0))
      let lower = gradientLine((a.1, b.1, d.1, e.1))
      let out = dweight + row &* columns + column
      store(upper.0, out + tap0 &* size)
      store(upper.1, out + tap1 &* size)
      store(lower.0, out + tap2 &* size)
      store(lower.1, out + tap3 &* size)
      column &+= 16
    }
  }
}
