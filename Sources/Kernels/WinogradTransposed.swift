// Winograd's F(5×5, 2×2) on the windows and points of `WinogradWindows.swift`, where the layout and the
// arguments are explained; a = 1/√2 and b = √2:
//   G  = [1 0 | -2/3 (1 a) | -2/3 (1 -a) | 1/6 (1 b) | 1/6 (1 -b) | 0 1]
//   Aᵀ = [1 1 1 1 1 0 | 0 a -a b -b 0 | 0 1/2 1/2 2 2 0 | 0 a/2 -a/2 2b -2b 0 | 0 1/4 1/4 4 4 1]
// A transposed 4×4 convolution with stride 2 is four 2×2 convolutions, one for each parity (a, b) of
// the output's row and column: output row 2t takes input rows t - 1 (tap 3) and t (tap 1), row 2t + 1
// takes t (tap 2) and t + 1 (tap 0). `scratch` holds 36 · 16 floats.

/// `y (+)= Aᵀ m A` for `count` tiles from `first` on, 5×5 pixels each.
@inline(never)
public func winogradFives(
  _ m: UnsafePointer<Float>, _ plane: Int, _ panel: Int, _ y: UnsafeMutablePointer<Float>,
  _ edge: UnsafeMutablePointer<Float>, _ h: Int, _ w: Int, _ c: Int, _ imageStep: Int,
  _ rowStep: Int, _ pixelStep: Int, _ originY: Int, _ originX: Int, _ tilesX: Int,
  _ tilesPerImage: Int, _ first: Int, _ count: Int, _ accumulate: Bool,
  _ scratch: UnsafeMutablePointer<Float>, _ places: UnsafeMutablePointer<UnsafePointer<Float>>
) {
  for tile in 0..<count {
    locateTile(
      y, edge, h, w, imageStep, rowStep, pixelStep, originY, originX, tilesX, tilesPerImage,
      first &+ tile, step: 5, size: 5, places)
    var channel = 0
    var source = m + tile &* 16
    while channel < c {
      for j in 0..<6 {
        let column = source + j &* plane
        let (o0, o1, o2, o3, o4) = fives(
          load(column), load(column + 6 &* plane), load(column + 12 &* plane),
          load(column + 18 &* plane), load(column + 24 &* plane), load(column + 30 &* plane))
        let out = scratch + j &* 16
        store(o0, out)
        store(o1, out + 96)
        store(o2, out + 192)
        store(o3, out + 288)
        store(o4, out + 384)
      }
      for i in 0..<5 {
        let row = scratch + i &* 96
        let (o0, o1, o2, o3, o4) = fives(
          load(row), load(row + 16), load(row + 32), load(row + 48), load(row + 64),
          load(row + 80))
        let place = places + 5 &* i
        put(o0, place[0] + channel, accumulate)
        put(o1, place[1] + channel, accumulate)
        put(o2, place[2] + channel, accumulate)
        put(o3, place[3] + channel, accumulate)
        put(o4, place[4] + channel, accumulate)
      }
      channel &+= 16
      source += panel
    }
  }
}

@inline(__always)
private func fives(
  _ m0: Lanes, _ m1: Lanes, _ m2: Lanes, _ m3: Lanes, _ m4: Lanes, _ m5: Lanes
) -> (Lanes, Lanes, Lanes, Lanes, Lanes) {
  let (sum12, sum34) = (m1 + m2, m3 + m4)
  let difference12 = Lanes(repeating: root / 2) * (m1 - m2)
  let difference34 = Lanes(repeating: root) * (m3 - m4)
  let (half, two) = (Lanes(repeating: 0.5), Lanes(repeating: 2))
  return (
    m0 + sum12 + sum34, difference12 + difference34, multiplyAdd(two, sum34, half * sum12),
    multiplyAdd(two, difference34, half * difference12),
    multiplyAdd(Lanes(repeating: 4), sum34, multiplyAdd(Lanes(repeating: 0.25), sum12, m5))
  )
}

@inline(__always)
private func put(_ value: Lanes, _ place: UnsafePointer<Float>, _ accumulate: Bool) {
  let out = UnsafeMutablePointer(mutating: place)
  store(accumulate ? load(out) + value : value, out)
}

/// `E = A dy Aᵀ` for `count` tiles of 5×5 pixels from `first` on: the gradient of the products.
@inline(never)
public func winogradFivesGradient(
  _ dy: UnsafePointer<Float>, _ edge: UnsafePointer<Float>, _ h: Int, _ w: Int, _ c: Int,
  _ imageStep: Int, _ rowStep: Int, _ pixelStep: Int, _ originY: Int, _ originX: Int,
  _ tilesX: Int, _ tilesPerImage: Int, _ first: Int, _ count: Int,
  _ e: UnsafeMutablePointer<Float>, _ plane: Int, _ panel: Int,
  _ scratch: UnsafeMutablePointer<Float>, _ places: UnsafeMutablePointer<UnsafePointer<Float>>
) {
  for tile in 0..<count {
    locateTile(
      dy, edge, h, w, imageStep, rowStep, pixelStep, originY, originX, tilesX, tilesPerImage,
      first &+ tile, step: 5, size: 5, places)
    var channel = 0
    var out = e + tile &* 16
    while channel < c {
      for j in 0..<5 {
        spreadFives(
          load(places[j] + channel), load(places[5 &+ j] + channel),
          load(places[10 &+ j] + channel), load(places[15 &+ j] + channel),
          load(places[20 &+ j] + channel), scratch + j &* 16, 80)
      }
      for i in 0..<6 {
        let row = scratch + i &* 80
        spreadFives(
          load(row), load(row + 16), load(row + 32), load(row + 48), load(row + 64),
          out + i &* 6 &* plane, plane)
      }
      channel &+= 16
      out += panel
    }
  }
}

@inline(__always)
private func spreadFives(
  _ d0: Lanes, _ d1: Lanes, _ d2: Lanes, _ d3: Lanes, _ d4: Lanes,
  _ out: UnsafeMutablePointer<Float>, _ step: Int
) {
  let (half, two) = (Lanes(repeating: 0.5), Lanes(repeating: 2))
  let even = multiplyAdd(half, multiplyAdd(half, d4, d2), d0)
  let odd = Lanes(repeating: root / 2) * multiplyAdd(half, d3, d1)
  let even2 = multiplyAdd(two, multiplyAdd(two, d4, d2), d0)
  let odd2 = Lanes(repeating: root) * multiplyAdd(two, d3, d1)
  store(d0, out)
  store(even + odd, out + step)
  store(even - odd, out + 2 &* step)
  store(even2 + odd2, out + 3 &* step)
  store(even2 - odd2, out + 4 &* step)
  store(d4, out + 5 &* step)
}

/// `U = G g Gᵀ` for 2×2 filters, of `rows` rows and `groups` groups of sixteen columns from `column`
/// on; `weight` is `[tap][rows][columns]`, and the filter's taps are `tap0 ... tap3`, row by row.
///
/// The results are `[36]`, `plane` floats apart, of `[group]`, `panel` floats apart, of `[row][16]`.
@inline(never)
public func winogradSmallFilters(
  _ weight: UnsafePointer<Float>, _ rows: Int, _ columns: Int, _ column: Int, _ groups: Int,
  _ tap0: Int, _ tap1: Int, _ tap2: Int, _ tap3: Int, _ u: UnsafeMutablePointer<Float>,
  _ plane: Int, _ panel: Int
) {
  let size = rows &* columns
  for row in 0..<rows {
    let source = weight + row &* columns + column
    let (g0, g1) = (source + tap0 &* size, source + tap1 &* size)
    let (g2, g3) = (source + tap2 &* size, source + tap3 &* size)
    for group in 0..<groups {
      let at = group &* 16
      let out = u + group &* panel + row &* 16
      let (a0, a1, a2, a3, a4, a5) = smallFilter(load(g0 + at), load(g2 + at))
      let (b0, b1, b2, b3, b4, b5) = smallFilter(load(g1 + at), load(g3 + at))
      storeFilter(a0, b0, out, plane)
      storeFilter(a1, b1, out + 6 &* plane, plane)
      storeFilter(a2, b2, out + 12 &* plane, plane)
      storeFilter(a3, b3, out + 18 &* plane, plane)
      storeFilter(a4, b4, out + 24 &* plane, plane)
      storeFilter(a5, b5, out + 30 &* plane, plane)
    }
  }
}

@inline(__always)
private func smallFilter(
  _ g0: Lanes, _ g1: Lanes
) -> (Lanes, Lanes, Lanes, Lanes, Lanes, Lanes) {
  let (thirds, sixth) = (Lanes(repeating: -2.0 / 3) * g0, Lanes(repeating: 1.0 / 6) * g0)
  let (odd, odd2) = (Lanes(repeating: root / 3) * g1, Lanes(repeating: root / 6) * g1)
  return (g0, thirds - odd, thirds + odd, sixth + odd2, sixth - odd2, g1)
}

@inline(__always)
private func storeFilter(
  _ g0: Lanes, _ g1: Lanes, _ out: UnsafeMutablePointer<Float>, _ plane: Int
) {
  let (u0, u1, u2, u3, u4, u5) = smallFilter(g0, g1)
  store(u0, out)
  store(u1, out + plane)
  store(u2, out + 2 &* plane)
  store(u3, out + 3 &* plane)
  store(u4, out + 4 &* plane)
  store(u5, out + 5 &* plane)
}

/// `dg (+)= Gᵀ dU G` for the rows `row ..< row + rowCount` of a weight of `rows` rows; else as above.
@inline(never)
public func winogradSmallFilterGradients(
  _ du: UnsafePointer<Float>, _ plane: Int, _ panel: Int, _ rows: Int, _ columns: Int, _ row: Int,
  _ rowCount: Int, _ column: Int, _ groups: Int, _ tap0: Int, _ tap1: Int, _ tap2: Int,
  _ tap3: Int, _ accumulate: Bool, _ dweight: UnsafeMutablePointer<Float>,
  _ scratch: UnsafeMutablePointer<Float>
) {
  let size = rows &* columns
  for index in 0..<rowCount {
    let target = dweight + (row &+ index) &* columns + column
    for group in 0..<groups {
      let source = du + group &* panel + index &* 16
      for j in 0..<6 {
        let from = source + j &* plane
        let (g0, g1) = smallFilterGradient(
          load(from), load(from + 6 &* plane), load(from + 12 &* plane), load(from + 18 &* plane),
          load(from + 24 &* plane), load(from + 30 &* plane))
        store(g0, scratch + j &* 16)
        store(g1, scratch + 96 + j &* 16)
      }
      let out = target + group &* 16
      for i in 0..<2 {
        let from = scratch + i &* 96
        let (g0, g1) = smallFilterGradient(
          load(from), load(from + 16), load(from + 32), load(from + 48), load(from + 64),
          load(from + 80))
        put(g0, out + (i == 0 ? tap0 : tap2) &* size, accumulate)
        put(g1, out + (i == 0 ? tap1 : tap3) &* size, accumulate)
      }
    }
  }
}

@inline(__always)
private func smallFilterGradient(
  _ u0: Lanes, _ u1: Lanes, _ u2: Lanes, _ u3: Lanes, _ u4: Lanes, _ u5: Lanes
) -> (Lanes, Lanes) {
  return (
    multiplyAdd(
      Lanes(repeating: 1.0 / 6), u3 + u4, multiplyAdd(Lanes(repeating: -2.0 / 3), u1 + u2, u0)),
    multiplyAdd(
      Lanes(repeating: root / 6), u3 - u4, multiplyAdd(Lanes(repeating: root / 3), u2 - u1, u5))
  )
}
