// The filters of `WinogradStrided.swift`, where planes, phases and points are explained; taps row by row.
//
// Filters lie either with the phases of a plane joined, `[group][phase][row][16]`, to be the depth of one
// product, or apart, `[phase][group][row][16]`.

/// `G g` of the taps 0 and 2.
@inline(__always)
private func oddFilter(_ g0: Lanes, _ g2: Lanes) -> Five {
  let (near, far) = (Lanes(repeating: root / 3) * g0, Lanes(repeating: root / 6) * g0)
  let third = Lanes(repeating: 1.0 / 3) * g2
  return (-near - third, near - third, far + third, third - far, g2)
}

/// `G g` of tap 1.
@inline(__always)
private func evenFilter(_ g1: Lanes) -> Five {
  let (near, far) = (Lanes(repeating: root / 3) * g1, Lanes(repeating: root / 6) * g1)
  return (-near, near, far, -far, near)
}

/// Where a group of sixteen of a plane's phase begins.
@inline(__always)
private func filterPlace(
  _ i: Int, _ j: Int, _ evenRow: Bool, _ evenColumn: Bool, _ size: Int, _ group: Int, _ rows: Int,
  _ isJoined: Bool
) -> Int {
  let slot = stridedSlot(i, j, evenRow, evenColumn)
  let block = rows &* 16
  let plane = stridedPlane(i, j, size)
  if !isJoined { return plane &+ slot &* size &+ group &* block }
  let phases = i < 4 && j < 4 ? 4 : i < 4 || j < 4 ? 2 : 1
  return plane &+ (group &* phases &+ slot) &* block
}

@inline(__always)
private func storeFilterRow(
  _ odd: Five, _ even: Five, _ u: UnsafeMutablePointer<Float>, _ i: Int, _ evenRow: Bool,
  _ size: Int, _ group: Int, _ rows: Int, _ isJoined: Bool
) {
  store(odd.0, u + filterPlace(i, 0, evenRow, false, size, group, rows, isJoined))
  store(odd.1, u + filterPlace(i, 1, evenRow, false, size, group, rows, isJoined))
  store(odd.2, u + filterPlace(i, 2, evenRow, false, size, group, rows, isJoined))
  store(odd.3, u + filterPlace(i, 3, evenRow, false, size, group, rows, isJoined))
  store(odd.4, u + filterPlace(i, 4, evenRow, false, size, group, rows, isJoined))
  store(even.0, u + filterPlace(i, 0, evenRow, true, size, group, rows, isJoined))
  store(even.1, u + filterPlace(i, 1, evenRow, true, size, group, rows, isJoined))
  store(even.2, u + filterPlace(i, 2, evenRow, true, size, group, rows, isJoined))
  store(even.3, u + filterPlace(i, 3, evenRow, true, size, group, rows, isJoined))
}

/// The transformed filters of the rows `row ..< row + rowCount` and of `groups` groups of sixteen columns
/// from `column` on; `weight` is `[9][rows][columns]`, and a phase has `size` floats of a plane, `rows · 16 · groups`.
@inline(never)
public func stridedFilters(
  _ weight: UnsafePointer<Float>, _ rows: Int, _ columns: Int, _ row: Int, _ rowCount: Int,
  _ column: Int, _ groups: Int, _ isJoined: Bool, _ u: UnsafeMutablePointer<Float>, _ size: Int
) {
  let tap = rows &* columns
  for row in row..<row &+ rowCount {
    for group in 0..<groups {
      let g = weight + row &* columns + column + group &* 16
      let (g0, g1, g2) = (load(g), load(g + tap), load(g + 2 &* tap))
      let (g3, g4, g5) = (load(g + 3 &* tap), load(g + 4 &* tap), load(g + 5 &* tap))
      let (g6, g7, g8) = (load(g + 6 &* tap), load(g + 7 &* tap), load(g + 8 &* tap))
      let out = u + row &* 16
      let (left, middle, right) = (oddFilter(g0, g6), oddFilter(g1, g7), oddFilter(g2, g8))
      storeFilterRow(
        oddFilter(left.0, right.0), evenFilter(middle.0), out, 0, false, size, group, rows, isJoined
      )
      storeFilterRow(
        oddFilter(left.1, right.1), evenFilter(middle.1), out, 1, false, size, group, rows, isJoined
      )
      storeFilterRow(
        oddFilter(left.2, right.2), evenFilter(middle.2), out, 2, false, size, group, rows, isJoined
      )
      storeFilterRow(
        oddFilter(left.3, right.3), evenFilter(middle.3), out, 3, false, size, group, rows, isJoined
      )
      storeFilterRow(
        oddFilter(left.4, right.4), evenFilter(middle.4), out, 4, false, size, group, rows, isJoined
      )
      let (left1, middle1, right1) = (evenFilter(g3), evenFilter(g4), evenFilter(g5))
      storeFilterRow(
        oddFilter(left1.0, right1.0), evenFilter(middle1.0), out, 0, true, size, group, rows,
        isJoined)
      storeFilterRow(
        oddFilter(left1.1, right1.1), evenFilter(middle1.1), out, 1, true, size, group, rows,
        isJoined)
      storeFilterRow(
        oddFilter(left1.2, right1.2), evenFilter(middle1.2), out, 2, true, size, group, rows,
        isJoined)
      storeFilterRow(
        oddFilter(left1.3, right1.3), evenFilter(middle1.3), out, 3, true, size, group, rows,
        isJoined)
    }
  }
}

/// `Gᵀ u` of an odd row or column: the taps 0 and 2.
@inline(__always)
private func oddFilterGradient(_ u: Five) -> (Lanes, Lanes) {
  let near = Lanes(repeating: root / 3) * (u.1 - u.0)
  return (
    multiplyAdd(Lanes(repeating: root / 6), u.2 - u.3, near),
    multiplyAdd(Lanes(repeating: 1.0 / 3), (u.2 + u.3) - (u.0 + u.1), u.4)
  )
}

/// `Gᵀ u` of an even one: tap 1.
@inline(__always)
private func evenFilterGradient(_ u: Five) -> Lanes {
  multiplyAdd(
    Lanes(repeating: root / 6), u.2 - u.3, Lanes(repeating: root / 3) * (u.1 - u.0))
}

/// One row of a plane's phases that lie apart, in one group.
@inline(__always)
private func loadFilterRow(
  _ u: UnsafePointer<Float>, _ i: Int, _ evenRow: Bool, _ evenColumn: Bool, _ size: Int,
  _ group: Int, _ rows: Int
) -> Five {
  let zero = Lanes(repeating: 0)
  return (
    load(u + filterPlace(i, 0, evenRow, evenColumn, size, group, rows, false)),
    load(u + filterPlace(i, 1, evenRow, evenColumn, size, group, rows, false)),
    load(u + filterPlace(i, 2, evenRow, evenColumn, size, group, rows, false)),
    load(u + filterPlace(i, 3, evenRow, evenColumn, size, group, rows, false)),
    evenColumn
      ? zero : load(u + filterPlace(i, 4, evenRow, false, size, group, rows, false))
  )
}

@inline(__always)
private func oddColumns(
  _ u: UnsafePointer<Float>, _ i: Int, _ evenRow: Bool, _ size: Int, _ group: Int, _ rows: Int
) -> (Lanes, Lanes) {
  oddFilterGradient(loadFilterRow(u, i, evenRow, false, size, group, rows))
}

@inline(__always)
private func evenColumns(
  _ u: UnsafePointer<Float>, _ i: Int, _ evenRow: Bool, _ size: Int, _ group: Int, _ rows: Int
) -> Lanes {
  evenFilterGradient(loadFilterRow(u, i, evenRow, true, size, group, rows))
}

/// `dg (+)= Gᵀ dU G` for the rows `row ..< row + rowCount` of a weight of `rows` rows and some groups of
/// columns; `du` lies with its phases apart.
@inline(never)
public func stridedFilterGradients(
  _ du: UnsafePointer<Float>, _ size: Int, _ rows: Int, _ columns: Int, _ row: Int,
  _ rowCount: Int, _ column: Int, _ groups: Int, _ accumulate: Bool,
  _ dweight: UnsafeMutablePointer<Float>
) {
  let tap = rows &* columns
  let zero = Lanes(repeating: 0)
  for index in 0..<rowCount {
    for group in 0..<groups {
      let u = du + index &* 16
      let out = dweight + (row &+ index) &* columns + column + group &* 16
      let (a0, a1) = (
        oddColumns(u, 0, false, size, group, rowCount),
        oddColumns(u, 1, false, size, group, rowCount)
      )
      let (a2, a3) = (
        oddColumns(u, 2, false, size, group, rowCount),
        oddColumns(u, 3, false, size, group, rowCount)
      )
      let a4 = oddColumns(u, 4, false, size, group, rowCount)
      let left = oddFilterGradient((a0.0, a1.0, a2.0, a3.0, a4.0))
      let right = oddFilterGradient((a0.1, a1.1, a2.1, a3.1, a4.1))
      put(left.0, accumulate, out)
      put(right.0, accumulate, out + 2 &* tap)
      put(left.1, accumulate, out + 6 &* tap)
      put(right.1, accumulate, out + 8 &* tap)
      let middle = oddFilterGradient(
        (
          evenColumns(u, 0, false, size, group, rowCount),
          evenColumns(u, 1, false, size, group, rowCount),
          evenColumns(u, 2, false, size, group, rowCount),
          evenColumns(u, 3, false, size, group, rowCount),
          evenColumns(u, 4, false, size, group, rowCount)
        ))
      put(middle.0, accumulate, out + tap)
      put(middle.1, accumulate, out + 7 &* tap)
      let (b0, b1) = (
        oddColumns(u, 0, true, size, group, rowCount), oddColumns(u, 1, true, size, group, rowCount)
      )
      let (b2, b3) = (
        oddColumns(u, 2, true, size, group, rowCount), oddColumns(u, 3, true, size, group, rowCount)
      )
      put(evenFilterGradient((b0.0, b1.0, b2.0, b3.0, zero)), accumulate, out + 3 &* tap)
      put(evenFilterGradient((b0.1, b1.1, b2.1, b3.1, zero)), accumulate, out + 5 &* tap)
      put(
        evenFilterGradient(
          (
            evenColumns(u, 0, true, size, group, rowCount),
            evenColumns(u, 1, true, size, group, rowCount),
            evenColumns(u, 2, true, size, group, rowCount),
            evenColumns(u, 3, true, size, group, rowCount), zero
          )), accumulate, out + 4 &* tap)
    }
  }
}
