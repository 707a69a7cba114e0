import Glibc

/// Scratch memory of a worker for the transforms: 36 · 16 floats, 81 pointers, a pixel.
struct TransformScratch {
  let floats: UnsafeMutablePointer<Float>
  let places: UnsafeMutablePointer<UnsafePointer<Float>>
  let edge: UnsafeMutablePointer<Float>

  static func count(channels: Int) -> Int { (36 * 16 + 176 + channels + 15) / 16 * 16 }

  init(_ base: UnsafeMutablePointer<Float>, channels: Int) {
    floats = base
    places = UnsafeMutableRawPointer(base + 36 * 16)
      .assumingMemoryBound(to: UnsafePointer<Float>.self)
    edge = base + 36 * 16 + 176
    memset(edge, 0, channels * 4)
  }
}

/// Distance of the 36 planes: a line more than they hold, so that they do not share a cache set.
func plane(_ floats: Int) -> Int { floats + 16 }
