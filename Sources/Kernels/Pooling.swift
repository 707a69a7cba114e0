// Pooling, upsampling and ReLU's gradient.

typealias Positions = SIMD16<Int32>

/// Largest of each window, with its position `ky · kernel + kx`, for output rows
/// `first ..< first + count` counted through the batch. As in PyTorch a NaN wins.
@inline(never)
public func maxPool(
  _ x: UnsafePointer<MapValue>, _ h: Int, _ w: Int, _ c: Int, _ kernel: Int, _ stride: Int,
  _ padding: Int, _ outputHeight: Int, _ outputWidth: Int, _ applyRelu: Bool, _ first: Int,
  _ count: Int, _ y: UnsafeMutablePointer<MapValue>, _ position: UnsafeMutablePointer<UInt8>
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
            let value = number(picture[(iy &* w &+ ix) &* c &+ i])
            if value > best || value != value {
              best = value
              at = (iy &- top) &* kernel &+ ix &- left
            }
          }
        }
        y[out &+ i] = mapValue(applyRelu && best < 0 ? 0 : best)
        position[out &+ i] = UInt8(truncatingIfNeeded: at)
        i &+= 1
      }
    }
  }
}

@inline(__always)
private func storePositions(_ at: Positions, _ out: UnsafeMutablePointer<UInt8>) {
  // The lowest byte of each; the standard library's narrowing may stay a function of its own, with a
  // weak symbol.
  let bytes = unsafeBitCast(at, to: SIMD64<UInt8>.self).evenHalf.evenHalf
  UnsafeMutableRawPointer(out).storeBytes(of: bytes, as: SIMD16<UInt8>.self)
}

/// Positions as numbers of 2²³ and more: these compare in one instruction, integers one by one.
@inline(__always)
private func loadPositions(_ p: UnsafePointer<UInt8>) -> Lanes {
  var words = SIMD32<UInt8>()
  words.evenHalf = UnsafeRawPointer(p).loadUnaligned(as: SIMD16<UInt8>.self)
  var longs = SIMD32<UInt16>()
  longs.evenHalf = unsafeBitCast(words, to: SIMD16<UInt16>.self)
  let bits = unsafeBitCast(longs, to: SIMD16<UInt32>.self) | SIMD16(repeating: 0x4b00_0000)
  return unsafeBitCast(bits, to: Lanes.self)
}

/// Gathers the gradient of input rows `first ..< first + count`, counted through the batch, from the
/// windows whose largest value they held; with `y` only from those above zero (ReLU).
@inline(never)
public func maxPoolGradient(
  _ dy: UnsafePointer<MapValue>, _ position: UnsafePointer<UInt8>, _ y: UnsafePointer<MapValue>?,
  _ h: Int, _ w: Int, _ c: Int, _ kernel: Int, _ stride: Int, _ padding: Int,
  _ outputHeight: Int, _ outputWidth: Int, _ first: Int, _ count: Int, _ accumulate: Bool,
  _ dx: UnsafeMutablePointer<MapValue>
) {
  for row in first..<first &+ count {
    let image = row / h
    let iy = row &- image &* h
    let lowest = windowOf(iy &+ padding &- kernel &+ stride, stride)
    let highest = min((iy &+ padding) / stride, outputHeight &- 1)
    for ix in 0..<w {
      let leftmost = windowOf(ix &+ padding &- kernel &+ stride, stride)
      let rightmost = min((ix &+ padding) / stride, outputWidth &- 1)
      let out = dx + (row &* w &+ ix) &* c
      var i = 0
      while i &+ 16 <= c {
        var sum = accumulate ? load(out + i) : Lanes(repeating: 0)
        var oy = lowest
        while oy <= highest {
          var ox = leftmost
          while ox <= rightmost {
            let source = ((image &* outputHeight &+ oy) &* outputWidth &+ ox) &* c &+ i
            let code = (iy &+ padding &- oy &* stride) &* kernel &+ ix &+ padding &- ox &* stride
            let wanted = Float(bitPattern: 0x4b00_0000 &+ UInt32(truncatingIfNeeded: code))
            let here = loadPositions(position + source) .== Lanes(repeating: wanted)
            var g = load(dy + source)
            if let y { g = keep(g, where: load(y + source)) }
            sum += Lanes(repeating: 0).replacing(with: g, where: here)
            ox &+= 1
          }
          oy &+= 1
        }
        store(sum, out + i)
        i &+= 16
      }
      while i < c {
        var sum = accumulate ? number(out[i]) : 0
        var oy = lowest
        while oy <= highest {
          var ox = leftmost
          while ox <= rightmost {
            let source = ((image &* outputHeight &+ oy) &* outputWidth &+ ox) &* c &+ i
            let code = (iy &+ padding &- oy &* stride) &* kernel &+ ix &+ padding &- ox &* stride
            var g = number(dy[source])
            if let y, number(y[source]) <= 0 { g = 0 }
            if Int(position[source]) == code { sum += g }
            ox &+= 1
          }
          oy &+= 1
        }
        out[i] = mapValue(sum)
        i &+= 1
      }
    }
  }
}

/// The first window that reaches a place: the place, plus the stride, divided by the stride.
@inline(__always)
private func windowOf(_ place: Int, _ stride: Int) -> Int { place < 0 ? 0 : place / stride }

/// Mean over the pixels of one image.
@inline(never)
public func averagePixels(
  _ x: UnsafePointer<MapValue>, _ pixels: Int, _ c: Int, _ y: UnsafeMutablePointer<Float>
) {
  sumRows(x, pixels, c, y)
  let scale = 1 / Float(pixels)
  for i in 0..<c { y[i] *= scale }
}

/// Spreads the gradient of a mean over the pixels of one image.
@inline(never)
public func averagePixelsGradient(
  _ dy: UnsafePointer<Float>, _ pixels: Int, _ c: Int, _ accumulate: Bool,
  _ dx: UnsafeMutablePointer<MapValue>
) {
  let scale = 1 / Float(pixels)
  for pixel in 0..<pixels {
    let out = dx + pixel &* c
    var i = 0
    while i &+ 16 <= c {
      let g = load(dy + i) * Lanes(repeating: scale)
      store(accumulate ? load(out + i) + g : g, out + i)
      i &+= 16
    }
    while i < c {
      out[i] = mapValue(accumulate ? number(out[i]) + dy[i] * scale : dy[i] * scale)
      i &+= 1
    }
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
  _ x: UnsafePointer<MapValue>, _ h: Int, _ w: Int, _ c: Int, _ factor: Int, _ bilinear: Bool,
  _ first: Int, _ count: Int, _ y: UnsafeMutablePointer<MapValue>
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
        let first = wa * number(a[i]) + wb * number(b[i])
        out[i] = mapValue(first + wd * number(d[i]) + we * number(e[i]))
        i &+= 1
      }
    }
  }
}

/// How much a new row or column takes from an old one.
@inline(__always)
private func upsampleShare(
  _ new: Int, _ old: Int, _ extent: Int, _ factor: Int, _ bilinear: Bool
) -> Float {
  let source = upsampleSource(new, extent, factor, bilinear)
  return (source.low == old ? 1 - source.weight : 0) + (source.high == old ? source.weight : 0)
}

/// Gathers the gradient of one image from its multiplied rows and columns.
@inline(never)
public func upsampleGradient(
  _ dy: UnsafePointer<MapValue>, _ h: Int, _ w: Int, _ c: Int, _ factor: Int, _ bilinear: Bool,
  _ accumulate: Bool, _ dx: UnsafeMutablePointer<MapValue>
) {
  let reach = bilinear ? 1 : 0
  for y in 0..<h {
    let (top, bottom) = (
      max(factor &* y &- reach, 0), min(factor &* (y &+ 1) &+ reach, factor &* h)
    )
    for x in 0..<w {
      let left = max(factor &* x &- reach, 0)
      let right = min(factor &* (x &+ 1) &+ reach, factor &* w)
      let out = dx + (y &* w &+ x) &* c
      var i = 0
      while i &+ 16 <= c {
        var sum = accumulate ? load(out + i) : Lanes(repeating: 0)
        for oy in top..<bottom {
          let down = upsampleShare(oy, y, h, factor, bilinear)
          for ox in left..<right {
            let share = down * upsampleShare(ox, x, w, factor, bilinear)
            let g = load(dy + (oy &* factor &* w &+ ox) &* c + i)
            sum = multiplyAdd(g, Lanes(repeating: share), sum)
          }
        }
        store(sum, out + i)
        i &+= 16
      }
      while i < c {
        var sum = accumulate ? number(out[i]) : 0
        for oy in top..<bottom {
          let down = upsampleShare(oy, y, h, factor, bilinear)
          for ox in left..<right {
            let share = down * upsampleShare(ox, x, w, factor, bilinear)
            sum = multiplyAdd(number(dy[(oy &* factor &* w &+ ox) &* c &+ i]), share, sum)
          }
        }
        out[i] = mapValue(sum)
        i &+= 1
      }
    }
  }
}

/// `out (+)= dy where y > 0, else 0` over flat values; everywhere `dy` without `y`.
@inline(never)
public func reluGradient(
  _ dy: UnsafePointer<MapValue>, _ y: UnsafePointer<MapValue>?, _ count: Int, _ accumulate: Bool,
  _ out: UnsafeMutablePointer<MapValue>
) {
  var i = 0
  while i &+ 16 <= count {
    var g = load(dy + i)
    if let y { g = keep(g, where: load(y + i)) }
    store(accumulate ? load(out + i) + g : g, out + i)
    i &+= 16
  }
  while i < count {
    var g = number(dy[i])
    if let y, number(y[i]) <= 0 { g = 0 }
    out[i] = mapValue(accumulate ? number(out[i]) + g : g)
    i &+= 1
  }
}

/// `y = [relu](a + b)` over flat values.
@inline(never)
public func addMaps(
  _ a: UnsafePointer<MapValue>, _ b: UnsafePointer<MapValue>, _ count: Int, _ applyRelu: Bool,
  _ y: UnsafeMutablePointer<MapValue>
) {
  var i = 0
  while i &+ 16 <= count {
    let sum = load(a + i) + load(b + i)
    store(applyRelu ? relu(sum) : sum, y + i)
    i &+= 16
  }
  while i < count {
    let sum = number(a[i]) + number(b[i])
    y[i] = mapValue(applyRelu && sum < 0 ? 0 : sum)
    i &+= 1
  }
}
