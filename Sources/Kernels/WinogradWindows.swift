// What F(4×4, 3×3) and F(5×5, 2×2) share: 6×6 windows, with the interpolation points 0, ±a, ±b and
// infinity, where a = 1/√2 and b = √2: errors are a seventh of those with 0, ±1, ±2 (512 channels,
// float32).
//   Bᵀ = [1 0 -5/2 0 1 0 | 0 -2a -2 a 1 0 | 0 2a -2 -a 1 0 | 0 -b/2 -1/2 b 1 0 | 0 b/2 -1/2 -b 1 0 |
//         0 1 0 -5/2 0 1]
//
// Pictures are given by the steps between images, rows and pixels, in floats, so that a parity of a
// picture is a picture; tiles begin `originY`, `originX` pixels outside. What is transformed lies in
// sixteens: `[36]`, `plane` floats apart, of `[channels/16]`, `panel` floats apart, of `[tile][16]`.
// Channels come in sixteens. `places` holds 36 pointers; pixels outside the picture are read from or
// written to `edge`, a pixel of its own.
//
// Each transform is done for a row or a pair of rows of its result at a time, so that what lies between
// the two passes stays in registers: a processor stores half as many vectors as it loads, or fewer.

/// √2.
let root: Float = 1.4142135623730951

/// Six vectors: a row or a column of a window.
typealias Six = (Lanes, Lanes, Lanes, Lanes, Lanes, Lanes)

/// Pointers to the pixels of one tile; tiles lie `step` pixels apart.
@inline(__always)
func locateTile(
  _ x: UnsafePointer<Float>, _ edge: UnsafePointer<Float>, _ h: Int, _ w: Int, _ imageStep: Int,
  _ rowStep: Int, _ pixelStep: Int, _ originY: Int, _ originX: Int, _ tilesX: Int,
  _ tilesPerImage: Int, _ tile: Int, step: Int, size: Int,
  _ places: UnsafeMutablePointer<UnsafePointer<Float>>
) {
  let image = tile / tilesPerImage
  let inImage = tile &- image &* tilesPerImage
  let tileY = inImage / tilesX
  let top = tileY &* step &- originY
  let left = (inImage &- tileY &* tilesX) &* step &- originX
  var row = x + image &* imageStep + top &* rowStep + left &* pixelStep
  var slot = 0
  for y in top..<top &+ size {
    let isRow = y >= 0 && y < h
    var place = row
    for column in left..<left &+ size {
      places[slot] = isRow && column >= 0 && column < w ? place : edge
      place += pixelStep
      slot &+= 1
    }
    row += rowStep
  }
}

/// The rows 0 (from pixels 0, 2, 4) and 5 (from 1, 3, 5) of `Bᵀ`.
@inline(__always)
func outerWindow(_ d0: Lanes, _ d2: Lanes, _ d4: Lanes) -> Lanes {
  multiplyAdd(Lanes(repeating: -2.5), d2, d0 + d4)
}

/// The rows 1 and 2 of `Bᵀ`.
@inline(__always)
func nearWindow(
  _ d1: Lanes, _ d2: Lanes, _ d3: Lanes, _ d4: Lanes
) -> (Lanes, Lanes) {
  let even = multiplyAdd(Lanes(repeating: -2), d2, d4)
  let odd = Lanes(repeating: root / 2) * multiplyAdd(Lanes(repeating: -2), d1, d3)
  return (even + odd, even - odd)
}

/// The rows 3 and 4 of `Bᵀ`.
@inline(__always)
func farWindow(
  _ d1: Lanes, _ d2: Lanes, _ d3: Lanes, _ d4: Lanes
) -> (Lanes, Lanes) {
  let even = multiplyAdd(Lanes(repeating: -0.5), d2, d4)
  let odd = Lanes(repeating: root) * multiplyAdd(Lanes(repeating: -0.5), d1, d3)
  return (even + odd, even - odd)
}

@inline(__always)
private func storeWindowRow(_ d: Six, _ out: UnsafeMutablePointer<Float>, _ plane: Int) {
  store(outerWindow(d.0, d.2, d.4), out)
  let near = nearWindow(d.1, d.2, d.3, d.4)
  store(near.0, out + plane)
  store(near.1, out + 2 &* plane)
  let far = farWindow(d.1, d.2, d.3, d.4)
  store(far.0, out + 3 &* plane)
  store(far.1, out + 4 &* plane)
  store(outerWindow(d.1, d.3, d.5), out + 5 &* plane)
}

/// The three passes over one column of a window of pixels.
@inline(__always)
private func outer(_ from: UnsafePointer<UnsafePointer<Float>>, _ channel: Int) -> Lanes {
  outerWindow(load(from[0] + channel), load(from[12] + channel), load(from[24] + channel))
}

@inline(__always)
private func near(
  _ from: UnsafePointer<UnsafePointer<Float>>, _ channel: Int
) -> (Lanes, Lanes) {
  nearWindow(
    load(from[6] + channel), load(from[12] + channel), load(from[18] + channel),
    load(from[24] + channel))
}

@inline(__always)
private func far(
  _ from: UnsafePointer<UnsafePointer<Float>>, _ channel: Int
) -> (Lanes, Lanes) {
  farWindow(
    load(from[6] + channel), load(from[12] + channel), load(from[18] + channel),
    load(from[24] + channel))
}

/// `V = Bᵀ d B` for `count` tiles from `first` on, `step` pixels apart.
@inline(never)
public func winogradWindows(
  _ x: UnsafePointer<Float>, _ edge: UnsafePointer<Float>, _ h: Int, _ w: Int, _ c: Int,
  _ imageStep: Int, _ rowStep: Int, _ pixelStep: Int, _ originY: Int, _ originX: Int,
  _ tilesX: Int, _ tilesPerImage: Int, _ step: Int, _ first: Int, _ count: Int,
  _ v: UnsafeMutablePointer<Float>, _ plane: Int, _ panel: Int,
  _ places: UnsafeMutablePointer<UnsafePointer<Float>>
) {
  for tile in 0..<count {
    locateTile(
      x, edge, h, w, imageStep, rowStep, pixelStep, originY, originX, tilesX, tilesPerImage,
      first &+ tile, step: step, size: 6, places)
    var channel = 0
    var out = v + tile &* 16
    while channel < c {
      let from = UnsafePointer(places)
      storeWindowRow(
        (
          outer(from, channel), outer(from + 1, channel), outer(from + 2, channel),
          outer(from + 3, channel), outer(from + 4, channel), outer(from + 5, channel)
        ), out, plane)
      let (n0, n1, n2) = (near(from, channel), near(from + 1, channel), near(from + 2, channel))
      let (n3, n4, n5) = (near(from + 3, channel), near(from + 4, channel), near(from + 5, channel))
      storeWindowRow((n0.0, n1.0, n2.0, n3.0, n4.0, n5.0), out + 6 &* plane, plane)
      storeWindowRow((n0.1, n1.1, n2.1, n3.1, n4.1, n5.1), out + 12 &* plane, plane)
      let (f0, f1, f2) = (far(from, channel), far(from + 1, channel), far(from + 2, channel))
      let (f3, f4, f5) = (far(from + 3, channel), far(from + 4, channel), far(from + 5, channel))
      storeWindowRow((f0.0, f1.0, f2.0, f3.0, f4.0, f5.0), out + 18 &* plane, plane)
      storeWindowRow((f0.1, f1.1, f2.1, f3.1, f4.1, f5.1), out + 24 &* plane, plane)
      storeWindowRow(
        (
          outer(from + 6, channel), outer(from + 7, channel), outer(from + 8, channel),
          outer(from + 9, channel), outer(from + 10, channel), outer(from + 11, channel)
        ), out + 30 &* plane, plane)
      channel &+= 16
      out += panel
    }
  }
}
