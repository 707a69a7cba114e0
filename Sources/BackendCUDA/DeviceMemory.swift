import CNVIDIA
import Execution
import Graph

/// All the GPU memory of a session: one allocation, cut into parts.
///
/// Weights and what belongs to them, the arena of both plans, their inputs, 16-bit copies of the weights
/// and a block of values that change from step to step.
struct DeviceMemory {
  /// First byte of each slab.
  let slabs: [Slab: DeviceAddress]
  let arena: DeviceAddress
  let inputs: DeviceAddress
  /// 16-bit copies of the weights, element by element where the slab has them; 0 where maps are `Float`.
  let shadow: DeviceAddress
  /// What a step changes: see `ControlBlock`.
  let control: DeviceAddress
  /// Partial sums over slabs.
  let partials: DeviceAddress
  /// Bytes in all.
  let bytes: Int
  private let base: DeviceAddress

  static let partialBytes = 1 << 20

  /// Sizes without an address: what a session will take.
  static func layout(
    _ program: Program, _ options: SessionOptions, _ kind: MapKind
  ) -> DeviceMemory {
    DeviceMemory(program, options, kind, base: 0)
  }

  init(_ program: Program, _ options: SessionOptions, _ kind: MapKind, base: DeviceAddress) {
    var offset = 0
    func take(_ bytes: Int) -> DeviceAddress {
      defer { offset += (bytes + 255) / 256 * 256 }
      return base + DeviceAddress(offset)
    }
    control = take(ControlBlock.bytes)
    partials = take(Self.partialBytes)
    var slabs: [Slab: DeviceAddress] = [:]
    for slab in Slab.allCases {
      let count = options.count(of: slab, program.parameters)
      if count > 0 { slabs[slab] = take(4 * count) }
    }
    self.slabs = slabs
    shadow =
      kind.isSixteen && program.parameters.slabCount > 0
      ? take(2 * program.parameters.slabCount) : 0
    inputs = take(max(program.training.inputBytes, program.evaluation.inputBytes))
    arena = take(max(program.training.arenaBytes, program.evaluation.arenaBytes))
    bytes = max(offset, 256)
    self.base = base
  }

  /// Takes the memory, zero where values outlive a step, poisoned elsewhere.
  init(
    allocating program: Program, _ options: SessionOptions, _ kind: MapKind, _ stream: DeviceStream
  ) throws(ExecutionError) {
    let bytes = Self.layout(program, options, kind).bytes
    var base: DeviceAddress = 0
    let code = stream.driver.cuMemAlloc_v2?(&base, bytes)
    if code == 2 { throw .outOfMemory(bytes: bytes) }
    stream.check("cuMemAlloc", code)
    self.init(program, options, kind, base: base)
    stream.fill(base, with: 0, bytes: bytes)
    stream.synchronize()
  }

  func free(_ stream: DeviceStream) { _ = stream.driver.cuMemFree_v2?(base) }
}

/// Places in the block of values that change from step to step.
enum ControlBlock {
  static let bytes = 512
  /// The optimiser's numbers: `OptimizerBlock` in `Optimizer.cu`.
  static let optimizer: DeviceAddress = 0
  /// What the optimiser's numbers are made of on the device: `StepCount` in `Slabs.cu`.
  static let stepCount: DeviceAddress = 128
  /// What losses multiply their gradients with, and what counts its good steps: `ScaleBlock` in `Slabs.cu`.
  static let scale: DeviceAddress = 256
  /// A sum, in `double`.
  static let sum: DeviceAddress = 384
  /// A flag, in `int`.
  static let flag: DeviceAddress = 400
}
