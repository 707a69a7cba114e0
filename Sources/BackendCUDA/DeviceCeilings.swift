import CNVIDIA
import Execution
import NVIDIA

/// What the GPU reaches at most.
enum DeviceCeilings {
  private static let extent = 8_192
  private static let copyBytes = 1 << 30

  static func measure(_ backend: CUDABackend) throws(ExecutionError) -> Ceilings {
    let stream = backend.stream
    let elementBytes = backend.products.takesSixteen ? backend.kind.bytes : 4
    let matrix = extent * extent
    let bytes = max(2 * copyBytes, 2 * matrix * elementBytes + 4 * matrix)
    let base = try stream.allocate(bytes)
    defer { stream.free(base, bytes) }
    // Zeros would run faster than numbers do.
    stream.launch(
      KernelCall(
        name: "fillRandom", grid: .init(x: 1_056), block: .init(x: 256),
        arguments: [.address(base), .long(2 * matrix), .int(elementBytes)]))
    let b = base + DeviceAddress(matrix * elementBytes)
    let product = backend.products.work(
      MatrixProduct(
        rows: extent, columns: extent, depth: extent, a: base, aStride: extent, b: b,
        bStride: extent, c: b + DeviceAddress(matrix * elementBytes), cStride: extent,
        isSixteen: elementBytes == 2))
    stream.enqueue([product])
    let runs = backend.kind == .float ? 3 : 10
    let productSeconds = stream.seconds { for _ in 0..<runs { stream.enqueue([product]) } }
    let half = base + DeviceAddress(copyBytes)
    stream.copy(base, to: half, bytes: copyBytes)
    let copySeconds = stream.seconds {
      for _ in 0..<10 { stream.copy(base, to: half, bytes: copyBytes) }
    }
    let flops = 2 * Double(extent) * Double(extent) * Double(extent) * Double(runs)
    return Ceilings(
      flopsPerSecond: flops / productSeconds,
      bytesPerSecond: 20 * Double(copyBytes) / copySeconds)
  }
}
