// What batch normalisation computes for each channel; `Float` whatever the maps are.

/// Combines the moments of pieces (Chan, Golub and LeVeque 1979) in double precision: of each the means,
/// the sums of squared deviations and the number of rows, `2 · c + 16` floats a piece. Writes mean and
/// 1/sqrt(variance + epsilon), and updates the running statistics (the variance there is the unbiased one).
@inline(never)
public func batchNormCombine(
  _ moments: UnsafePointer<Float>, _ pieces: Int, _ c: Int, _ epsilon: Float, _ momentum: Float,
  _ mean: UnsafeMutablePointer<Float>, _ invStd: UnsafeMutablePointer<Float>,
  _ runningMean: UnsafeMutablePointer<Float>, _ runningVariance: UnsafeMutablePointer<Float>
) {
  let step = 2 &* c &+ 16
  for i in 0..<c {
    var count = 0.0
    var center = 0.0
    var squares = 0.0
    for piece in 0..<pieces {
      let part = moments + piece &* step
      let pieceCount = Double(part[2 &* c])
      let pieceMean = Double(part[i])
      let delta = pieceMean - center
      let total = count + pieceCount
      center += delta * pieceCount / total
      squares += Double(part[c &+ i]) + delta * delta * count * pieceCount / total
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
