// Batch normalisation of rows of channels.

/// Mean and sum of squared deviations of some rows, for each channel.
@inline(never)
public func batchNormMoments(
  _ x: UnsafePointer<MapValue>, _ rows: Int, _ c: Int, _ mean: UnsafeMutablePointer<Float>,
  _ squares: UnsafeMutablePointer<Float>
) {
  sumRows(x, rows, c, mean)
  let scale = 1 / Float(rows)
  var i = 0
  while i &+ 16 <= c {
    let center = load(mean + i) * Lanes(repeating: scale)
    store(center, mean + i)
    var a = Lanes(repeating: 0)
    var b = Lanes(repeating: 0)
    var row = 0
    while row &+ 2 <= rows {
      let d = load(x + row &* c + i) - center
      let e = load(x + (row &+ 1) &* c + i) - center
      a = multiplyAdd(d, d, a)
      b = multiplyAdd(e, e, b)
      row &+= 2
    }
    if row < rows {
      let d = load(x + row &* c + i) - center
      a = multiplyAdd(d, d, a)
    }
    store(a + b, squares + i)
    i &+= 16
  }
  while i < c {
    let center = mean[i] * scale
    mean[i] = center
    var sum: Float = 0
    for row in 0..<rows {
      let d = number(x[row &* c &+ i]) - center
      sum = multiplyAdd(d, d, sum)
    }
    squares[i] = sum
    i &+= 1
  }
}

/// `y = [relu](x · scale + shift [+ residual])` for some rows.
@inline(never)
public func batchNormApply(
  _ x: UnsafePointer<MapValue>, _ residual: UnsafePointer<MapValue>?, _ scale: UnsafePointer<Float>,
  _ shift: UnsafePointer<Float>, _ rows: Int, _ c: Int, _ applyRelu: Bool,
  _ y: UnsafeMutablePointer<MapValue>
) {
  for row in 0..<rows {
    let at = row &* c
    var i = 0
    while i &+ 16 <= c {
      var value = multiplyAdd(load(x + at + i), load(scale + i), load(shift + i))
      if let residual { value += load(residual + at + i) }
      if applyRelu { value = relu(value) }
      store(value, y + at + i)
      i &+= 16
    }
    while i < c {
      var value = multiplyAdd(number(x[at &+ i]), scale[i], shift[i])
      if let residual { value += number(residual[at &+ i]) }
      y[at &+ i] = mapValue(applyRelu && value < 0 ? 0 : value)
      i &+= 1
    }
  }
}

/// The gradient behind ReLU: zero where it cut, which the output says, or without one what the forward
/// pass made of the input.
@inline(__always)
private func unmasked(
  _ g: Lanes, _ x: Lanes, _ y: UnsafePointer<MapValue>?, _ scale: Lanes, _ shift: Lanes
) -> Lanes {
  keep(g, where: y.map { load($0) } ?? multiplyAdd(x, scale, shift))
}

@inline(__always)
private func unmasked(
  _ g: Float, _ x: Float, _ y: UnsafePointer<MapValue>?, _ scale: Float, _ shift: Float
) -> Float {
  (y.map { number($0[0]) } ?? multiplyAdd(x, scale, shift)) <= 0 ? 0 : g
}

/// Sums of the gradient, and of gradient · normalised input, over some rows, for each channel; with
/// `masked` of the gradient behind ReLU, where `y` is null from the input.
@inline(never)
public func batchNormGradientSums(
  _ dy: UnsafePointer<MapValue>, _ x: UnsafePointer<MapValue>, _ y: UnsafePointer<MapValue>?,
  _ scale: UnsafePointer<Float>, _ shift: UnsafePointer<Float>, _ mean: UnsafePointer<Float>,
  _ invStd: UnsafePointer<Float>, _ rows: Int, _ c: Int, _ masked: Bool,
  _ sums: UnsafeMutablePointer<Float>, _ products: UnsafeMutablePointer<Float>
) {
  @inline(__always)
  func add(
    _ at: Int, _ i: Int, _ sum: inout Lanes, _ product: inout Lanes
  ) {
    let value = load(x + at)
    var g = load(dy + at)
    if masked { g = unmasked(g, value, y.map { $0 + at }, load(scale + i), load(shift + i)) }
    sum += g
    product = multiplyAdd(g, value - load(mean + i), product)
  }
  @inline(__always)
  func put(_ i: Int, _ sum: Lanes, _ product: Lanes) {
    store(sum, sums + i)
    store(product * load(invStd + i), products + i)
  }
  var i = 0
  // Four sixteens at a time, so that lines next to each other are read together.
  while i &+ 64 <= c {
    var sum0 = Lanes(repeating: 0)
    var (sum1, sum2, sum3) = (sum0, sum0, sum0)
    var (product0, product1, product2, product3) = (sum0, sum0, sum0, sum0)
    for row in 0..<rows {
      let at = row &* c &+ i
      add(at, i, &sum0, &product0)
      add(at &+ 16, i &+ 16, &sum1, &product1)
      add(at &+ 32, i &+ 32, &sum2, &product2)
      add(at &+ 48, i &+ 48, &sum3, &product3)
    }
    put(i, sum0, product0)
    put(i &+ 16, sum1, product1)
    put(i &+ 32, sum2, product2)
    put(i &+ 48, sum3, product3)
    i &+= 64
  }
  while i &+ 16 <= c {
    var (sum, product) = (Lanes(repeating: 0), Lanes(repeating: 0))
    for row in 0..<rows { add(row &* c &+ i, i, &sum, &product) }
    put(i, sum, product)
    i &+= 16
  }
  while i < c {
    var sum: Float = 0
    var product: Float = 0
    for row in 0..<rows {
      let at = row &* c &+ i
      var g = number(dy[at])
      if masked { g = unmasked(g, number(x[at]), y.map { $0 + at }, scale[i], shift[i]) }
      sum += g
      product = multiplyAdd(g, number(x[at]) - mean[i], product)
    }
    sums[i] = sum
    products[i] = product * invStd[i]
    i &+= 1
  }
}

/// `dx (+)= a · g + b · x + d` and, when there is a residual, `dresidual (+)= g`, for some rows.
@inline(never)
public func batchNormGradientApply(
  _ dy: UnsafePointer<MapValue>, _ x: UnsafePointer<MapValue>, _ y: UnsafePointer<MapValue>?,
  _ coefficients: UnsafePointer<Float>, _ scale: UnsafePointer<Float>,
  _ shift: UnsafePointer<Float>, _ rows: Int, _ c: Int, _ masked: Bool,
  _ dx: UnsafeMutablePointer<MapValue>, _ addToDx: Bool,
  _ dresidual: UnsafeMutablePointer<MapValue>?, _ addToDresidual: Bool
) {
  for row in 0..<rows {
    let base = row &* c
    var i = 0
    while i &+ 16 <= c {
      let at = base &+ i
      let input = load(x + at)
      var g = load(dy + at)
      if masked { g = unmasked(g, input, y.map { $0 + at }, load(scale + i), load(shift + i)) }
      var value = multiplyAdd(load(coefficients + c + i), input, load(coefficients + 2 &* c + i))
      value = multiplyAdd(load(coefficients + i), g, value)
      if addToDx { value += load(dx + at) }
      store(value, dx + at)
      if let dresidual {
        store(addToDresidual ? load(dresidual + at) + g : g, dresidual + at)
      }
      i &+= 16
    }
    while i < c {
      let at = base &+ i
      var g = number(dy[at])
      if masked { g = unmasked(g, number(x[at]), y.map { $0 + at }, scale[i], shift[i]) }
      let value =
        coefficients[i] * g + coefficients[c &+ i] * number(x[at]) + coefficients[2 &* c &+ i]
      dx[at] = mapValue(addToDx ? number(dx[at]) + value : value)
      if let dresidual {
        dresidual[at] = mapValue(addToDresidual ? number(dresidual[at]) + g : g)
      }
      i &+= 1
    }
  }
}

/// `dx (+)= scale · g` and, when there is a residual, `dresidual (+)= g`, for some rows of a batch
/// norm that normalises by fixed statistics.
@inline(never)
public func batchNormFixedGradient(
  _ dy: UnsafePointer<MapValue>, _ y: UnsafePointer<MapValue>, _ scale: UnsafePointer<Float>,
  _ rows: Int, _ c: Int, _ masked: Bool, _ dx: UnsafeMutablePointer<MapValue>, _ addToDx: Bool,
  _ dresidual: UnsafeMutablePointer<MapValue>?, _ addToDresidual: Bool
) {
  for row in 0..<rows {
    let base = row &* c
    var i = 0
    while i &+ 16 <= c {
      let at = base &+ i
      var g = load(dy + at)
      if masked { g = keep(g, where: load(y + at)) }
      let value = load(scale + i) * g
      store(addToDx ? load(dx + at) + value : value, dx + at)
      if let dresidual {
        store(addToDresidual ? load(dresidual + at) + g : g, dresidual + at)
      }
      i &+= 16
    }
    while i < c {
      let at = base &+ i
      let g = masked && number(y[at]) <= 0 ? 0 : number(dy[at])
      dx[at] = mapValue(addToDx ? number(dx[at]) + scale[i] * g : scale[i] * g)
      if let dresidual {
        dresidual[at] = mapValue(addToDresidual ? number(dresidual[at]) + g : g)
      }
      i &+= 1
    }
  }
}
