// Matrix products of bfloat16 values with sums in `Float`, for the modules of 16-bit maps.
//
// Both operands hold pairs along the summed extent, 32 bits each, as the processors' dot-product
// instructions want them. The left one is addressed by two distances; the right one lies in panels of
// 32 columns, `[panel][pair][32]`, zero where a row or a column is missing. The C module `CKernels` has
// the same product with those instructions.

/// Columns of a panel.
private let panelColumns = 32

/// One pair of neighbouring weights.
@inline(__always)
private func pair(_ first: Float, _ second: Float) -> UInt32 {
  UInt32(mapValue(first)) | UInt32(mapValue(second)) << 16
}

/// Packs the panels `first ..< first + count` of a right operand `[depth, columns]`.
@inline(never)
public func packPanels(
  _ weight: UnsafePointer<Float>, _ depth: Int, _ columns: Int, _ first: Int, _ count: Int,
  _ panels: UnsafeMutablePointer<UInt32>
) {
  let pairs = (depth &+ 1) / 2
  for panel in first..<first &+ count {
    let left = panel &* panelColumns
    let filled = min(panelColumns, columns &- left)
    for p in 0..<pairs {
      let row = weight + (2 &* p &* columns &+ left)
      let out = panels + (panel &* pairs &+ p) &* panelColumns
      let hasSecond = 2 &* p &+ 1 < depth
      for j in 0..<filled { out[j] = pair(row[j], hasSecond ? row[columns &+ j] : 0) }
      for j in filled..<panelColumns { out[j] = 0 }
    }
  }
}

/// Packs the panels `first ..< first + count` of the transpose of `[columns, depth]`.
@inline(never)
public func packTransposedPanels(
  _ weight: UnsafePointer<Float>, _ depth: Int, _ columns: Int, _ first: Int, _ count: Int,
  _ panels: UnsafeMutablePointer<UInt32>
) {
  let pairs = (depth &+ 1) / 2
  for panel in first..<first &+ count {
    let base = panels + panel &* pairs &* panelColumns
    for j in 0..<panelColumns {
      let column = panel &* panelColumns &+ j
      guard column < columns else {
        for p in 0..<pairs { base[p &* panelColumns &+ j] = 0 }
        continue
      }
      let row = weight + column &* depth
      for p in 0..<depth / 2 {
        base[p &* panelColumns &+ j] = pair(row[2 &* p], row[2 &* p &+ 1])
      }
      if depth & 1 == 1 { base[(pairs &- 1) &* panelColumns &+ j] = pair(row[depth &- 1], 0) }
    }
  }
}

/// Pairs of neighbouring rows, value by value: `[rows][c]` as `[panel][pair of rows][width]`, zero
/// where the last row or columns are missing.
@inline(never)
public func interleaveRows(
  _ rows: UnsafePointer<UInt16>, _ count: Int, _ c: Int, _ width: Int,
  _ out: UnsafeMutablePointer<UInt32>
) {
  let pairs = (count &+ 1) / 2
  let panels = (c &+ width &- 1) / width
  for p in 0..<pairs {
    let upper = rows + 2 &* p &* c
    let hasSecond = 2 &* p &+ 1 < count
    for panel in 0..<panels {
      let left = panel &* width
      let filled = min(width, c &- left)
      let target = out + (panel &* pairs &+ p) &* width
      var j = 0
      while j &+ 16 <= filled {
        var both = SIMD32<UInt16>()
        both.evenHalf = UnsafeRawPointer(upper + left + j)
          .loadUnaligned(as: SIMD16<UInt16>.self)
        if hasSecond {
          both.oddHalf = UnsafeRawPointer(upper + c + left + j)
            .loadUnaligned(as: SIMD16<UInt16>.self)
        }
        UnsafeMutableRawPointer(target + j).storeBytes(of: both, as: SIMD32<UInt16>.self)
        j &+= 16
      }
      while j < filled {
        let high = hasSecond ? UInt32(upper[c &+ left &+ j]) << 16 : 0
        target[j] = UInt32(upper[left &+ j]) | high
        j &+= 1
      }
      while j < width {
        target[j] = 0
        j &+= 1
      }
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

/// `c (+)= a · b` for `rows` rows and `panels` panels of columns: pair p of row i is
/// `a[i · rowStep + p · pairStep]`, rows of c lie `distance` floats apart.
@inline(never)
public func multiplyPairs(
  _ rows: Int, _ panels: Int, _ pairs: Int, _ a: UnsafePointer<UInt32>, _ rowStep: Int,
  _ pairStep: Int, _ b: UnsafePointer<UInt32>, _ c: UnsafeMutablePointer<Float>, _ distance: Int,
  _ accumulate: Bool
) {
  for panel in 0..<panels {
    let right = b + panel &* pairs &* panelColumns
    let out = c + panel &* panelColumns
    var row = 0
    while row < rows {
      // Rows behind the last are computed from it once more, and not stored.
      let left0 = a + row &* rowStep
      let left1 = a + min(row &+ 1, rows &- 1) &* rowStep
      let left2 = a + min(row &+ 2, rows &- 1) &* rowStep
      let left3 = a + min(row &+ 3, rows &- 1) &* rowStep
      var (s0, t0) = (Lanes(repeating: 0), Lanes(repeating: 0))
      var (s1, t1, s2, t2, s3, t3) = (s0, s0, s0, s0, s0, s0)
      for p in 0..<pairs {
        let (first, second) = (
          columns(right + p &* panelColumns), columns(right + p &* panelColumns + 16)
        )
        let (e0, o0, e1, o1) = (even(first), odd(first), even(second), odd(second))
        let at = p &* pairStep
        addPair(&s0, left0[at], e0, o0)
        addPair(&t0, left0[at], e1, o1)
        addPair(&s1, left1[at], e0, o0)
        addPair(&t1, left1[at], e1, o1)
        addPair(&s2, left2[at], e0, o0)
        addPair(&t2, left2[at], e1, o1)
        addPair(&s3, left3[at], e0, o0)
        addPair(&t3, left3[at], e1, o1)
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
