import Glibc

/// Gathers the gradient of input rows `first ..< first + count`, counted through the batch, from the
/// windows whose largest value they held; with `y` only from those above zero (ReLU).
///
/// Window by window, so that what is read and written streams; the loops over channels are left to the
/// compiler, which turns bytes into masks better than the SIMD types do.
@inline(never)
public func maxPoolGradient(
  _ dy: UnsafePointer<Float>, _ position: UnsafePointer<UInt8>, _ y: UnsafePointer<Float>?,
  _ h: Int, _ w: Int, _ c: Int, _ kernel: Int, _ stride: Int, _ padding: Int,
  _ outputHeight: Int, _ outputWidth: Int, _ first: Int, _ count: Int, _ accumulate: Bool,
  _ dx: UnsafeMutablePointer<Float>
) {
  for row in first..<first &+ count {
    let image = row / h
    let iy = row &- image &* h
    let out = dx + row &* w &* c
    if !accumulate { memset(out, 0, w &* c &* 4) }
    let above = iy &+ padding &- kernel &+ stride
    let lowest = above < 0 ? 0 : above / stride
    let highest = min((iy &+ padding) / stride, outputHeight &- 1)
    var oy = lowest
    while oy <= highest {
      let rowCode = (iy &+ padding &- oy &* stride) &* kernel
      for ox in 0..<outputWidth {
        let source = ((image &* outputHeight &+ oy) &* outputWidth &+ ox) &* c
        let left = ox &* stride &- padding
        for kx in max(0, -left)..<min(kernel, w &- left) {
          let code = UInt8(truncatingIfNeeded: rowCode &+ kx)
          let place = out + (left &+ kx) &* c
          if let y {
            addWhere(dy + source, position + source, y + source, code, c, place)
          } else {
            addWhere(dy + source, position + source, code, c, place)
          }
        }
      }
      oy &+= 1
    }
  }
}

@inline(__always)
private func addWhere(
  _ dy: UnsafePointer<Float>, _ position: UnsafePointer<UInt8>, _ code: UInt8, _ c: Int,
  _ out: UnsafeMutablePointer<Float>
) {
  for i in 0..<c { out[i] += position[i] == code ? dy[i] : 0 }
}

@inline(__always)
private func addWhere(
  _ dy: UnsafePointer<Float>, _ position: UnsafePointer<UInt8>, _ y: UnsafePointer<Float>,
  _ code: UInt8, _ c: Int, _ out: UnsafeMutablePointer<Float>
) {
  for i in 0..<c { out[i] += position[i] == code && !(y[i] <= 0) ? dy[i] : 0 }
}
