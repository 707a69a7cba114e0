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
