// Matrix products in sixteens: a matrix `[rows][columns]` lies as `[columns/16][rows][16]`, so what
// one product reads and writes is contiguous, and whoever makes the factors writes them as they are
// read: nothing is packed. `Panel` is the distance between two groups of sixteen columns, in floats.

/// `c (+)= a · b`, a `[rows][k]`, b `[k][16 · groups]`, c `[rows][16 · groups]`, all in sixteens; k in
/// sixteens. With `add` there must be eights of rows.
@inline(never)
public func multiplySixteens(
  _ rows: Int, _ groups: Int, _ k: Int, _ a: UnsafePointer<Float>, _ aPanel: Int,
  _ b: UnsafePointer<Float>, _ bPanel: Int, _ add: Bool, _ c: UnsafeMutablePointer<Float>,
  _ cPanel: Int
) {
  multiply(
    rows, groups, k, a, rowStep: 16, depthStep: 1, sixteenRows: 256, sixteenDeep: aPanel, b, bPanel,
    add, c, cPanel)
}

/// The same for a `[k][rows]`, any k, and sixteens of rows: `c (+)= aᵀ · b`.
@inline(never)
public func multiplySixteensTransposed(
  _ rows: Int, _ groups: Int, _ k: Int, _ a: UnsafePointer<Float>, _ aPanel: Int,
  _ b: UnsafePointer<Float>, _ bPanel: Int, _ add: Bool, _ c: UnsafeMutablePointer<Float>,
  _ cPanel: Int
) {
  multiply(
    rows, groups, k, a, rowStep: 1, depthStep: 16, sixteenRows: aPanel, sixteenDeep: 256, b, bPanel,
    add, c, cPanel)
}

/// Blocks of 8 rows and 32 columns fill the 32 registers of AVX-512; elsewhere 4 rows and 16 columns.
@inline(__always)
private func multiply(
  _ rows: Int, _ groups: Int, _ k: Int, _ a: UnsafePointer<Float>, rowStep: Int, depthStep: Int,
  sixteenRows: Int, sixteenDeep: Int, _ b: UnsafePointer<Float>, _ bPanel: Int, _ add: Bool,
  _ c: UnsafeMutablePointer<Float>, _ cPanel: Int
) {
  var group = 0
  #if KERNEL_WIDE
    while rows >= 8 && group &+ 2 <= groups {
      var row = 0
      while row < rows {
        // The last block may do a few rows twice; there is nothing to be added then.
        let first = min(row, rows &- 8)
        block8x2(
          a + (first >> 4) &* sixteenRows + (first & 15) &* rowStep, rowStep, depthStep,
          sixteenDeep, b + group &* bPanel, bPanel, k, add, c + group &* cPanel + first &* 16,
          cPanel)
        row &+= 8
      }
      group &+= 2
    }
  #endif
  while group < groups {
    var row = 0
    while row < rows {
      if rows < 4 {
        block1(
          a + row &* rowStep, depthStep, sixteenDeep, b + group &* bPanel, k, add,
          c + group &* cPanel + row &* 16)
        row &+= 1
        continue
      }
      let first = min(row, rows &- 4)
      block4(
        a + (first >> 4) &* sixteenRows + (first & 15) &* rowStep, rowStep, depthStep, sixteenDeep,
        b + group &* bPanel, k, add, c + group &* cPanel + first &* 16)
      row &+= 4
    }
    group &+= 1
  }
}

#if KERNEL_WIDE
  @inline(__always)
  private func block8x2(
    _ a: UnsafePointer<Float>, _ rowStep: Int, _ depthStep: Int, _ sixteenDeep: Int,
    _ b: UnsafePointer<Float>, _ bPanel: Int, _ k: Int, _ add: Bool,
    _ c: UnsafeMutablePointer<Float>, _ cPanel: Int
  ) {
    var c00 = Lanes(repeating: 0)
    var (c10, c20, c30, c40, c50, c60, c70) = (c00, c00, c00, c00, c00, c00, c00)
    var (c01, c11, c21, c31, c41, c51, c61, c71) = (c00, c00, c00, c00, c00, c00, c00, c00)
    var (from, left) = (a, k)
    var (p0, p1) = (b, b + bPanel)
    while left > 0 {
      var x = from
      let end = from + min(left, 16) &* depthStep
      while x < end {
        let (b0, b1) = (load(p0), load(p1))
        var v = Lanes(repeating: x[0])
        c00 = multiplyAdd(v, b0, c00)
        c01 = multiplyAdd(v, b1, c01)
        v = Lanes(repeating: x[rowStep])
        c10 = multiplyAdd(v, b0, c10)
        c11 = multiplyAdd(v, b1, c11)
        v = Lanes(repeating: x[2 &* rowStep])
        c20 = multiplyAdd(v, b0, c20)
        c21 = multiplyAdd(v, b1, c21)
        v = Lanes(repeating: x[3 &* rowStep])
        c30 = multiplyAdd(v, b0, c30)
        c31 = multiplyAdd(v, b1, c31)
        v = Lanes(repeating: x[4 &* rowStep])
        c40 = multiplyAdd(v, b0, c40)
        c41 = multiplyAdd(v, b1, c41)
        v = Lanes(repeating: x[5 &* rowStep])
        c50 = multiplyAdd(v, b0, c50)
        c51 = multiplyAdd(v, b1, c51)
        v = Lanes(repeating: x[6 &* rowStep])
        c60 = multiplyAdd(v, b0, c60)
        c61 = multiplyAdd(v, b1, c61)
        v = Lanes(repeating: x[7 &* rowStep])
        c70 = multiplyAdd(v, b0, c70)
        c71 = multiplyAdd(v, b1, c71)
        p0 += 16
        p1 += 16
        x += depthStep
      }
      from += sixteenDeep
      left &-= 16
    }
    let d = c + cPanel
    put(c00, add, c)
    put(c10, add, c + 16)
    put(c20, add, c + 32)
    put(c30, add, c + 48)
    put(c40, add, c + 64)
    put(c50, add, c + 80)
    put(c60, add, c + 96)
    put(c70, add, c + 112)
    put(c01, add, d)
    put(c11, add, d + 16)
    put(c21, add, d + 32)
    put(c31, add, d + 48)
    put(c41, add, d + 64)
    put(c51, add, d + 80)
    put(c61, add, d + 96)
    put(c71, add, d + 112)
  }
#endif

@inline(__always)
private func block4(
  _ a: UnsafePointer<Float>, _ rowStep: Int, _ depthStep: Int, _ sixteenDeep: Int,
  _ b: UnsafePointer<Float>, _ k: Int, _ add: Bool, _ c: UnsafeMutablePointer<Float>
) {
  var c0 = Lanes(repeating: 0)
  var (c1, c2, c3) = (c0, c0, c0)
  var (from, left, p) = (a, k, b)
  while left > 0 {
    var x = from
    let end = from + min(left, 16) &* depthStep
    while x < end {
      let y = load(p)
      c0 = multiplyAdd(Lanes(repeating: x[0]), y, c0)
      c1 = multiplyAdd(Lanes(repeating: x[rowStep]), y, c1)
      c2 = multiplyAdd(Lanes(repeating: x[2 &* rowStep]), y, c2)
      c3 = multiplyAdd(Lanes(repeating: x[3 &* rowStep]), y, c3)
      p += 16
      x += depthStep
    }
    from += sixteenDeep
    left &-= 16
  }
  put(c0, add, c)
  put(c1, add, c + 16)
  put(c2, add, c + 32)
  put(c3, add, c + 48)
}

@inline(__always)
private func block1(
  _ a: UnsafePointer<Float>, _ depthStep: Int, _ sixteenDeep: Int, _ b: UnsafePointer<Float>,
  _ k: Int, _ add: Bool, _ c: UnsafeMutablePointer<Float>
) {
  var sum = Lanes(repeating: 0)
  var (from, left, p) = (a, k, b)
  while left > 0 {
    var x = from
    let end = from + min(left, 16) &* depthStep
    while x < end {
      sum = multiplyAdd(Lanes(repeating: x[0]), load(p), sum)
      p += 16
      x += depthStep
    }
    from += sixteenDeep
    left &-= 16
  }
  put(sum, add, c)
}

@inline(__always)
private func put(_ value: Lanes, _ add: Bool, _ out: UnsafeMutablePointer<Float>) {
  store(add ? load(out) + value : value, out)
}
