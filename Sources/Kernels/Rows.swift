import Glibc

// Windows as rows of matrices, and rows of products; all `Float`.

/// Gathers the windows of output positions `first ..< first + count` of one image into rows of
/// `kernel · kernel · c` floats.
@inline(never)
public func gatherWindows(
  _ x: UnsafePointer<Float>, _ h: Int, _ w: Int, _ c: Int, _ kernel: Int, _ stride: Int,
  _ padding: Int, _ outputWidth: Int, _ first: Int, _ count: Int,
  _ rows: UnsafeMutablePointer<Float>
) {
  var out = rows
  let run = kernel &* c
  for position in first..<first &+ count {
    let oy = position / outputWidth
    let top = oy &* stride &- padding
    let left = (position &- oy &* outputWidth) &* stride &- padding
    let inside = left >= 0 && left &+ kernel <= w
    for i in 0..<kernel {
      let y = top &+ i
      if y < 0 || y >= h {
        memset(out, 0, run &* 4)
      } else if inside {
        memcpy(out, x + (y &* w &+ left) &* c, run &* 4)
      } else {
        for j in 0..<kernel {
          let column = left &+ j
          if column < 0 || column >= w {
            memset(out + j &* c, 0, c &* 4)
          } else {
            memcpy(out + j &* c, x + (y &* w &+ column) &* c, c &* 4)
          }
        }
      }
      out += run
    }
  }
}

/// Adds rows of windows back to the picture they came from; the picture must be zero or hold what
/// is to be added to.
@inline(never)
public func scatterWindows(
  _ rows: UnsafePointer<Float>, _ h: Int, _ w: Int, _ c: Int, _ kernel: Int, _ stride: Int,
  _ padding: Int, _ outputWidth: Int, _ first: Int, _ count: Int,
  _ x: UnsafeMutablePointer<Float>
) {
  for position in first..<first &+ count {
    var source = rows + (position &- first) &* kernel &* kernel &* c
    let oy = position / outputWidth
    let top = oy &* stride &- padding
    let left = (position &- oy &* outputWidth) &* stride &- padding
    for i in 0..<kernel {
      let y = top &+ i
      for j in 0..<kernel {
        let column = left &+ j
        if y >= 0 && y < h && column >= 0 && column < w {
          addRow(source, c, x + (y &* w &+ column) &* c)
        }
        source += c
      }
    }
  }
}

@inline(__always)
private func addRow(_ source: UnsafePointer<Float>, _ c: Int, _ out: UnsafeMutablePointer<Float>) {
  var i = 0
  while i &+ 16 <= c {
    store(load(out + i) + load(source + i), out + i)
    i &+= 16
  }
  while i < c {
    out[i] += source[i]
    i &+= 1
  }
}

/// Adds a bias to each row and applies ReLU when asked for.
@inline(never)
public func addBias(
  _ y: UnsafeMutablePointer<Float>, _ bias: UnsafePointer<Float>?, _ rows: Int, _ c: Int,
  _ applyRelu: Bool
) {
  for row in 0..<rows {
    let out = y + row &* c
    var i = 0
    while i &+ 16 <= c {
      var value = load(out + i)
      if let bias { value += load(bias + i) }
      if applyRelu { value = relu(value) }
      store(value, out + i)
      i &+= 16
    }
    while i < c {
      var value = out[i]
      if let bias { value += bias[i] }
      out[i] = applyRelu && value < 0 ? 0 : value
      i &+= 1
    }
  }
}

/// `y[j][i] = x[i][j]` for `rows` rows in sixteens, `xRow` floats apart, and `columns` columns, which become
/// rows `yRow` floats apart.
@inline(never)
public func turnRows(
  _ x: UnsafePointer<Float>, _ xRow: Int, _ rows: Int, _ columns: Int,
  _ y: UnsafeMutablePointer<Float>, _ yRow: Int
) {
  var row = 0
  while row < rows {
    let from = x + row &* xRow
    for column in 0..<columns {
      var values = Lanes()
      for i in 0..<16 { values[i] = from[i &* xRow &+ column] }
      store(values, y + column &* yRow + row)
    }
    row &+= 16
  }
}

/// `out[i] = sum over parts of parts[part][i]`, in the order of the parts, for a range of i.
@inline(never)
public func sumParts(
  _ parts: UnsafePointer<Float>, _ partCount: Int, _ partStride: Int, _ first: Int, _ count: Int,
  _ out: UnsafeMutablePointer<Float>
) {
  var i = first
  let end = first &+ count
  while i &+ 16 <= end {
    var sum = load(parts + i)
    for part in 1..<max(partCount, 1) { sum += load(parts + part &* partStride + i) }
    store(sum, out + i)
    i &+= 16
  }
  while i < end {
    var sum = parts[i]
    for part in 1..<max(partCount, 1) { sum += parts[part &* partStride &+ i] }
    out[i] = sum
    i &+= 1
  }
}
