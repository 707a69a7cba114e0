// Batch normalisation of rows of channels.

/// Mean and sum of squared deviations of some rows, for each channel.
@inline(never)
public func batchNormMoments(
  _ x: UnsafePointer<Float>, _ rows: Int, _ c: Int, _ mean: UnsafeMutablePointer<Float>,
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
      let d = x[row &* c &+ i] - center
      sum = multiplyAdd(d, d, sum)
    }
    squares[i] = sum
    i &+= 1
  }
}

/// Combines the moments of pieces (Chan, Golub and LeVeque 1979) in double precision; all pieces but
/// the last have `pieceRows` rows. Writes mean and 1/sqrt(variance + epsilon), and updates the
/// running statistics (the variance there is the unbiased one).
@inline(never)
public func batchNormCombine(
  _ moments: UnsafePointer<Float>, _ pieces: Int, _ pieceRows: Int, _ rows: Int, _ c: Int,
  _ epsilon: Float, _ momentum: Float, _ mean: UnsafeMutablePointer<Float>,
  _ invStd: UnsafeMutablePointer<Float>, _ runningMean: UnsafeMutablePointer<Float>,
  _ runningVariance: UnsafeMutablePointer<Float>
) {
  for i in 0..<c {
    var count = 0.0
    var center = 0.0
    var squares = 0.0
    for piece in 0..<pieces {
      let pieceCount = Double(min(pieceRows, rows &- piece &* pieceRows))
      let pieceMean = Double(moments[piece &* 2 &* c &+ i])
      let delta = pieceMean - center
      let total = count + pieceCount
      center += delta * pieceCount / total
      squares +=
        Double(moments[(piece &* 2 &+ 1) &* c &+ i]) + delta * delta * count * pieceCount / total
      count = total
    }
    let variance = squares / count
    mean[i] = Float(center)
    invStd[i] = Float(1 / (variance + Double(epsilon)).squareRoot())
    let unbiased = count > 1 ? squares / (count - 1) : variance
    runningMean[i] += momentum * (Float(center) - runningMean[i])
    runningVariance[i] += momentum * (Float(unbiased) - runningVariance[i])
  }
}

/// Scale and shift of a channel: `gamma · invStd` and `beta - mean · scale`. With `fromVariance`
/// the third argument is a variance, to which epsilon is added, else 1/std itself.
@inline(never)
public func batchNormCoefficients(
  _ gamma: UnsafePointer<Float>, _ beta: UnsafePointer<Float>, _ mean: UnsafePointer<Float>,
  _ spread: UnsafePointer<Float>, _ fromVariance: Bool, _ epsilon: Float, _ c: Int,
  _ scale: UnsafeMutablePointer<Float>, _ shift: UnsafeMutablePointer<Float>
) {
  for i in 0..<c {
    let invStd = fromVariance ? 1 / (spread[i] + epsilon).squareRoot() : spread[i]
    scale[i] = gamma[i] * invStd
    shift[i] = beta[i] - mean[i] * scale[i]
  }
}

/// `y = [relu](x · scale + shift [+ residual])` for some rows.
@inline(never)
public func batchNormApply(
  _ x: UnsafePointer<Float>, _ residual: UnsafePointer<Float>?, _ scale: UnsafePointer<Float>,
  _ shift: UnsafePointer<Float>, _ rows: Int, _ c: Int, _ applyRelu: Bool,
  _ y: UnsafeMutablePointer<Float>
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
      var value = multiplyAdd(x[at &+ i], scale[i], shift[i])
      if let residual { value += residual[at &+ i] }
      y[at &+ i] = applyRelu && value < 0 ? 0 : value
      i &+= 1
    }
  }
}

/// Sums of the gradient, and of gradient · normalised input, over some rows, for each channel.
@inline(never)
public func batchNormGradientSums(
  _ dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>,
  _ mean: UnsafePointer<Float>, _ invStd: UnsafePointer<Float>, _ rows: Int, _ c: Int,
  _ masked: Bool, _ sums: UnsafeMutablePointer<Float>, _ products: UnsafeMutablePointer<Float>
) {
  var i = 0
  while i &+ 16 <= c {
    let center = load(mean + i)
    var sum = Lanes(repeating: 0)
    var product = Lanes(repeating: 0)
    for row in 0..<rows {
      let at = row &* c &+ i
      var g = load(dy + at)
      if masked { g = keep(g, where: load(y + at)) }
      sum += g
      product = multiplyAdd(g, load(x + at) - center, product)
    }
    store(sum, sums + i)
    store(product * load(invStd + i), products + i)
    i &+= 16
  }
  while i < c {
    var sum: Float = 0
    var product: Float = 0
    for row in 0..<rows {
      let at = row &* c &+ i
      let g = masked && y[at] <= 0 ? 0 : dy[at]
      sum += g
      product = multiplyAdd(g, x[at] - mean[i], product)
    }
    sums[i] = sum
    products[i] = product * invStd[i]
    i &+= 1
  }
}

/// Adds the pieces' sums in double precision and makes the coefficients of
/// `dx = a · g + b · x + d` from them.
@inline(never)
public func batchNormGradientCombine(
  _ parts: UnsafePointer<Float>, _ pieces: Int, _ rows: Int, _ c: Int,
  _ gamma: UnsafePointer<Float>, _ mean: UnsafePointer<Float>, _ invStd: UnsafePointer<Float>,
  _ dgamma: UnsafeMutablePointer<Float>, _ dbeta: UnsafeMutablePointer<Float>,
  _ coefficients: UnsafeMutablePointer<Float>
) {
  for i in 0..<c {
    var sum = 0.0
    var product = 0.0
    for piece in 0..<pieces {
      sum += Double(parts[piece &* 2 &* c &+ i])
      product += Double(parts[(piece &* 2 &+ 1) &* c &+ i])
    }
    dbeta[i] = Float(sum)
    dgamma[i] = Float(product)
    let count = Double(rows)
    let a = Double(gamma[i]) * Double(invStd[i])
    let b = -a * product * Double(invStd[i]) / count
    coefficients[i] = Float(a)
    coefficients[c &+ i] = Float(b)
    coefficients[2 &* c &+ i] = Float(-a * sum / count - b * Double(mean[i]))
  }
}

/// `dx (+)= a · g + b · x + d` and, when there is a residual, `dresidual (+)= g`, for some rows.
@inline(never)
public func batchNormGradientApply(
  _ dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>,
  _ coefficients: UnsafePointer<Float>, _ rows: Int, _ c: Int, _ masked: Bool,
  _ dx: UnsafeMutablePointer<Float>, _ addToDx: Bool,
  _ dresidual: UnsafeMutablePointer<Float>?, _ addToDresidual: Bool
) {
  for row in 0..<rows {
    let base = row &* c
    var i = 0
    while i &+ 16 <= c {
      let at = base &+ i
      var g = load(dy + at)
      if masked { g = keep(g, where: load(y + at)) }
      var value = multiplyAdd(
        load(coefficients + c + i), load(x + at), load(coefficients + 2 &* c + i))
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
      let g = masked && y[at] <= 0 ? 0 : dy[at]
      let value =
        coefficients[i] * g + coefficients[c &+ i] * x[at] + coefficients[2 &* c &+ i]
      dx[at] = addToDx ? dx[at] + value : value
      if let dresidual { dresidual[at] = addToDresidual ? dresidual[at] + g : g }
      i &+= 1
    }
  }
}

/// `dx (+)= scale · g` and, when there is a residual, `dresidual (+)= g`, for some rows of a batch
/// norm that normalises by fixed statistics.
@inline(never)
public func batchNormFixedGradient(
  _ dy: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ scale: UnsafePointer<Float>,
  _ rows: Int, _ c: Int, _ masked: Bool, _ dx: UnsafeMutablePointer<Float>, _ addToDx: Bool,
  _ dresidual: UnsafeMutablePointer<Float>?, _ addToDresidual: Bool
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
      let g = masked && y[at] <= 0 ? 0 : dy[at]
      dx[at] = addToDx ? dx[at] + scale[i] * g : scale[i] * g
      if let dresidual { dresidual[at] = addToDresidual ? dresidual[at] + g : g }
      i &+= 1
    }
  }
}
