// What convolutions by matrix products do with maps.

/// `out = [relu](sums [+ bias] [+ out])` for rows of products that lie `distance` floats apart; the
/// results are `line` pixels of c values a line, `step` values apart, and lines `lineStep` apart.
@inline(never)
public func finishRows(
  _ sums: UnsafePointer<Float>, _ distance: Int, _ bias: UnsafePointer<Float>?, _ rows: Int,
  _ line: Int, _ c: Int, _ step: Int, _ lineStep: Int, _ applyRelu: Bool, _ accumulate: Bool,
  _ out: UnsafeMutablePointer<MapValue>
) {
  var start = out
  var column = 0
  for row in 0..<rows {
    let source = sums + row &* distance
    let target = start + column &* step
    column &+= 1
    if column == line {
      column = 0
      start += lineStep
    }
    var i = 0
    while i &+ 16 <= c {
      var value = load(source + i)
      if let bias { value += load(bias + i) }
      if accumulate { value += load(target + i) }
      if applyRelu { value = relu(value) }
      store(value, target + i)
      i &+= 16
    }
    while i < c {
      var value = source[i]
      if let bias { value += bias[i] }
      if accumulate { value += number(target[i]) }
      target[i] = mapValue(applyRelu && value < 0 ? 0 : value)
      i &+= 1
    }
  }
}

/// `sums[c] = sum over rows of x[row][c]`.
@inline(never)
public func sumRows(
  _ x: UnsafePointer<MapValue>, _ rows: Int, _ c: Int, _ sums: UnsafeMutablePointer<Float>
) {
  var i = 0
  // Four sixteens at a time, so that lines next to each other are read together.
  while i &+ 64 <= c {
    var a0 = Lanes(repeating: 0)
    var (a1, a2, a3, b0, b1, b2, b3) = (a0, a0, a0, a0, a0, a0, a0)
    var row = 0
    while row &+ 2 <= rows {
      let even = x + row &* c + i
      let odd = even + c
      a0 += load(even)
      a1 += load(even + 16)
      a2 += load(even + 32)
      a3 += load(even + 48)
      b0 += load(odd)
      b1 += load(odd + 16)
      b2 += load(odd + 32)
      b3 += load(odd + 48)
      row &+= 2
    }
    if row < rows {
      let last = x + row &* c + i
      a0 += load(last)
      a1 += load(last + 16)
      a2 += load(last + 32)
      a3 += load(last + 48)
    }
    store(a0 + b0, sums + i)
    store(a1 + b1, sums + i + 16)
    store(a2 + b2, sums + i + 32)
    store(a3 + b3, sums + i + 48)
    i &+= 64
  }
  while i &+ 16 <= c {
    var a = Lanes(repeating: 0)
    var b = Lanes(repeating: 0)
    var row = 0
    while row &+ 2 <= rows {
      a += load(x + row &* c + i)
      b += load(x + (row &+ 1) &* c + i)
      row &+= 2
    }
    if row < rows { a += load(x + row &* c + i) }
    store(a + b, sums + i)
    i &+= 16
  }
  while i < c {
    var sum: Float = 0
    for row in 0..<rows { sum += number(x[row &* c &+ i]) }
    sums[i] = sum
    i &+= 1
  }
}

/// Values of another kind of map, or of no map, as values of this kind: `y (+)= x`.
@inline(never)
public func castFromFloat(
  _ x: UnsafePointer<Float>, _ count: Int, _ accumulate: Bool, _ y: UnsafeMutablePointer<MapValue>
) {
  var i = 0
  while i &+ 16 <= count {
    let value = load(x + i)
    store(accumulate ? load(y + i) + value : value, y + i)
    i &+= 16
  }
  while i < count {
    y[i] = mapValue(accumulate ? number(y[i]) + x[i] : x[i])
    i &+= 1
  }
}

/// Values of a map as `Float`: `y (+)= x`.
@inline(never)
public func castToFloat(
  _ x: UnsafePointer<MapValue>, _ count: Int, _ accumulate: Bool, _ y: UnsafeMutablePointer<Float>
) {
  var i = 0
  while i &+ 16 <= count {
    let value = load(x + i)
    store(accumulate ? load(y + i) + value : value, y + i)
    i &+= 16
  }
  while i < count {
    y[i] = accumulate ? y[i] + number(x[i]) : number(x[i])
    i &+= 1
  }
}
