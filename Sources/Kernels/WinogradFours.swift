// Winograd's F(4×4, 3×3) in sixteens, on the windows and points of `WinogradTransposed.swift`, where the
// layout and the arguments are explained; a = 1/√2 and b = √2:
//   G  = [1 0 0 | -2/3 (1 a 1/2) | -2/3 (1 -a 1/2) | 1/6 (1 b 2) | 1/6 (1 -b 2) | 0 0 1]
//   Aᵀ = [1 1 1 1 1 0 | 0 a -a b -b 0 | 0 1/2 1/2 2 2 0 | 0 a/2 -a/2 2b -2b 1]
// Pictures are whole here: `[n, h, w, c]`, and a part of the channels may be worked on: `stride`
// channels lie between two pixels.

/// `y = [relu](Aᵀ m A [+ bias] [+ y])` for `count` tiles from `first` on, 4×4 pixels each.
@inline(never)
public func winogradFours(
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
      for j in 0..<6 {
        let column = source + j &* plane
        let (o0, o1, o2, o3) = fours(
          load(column), load(column + 6 &* plane), load(column + 12 &* plane),
          load(column + 18 &* plane), load(column + 24 &* plane), load(column + 30 &* plane))
        let out = scratch + j &* 16
        store(o0, out)
        store(o1, out + 96)
        store(o2, out + 192)
        store(o3, out + 288)
      }
      let added = bias.map { load($0 + channel) } ?? Lanes(repeating: 0)
      for i in 0..<4 {
        let row = scratch + i &* 96
        let (o0, o1, o2, o3) = fours(
          load(row), load(row + 16), load(row + 32), load(row + 48), load(row + 64),
          load(row + 80))
        let place = places + 4 &* i
        finish(o0, added, place[0] + channel, applyRelu, accumulate)
        finish(o1, added, place[1] + channel, applyRelu, accumulate)
        finish(o2, added, place[2] + channel, applyRelu, accumulate)
        finish(o3, added, place[3] + channel, applyRelu, accumulate)
      }
      channel &+= 16
      source += panel
    }
  }
}

@inline(__always)
private func fours(
  _ m0: Lanes, _ m1: Lanes, _ m2: Lanes, _ m3: Lanes, _ m4: Lanes, _ m5: Lanes
) -> (Lanes, Lanes, Lanes, Lanes) {
  let (sum12, sum34) = (m1 + m2, m3 + m4)
  let difference12 = Lanes(repeating: root / 2) * (m1 - m2)
  let difference34 = Lanes(repeating: root) * (m3 - m4)
  let (half, two) = (Lanes(repeating: 0.5), Lanes(repeating: 2))
  return (
    m0 + sum12 + sum34, difference12 + difference34, multiplyAdd(two, sum34, half * sum12),
    multiplyAdd(two, difference34, multiplyAdd(half, difference12, m5))
  )
}

@inline(__always)
private func finish(
  _ value: Lanes, _ bias: Lanes, _ place: UnsafePointer<Float>, _ applyRelu: Bool,
  _ accumulate: Bool
) {
  let out = UnsafeMutablePointer(mutating: place)
  var result = value + bias
  if accumulate { result += load(out) }
  if applyRelu { result = relu(result) }
  store(result, out)
}

/// `E = A dy Aᵀ` for `count` tiles of 4×4 pixels from `first` on: the gradient of the products.
@inline(never)
public func winogradFoursGradient(
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
        spreadFours(
          load(places[j] + channel), load(places[4 &+ j] + channel),
          load(places[8 &+ j] + channel), load(places[12 &+ j] + channel), scratch + j &* 16, 64)
      }
      for i in 0..<6 {
        let row = scratch + i &* 64
        spreadFours(
          load(row), load(row + 16), load(row + 32), load(row + 48), out + i &* 6 &* plane, plane)
      }
      channel &+= 16
      out += panel
    }
  }
}

@inline(__always)
private func spreadFours(
  _ d0: Lanes, _ d1: Lanes, _ d2: Lanes, _ d3: Lanes, _ out: UnsafeMutablePointer<Float>,
  _ step: Int
) {
  let (half, two) = (Lanes(repeating: 0.5), Lanes(repeating: 2))
  let even = multiplyAdd(half, d2, d0)
  let odd = Lanes(repeating: root / 2) * multiplyAdd(half, d3, d1)
  let even2 = multiplyAdd(two, d2, d0)
  let odd2 = Lanes(repeating: root) * multiplyAdd(two, d3, d1)
  store(d0, out)
  store(even + odd, out + step)
  store(even - odd, out + 2 &* step)
  store(even2 + odd2, out + 3 &* step)
  store(even2 - odd2, out + 4 &* step)
  store(d3, out + 5 &* step)
}

/// `U = G g Gᵀ` for 3×3 filters, of the rows `row ..< row + rowCount` and `groups` groups of sixteen
/// columns from `column` on; `weight` is `[9][rows][columns]`, its taps in reverse order with
/// `isTurned`.
///
/// The results are `[36]`, `plane` floats apart, of `[group]`, `panel` floats apart, of
/// `[rowCount][16]`.
@inline(never)
public func winogradFilters(
  _ weight: UnsafePointer<Float>, _ rows: Int, _ columns: Int, _ row: Int, _ rowCount: Int,
  _ column: Int, _ groups: Int, _ isTurned: Bool, _ u: UnsafeMutablePointer<Float>, _ plane: Int,
  _ panel: Int, _ scratch: UnsafeMutablePointer<Float>
) {
  let size = isTurned ? -(rows &* columns) : rows &* columns
  let first = isTurned ? weight + 8 &* rows &* columns : weight
  for index in 0..<rowCount {
    let source = first + (row &+ index) &* columns + column
    for group in 0..<groups {
      let g = source + group &* 16
      for j in 0..<3 {
        filter(
          load(g + j &* size), load(g + (3 &+ j) &* size), load(g + (6 &+ j) &* size),
          scratch + j &* 16, 48)
      }
      let out = u + group &* panel + index &* 16
      for i in 0..<6 {
        let from = scratch + i &* 48
        filter(load(from), load(from + 16), load(from + 32), out + i &* 6 &* plane, plane)
      }
    }
  }
}

@inline(__always)
private func filter(
  _ g0: Lanes, _ g1: Lanes, _ g2: Lanes, _ out: UnsafeMutablePointer<Float>, _ step: Int
) {
  let near = Lanes(repeating: -2.0 / 3) * multiplyAdd(Lanes(repeating: 0.5), g2, g0)
  let far = Lanes(repeating: 1.0 / 6) * multiplyAdd(Lanes(repeating: 2), g2, g0)
  let (odd, odd2) = (Lanes(repeating: root / 3) * g1, Lanes(repeating: root / 6) * g1)
  store(g0, out)
  store(near - odd, out + step)
  store(near + odd, out + 2 &* step)
  store(far + odd2, out + 3 &* step)
  store(far - odd2, out + 4 &* step)
  store(g2, out + 5 &* step)
}

/// `dg (+)= Gᵀ dU G` for the same part of a weight as above.
@inline(never)
public func winogradFilterGradients(
  _ du: UnsafePointer<Float>, _ plane: Int, _ panel: Int, _ rows: Int, _ columns: Int, _ row: Int,
  _ rowCount: Int, _ column: Int, _ groups: Int, _ accumulate: Bool,
  _ dweight: UnsafeMutablePointer<Float>, _ scratch: UnsafeMutablePointer<Float>
) {
  let size = rows &* columns
  for index in 0..<rowCount {
    let target = dweight + (row &+ index) &* columns + column
    for group in 0..<groups {
      let source = du + group &* panel + index &* 16
      for j in 0..<6 {
        let from = source + j &* plane
        let (g0, g1, g2) = filterGradient(
          load(from), load(from + 6 &* plane), load(from + 12 &* plane), load(from + 18 &* plane),
          load(from + 24 &* plane), load(from + 30 &* plane))
        let out = scratch + j &* 16
        store(g0, out)
        store(g1, out + 96)
        store(g2, out + 192)
      }
      for i in 0..<3 {
        let from = scratch + i &* 96
        let (g0, g1, g2) = filterGradient(
          load(from), load(from + 16), load(from + 32), load(from + 48), load(from + 64),
          load(from + 80))
        let out = target + group &* 16 + 3 &* i &* size
        store(accumulate ? load(out) + g0 : g0, out)
        store(accumulate ? load(out + size) + g1 : g1, out + size)
        store(accumulate ? load(out + 2 &* size) + g2 : g2, out + 2 &* size)
      }
    }
  }
}

@inline(__always)
private func filterGradient(
  _ u0: Lanes, _ u1: Lanes, _ u2: Lanes, _ u3: Lanes, _ u4: Lanes, _ u5: Lanes
) -> (Lanes, Lanes, Lanes) {
  let (sum12, sum34, third) = (u1 + u2, u3 + u4, Lanes(repeating: 1.0 / 3))
  return (
    multiplyAdd(
      Lanes(repeating: 1.0 / 6), sum34, multiplyAdd(Lanes(repeating: -2.0 / 3), sum12, u0)),
    multiplyAdd(
      Lanes(repeating: root / 6), u3 - u4, Lanes(repeating: root / 3) * (u2 - u1)),
    multiplyAdd(third, sum34 - sum12, u5)
  )
}
