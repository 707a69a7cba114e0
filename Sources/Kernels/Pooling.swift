// Pooling, upsampling and ReLU's gradient.

/// Largest of each 2×2 window, with its position 0...3, for output rows `first ..< first + count`
/// counted through the batch.
@inline(never)
public func maxPool(
  _ x: UnsafePointer<Float>, _ h: Int, _ w: Int, _ c: Int, _ first: Int, _ count: Int,
  _ y: UnsafeMutablePointer<Float>, _ position: UnsafeMutablePointer<UInt8>
) {
  let (outputHeight, outputWidth) = (h / 2, w / 2)
  for row in first..<first &+ count {
    let image = row / outputHeight
    let top = x + (image &* h &+ (row &- image &* outputHeight) &* 2) &* w &* c
    for column in 0..<outputWidth {
      let a = top + column &* 2 &* c
      let b = a + c
      let d = a + w &* c
      let e = d + c
      let out = (row &* outputWidth &+ column) &* c
      for i in 0..<c {
        var best = a[i]
        var at: UInt8 = 0
        if b[i] > best || b[i].isNaN { (best, at) = (b[i], 1) }
        if d[i] > best || d[i].isNaN { (best, at) = (d[i], 2) }
        if e[i] > best || e[i].isNaN { (best, at) = (e[i], 3) }
        y[out &+ i] = best
        position[out &+ i] = at
      }
    }
  }
}

/// Spreads the gradient to the largest of each window, for output rows counted through the batch.
/// Without `accumulate` the whole input rows are written; an odd last row belongs to the last
/// output row of its image.
@inline(never)
public func maxPoolGradient(
  _ dy: UnsafePointer<Float>, _ position: UnsafePointer<UInt8>, _ h: Int, _ w: Int, _ c: Int,
  _ first: Int, _ count: Int, _ accumulate: Bool, _ dx: UnsafeMutablePointer<Float>
) {
  let (outputHeight, outputWidth) = (h / 2, w / 2)
  for row in first..<first &+ count {
    let image = row / outputHeight
    let inImage = row &- image &* outputHeight
    let top = dx + (image &* h &+ inImage &* 2) &* w &* c
    if !accumulate {
      let rows = inImage == outputHeight &- 1 ? h &- inImage &* 2 : 2
      top.update(repeating: 0, count: rows &* w &* c)
    }
    for column in 0..<outputWidth {
      let a = top + column &* 2 &* c
      let source = (row &* outputWidth &+ column) &* c
      for i in 0..<c {
        let at = Int(position[source &+ i])
        a[(at >> 1) &* w &* c &+ (at & 1) &* c &+ i] += dy[source &+ i]
      }
    }
  }
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

/// Doubles rows and columns, for output rows counted through the batch.
@inline(never)
public func upsample(
  _ x: UnsafePointer<Float>, _ h: Int, _ w: Int, _ c: Int, _ bilinear: Bool, _ first: Int,
  _ count: Int, _ y: UnsafeMutablePointer<Float>
) {
  for row in first..<first &+ count {
    let image = row / (2 &* h)
    let oy = row &- image &* 2 &* h
    let source = x + image &* h &* w &* c
    let vertical = bilinear ? bilinearSource(oy, h) : (low: oy >> 1, high: oy >> 1, weight: 0)
    let lowRow = source + vertical.low &* w &* c
    let highRow = source + vertical.high &* w &* c
    let v = vertical.weight
    for ox in 0..<2 &* w {
      let across = bilinear ? bilinearSource(ox, w) : (low: ox >> 1, high: ox >> 1, weight: 0)
      let u = across.weight
      let a = lowRow + across.low &* c
      let b = lowRow + across.high &* c
      let d = highRow + across.low &* c
      let e = highRow + across.high &* c
      let out = y + (row &* 2 &* w &+ ox) &* c
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

/// Collects the gradient of one image's doubled rows and columns.
@inline(never)
public func upsampleGradient(
  _ dy: UnsafePointer<Float>, _ h: Int, _ w: Int, _ c: Int, _ bilinear: Bool,
  _ accumulate: Bool, _ dx: UnsafeMutablePointer<Float>
) {
  if !accumulate { dx.update(repeating: 0, count: h &* w &* c) }
  for oy in 0..<2 &* h {
    let vertical = bilinear ? bilinearSource(oy, h) : (low: oy >> 1, high: oy >> 1, weight: 0)
    let v = vertical.weight
    for ox in 0..<2 &* w {
      let across = bilinear ? bilinearSource(ox, w) : (low: ox >> 1, high: ox >> 1, weight: 0)
      let u = across.weight
      let g = dy + (oy &* 2 &* w &+ ox) &* c
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

/// `out = dy where y > 0, else 0`, over flat values.
@inline(never)
public func reluGradient(
  _ dy: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ count: Int,
  _ out: UnsafeMutablePointer<Float>
) {
  var i = 0
  while i &+ 16 <= count {
    store(keep(load(dy + i), where: load(y + i)), out + i)
    i &+= 16
  }
  while i < count {
    out[i] = y[i] > 0 ? dy[i] : 0
    i &+= 1
  }
}
