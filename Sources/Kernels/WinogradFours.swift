// Winograd's F(4×4, 3×3) in sixteens, on the windows and points of `WinogradWindows.swift`, where the
// layout and the arguments are explained; a = 1/√2 and b = √2:
//   G  = [1 0 0 | -2/3 (1 a 1/2) | -2/3 (1 -a 1/2) | 1/6 (1 b 2) | 1/6 (1 -b 2) | 0 0 1]
//   Aᵀ = [1 1 1 1 1 0 | 0 a -a b -b 0 | 0 1/2 1/2 2 2 0 | 0 a/2 -a/2 2b -2b 1]
// Pictures are whole here: `[n, h, w, c]`, and a part of the channels may be worked on: `stride`
// channels lie between two pixels.

/// The rows 0 and 2 of `Aᵀ`.
@inline(__always)
private func evenFours(
  _ m0: Lanes, _ m1: Lanes, _ m2: Lanes, _ m3: Lanes, _ m4: Lanes
) -> (Lanes, Lanes) {
  let (near, far) = (m1 + m2, m3 + m4)
  return (
    m0 + near + far,
    multiplyAdd(Lanes(repeating: 2), far, Lanes(repeating: 0.5) * near)
  )
}

/// The rows 1 and 3 of `Aᵀ`.
@inline(__always)
private func oddFours(
  _ m1: Lanes, _ m2: Lanes, _ m3: Lanes, _ m4: Lanes, _ m5: Lanes
) -> (Lanes, Lanes) {
  let near = Lanes(repeating: root / 2) * (m1 - m2)
  let far = Lanes(repeating: root) * (m3 - m4)
  return (
    near + far,
    multiplyAdd(Lanes(repeating: 2), far, multiplyAdd(Lanes(repeating: 0.5), near, m5))
  )
}

/// The four pixels of a row, in order, from its six products.
@inline(__always)
private func fours(_ m: Six) -> (Lanes, Lanes, Lanes, Lanes) {
  let even = evenFours(m.0, m.1, m.2, m.3, m.4)
  let odd = oddFours(m.1, m.2, m.3, m.4, m.5)
  return (even.0, odd.0, even.1, odd.1)
}

/// What is done to a value before it is stored.
@inline(__always)
func finish(
  _ value: Lanes, _ bias: Lanes, _ place: UnsafePointer<Float>, _ applyRelu: Bool,
  _ accumulate: Bool
) {
  let out = UnsafeMutablePointer(mutating: place)
  var result = value + bias
  if accumulate { result += load(out) }
  if applyRelu { result = relu(result) }
  store(result, out)
}

@inline(__always)
private func evenColumn(_ m: UnsafePointer<Float>, _ row: Int) -> (Lanes, Lanes) {
  evenFours(load(m), load(m + row), load(m + 2 &* row), load(m + 3 &* row), load(m + 4 &* row))
}

@inline(__always)
private func oddColumn(_ m: UnsafePointer<Float>, _ row: Int) -> (Lanes, Lanes) {
  oddFours(
    load(m + row), load(m + 2 &* row), load(m + 3 &* row), load(m + 4 &* row), load(m + 5 &* row))
}

/// `y = [relu](Aᵀ m A [+ bias] [+ y])` for `count` tiles from `first` on, 4×4 pixels each.
@inline(never)
public func winogradFours(
  _ m: UnsafePointer<Float>, _ plane: Int, _ panel: Int, _ y: UnsafeMutablePointer<Float>,
  _ edge: UnsafeMutablePointer<Float>, _ bias: UnsafePointer<Float>?, _ h: Int, _ w: Int, _ c: Int,
  _ stride: Int, _ tilesX: Int, _ tilesPerImage: Int, _ first: Int, _ count: Int,
  _ applyRelu: Bool, _ accumulate: Bool, _ places: UnsafeMutablePointer<UnsafePointer<Float>>
) {
  for tile in 0..<count {
    locateTile(
      y, edge, h, w, h &* w &* stride, w &* stride, stride, 0, 0, tilesX, tilesPerImage,
      first &+ tile, step: 4, size: 4, places)
    let places = UnsafePointer(places)
    let row = 6 &* plane
    var channel = 0
    var source = m + tile &* 16
    while channel < c {
      let added = bias.map { load($0 + channel) } ?? Lanes(repeating: 0)
      let (s1, s2) = (source + plane, source + 2 &* plane)
      let (s3, s4, s5) = (source + 3 &* plane, source + 4 &* plane, source + 5 &* plane)
      let (e0, e1, e2) = (evenColumn(source, row), evenColumn(s1, row), evenColumn(s2, row))
      let (e3, e4, e5) = (evenColumn(s3, row), evenColumn(s4, row), evenColumn(s5, row))
      let eRow0 = fours((e0.0, e1.0, e2.0, e3.0, e4.0, e5.0))
      finish(eRow0.0, added, places[0] + channel, applyRelu, accumulate)
      finish(eRow0.1, added, places[1] + channel, applyRelu, accumulate)
      finish(eRow0.2, added, places[2] + channel, applyRelu, accumulate)
      finish(eRow0.3, added, places[3] + channel, applyRelu, accumulate)
      let eRow1 = fours((e0.1, e1.1, e2.1, e3.1, e4.1, e5.1))
      finish(eRow1.0, added, places[8] + channel, applyRelu, accumulate)
      finish(eRow1.1, added, places[9] + channel, applyRelu, accumulate)
      finish(eRow1.2, added, places[10] + channel, applyRelu, accumulate)
      finish(eRow1.3, added, places[11] + channel, applyRelu, accumulate)
      let (o0, o1, o2) = (oddColumn(source, row), oddColumn(s1, row), oddColumn(s2, row))
      let (o3, o4, o5) = (oddColumn(s3, row), oddColumn(s4, row), oddColumn(s5, row))
      let oRow0 = fours((o0.0, o1.0, o2.0, o3.0, o4.0, o5.0))
      finish(oRow0.0, added, places[4] + channel, applyRelu, accumulate)
      finish(oRow0.1, added, places[5] + channel, applyRelu, accumulate)
      finish(oRow0.2, added, places[6] + channel, applyRelu, accumulate)
      finish(oRow0.3, added, places[7] + channel, applyRelu, accumulate)
      let oRow1 = fours((o0.1, o1.1, o2.1, o3.1, o4.1, o5.1))
      finish(oRow1.0, added, places[12] + channel, applyRelu, accumulate)
      finish(oRow1.1, added, places[13] + channel, applyRelu, accumulate)
      finish(oRow1.2, added, places[14] + channel, applyRelu, accumulate)
      finish(oRow1.3, added, places[15] + channel, applyRelu, accumulate)
      channel &+= 16
      source += panel
    }
  }
}

/// The columns 1 and 2 of `A`.
@inline(__always)
func nearSpread(
  _ d0: Lanes, _ d1: Lanes, _ d2: Lanes, _ d3: Lanes
) -> (Lanes, Lanes) {
  let even = multiplyAdd(Lanes(repeating: 0.5), d2, d0)
  let odd = Lanes(repeating: root / 2) * multiplyAdd(Lanes(repeating: 0.5), d3, d1)
  return (even + odd, even - odd)
}

/// The columns 3 and 4 of `A`.
@inline(__always)
func farSpread(
  _ d0: Lanes, _ d1: Lanes, _ d2: Lanes, _ d3: Lanes
) -> (Lanes, Lanes) {
  let even = multiplyAdd(Lanes(repeating: 2), d2, d0)
  let odd = Lanes(repeating: root) * multiplyAdd(Lanes(repeating: 2), d3, d1)
  return (even + odd, even - odd)
}

@inline(__always)
private func storeSpread(
  _ d0: Lanes, _ d1: Lanes, _ d2: Lanes, _ d3: Lanes, _ out: UnsafeMutablePointer<Float>,
  _ plane: Int
) {
  let (near, far) = (nearSpread(d0, d1, d2, d3), farSpread(d0, d1, d2, d3))
  store(d0, out)
  store(near.0, out + plane)
  store(near.1, out + 2 &* plane)
  store(far.0, out + 3 &* plane)
  store(far.1, out + 4 &* plane)
  store(d3, out + 5 &* plane)
}

@inline(__always)
private func nearColumn(
  _ from: UnsafePointer<UnsafePointer<Float>>, _ channel: Int
) -> (Lanes, Lanes) {
  nearSpread(
    load(from[0] + channel), load(from[4] + channel), load(from[8] + channel),
    load(from[12] + channel))
}

@inline(__always)
private func farColumn(
  _ from: UnsafePointer<UnsafePointer<Float>>, _ channel: Int
) -> (Lanes, Lanes) {
  farSpread(
    load(from[0] + channel), load(from[4] + channel), load(from[8] + channel),
    load(from[12] + channel))
}

/// `E = A dy Aᵀ` for `count` tiles of 4×4 pixels from `first` on: the gradient of the products.
@inline(never)
public func winogradFoursGradient(
  _ dy: UnsafePointer<Float>, _ edge: UnsafePointer<Float>, _ h: Int, _ w: Int, _ c: Int,
  _ tilesX: Int, _ tilesPerImage: Int, _ first: Int, _ count: Int,
  _ e: UnsafeMutablePointer<Float>, _ plane: Int, _ panel: Int,
  _ places: UnsafeMutablePointer<UnsafePointer<Float>>
) {
  for tile in 0..<count {
    locateTile(
      dy, edge, h, w, h &* w &* c, w &* c, c, 0, 0, tilesX, tilesPerImage, first &+ tile, step: 4,
      size: 4, places)
    let from = UnsafePointer(places)
    var channel = 0
    var out = e + tile &* 16
    while channel < c {
      storeSpread(
        load(from[0] + channel), load(from[1] + channel), load(from[2] + channel),
        load(from[3] + channel), out, plane)
      let (n0, n1) = (nearColumn(from, channel), nearColumn(from + 1, channel))
      let (n2, n3) = (nearColumn(from + 2, channel), nearColumn(from + 3, channel))
      storeSpread(n0.0, n1.0, n2.0, n3.0, out + 6 &* plane, plane)
      storeSpread(n0.1, n1.1, n2.1, n3.1, out + 12 &* plane, plane)
      let (f0, f1) = (farColumn(from, channel), farColumn(from + 1, channel))
      let (f2, f3) = (farColumn(from + 2, channel), farColumn(from + 3, channel))
      storeSpread(f0.0, f1.0, f2.0, f3.0, out + 18 &* plane, plane)
      storeSpread(f0.1, f1.1, f2.1, f3.1, out + 24 &* plane, plane)
      storeSpread(
        load(from[12] + channel), load(from[13] + channel), load(from[14] + channel),
        load(from[15] + channel), out + 30 &* plane, plane)
      channel &+= 16
      out += panel
    }
  }
}

/// The rows 1 and 2 of `G`.
@inline(__always)
private func nearFilter(_ g0: Lanes, _ g1: Lanes, _ g2: Lanes) -> (Lanes, Lanes) {
  let even = Lanes(repeating: -2.0 / 3) * multiplyAdd(Lanes(repeating: 0.5), g2, g0)
  let odd = Lanes(repeating: root / 3) * g1
  return (even - odd, even + odd)
}

/// The rows 3 and 4 of `G`.
@inline(__always)
private func farFilter(_ g0: Lanes, _ g1: Lanes, _ g2: Lanes) -> (Lanes, Lanes) {
  let even = Lanes(repeating: 1.0 / 6) * multiplyAdd(Lanes(repeating: 2), g2, g0)
  let odd = Lanes(repeating: root / 6) * g1
  return (even + odd, even - odd)
}

@inline(__always)
private func storeFilter(
  _ g0: Lanes, _ g1: Lanes, _ g2: Lanes, _ out: UnsafeMutablePointer<Float>, _ plane: Int
) {
  let (near, far) = (nearFilter(g0, g1, g2), farFilter(g0, g1, g2))
  store(g0, out)
  store(near.0, out + plane)
  store(near.1, out + 2 &* plane)
  store(far.0, out + 3 &* plane)
  store(far.1, out + 4 &* plane)
  store(g2, out + 5 &* plane)
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
  _ panel: Int
) {
  let size = isTurned ? -(rows &* columns) : rows &* columns
  let first = isTurned ? weight + 8 &* rows &* columns : weight
  for index in 0..<rowCount {
    let source = first + (row &+ index) &* columns + column
    for group in 0..<groups {
      let g = source + group &* 16
      let (g0, g1, g2) = (load(g), load(g + size), load(g + 2 &* size))
      let (g3, g4, g5) = (load(g + 3 &* size), load(g + 4 &* size), load(g + 5 &* size))
      let (g6, g7, g8) = (load(g + 6 &* size), load(g + 7 &* size), load(g + 8 &* size))
      let out = u + group &* panel + index &* 16
      storeFilter(g0, g1, g2, out, plane)
      let (n0, n1, n2) = (nearFilter(g0, g3, g6), nearFilter(g1, g4, g7), nearFilter(g2, g5, g8))
      storeFilter(n0.0, n1.0, n2.0, out + 6 &* plane, plane)
      storeFilter(n0.1, n1.1, n2.1, out + 12 &* plane, plane)
      let (f0, f1, f2) = (farFilter(g0, g3, g6), farFilter(g1, g4, g7), farFilter(g2, g5, g8))
      storeFilter(f0.0, f1.0, f2.0, out + 18 &* plane, plane)
      storeFilter(f0.1, f1.1, f2.1, out + 24 &* plane, plane)
      storeFilter(g6, g7, g8, out + 30 &* plane, plane)
    }
  }
}

/// The rows 0 and 2 of `Gᵀ`.
@inline(__always)
private func evenFilterGradient(
  _ u0: Lanes, _ u1: Lanes, _ u2: Lanes, _ u3: Lanes, _ u4: Lanes, _ u5: Lanes
) -> (Lanes, Lanes) {
  let (near, far) = (u1 + u2, u3 + u4)
  return (
    multiplyAdd(Lanes(repeating: 1.0 / 6), far, multiplyAdd(Lanes(repeating: -2.0 / 3), near, u0)),
    multiplyAdd(Lanes(repeating: 1.0 / 3), far - near, u5)
  )
}

/// The row 1 of `Gᵀ`.
@inline(__always)
private func oddFilterGradient(_ u1: Lanes, _ u2: Lanes, _ u3: Lanes, _ u4: Lanes) -> Lanes {
  multiplyAdd(
    Lanes(repeating: root / 6), u3 - u4, Lanes(repeating: root / 3) * (u2 - u1))
}

@inline(__always)
private func evenFilterColumn(_ du: UnsafePointer<Float>, _ row: Int) -> (Lanes, Lanes) {
  evenFilterGradient(
    load(du), load(du + row), load(du + 2 &* row), load(du + 3 &* row), load(du + 4 &* row),
    load(du + 5 &* row))
}

@inline(__always)
private func oddFilterColumn(_ du: UnsafePointer<Float>, _ row: Int) -> Lanes {
  oddFilterGradient(
    load(du + row), load(du + 2 &* row), load(du + 3 &* row), load(du + 4 &* row))
}

/// One row of a 3×3 filter's gradient, its taps `size` floats apart.
@inline(__always)
private func storeFilterGradient(
  _ u: Six, _ out: UnsafeMutablePointer<Float>, _ size: Int, _ accumulate: Bool
) {
  let even = evenFilterGradient(u.0, u.1, u.2, u.3, u.4, u.5)
  let odd = oddFilterGradient(u.1, u.2, u.3, u.4)
  store(accumulate ? load(out) + even.0 : even.0, out)
  store(accumulate ? load(out + size) + odd : odd, out + size)
  store(accumulate ? load(out + 2 &* size) + even.1 : even.1, out + 2 &* size)
}

/// `dg (+)= Gᵀ dU G` for the same part of a weight as above.
@inline(never)
public func winogradFilterGradients(
  _ du: UnsafePointer<Float>, _ plane: Int, _ panel: Int, _ rows: Int, _ columns: Int, _ row: Int,
  _ rowCount: Int, _ column: Int, _ groups: Int, _ accumulate: Bool,
  _ dweight: UnsafeMutablePointer<Float>
) {
  let size = rows &* columns
  let step = 6 &* plane
  for index in 0..<rowCount {
    let target = dweight + (row &+ index) &* columns + column
    for group in 0..<groups {
      let s0 = du + group &* panel + index &* 16
      let (s1, s2) = (s0 + plane, s0 + 2 &* plane)
      let (s3, s4, s5) = (s0 + 3 &* plane, s0 + 4 &* plane, s0 + 5 &* plane)
      let out = target + group &* 16
      let (e0, e1) = (evenFilterColumn(s0, step), evenFilterColumn(s1, step))
      let (e2, e3) = (evenFilterColumn(s2, step), evenFilterColumn(s3, step))
      let (e4, e5) = (evenFilterColumn(s4, step), evenFilterColumn(s5, step))
      storeFilterGradient((e0.0, e1.0, e2.0, e3.0, e4.0, e5.0), out, size, accumulate)
      storeFilterGradient(
        (e0.1, e1.1, e2.1, e3.1, e4.1, e5.1), out + 6 &* size, size, accumulate)
      storeFilterGradient(
        (
          oddFilterColumn(s0, step), oddFilterColumn(s1, step), oddFilterColumn(s2, step),
          oddFilterColumn(s3, step), oddFilterColumn(s4, step), oddFilterColumn(s5, step)
        ), out + 3 &* size, size, accumulate)
    }
  }
}
