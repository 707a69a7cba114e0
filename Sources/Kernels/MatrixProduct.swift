// Matrix products in sixteens: a matrix `[rows][columns]` lies as `[columns/16][rows][16]`, so what
// one product reads and writes is contiguous, and whoever makes the factors writes them as they are
// read: nothing is packed. `Panel` is the distance between two groups of sixteen columns, in floats.

/// `c (+)= a · b`, a `[rows][k]`, b `[k][16 · groups]`, c `[rows][16 · groups]`, all in sixteens; k in
/// sixteens.
@inline(never)
public func multiplySixteens(
  _ rows: Int, _ groups: Int, _ k: Int, _ a: UnsafePointer<Float>, _ aPanel: Int,
  _ b: UnsafePointer<Float>, _ bPanel: Int, _ add: Bool, _ c: UnsafeMutablePointer<Float>,
  _ cPanel: Int
) {
  multiply(
    rows, groups, k, a, rowStep: 16, depthStep: 1, sixteenRows: 256, sixteenDeep: aPanel, b, bPanel,
    add, c, cRow: 16, cPanel)
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
    add, c, cRow: 16, cPanel)
}

/// The same for plain matrices a `[rows][k]` and c `[rows][16 · groups]`, whose rows are `aRow` and
/// `cRow` floats apart, and b in sixteens; any k.
@inline(never)
public func multiplyRows(
  _ rows: Int, _ groups: Int, _ k: Int, _ a: UnsafePointer<Float>, _ aRow: Int,
  _ b: UnsafePointer<Float>, _ bPanel: Int, _ add: Bool, _ c: UnsafeMutablePointer<Float>,
  _ cRow: Int
) {
  multiply(
    rows, groups, k, a, rowStep: aRow, depthStep: 1, sixteenRows: 16 &* aRow, sixteenDeep: 16, b,
    bPanel, add, c, cRow: cRow, 16)
}

/// `c (+)= aᵀ · b` for plain matrices a `[k][rows]` and c, and b in sixteens; any k and rows.
@inline(never)
public func multiplyRowsTransposed(
  _ rows: Int, _ groups: Int, _ k: Int, _ a: UnsafePointer<Float>, _ aRow: Int,
  _ b: UnsafePointer<Float>, _ bPanel: Int, _ add: Bool, _ c: UnsafeMutablePointer<Float>,
  _ cRow: Int
) {
  multiply(
    rows, groups, k, a, rowStep: 1, depthStep: aRow, sixteenRows: 16, sixteenDeep: 16 &* aRow, b,
    bPanel, add, c, cRow: cRow, 16)
}

/// Puts a plain matrix `[rows][columns]` into sixteens, for `groups` groups of columns from `group` on.
@inline(never)
public func packSixteens(
  _ x: UnsafePointer<Float>, _ rows: Int, _ columns: Int, _ group: Int, _ groups: Int,
  _ y: UnsafeMutablePointer<Float>
) {
  for index in group..<group &+ groups {
    let out = y + index &* rows &* 16
    for row in 0..<rows { store(load(x + row &* columns + index &* 16), out + row &* 16) }
  }
}

/// Blocks of 8 rows and 32 columns fill the 32 registers of AVX-512; elsewhere 4 rows and 16 columns.
@inline(__always)
private func multiply(
  _ rows: Int, _ groups: Int, _ k: Int, _ a: UnsafePointer<Float>, rowStep: Int, depthStep: Int,
  sixteenRows: Int, sixteenDeep: Int, _ b: UnsafePointer<Float>, _ bPanel: Int, _ add: Bool,
  _ c: UnsafeMutablePointer<Float>, cRow: Int, _ cPanel: Int
) {
  var group = 0
  while group < groups {
    let filters = b + group &* bPanel
    let out = c + group &* cPanel
    var row = 0
    var width = 1
    #if KERNEL_WIDE
      if group &+ 2 <= groups, rows >= 8 {
        width = 2
        // The last block may do a few rows twice where nothing is added.
        while row < rows, row &+ 8 <= rows || !add {
          let first = min(row, rows &- 8)
          block8x2(
            a + (first >> 4) &* sixteenRows + (first & 15) &* rowStep, rowStep, depthStep,
            sixteenDeep, filters, bPanel, k, add, out + first &* cRow, cRow, cPanel)
          row &+= 8
        }
      }
    #endif
    for part in 0..<width {
      var at = row
      while at < rows {
        let source = a + (at >> 4) &* sixteenRows + (at & 15) &* rowStep
        let place = out + part &* cPanel + at &* cRow
        if at &+ 4 <= rows {
          block4(
            source, rowStep, depthStep, sixteenDeep, filters + part &* bPanel, k, add, place, cRow)
          at &+= 4
        } else {
          block1(source, depthStep, sixteenDeep, filters + part &* bPanel, k, add, place)
          at &+= 1
        }
      }
    }
    group &+= width
  }
}

#if KERNEL_WIDE
  @inline(__always)
  private func block8x2(
    _ a: UnsafePointer<Float>, _ rowStep: Int, _ depthStep: Int, _ sixteenDeep: Int,
    _ b: UnsafePointer<Float>, _ bPanel: Int, _ k: Int, _ add: Bool,
    _ c: UnsafeMutablePointer<Float>, _ cRow: Int, _ cPanel: Int
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
    put(c10, add, c + cRow)
    put(c20, add, c + 2 &* cRow)
    put(c30, add, c + 3 &* cRow)
    put(c40, add, c + 4 &* cRow)
    put(c50, add, c + 5 &* cRow)
    put(c60, add, c + 6 &* cRow)
    put(c70, add, c + 7 &* cRow)
    put(c01, add, d)
    put(c11, add, d + cRow)
    put(c21, add, d + 2 &* cRow)
    put(c31, add, d + 3 &* cRow)
    put(c41, add, d + 4 &* cRow)
    put(c51, add, d + 5 &* cRow)
    put(c61, add, d + 6 &* cRow)
    put(c71, add, d + 7 &* cRow)
  }
#endif

@inline(__always)
private func block4(
  _ a: UnsafePointer<Float>, _ rowStep: Int, _ depthStep: Int, _ sixteenDeep: Int,
  _ b: UnsafePointer<Float>, _ k: Int, _ add: Bool, _ c: UnsafeMutablePointer<Float>, _ cRow: Int
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
  put(c1, add, c + cRow)
  put(c2, add, c + 2 &* cRow)
  put(c3, add, c + 3 &* cRow)
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

/// Stores a value, or adds it to what is there.
@inline(__always)
func put(_ value: Lanes, _ add: Bool, _ out: UnsafeMutablePointer<Float>) {
  store(add ? load(out) + value : value, out)
}
