// Sixteen float lanes and the few operations on them that all kernels use.

typealias Lanes = SIMD16<Float>

/// Width of `Lanes`.
let laneCount = 16

@inline(__always)
func load(_ p: UnsafePointer<Float>) -> Lanes {
  UnsafeRawPointer(p).loadUnaligned(as: Lanes.self)
}

@inline(__always)
func load(_ p: UnsafeMutablePointer<Float>) -> Lanes {
  UnsafeRawPointer(p).loadUnaligned(as: Lanes.self)
}

@inline(__always)
func store(_ value: Lanes, _ p: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(p).storeBytes(of: value, as: Lanes.self)
}

// MARK: Values of maps

// A map's values are `Float`, or in the modules for 16 bits the upper halves of such (bfloat16): one
// source for both. Everything between load and store is computed in `Float`.
#if MAP_BFLOAT16
  /// One value of a map: the upper half of a `Float`.
  public typealias MapValue = UInt16
#else
  /// One value of a map.
  public typealias MapValue = Float
#endif

@inline(__always)
func load(_ p: UnsafePointer<UInt16>) -> Lanes {
  // Eight pairs; the standard library's widening would be a function of its own, with a weak symbol.
  let pairs = UnsafeRawPointer(p).loadUnaligned(as: SIMD8<UInt32>.self)
  var bits = SIMD16<UInt32>()
  bits.evenHalf = pairs &<< 16
  bits.oddHalf = pairs & SIMD8(repeating: 0xffff_0000)
  return unsafeBitCast(bits, to: Lanes.self)
}

@inline(__always)
func load(_ p: UnsafeMutablePointer<UInt16>) -> Lanes { load(UnsafePointer(p)) }

/// The nearest bfloat16 values, ties to even, in the upper halves; the lower ones hold anything. A NaN
/// stays one, as far as arithmetic makes it (quiet).
@inline(__always)
func rounded(_ value: Lanes) -> SIMD16<UInt32> {
  let bits = unsafeBitCast(value, to: SIMD16<UInt32>.self)
  let odd = (bits &>> 16) & SIMD16(repeating: 1)
  let magnitude = (bits & SIMD16(repeating: 0x7fff_ffff)) &+ SIMD16(repeating: 0x7fff) &+ odd
  // A NaN whose bits are all set would become a zero: bit 31 has to fill them again.
  let overflow = SIMD16<UInt32>() &- (magnitude &>> 31)
  return ((magnitude | overflow) & SIMD16(repeating: 0x7fff_ffff))
    | (bits & SIMD16(repeating: 0x8000_0000))
}

@inline(__always)
func store(_ value: Lanes, _ p: UnsafeMutablePointer<UInt16>) {
  let rounded = rounded(value)
  let pairs = (rounded.evenHalf &>> 16) | (rounded.oddHalf & SIMD8(repeating: 0xffff_0000))
  UnsafeMutableRawPointer(p).storeBytes(of: pairs, as: SIMD8<UInt32>.self)
}

/// Rounds two values each to a pair, the first in the lower half.
@inline(__always)
func storePairs(_ first: Lanes, _ second: Lanes, _ p: UnsafeMutablePointer<UInt32>) {
  let both = (rounded(first) &>> 16) | (rounded(second) & SIMD16(repeating: 0xffff_0000))
  UnsafeMutableRawPointer(p).storeBytes(of: both, as: SIMD16<UInt32>.self)
}

/// A map's value as a number.
@inline(__always)
func number(_ value: Float) -> Float { value }

@inline(__always)
func number(_ value: UInt16) -> Float { Float(bitPattern: UInt32(value) << 16) }

/// A number as a map's value.
@inline(__always)
func mapValue(_ number: Float) -> MapValue {
  #if MAP_BFLOAT16
    if number != number { return 0x7fc0 }
    let bits = number.bitPattern
    return UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ ((bits >> 16) & 1)) >> 16)
  #else
    return number
  #endif
}

// MARK: Arithmetic

/// `a · b + c`, in one rounding where the level has the instruction; on the base level
/// `addProduct` would be a library call for each lane.
@inline(__always)
func multiplyAdd(_ a: Lanes, _ b: Lanes, _ c: Lanes) -> Lanes {
  #if KERNEL_FMA
    return c.addingProduct(a, b)
  #else
    return c + a * b
  #endif
}

@inline(__always)
func multiplyAdd(_ a: Float, _ b: Float, _ c: Float) -> Float {
  #if KERNEL_FMA
    return c.addingProduct(a, b)
  #else
    return c + a * b
  #endif
}

/// Zero in the lanes where `mask` is not above zero.
@inline(__always)
func keep(_ value: Lanes, where mask: Lanes) -> Lanes {
  value.replacing(with: 0, where: mask .<= Lanes(repeating: 0))
}

@inline(__always)
func relu(_ value: Lanes) -> Lanes {
  value.replacing(with: 0, where: value .< Lanes(repeating: 0))
}
