import Glibc

// Convolution by matrix products: windows gathered into rows, and rows of products finished.

/// Gathers the windows of output positions `first ..< first + count` of one image into rows of
/// `rowLength` values: `kernel · kernel · c`, and zeros behind them.
@inline(never)
public func gatherWindows(
  _ x: UnsafePointer<MapValue>, _ h: Int, _ w: Int, _ c: Int, _ kernel: Int, _ stride: Int,
  _ padding: Int, _ outputWidth: Int, _ first: Int, _ count: Int, _ rowLength: Int,
  _ rows: UnsafeMutablePointer<MapValue>
) {
  var out = rows
  let size = MemoryLayout<MapValue>.size
  let run = kernel &* c
  let rest = rowLength &- kernel &* run
  for position in first..<first &+ count {
    let oy = position / outputWidth
    let top = oy &* stride &- padding
    let left = (position &- oy &* outputWidth) &* stride &- padding
    let inside = left >= 0 && left &+ kernel <= w
    for i in 0..<kernel {
      let y = top &+ i
      if y < 0 || y >= h {
        memset(out, 0, run &* size)
      } else if inside {
        memcpy(out, x + (y &* w &+ left) &* c, run &* size)
      } else {
        for j in 0..<kernel {
          let column = left &+ j
          if column < 0 || column >= w {
            memset(out + j &* c, 0, c &* size)
          } else {
            memcpy(out + j &* c, x + (y &* w &+ column) &* c, c &* size)
          }
        }
      }
      out += run
    }
    for i in 0..<rest { out[i] = mapValue(0) }
    out += rest
  }
}

/// `out = [relu](sums [+ bias] [+ out])` for rows of products that lie `distance` floats apart.
@inline(never)
public func finishRows(
  _ sums: UnsafePointer<Float>, _ distance: Int, _ bias: UnsafePointer<Float>?, _ rows: Int,
  _ c: Int, _ applyRelu: Bool, _ accumulate: Bool, _ out: UnsafeMutablePointer<MapValue>
) {
  for row in 0..<rows {
    let source = sums + row &* distance
    let target = out + row &* c
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
