import CKernels
import Graph

/// Windows over a 16-bit map as the left operand of a product of pairs: read where they lie, or from a
/// copy of some lines with the zeros around the picture.
struct PairWindows {
  /// The map that is read.
  let source: Shape
  /// Lines and pixels of a window.
  let rows: Int
  let columns: Int
  /// Distance of neighbouring windows, px.
  let stride: Int
  /// Line and pixel where the first window begins; negative ones lie outside, and no window begins
  /// right of the first pixel.
  let top: Int
  let left: Int
  /// Lines of windows, and windows in a line.
  let height: Int
  let width: Int

  /// Values of a pixel in whole pairs.
  var channels: Int { (source.c + 1) / 2 * 2 }
  /// Pairs of a window.
  var pairs: Int { rows * columns * channels / 2 }

  private var bottom: Int { top + (height - 1) * stride + rows }
  private var right: Int { left + (width - 1) * stride + columns }

  /// Whether lines are copied: there is something outside, or pixels are no whole pairs.
  var isCopied: Bool {
    top < 0 || left < 0 || bottom > source.h || right > source.w || source.c % 2 != 0
  }

  private var copiedWidth: Int { (width - 1) * stride + columns }

  /// Lines of windows that go through at once, so that the copy and the sums of `results` columns stay
  /// in the second-level cache.
  func bands(results: Int) -> Pieces {
    let bytes = width * 4 * PairWindows.padded(results) + stride * copiedWidth * channels * 2
    return Pieces(total: height, largest: max(1, 393_216 / bytes))
  }

  /// Floats of scratch memory for the copy of a band.
  func copyFloats(lines: Int) -> Int {
    isCopied
      ? PairWindows.aligned(((lines - 1) * stride + rows) * copiedWidth * channels / 2) : 0
  }

  /// The operand for lines of windows of one image.
  func operand(
    _ kernels: PairKernels, _ image: UnsafePointer<UInt16>, first: Int, lines: Int,
    _ scratch: UnsafeMutablePointer<Float>
  ) -> PairOperand {
    let firstRow = first * stride + top
    var (values, pitch) = (image, source.w * source.c)
    if isCopied {
      let copy = scratch.halves
      kernels.copyLines(
        image, source.h, source.w, source.c, firstRow, (lines - 1) * stride + rows, -left,
        copiedWidth, channels, copy)
      (values, pitch) = (UnsafePointer(copy), copiedWidth * channels)
    } else {
      values += (firstRow * source.w + left) * source.c
    }
    return PairOperand(
      values: values.pairs, rows: lines * width, line: width, row_step: stride * channels / 2,
      line_step: stride * pitch / 2, segments: rows, segment_step: pitch / 2,
      pairs: columns * channels / 2, pair_step: 1)
  }

  /// Columns of whole panels.
  static func padded(_ columns: Int) -> Int {
    (columns + PairKernels.panel - 1) / PairKernels.panel * PairKernels.panel
  }

  static func aligned(_ floats: Int) -> Int { (floats + 15) / 16 * 16 }

  /// Floats of a packed right operand for so many columns.
  func panelFloats(columns: Int) -> Int { PairWindows.padded(columns) * pairs }
}

extension UnsafeMutablePointer where Pointee == Float {
  /// The same memory as 16-bit values.
  var halves: UnsafeMutablePointer<UInt16> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: UInt16.self)
  }

  /// The same memory as pairs of 16-bit values.
  var pairs: UnsafeMutablePointer<UInt32> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: UInt32.self)
  }
}

extension UnsafePointer where Pointee == UInt16 {
  /// The same memory as pairs.
  var pairs: UnsafePointer<UInt32> {
    UnsafeRawPointer(self).assumingMemoryBound(to: UInt32.self)
  }
}
