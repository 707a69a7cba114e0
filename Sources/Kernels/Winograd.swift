// Winograd's F(4×4, 3×3) (Lavin and Gray, arXiv 1509.09308) for channels-last pictures of 16-bit values, by
// products of `Float`.
//
// Tiles are 6×6 windows at a distance of 4, numbered through the whole batch: image, row, column.
// Transformed values lie as [36][tile][channel], so each of the 36 products is one plain GEMM.
// The interpolation points are 0, ±1, ±2 and infinity:
//   Bᵀ = [4 0 -5 0 1 0 | 0 -4 -4 1 1 0 | 0 4 -4 -1 1 0 | 0 -2 -1 2 1 0 | 0 2 -1 -2 1 0 | 0 4 0 -5 0 1]
//   G  = [1/4 0 0 | -1/6 -1/6 -1/6 | -1/6 1/6 -1/6 | 1/24 1/12 1/6 | 1/24 -1/12 1/6 | 0 0 1]
//   Aᵀ = [1 1 1 1 1 0 | 0 1 -1 2 -2 0 | 0 1 1 4 4 0 | 0 1 -1 8 -8 1]
// Channels come in sixteens; transformed values are `Float`, because the
// transforms multiply the error of rounding by ten and more. `scratch` holds 36 · 16 floats, `places` 36 pointers.

/// Pointers to the pixels of one tile; outside the picture they point to zeros.
@inline(__always)
private func locate(
  _ x: UnsafePointer<MapValue>, _ zeros: UnsafePointer<MapValue>, h: Int, w: Int, c: Int,
  tilesX: Int, tilesPerImage: Int, tile: Int, size: Int, origin: Int,
  _ places: UnsafeMutablePointer<UnsafePointer<MapValue>>
) {
  let image = tile / tilesPerImage
  let inImage = tile &- image &* tilesPerImage
  let tileY = inImage / tilesX
  let top = tileY &* 4 &- origin
  let left = (inImage &- tileY &* tilesX) &* 4 &- origin
  let base = x + image &* h &* w &* c
  var slot = 0
  for i in 0..<size {
    let y = top &+ i
    for j in 0..<size {
      let column = left &+ j
      let inside = y >= 0 && y < h && column >= 0 && column < w
      places[slot] = inside ? base + (y &* w &+ column) &* c : zeros
      slot &+= 1
    }
  }
}

@inline(__always)
private func inputRow(
  _ d0: Lanes, _ d1: Lanes, _ d2: Lanes, _ d3: Lanes, _ d4: Lanes, _ d5: Lanes,
  _ out: UnsafeMutablePointer<Float>, _ step: Int
) {
  let four = Lanes(repeating: 4)
  let two = Lanes(repeating: 2)
  let minusFive = Lanes(repeating: -5)
  let a = multiplyAdd(-four, d2, d4)
  let b = multiplyAdd(-four, d1, d3)
  let e = d4 - d2
  let f = two * (d3 - d1)
  store(multiplyAdd(four, d0, multiplyAdd(minusFive, d2, d4)), out)
  store(a + b, out + step)
  store(a - b, out + 2 &* step)
  store(e + f, out + 3 &* step)
  store(e - f, out + 4 &* step)
  store(multiplyAdd(four, d1, multiplyAdd(minusFive, d3, d5)), out + 5 &* step)
}

/// `V = Bᵀ d B` for `count` tiles from `first` on; `v` is `[36]`, `plane` floats apart, of
/// `[count][c]`.
@inline(never)
public func winogradInput(
  _ x: UnsafePointer<MapValue>, _ zeros: UnsafePointer<MapValue>, _ h: Int, _ w: Int, _ c: Int,
  _ tilesX: Int, _ tilesPerImage: Int, _ first: Int, _ count: Int,
  _ v: UnsafeMutablePointer<Float>, _ plane: Int, _ scratch: UnsafeMutablePointer<Float>,
  _ places: UnsafeMutablePointer<UnsafePointer<MapValue>>
) {
  for tile in 0..<count {
    locate(
      x, zeros, h: h, w: w, c: c, tilesX: tilesX, tilesPerImage: tilesPerImage,
      tile: first &+ tile, size: 6, origin: 1, places)
    var channel = 0
    while channel < c {
      for j in 0..<6 {
        inputRow(
          load(places[j] + channel), load(places[6 &+ j] + channel),
          load(places[12 &+ j] + channel), load(places[18 &+ j] + channel),
          load(places[24 &+ j] + channel), load(places[30 &+ j] + channel),
          scratch + j &* 16, 96)
      }
      let out = v + tile &* c + channel
      for i in 0..<6 {
        let row = scratch + i &* 96
        inputRow(
          load(row), load(row + 16), load(row + 32), load(row + 48), load(row + 64),
          load(row + 80), out + i &* 6 &* plane, plane)
      }
      channel &+= 16
    }
  }
}

/// `y = Aᵀ m A (+ bias) (+ y)`, then ReLU, for `count` tiles; `m` is `[36][count][c]`.
///
/// Pixels of a tile outside the picture go to `trash` (c floats). `bias` may be nil.
@inline(never)
public func winogradOutput(
  _ m: UnsafePointer<Float>, _ y: UnsafeMutablePointer<MapValue>,
  _ trash: UnsafeMutablePointer<MapValue>, _ bias: UnsafePointer<Float>?,
  _ h: Int, _ w: Int, _ c: Int, _ tilesX: Int, _ tilesPerImage: Int, _ first: Int, _ count: Int,
  _ applyRelu: Bool, _ accumulate: Bool, _ scratch: UnsafeMutablePointer<Float>,
  _ places: UnsafeMutablePointer<UnsafePointer<MapValue>>
) {
  let plane = count &* c
  let two = Lanes(repeating: 2)
  let four = Lanes(repeating: 4)
  let eight = Lanes(repeating: 8)
  for tile in 0..<count {
    locate(
      y, trash, h: h, w: w, c: c, tilesX: tilesX, tilesPerImage: tilesPerImage,
      tile: first &+ tile, size: 4, origin: 0, places)
    var channel = 0
    while channel < c {
      let source = m + tile &* c + channel
      for j in 0..<6 {
        let column = source + j &* plane
        let m1 = load(column + 6 &* plane)
        let m2 = load(column + 12 &* plane)
        let m3 = load(column + 18 &* plane)
        let m4 = load(column + 24 &* plane)
        let sum12 = m1 + m2
        let difference12 = m1 - m2
        let sum34 = m3 + m4
        let difference34 = m3 - m4
        let out = scratch + j &* 16
        store(load(column) + sum12 + sum34, out)
        store(multiplyAdd(two, difference34, difference12), out + 96)
        store(multiplyAdd(four, sum34, sum12), out + 192)
        store(
          multiplyAdd(eight, difference34, difference12) + load(column + 30 &* plane), out + 288)
      }
      let added = bias.map { load($0 + channel) } ?? Lanes(repeating: 0)
      for i in 0..<4 {
        let row = scratch + i &* 96
        let m1 = load(row + 16)
        let m2 = load(row + 32)
        let m3 = load(row + 48)
        let m4 = load(row + 64)
        let sum12 = m1 + m2
        let difference12 = m1 - m2
        let sum34 = m3 + m4
        let difference34 = m3 - m4
        put(load(row) + sum12 + sum34, added, places[4 &* i] + channel, applyRelu, accumulate)
        put(
          multiplyAdd(two, difference34, difference12), added, places[4 &* i &+ 1] + channel,
          applyRelu, accumulate)
        put(
          multiplyAdd(four, sum34, sum12), added, places[4 &* i &+ 2] + channel, applyRelu,
          accumulate)
        put(
          multiplyAdd(eight, difference34, difference12) + load(row + 80), added,
          places[4 &* i &+ 3] + channel, applyRelu, accumulate)
      }
      channel &+= 16
    }
  }
}

@inline(__always)
private func put(
  _ value: Lanes, _ bias: Lanes, _ place: UnsafePointer<MapValue>, _ applyRelu: Bool,
  _ accumulate: Bool
) {
  let out = UnsafeMutablePointer(mutating: place)
  var result = value + bias
  if accumulate { result += load(out) }
  if applyRelu { result = relu(result) }
  store(result, out)
}

/// `E = A dy Aᵀ` for `count` tiles: the gradient of the products; `e` is laid out as `v` above.
@inline(never)
public func winogradOutputGradient(
  _ dy: UnsafePointer<MapValue>, _ zeros: UnsafePointer<MapValue>, _ h: Int, _ w: Int, _ c: Int,
  _ tilesX: Int, _ tilesPerImage: Int, _ first: Int, _ count: Int,
  _ e: UnsafeMutablePointer<Float>, _ plane: Int, _ scratch: UnsafeMutablePointer<Float>,
  _ places: UnsafeMutablePointer<UnsafePointer<MapValue>>
) {
  for tile in 0..<count {
    locate(
      dy, zeros, h: h, w: w, c: c, tilesX: tilesX, tilesPerImage: tilesPerImage,
      tile: first &+ tile, size: 4, origin: 0, places)
    var channel = 0
    while channel < c {
      for j in 0..<4 {
        gradientRow(
          load(places[j] + channel), load(places[4 &+ j] + channel),
          load(places[8 &+ j] + channel), load(places[12 &+ j] + channel), scratch + j &* 16, 64)
      }
      let out = e + tile &* c + channel
      for i in 0..<6 {
        let row = scratch + i &* 64
        gradientRow(
          load(row), load(row + 16), load(row + 32), load(row + 48), out + i &* 6 &* plane, plane)
      }
      channel &+= 16
    }
  }
}

@inline(__always)
private func gradientRow(
  _ d0: Lanes, _ d1: Lanes, _ d2: Lanes, _ d3: Lanes, _ out: UnsafeMutablePointer<Float>,
  _ step: Int
) {
  let even = d0 + d2
  let odd = d1 + d3
  let even4 = multiplyAdd(Lanes(repeating: 4), d2, d0)
  let odd4 = Lanes(repeating: 2) * multiplyAdd(Lanes(repeating: 4), d3, d1)
  store(d0, out)
  store(even + odd, out + step)
  store(even - odd, out + 2 &* step)
  store(even4 + odd4, out + 3 &* step)
  store(even4 - odd4, out + 4 &* step)
  store(d3, out + 5 &* step)
}
