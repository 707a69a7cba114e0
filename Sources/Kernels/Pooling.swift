// Pooling, upsampling and ReLU's gradient.

typealias Positions = SIMD16<Int32>

/// Largest of each window, with its position `ky · kernel + kx`, for output rows
/// `first ..< first + count` counted through the batch. As in PyTorch a NaN wins.
@inline(never)
public func maxPool(
  _ x: UnsafePointer<Float>, _ h: Int, _ w: Int, _ c: Int, _ kernel: Int, _ stride: Int,
  _ padding: Int, _ outputHeight: Int, _ outputWidth: Int, _ applyRelu: Bool, _ first: Int,
  _ count: Int, _ y: UnsafeMutablePointer<Float>, _ position: UnsafeMutablePointer<UInt8>
) {
  for row in first..<first &+ count {
    let image = row / outputHeight
    let picture = x + image &* h &* w &* c
    let top = (row &- image &* outputHeight) &* stride &- padding
    let (low, high) = (max(top, 0), min(top &+ kernel, h))
    for column in 0..<outputWidth {
      let left = column &* stride &- padding
      let (from, to) = (max(left, 0), min(left &+ kernel, w))
      let out = (row &* outputWidth &+ column) &* c
      var i = 0
      while i &+ 16 <= c {
        var best = Lanes(repeating: -.infinity)
        var at = Positions(repeating: Int32((low &- top) &* kernel &+ from &- left))
        for iy in low..<high {
          for ix in from..<to {
            let value = load(picture + (iy &* w &+ ix) &* c + i)
            let wins = (value .> best) .| (value .!= value)
            best = best.replacing(with: value, where: wins)
            at = at.replacing(
              with: Int32((iy &- top) &* kernel &+ ix &- left), where: wins)
          }
        }
        store(applyRelu ? relu(best) : best, y + out + i)
        storePositions(at, position + out + i)
        i &+= 16
      }
      while i < c {
        var best = -Float.infinity
        var at = (low &- top) &* kernel &+ from &- left
        for iy in low..<high {
          for ix in from..<to {
            let value = picture[(iy &* w &+ ix) &* c &+ i]
            if value > best || value != value {
              best = value
              at = (iy &- top) &* kernel &+ ix &- left
            }
          }
        }
        y[out &+ i] = applyRelu && best < 0 ? 0 : best
        position[out &+ i] = UInt8(truncatingIfNeeded: at)
        i &+= 1
      }
    }
  }
}

@inline(__always)
private func storePositions(_ at: Positions, _ out: UnsafeMutablePointer<UInt8>) {
  UnsafeMutableRawPointer(out).storeBytes(
    of: SIMD16<UInt8>(truncatingIfNeeded: at), as: SIMD16<UInt8>.self)
}

/// Mean over the pixels of one image.
@inline(never)
public func averagePixels(
  _ x: UnsafePointer<Float>, _ pixels: Int, _ c: Int, _ y: UnsafeMutablePointer<Float>
) {
  sumRows(x, pixels, c, y)
  let scale = 1 / Float(pixels)
  for i in 0..<c { y[i] *= scale }
}

/// Spreads the gradient of a mean over the pixels of one image.
@inline(never)
public func averagePixelsGradient(
  _ dy: UnsafePointer<Float>, _ pixels: Int, _ c: Int, _ accumulate: Bool,
  _ dx: UnsafeMutablePointer<Float>
) {
  let scale = 1 / Float(pixels)
  for pixel in 0..<pixels {
    let out = dx + pixel &* c
    for i in 0..<c { out[i] = accumulate ? out[i] + dy[i] * scale : dy[i] * scale }
  }
}

/// The two source indices and the weight of the second for a doubled coordinate: linear between
/// pixel centres, clamped at the edges (PyTorch's `align_corners=False`).
@inline(__always)
private func bilinearSource(_ at: Int, _ extent: Int) -> (low: Int, high: Int, weight: Float) {
  let half = at >> 1
  if at & 1 == 0 {
    return (max(half &- 1, 0), half, half == 0 ? 1 : 0.75)
  }
  return (half, min(half &+ 1, extent &- 1), 0.25)
}

/// Where a new row or column comes from.
@inline(__always)
private func upsampleSource(
  _ at: Int, _ extent: Int, _ factor: Int, _ bilinear: Bool
) -> (low: Int, high: Int, weight: Float) {
  bilinear ? bilinearSource(at, extent) : (low: at / factor, high: at / factor, weight: 0)
}

/// Multiplies rows and columns by a factor, for output rows counted through the batch.
@inline(never)
public func upsample(
  _ x: UnsafePointer<Float>, _ h: Int, _ w: Int, _ c: Int, _ factor: Int, _ bilinear: Bool,
  _ first: Int, _ count: Int, _ y: UnsafeMutablePointer<Float>
) {
  for row in first..<first &+ count {
    let image = row / (factor &* h)
    let oy = row &- image &* factor &* h
    let source = x + image &* h &* w &* c
    let vertical = upsampleSource(oy, h, factor, bilinear)
    let lowRow = source + vertical.low &* w &* c
    let highRow = source + vertical.high &* w &* c
    let v = vertical.weight
    for ox in 0..<factor &* w {
      let across = upsampleSource(ox, w, factor, bilinear)
      let u = across.weight
      let a = lowRow + across.low &* c
      let b = lowRow + across.high &* c
      let d = highRow + across.low &* c
      let e = highRow + across.high &* c
      let out = y + (row &* factor &* w &+ ox) &* c
      let (wa, wb, wd, we) = ((1 - v) * (1 - u), (1 - v) * u, v * (1 - u), v * u)
      var i = 0
      while i &+ 16 <= c {
        var value = load(a + i) * Lanes(repeating: wa)
        value = multiplyAdd(load(b + i), Lanes(repeating: wb), value)
        value = multiplyAdd(load(d + i), Lanes(repeating: wd), value)
        value = multiplyAdd(load(e + i), Lanes(repeating: we), value)
        store(value, out + i)
        i &+= 16
      }
      while i < c {
        out[i] = wa * a[i] + wb * b[i] + wd * d[i] + we * e[i]
        i &+= 1
      }
    }
  }
}

/// Collects the gradient of one image's multiplied rows and columns.
@inline(never)
public func upsampleGradient(
  _ dy: UnsafePointer<Float>, _ h: Int, _ w: Int, _ c: Int, _ factor: Int, _ bilinear: Bool,
  _ accumulate: Bool, _ dx: UnsafeMutablePointer<Float>
) {
  if !accumulate { dx.update(repeating: 0, count: h &* w &* c) }
  for oy in 0..<factor &* h {
    let vertical = upsampleSource(oy, h, factor, bilinear)
    let v = vertical.weight
    for ox in 0..<factor &* w {
      let across = upsampleSource(ox, w, factor, bilinear)
      let u = across.weight
      let g = dy + (oy &* factor &* w &+ ox) &* c
      addScaled(g, (1 - v) * (1 - u), c, dx + (vertical.low &* w &+ across.low) &* c)
      if u != 0 { addScaled(g, (1 - v) * u, c, dx + (vertical.low &* w &+ across.high) &* c) }
      if v != 0 { addScaled(g, v * (1 - u), c, dx + (vertical.high &* w &+ across.low) &* c) }
      if u * v != 0 { addScaled(g, v * u, c, dx + (vertical.high &* w &+ across.high) &* c) }
    }
  }
}

@inline(__always)
private func addScaled(
  _ g: UnsafePointer<Float>, _ scale: Float, _ c: Int, _ out: UnsafeMutablePointer<Float>
) {
  var i = 0
  while i &+ 16 <= c {
    store(multiplyAdd(load(g + i), Lanes(repeating: scale), load(out + i)), out + i)
    i &+= 16
  }
  while i < c {
    out[i] += g[i] * scale
    i &+= 1
  }
}

/// `out (+)= dy where y > 0, else 0` over flat values; everywhere `dy` without `y`.
@inline(never)
public func reluGradient(
  _ dy: UnsafePointer<Float>, _ y: UnsafePointer<Float>?, _ count: Int, _ accumulate: Bool,
  _ out: UnsafeMutablePointer<Float>
) {
  var i = 0
  while i &+ 16 <= count {
    var g = load(dy + i)
    if let y { g = keep(g, where: load(y + i)) }
    store(accumulate ? load(out + i) + g : g, out + i)
    i &+= 16
  }
  while i < count {
    var g = dy[i]
    if let y, y[i] <= 0 { g = 0 }
    out[i] = accumulate ? out[i] + g : g
    i &+= 1
  }
}

/// `y = [relu](a + b)` over flat values.
@inline(never)
public func addMaps(
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int, _ applyRelu: Bool,
  _ y: UnsafeMutablePointer<Float>
) {
  var i = 0
  while i &+ 16 <= count {
    let sum = load(a + i) + load(b + i)
    store(applyRelu ? relu(sum) : sum, y + i)
    i &+= 16
  }
  while i < count {
    let sum = a[i] + b[i]
    y[i] = applyRelu && sum < 0 ? 0 : sum
    i &+= 1
  }
}
