// 3×3 convolutions with stride 2 by Winograd: 4×4 output pixels a tile.
//
// Output row i reads input rows 2i - 1, 2i and 2i + 1: of the odd rows o[j] = x[2j - 1] a filter of two
// taps, F(4, 2) with the points ±a, ±b and infinity, and of the even rows e[j] = x[2j] one of one tap,
// for which the four finite points suffice: 9 products for 4 pixels instead of 12, 81 for 4×4 instead of
// 144. a = 1/√2 and b = √2:
//   Bᵀ = [-2a -2 a 1 0 | 2a -2 -a 1 0 | -b/2 -1/2 b 1 0 | b/2 -1/2 -b 1 0 | 1 0 -5/2 0 1]
//        of the odd rows; of the even ones the same without the last row and column
//   G  = [-2/3 (1/(2a)) (1 a) | 2/3 (1/(2a)) (1 -a) | 1/6 (2/b) (1 b) | -1/6 (2/b) (1 -b) | 0 1]
//        of the taps 0 and 2; of tap 1 the first column of the first four rows
//   Aᵀ = [1 1 1 1 0 | a -a b -b 0 | 1/2 1/2 2 2 0 | a/2 -a/2 2b -2b 1]
//
// The four phases of a picture (rows odd or even, columns odd or even) come together as the depth of one
// product: a plane (i, j) of the 5×5 has up to four, in the order odd-odd, odd-even, even-odd, even-even,
// as far as they have that plane. Planes are `stridedStart · size` apart, `size` being what one phase has
// of a plane, and 16 floats a plane more, so that they do not share a cache set. Everything lies in
// sixteens, as in `WinogradWindows.swift`.

/// Phases that lie before a plane: 81 in all.
@inline(__always)
func stridedStart(_ i: Int, _ j: Int) -> Int {
  i < 4 ? 18 &* i &+ 4 &* j : 72 &+ 2 &* j
}

/// Where a plane begins.
@inline(__always)
func stridedPlane(_ i: Int, _ j: Int, _ size: Int) -> Int {
  stridedStart(i, j) &* size &+ (5 &* i &+ j) &* 16
}

/// Where a phase lies in a plane.
@inline(__always)
func stridedSlot(_ i: Int, _ j: Int, _ evenRow: Bool, _ evenColumn: Bool) -> Int {
  if i == 4 { return evenColumn ? 1 : 0 }
  if j == 4 { return evenRow ? 1 : 0 }
  return (evenRow ? 2 : 0) &+ (evenColumn ? 1 : 0)
}

/// Five vectors: a row or a column of a plane. The last one is not used for even pixels.
typealias Five = (Lanes, Lanes, Lanes, Lanes, Lanes)

/// `Bᵀ d` for a row or a column of pixels.
@inline(__always)
private func stridedWindow(_ d: Five) -> Five {
  let near = nearWindow(d.0, d.1, d.2, d.3)
  let far = farWindow(d.0, d.1, d.2, d.3)
  return (near.0, near.1, far.0, far.1, outerWindow(d.0, d.2, d.4))
}

/// Pointers to the 9×9 pixels of a tile's window.
@inline(__always)
private func locateWindow(
  _ x: UnsafePointer<Float>, _ edge: UnsafePointer<Float>, _ h: Int, _ w: Int, _ c: Int,
  _ tilesX: Int, _ tilesPerImage: Int, _ tile: Int,
  _ places: UnsafeMutablePointer<UnsafePointer<Float>>
) {
  locateTile(
    x, edge, h, w, h &* w &* c, w &* c, c, 1, 1, tilesX, tilesPerImage, tile, step: 8, size: 9,
    places)
}

/// One phase of a window: its rows come first, `scratch` between the passes is `[5][5][16]`.
@inline(__always)
private func stridedPhase(
  _ places: UnsafePointer<UnsafePointer<Float>>, _ channel: Int, evenRow: Bool, evenColumn: Bool,
  _ v: UnsafeMutablePointer<Float>, _ size: Int, _ scratch: UnsafeMutablePointer<Float>
) {
  let zero = Lanes(repeating: 0)
  let first = places + ((evenRow ? 9 : 0) &+ (evenColumn ? 1 : 0))
  for j in 0..<(evenColumn ? 4 : 5) {
    let from = first + 2 &* j
    let d = stridedWindow(
      (
        load(from[0] + channel), load(from[18] + channel), load(from[36] + channel),
        load(from[54] + channel), evenRow ? zero : load(from[72] + channel)
      ))
    let out = scratch + 16 &* j
    store(d.0, out)
    store(d.1, out + 80)
    store(d.2, out + 160)
    store(d.3, out + 240)
    if !evenRow { store(d.4, out + 320) }
  }
  for i in 0..<(evenRow ? 4 : 5) {
    let from = scratch + 80 &* i
    let d = stridedWindow(
      (
        load(from), load(from + 16), load(from + 32), load(from + 48),
        evenColumn ? zero : load(from + 64)
      ))
    let out = v + stridedSlot(i, 0, evenRow, evenColumn) &* size
    store(d.0, out + stridedPlane(i, 0, size))
    store(d.1, out + stridedPlane(i, 1, size))
    store(d.2, out + stridedPlane(i, 2, size))
    store(d.3, out + stridedPlane(i, 3, size))
    if !evenColumn {
      store(
        d.4, v + stridedPlane(i, 4, size) + stridedSlot(i, 4, evenRow, evenColumn) &* size)
    }
  }
}

// The four phases, each compiled for itself: rows and columns are constants there.

@inline(never)
func stridedOddOdd(
  _ places: UnsafePointer<UnsafePointer<Float>>, _ channel: Int, _ v: UnsafeMutablePointer<Float>,
  _ size: Int, _ scratch: UnsafeMutablePointer<Float>
) {
  stridedPhase(places, channel, evenRow: false, evenColumn: false, v, size, scratch)
}

@inline(never)
func stridedOddEven(
  _ places: UnsafePointer<UnsafePointer<Float>>, _ channel: Int, _ v: UnsafeMutablePointer<Float>,
  _ size: Int, _ scratch: UnsafeMutablePointer<Float>
) {
  stridedPhase(places, channel, evenRow: false, evenColumn: true, v, size, scratch)
}

@inline(never)
func stridedEvenOdd(
  _ places: UnsafePointer<UnsafePointer<Float>>, _ channel: Int, _ v: UnsafeMutablePointer<Float>,
  _ size: Int, _ scratch: UnsafeMutablePointer<Float>
) {
  stridedPhase(places, channel, evenRow: true, evenColumn: false, v, size, scratch)
}

@inline(never)
func stridedEvenEven(
  _ places: UnsafePointer<UnsafePointer<Float>>, _ channel: Int, _ v: UnsafeMutablePointer<Float>,
  _ size: Int, _ scratch: UnsafeMutablePointer<Float>
) {
  stridedPhase(places, channel, evenRow: true, evenColumn: true, v, size, scratch)
}

/// The transformed windows of `count` tiles from `first` on; a phase has `size` floats of a plane.
/// `scratch` holds 25 · 16 floats, `places` 81 pointers.
@inline(never)
public func stridedWindows(
  _ x: UnsafePointer<Float>, _ edge: UnsafePointer<Float>, _ h: Int, _ w: Int, _ c: Int,
  _ tilesX: Int, _ tilesPerImage: Int, _ first: Int, _ count: Int,
  _ v: UnsafeMutablePointer<Float>, _ size: Int, _ panel: Int,
  _ scratch: UnsafeMutablePointer<Float>, _ places: UnsafeMutablePointer<UnsafePointer<Float>>
) {
  for tile in 0..<count {
    locateWindow(x, edge, h, w, c, tilesX, tilesPerImage, first &+ tile, places)
    let places = UnsafePointer(places)
    var channel = 0
    var out = v + tile &* 16
    while channel < c {
      stridedOddOdd(places, channel, out, size, scratch)
      stridedOddEven(places, channel, out, size, scratch)
      stridedEvenOdd(places, channel, out, size, scratch)
      stridedEvenEven(places, channel, out, size, scratch)
      channel &+= 16
      out += panel
    }
  }
}

/// `B v`: what a row or a column of planes gives to its pixels, for the gradient.
@inline(__always)
private func stridedWindowGradient(_ v: Five) -> Five {
  let (sum01, difference01) = (v.0 + v.1, Lanes(repeating: root / 2) * (v.0 - v.1))
  let (sum23, difference23) = (v.2 + v.3, Lanes(repeating: root) * (v.2 - v.3))
  let (minusTwo, minusHalf) = (Lanes(repeating: -2), Lanes(repeating: -0.5))
  return (
    multiplyAdd(minusTwo, difference01, multiplyAdd(minusHalf, difference23, v.4)),
    multiplyAdd(minusTwo, sum01, minusHalf * sum23),
    multiplyAdd(Lanes(repeating: -2.5), v.4, difference01 + difference23),
    sum01 + sum23, v.4
  )
}

/// Adds where another tile has been, or where the caller adds to what there is.
@inline(__always)
private func give(
  _ value: Lanes, _ place: UnsafePointer<Float>, _ isShared: Bool, _ accumulate: Bool
) {
  let out = UnsafeMutablePointer(mutating: place)
  store(isShared || accumulate ? load(out) + value : value, out)
}

@inline(__always)
private func stridedPhaseGradient(
  _ v: UnsafePointer<Float>, _ size: Int, _ places: UnsafePointer<UnsafePointer<Float>>,
  _ channel: Int, evenRow: Bool, evenColumn: Bool, _ accumulate: Bool,
  _ scratch: UnsafeMutablePointer<Float>
) {
  let zero = Lanes(repeating: 0)
  for i in 0..<(evenRow ? 4 : 5) {
    let from = v + stridedSlot(i, 0, evenRow, evenColumn) &* size
    let d = stridedWindowGradient(
      (
        load(from + stridedPlane(i, 0, size)), load(from + stridedPlane(i, 1, size)),
        load(from + stridedPlane(i, 2, size)), load(from + stridedPlane(i, 3, size)),
        evenColumn
          ? zero
          : load(v + stridedPlane(i, 4, size) + stridedSlot(i, 4, evenRow, evenColumn) &* size)
      ))
    let out = scratch + 80 &* i
    store(d.0, out)
    store(d.1, out + 16)
    store(d.2, out + 32)
    store(d.3, out + 48)
    if !evenColumn { store(d.4, out + 64) }
  }
  let first = places + ((evenRow ? 9 : 0) &+ (evenColumn ? 1 : 0))
  for j in 0..<(evenColumn ? 4 : 5) {
    let from = scratch + 16 &* j
    let d = stridedWindowGradient(
      (
        load(from), load(from + 80), load(from + 160), load(from + 240),
        evenRow ? zero : load(from + 320)
      ))
    let place = first + 2 &* j
    // The first odd row and column are the last ones of the tiles before.
    let isShared = !evenColumn && j == 0
    give(d.0, place[0] + channel, isShared || !evenRow, accumulate)
    give(d.1, place[18] + channel, isShared, accumulate)
    give(d.2, place[36] + channel, isShared, accumulate)
    give(d.3, place[54] + channel, isShared, accumulate)
    if !evenRow { give(d.4, place[72] + channel, isShared, accumulate) }
  }
}

@inline(never)
func stridedOddOddGradient(
  _ v: UnsafePointer<Float>, _ size: Int, _ places: UnsafePointer<UnsafePointer<Float>>,
  _ channel: Int, _ accumulate: Bool, _ scratch: UnsafeMutablePointer<Float>
) {
  stridedPhaseGradient(
    v, size, places, channel, evenRow: false, evenColumn: false, accumulate, scratch)
}

@inline(never)
func stridedOddEvenGradient(
  _ v: UnsafePointer<Float>, _ size: Int, _ places: UnsafePointer<UnsafePointer<Float>>,
  _ channel: Int, _ accumulate: Bool, _ scratch: UnsafeMutablePointer<Float>
) {
  stridedPhaseGradient(
    v, size, places, channel, evenRow: false, evenColumn: true, accumulate, scratch)
}

@inline(never)
func stridedEvenOddGradient(
  _ v: UnsafePointer<Float>, _ size: Int, _ places: UnsafePointer<UnsafePointer<Float>>,
  _ channel: Int, _ accumulate: Bool, _ scratch: UnsafeMutablePointer<Float>
) {
  stridedPhaseGradient(
    v, size, places, channel, evenRow: true, evenColumn: false, accumulate, scratch)
}

@inline(never)
func stridedEvenEvenGradient(
  _ v: UnsafePointer<Float>, _ size: Int, _ places: UnsafePointer<UnsafePointer<Float>>,
  _ channel: Int, _ accumulate: Bool, _ scratch: UnsafeMutablePointer<Float>
) {
  stridedPhaseGradient(
    v, size, places, channel, evenRow: true, evenColumn: true, accumulate, scratch)
}

/// `dx (+)= B dv Bᵀ` for `count` tiles from `first` on, whole images from their first tile on, because a
/// tile adds to what the tiles above it and left of it wrote.
@inline(never)
public func stridedWindowsGradient(
  _ v: UnsafePointer<Float>, _ size: Int, _ panel: Int, _ x: UnsafeMutablePointer<Float>,
  _ edge: UnsafeMutablePointer<Float>, _ h: Int, _ w: Int, _ c: Int, _ tilesX: Int,
  _ tilesPerImage: Int, _ first: Int, _ count: Int, _ accumulate: Bool,
  _ scratch: UnsafeMutablePointer<Float>, _ places: UnsafeMutablePointer<UnsafePointer<Float>>
) {
  for tile in 0..<count {
    locateWindow(x, edge, h, w, c, tilesX, tilesPerImage, first &+ tile, places)
    let places = UnsafePointer(places)
    var channel = 0
    var from = v + tile &* 16
    while channel < c {
      stridedOddOddGradient(from, size, places, channel, accumulate, scratch)
      stridedOddEvenGradient(from, size, places, channel, accumulate, scratch)
      stridedEvenOddGradient(from, size, places, channel, accumulate, scratch)
      stridedEvenEvenGradient(from, size, places, channel, accumulate, scratch)
      channel &+= 16
      from += panel
    }
  }
}

/// `Aᵀ m`, four pixels in order.
@inline(__always)
private func stridedFours(_ m: Five) -> (Lanes, Lanes, Lanes, Lanes) {
  let (near, far) = (m.0 + m.1, m.2 + m.3)
  let nearOdd = Lanes(repeating: root / 2) * (m.0 - m.1)
  let farOdd = Lanes(repeating: root) * (m.2 - m.3)
  let (half, two) = (Lanes(repeating: 0.5), Lanes(repeating: 2))
  return (
    near + far, nearOdd + farOdd, multiplyAdd(two, far, half * near),
    multiplyAdd(two, farOdd, multiplyAdd(half, nearOdd, m.4))
  )
}

/// `y = [relu](Aᵀ m A [+ bias] [+ y])` for `count` tiles from `first` on; `m` is `[25]`, `plane` floats
/// apart, and pixels of y lie `stride` channels apart.
@inline(never)
public func stridedOutputs(
  _ m: UnsafePointer<Float>, _ plane: Int, _ panel: Int, _ y: UnsafeMutablePointer<Float>,
  _ edge: UnsafeMutablePointer<Float>, _ bias: UnsafePointer<Float>?, _ h: Int, _ w: Int, _ c: Int,
  _ stride: Int, _ tilesX: Int, _ tilesPerImage: Int, _ first: Int, _ count: Int,
  _ applyRelu: Bool, _ accumulate: Bool, _ scratch: UnsafeMutablePointer<Float>,
  _ places: UnsafeMutablePointer<UnsafePointer<Float>>
) {
  for tile in 0..<count {
    locateTile(
      y, edge, h, w, h &* w &* stride, w &* stride, stride, 0, 0, tilesX, tilesPerImage,
      first &+ tile, step: 4, size: 4, places)
    var channel = 0
    var source = m + tile &* 16
    while channel < c {
      for j in 0..<5 {
        let from = source + j &* plane
        let o = stridedFours(
          (
            load(from), load(from + 5 &* plane), load(from + 10 &* plane),
            load(from + 15 &* plane), load(from + 20 &* plane)
          ))
        let out = scratch + 16 &* j
        store(o.0, out)
        store(o.1, out + 80)
        store(o.2, out + 160)
        store(o.3, out + 240)
      }
      let added = bias.map { load($0 + channel) } ?? Lanes(repeating: 0)
      for i in 0..<4 {
        let from = scratch + 80 &* i
        let o = stridedFours(
          (load(from), load(from + 16), load(from + 32), load(from + 48), load(from + 64)))
        let place = places + 4 &* i
        finish(o.0, added, place[0] + channel, applyRelu, accumulate)
        finish(o.1, added, place[1] + channel, applyRelu, accumulate)
        finish(o.2, added, place[2] + channel, applyRelu, accumulate)
        finish(o.3, added, place[3] + channel, applyRelu, accumulate)
      }
      channel &+= 16
      source += panel
    }
  }
}

/// `A d`, the gradient of five products.
@inline(__always)
private func stridedSpread(_ d0: Lanes, _ d1: Lanes, _ d2: Lanes, _ d3: Lanes) -> Five {
  let (near, far) = (nearSpread(d0, d1, d2, d3), farSpread(d0, d1, d2, d3))
  return (near.0, near.1, far.0, far.1, d3)
}

@inline(__always)
private func storeFive(_ value: Five, _ out: UnsafeMutablePointer<Float>, _ step: Int) {
  store(value.0, out)
  store(value.1, out + step)
  store(value.2, out + 2 &* step)
  store(value.3, out + 3 &* step)
  store(value.4, out + 4 &* step)
}

/// `E = A dy Aᵀ` for `count` tiles from `first` on: the gradient of the products.
@inline(never)
public func stridedOutputsGradient(
  _ dy: UnsafePointer<Float>, _ edge: UnsafePointer<Float>, _ h: Int, _ w: Int, _ c: Int,
  _ tilesX: Int, _ tilesPerImage: Int, _ first: Int, _ count: Int,
  _ e: UnsafeMutablePointer<Float>, _ plane: Int, _ panel: Int,
  _ scratch: UnsafeMutablePointer<Float>, _ places: UnsafeMutablePointer<UnsafePointer<Float>>
) {
  for tile in 0..<count {
    locateTile(
      dy, edge, h, w, h &* w &* c, w &* c, c, 0, 0, tilesX, tilesPerImage, first &+ tile, step: 4,
      size: 4, places)
    var channel = 0
    var out = e + tile &* 16
    while channel < c {
      for j in 0..<4 {
        let from = places + j
        storeFive(
          stridedSpread(
            load(from[0] + channel), load(from[4] + channel), load(from[8] + channel),
            load(from[12] + channel)), scratch + 16 &* j, 64)
      }
      for i in 0..<5 {
        let from = scratch + 64 &* i
        storeFive(
          stridedSpread(load(from), load(from + 16), load(from + 32), load(from + 48)),
          out + 5 &* i &* plane, plane)
      }
      channel &+= 16
      out += panel
    }
  }
}
