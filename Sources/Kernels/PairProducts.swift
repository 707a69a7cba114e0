import Glibc

// Matrix products of bfloat16 values with sums in `Float`, for the modules of 16-bit maps.
//
// Both operands hold pairs along the summed extent, 32 bits each, as the processors' dot-product
// instructions want them. The left one is a picture that is read where it lies: a row of the matrix is a
// window, whose lines are runs of pairs. The right one lies in panels of 32 columns,
// `[panel][pair][32]`, zero where a row or a column is missing. The C module `CKernels` has the same
// product with those instructions.

/// Columns of a panel.
private let panelColumns = 32

/// One pair of neighbouring weights.
@inline(__always)
private func pair(_ first: Float, _ second: Float) -> UInt32 {
  UInt32(mapValue(first)) | UInt32(mapValue(second)) << 16
}

/// Packs a right operand `[depth, columns]` into one panel of `pairs` pairs, from `firstPair` on.
@inline(never)
public func packPanel(
  _ weight: UnsafePointer<Float>, _ depth: Int, _ columns: Int, _ panel: Int, _ pairs: Int,
  _ firstPair: Int, _ panels: UnsafeMutablePointer<UInt32>
) {
  let left = panel &* panelColumns
  let filled = min(panelColumns, columns &- left)
  for p in 0..<(depth &+ 1) / 2 {
    let row = weight + (2 &* p &* columns &+ left)
    let out = panels + (panel &* pairs &+ firstPair &+ p) &* panelColumns
    let hasSecond = 2 &* p &+ 1 < depth
    var j = 0
    while j &+ 16 <= filled {
      let second = hasSecond ? load(row + columns + j) : Lanes(repeating: 0)
      storePairs(load(row + j), second, out + j)
      j &+= 16
    }
    while j < filled {
      out[j] = pair(row[j], hasSecond ? row[columns &+ j] : 0)
      j &+= 1
    }
    while j < panelColumns {
      out[j] = 0
      j &+= 1
    }
  }
}

/// The same for the transpose of `[columns, depth]`.
@inline(never)
public func packTransposedPanel(
  _ weight: UnsafePointer<Float>, _ depth: Int, _ columns: Int, _ panel: Int, _ pairs: Int,
  _ firstPair: Int, _ panels: UnsafeMutablePointer<UInt32>
) {
  let base = panels + (panel &* pairs &+ firstPair) &* panelColumns
  for j in 0..<panelColumns {
    let column = panel &* panelColumns &+ j
    guard column < columns else {
      for p in 0..<(depth &+ 1) / 2 { base[p &* panelColumns &+ j] = 0 }
      continue
    }
    let row = weight + column &* depth
    for p in 0..<depth / 2 {
      base[p &* panelColumns &+ j] = pair(row[2 &* p], row[2 &* p &+ 1])
    }
    if depth & 1 == 1 { base[depth / 2 &* panelColumns &+ j] = pair(row[depth &- 1], 0) }
  }
}

/// Copies lines of a picture between margins of zeros: `count` lines from `first` on, which may lie
/// outside, each with `left` pixels of zeros, the picture's w, and zeros up to `width` pixels; a pixel
/// takes `channels` values, zero behind its c.
@inline(never)
public func copyLines(
  _ x: UnsafePointer<UInt16>, _ h: Int, _ w: Int, _ c: Int, _ first: Int, _ count: Int,
  _ left: Int, _ width: Int, _ channels: Int, _ out: UnsafeMutablePointer<UInt16>
) {
  let used = min(w, width &- left)
  for line in 0..<count {
    let y = first &+ line
    let target = out + line &* width &* channels
    if y < 0 || y >= h {
      memset(target, 0, width &* channels &* 2)
      continue
    }
    memset(target, 0, left &* channels &* 2)
    let source = x + y &* w &* c
    if channels == c {
      memcpy(target + left &* c, source, used &* c &* 2)
    } else {
      for pixel in 0..<used {
        let place = target + (left &+ pixel) &* channels
        for i in 0..<c { place[i] = source[pixel &* c &+ i] }
        for i in c..<channels { place[i] = 0 }
      }
    }
    let end = left &+ used
    memset(target + end &* channels, 0, (width &- end) &* channels &* 2)
  }
}

@inline(__always)
private func interleave(
  _ first: UnsafePointer<UInt16>, _ second: UnsafePointer<UInt16>, _ count: Int,
  _ out: UnsafeMutablePointer<UInt32>
) {
  var i = 0
  while i &+ 16 <= count {
    var both = SIMD32<UInt16>()
    both.evenHalf = UnsafeRawPointer(first + i).loadUnaligned(as: SIMD16<UInt16>.self)
    both.oddHalf = UnsafeRawPointer(second + i).loadUnaligned(as: SIMD16<UInt16>.self)
    UnsafeMutableRawPointer(out + i).storeBytes(of: both, as: SIMD32<UInt16>.self)
    i &+= 16
  }
  while i < count {
    out[i] = UInt32(first[i]) | UInt32(second[i]) << 16
    i &+= 1
  }
}

/// Pairs of neighbouring windows, value by value: output positions `first ..< first + count`, counted
/// through the batch, as `[pair][taps][c]` for the taps `firstTap ..< firstTap + taps`; `zeros` holds
/// `kernel · c` of them.
@inline(never)
public func gatherWindowPairs(
  _ x: UnsafePointer<UInt16>, _ zeros: UnsafePointer<UInt16>, _ h: Int, _ w: Int, _ c: Int,
  _ kernel: Int, _ stride: Int, _ padding: Int, _ outputHeight: Int, _ outputWidth: Int,
  _ first: Int, _ count: Int, _ firstTap: Int, _ taps: Int, _ out: UnsafeMutablePointer<UInt32>
) {
  let perImage = outputHeight &* outputWidth
  func origin(_ position: Int) -> (picture: UnsafePointer<UInt16>, y: Int, x: Int) {
    let image = position / perImage
    let inImage = position &- image &* perImage
    let oy = inImage / outputWidth
    return (
      x + image &* h &* w &* c, oy &* stride &- padding,
      (inImage &- oy &* outputWidth) &* stride &- padding
    )
  }
  for p in 0..<(count &+ 1) / 2 {
    let one = origin(first &+ 2 &* p)
    let hasSecond = 2 &* p &+ 1 < count
    let two = hasSecond ? origin(first &+ 2 &* p &+ 1) : one
    var target = out + p &* taps &* c
    let isInside =
      one.x >= 0 && two.x >= 0 && one.x &+ kernel <= w && two.x &+ kernel <= w
    if isInside && taps == kernel &* kernel {
      // Whole lines of the windows lie side by side.
      let run = kernel &* c
      for i in 0..<kernel {
        let (y1, y2) = (one.y &+ i, two.y &+ i)
        interleave(
          y1 >= 0 && y1 < h ? one.picture + (y1 &* w &+ one.x) &* c : zeros,
          hasSecond && y2 >= 0 && y2 < h ? two.picture + (y2 &* w &+ two.x) &* c : zeros, run,
          target)
        target += run
      }
      continue
    }
    for tap in firstTap..<firstTap &+ taps {
      let i = tap / kernel
      let j = tap &- i &* kernel
      let (y1, x1) = (one.y &+ i, one.x &+ j)
      let (y2, x2) = (two.y &+ i, two.x &+ j)
      let isFirst = y1 >= 0 && y1 < h && x1 >= 0 && x1 < w
      let isSecond = hasSecond && y2 >= 0 && y2 < h && x2 >= 0 && x2 < w
      interleave(
        isFirst ? one.picture + (y1 &* w &+ x1) &* c : zeros,
        isSecond ? two.picture + (y2 &* w &+ x2) &* c : zeros, c, target)
      target += c
    }
  }
}

/// Pairs of neighbouring rows, value by value: `[rows][c]` as panels `[panel][pair of rows][32]`, zero
/// where the last row or columns are missing; `zeros` holds c of them.
@inline(never)
public func interleaveRows(
  _ rows: UnsafePointer<UInt16>, _ zeros: UnsafePointer<UInt16>, _ count: Int, _ c: Int,
  _ out: UnsafeMutablePointer<UInt32>
) {
  let pairs = (count &+ 1) / 2
  for p in 0..<pairs {
    let upper = rows + 2 &* p &* c
    let lower = 2 &* p &+ 1 < count ? upper + c : zeros
    var left = 0
    var target = out + p &* panelColumns
    while left < c {
      let filled = min(panelColumns, c &- left)
      interleave(upper + left, lower + left, filled, target)
      for j in filled..<panelColumns { target[j] = 0 }
      left &+= panelColumns
      target += pairs &* panelColumns
    }
  }
}

@inline(__always)
private func even(_ pairs: SIMD16<UInt32>) -> Lanes {
  unsafeBitCast(pairs &<< 16, to: Lanes.self)
}

@inline(__always)
private func odd(_ pairs: SIMD16<UInt32>) -> Lanes {
  unsafeBitCast(pairs & SIMD16<UInt32>(repeating: 0xffff_0000), to: Lanes.self)
}

@inline(__always)
private func columns(_ p: UnsafePointer<UInt32>) -> SIMD16<UInt32> {
  UnsafeRawPointer(p).loadUnaligned(as: SIMD16<UInt32>.self)
}

@inline(__always)
private func addPair(
  _ sum: inout Lanes, _ a: UInt32, _ evenColumns: Lanes, _ oddColumns: Lanes
) {
  sum = multiplyAdd(even(SIMD16(repeating: a)), evenColumns, sum)
  sum = multiplyAdd(odd(SIMD16(repeating: a)), oddColumns, sum)
}

@inline(__always)
private func put(
  _ sum: Lanes, _ accumulate: Bool, _ out: UnsafeMutablePointer<Float>
) {
  store(accumulate ? load(out) + sum : sum, out)
}

/// `c (+)= a · b` for `panels` panels of columns; rows of c lie `distance` floats apart.
///
/// Row r of a begins at `a + r / line · lineStep + r % line · rowStep` and consists of `segments` runs,
/// `segmentStep` apart, of `pairs` pairs, `pairStep` apart; all steps count pairs.
@inline(never)
public func multiplyPairs(
  _ a: UnsafePointer<UInt32>, _ rows: Int, _ line: Int, _ rowStep: Int, _ lineStep: Int,
  _ segments: Int, _ segmentStep: Int, _ pairs: Int, _ pairStep: Int, _ panels: Int,
  _ b: UnsafePointer<UInt32>, _ c: UnsafeMutablePointer<Float>, _ distance: Int,
  _ accumulate: Bool
) {
  @inline(__always)
  func start(_ row: Int) -> UnsafePointer<UInt32> {
    // Rows behind the last are computed from it once more, and not stored.
    let row = min(row, rows &- 1)
    let lines = row / line
    return a + (lines &* lineStep &+ (row &- lines &* line) &* rowStep)
  }
  for panel in 0..<panels {
    let right = b + panel &* segments &* pairs &* panelColumns
    let out = c + panel &* panelColumns
    var row = 0
    while row < rows {
      let (left0, left1) = (start(row), start(row &+ 1))
      let (left2, left3) = (start(row &+ 2), start(row &+ 3))
      var (s0, t0) = (Lanes(repeating: 0), Lanes(repeating: 0))
      var (s1, t1, s2, t2, s3, t3) = (s0, s0, s0, s0, s0, s0)
      var source = right
      for segment in 0..<segments {
        for p in 0..<pairs {
          let (first, second) = (columns(source), columns(source + 16))
          source += panelColumns
          let (e0, o0, e1, o1) = (even(first), odd(first), even(second), odd(second))
          let at = segment &* segmentStep &+ p &* pairStep
          addPair(&s0, left0[at], e0, o0)
          addPair(&t0, left0[at], e1, o1)
          addPair(&s1, left1[at], e0, o0)
          addPair(&t1, left1[at], e1, o1)
          addPair(&s2, left2[at], e0, o0)
          addPair(&t2, left2[at], e1, o1)
          addPair(&s3, left3[at], e0, o0)
          addPair(&t3, left3[at], e1, o1)
        }
      }
      let target = out + row &* distance
      put(s0, accumulate, target)
      put(t0, accumulate, target + 16)
      if row &+ 1 < rows {
        put(s1, accumulate, target + distance)
        put(t1, accumulate, target + distance + 16)
      }
      if row &+ 2 < rows {
        put(s2, accumulate, target + 2 &* distance)
        put(t2, accumulate, target + 2 &* distance + 16)
      }
      if row &+ 3 < rows {
        put(s3, accumulate, target + 3 &* distance)
        put(t3, accumulate, target + 3 &* distance + 16)
      }
      row &+= 4
    }
  }
}
