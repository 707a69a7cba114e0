// What is done to weights and their gradients; these are `Float` whatever the maps are.

/// `U = G g Gᵀ` for `count` pairs of channels; `g` is `[9][pairs]`, `u` is `[36][pairs]`.
///
/// Pairs are (input, output) channels in whatever order; `first` and `count` in sixteens.
@inline(never)
public func winogradFilter(
  _ g: UnsafePointer<Float>, _ pairs: Int, _ first: Int, _ count: Int,
  _ u: UnsafeMutablePointer<Float>, _ scratch: UnsafeMutablePointer<Float>
) {
  var at = first
  while at < first &+ count {
    for j in 0..<3 {
      filterRow(
        load(g + j &* pairs + at), load(g + (3 &+ j) &* pairs + at),
        load(g + (6 &+ j) &* pairs + at), scratch + j &* 16, 48)
    }
    for i in 0..<6 {
      let row = scratch + i &* 48
      filterRow(
        load(row), load(row + 16), load(row + 32), u + i &* 6 &* pairs + at, pairs)
    }
    at &+= 16
  }
}

@inline(__always)
private func filterRow(
  _ g0: Lanes, _ g1: Lanes, _ g2: Lanes, _ out: UnsafeMutablePointer<Float>, _ step: Int
) {
  let sixth = Lanes(repeating: 1.0 / 6)
  let outer = g0 + g2
  let wide = multiplyAdd(Lanes(repeating: 4), g2, g0)
  let twice = Lanes(repeating: 2) * g1
  let small = Lanes(repeating: 1.0 / 24)
  store(Lanes(repeating: 0.25) * g0, out)
  store(-sixth * (outer + g1), out + step)
  store(-sixth * (outer - g1), out + 2 &* step)
  store(small * (wide + twice), out + 3 &* step)
  store(small * (wide - twice), out + 4 &* step)
  store(g2, out + 5 &* step)
}

/// `dg = Gᵀ dU G` for `count` pairs of channels; `du` is `[36][pairs]`, `dg` is `[9][pairs]`.
@inline(never)
public func winogradFilterGradient(
  _ du: UnsafePointer<Float>, _ pairs: Int, _ first: Int, _ count: Int,
  _ dg: UnsafeMutablePointer<Float>, _ scratch: UnsafeMutablePointer<Float>
) {
  var at = first
  while at < first &+ count {
    for j in 0..<6 {
      let column = du + j &* pairs + at
      filterGradientRow(
        load(column), load(column + 6 &* pairs), load(column + 12 &* pairs),
        load(column + 18 &* pairs), load(column + 24 &* pairs), load(column + 30 &* pairs),
        scratch + j &* 16, 96)
    }
    for i in 0..<3 {
      let row = scratch + i &* 96
      filterGradientRow(
        load(row), load(row + 16), load(row + 32), load(row + 48), load(row + 64),
        load(row + 80), dg + i &* 3 &* pairs + at, pairs)
    }
    at &+= 16
  }
}

@inline(__always)
private func filterGradientRow(
  _ u0: Lanes, _ u1: Lanes, _ u2: Lanes, _ u3: Lanes, _ u4: Lanes, _ u5: Lanes,
  _ out: UnsafeMutablePointer<Float>, _ step: Int
) {
  let sixth = Lanes(repeating: 1.0 / 6)
  let sum12 = u1 + u2
  let sum34 = u3 + u4
  store(
    multiplyAdd(
      Lanes(repeating: 1.0 / 24), sum34,
      multiplyAdd(Lanes(repeating: 0.25), u0, -sixth * sum12)), out)
  store(
    multiplyAdd(Lanes(repeating: 1.0 / 12), u3 - u4, sixth * (u2 - u1)), out + step)
  store(multiplyAdd(sixth, sum34 - sum12, u5), out + 2 &* step)
}

/// Turns 3×3 filters `[9][input][output]` by 180° and swaps their channels: `[9][output][input]`,
/// for the input channels `first ..< first + count`.
@inline(never)
public func turnFilters(
  _ weight: UnsafePointer<Float>, _ input: Int, _ output: Int, _ first: Int, _ count: Int,
  _ turned: UnsafeMutablePointer<Float>
) {
  for tap in 0..<9 {
    let source = weight + tap &* input &* output
    let target = turned + (8 &- tap) &* input &* output
    for i in first..<first &+ count {
      let row = source + i &* output
      for o in 0..<output { target[o &* input &+ i] = row[o] }
    }
  }
}
