import CNVIDIA
import Cropping
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
  /// The next batch's pictures: see `PictureStage`.
  let stage: DeviceAddress
  /// What they are made of; 0 where all come finished.
  let recipes: DeviceAddress
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

  private static func stageBytes(_ program: Program) -> Int {
    [program.training, program.evaluation].map { $0.graph[$0.images].bytes }.max() ?? 0
  }

  private static func recipeBytes(_ program: Program, _ options: SessionOptions) -> Int {
    guard options.cropsPictures else { return 0 }
    let batch = [program.training, program.evaluation].map { $0.graph[$0.images].shape.n }.max()
    return (batch ?? 0) * MemoryLayout<CropRecipe>.stride
  }

  /// Sizes without an address: what a session will take.
  static func layout(
    _ program: Program, _ options: SessionOptions, _ kind: MapKind
  ) -> DeviceMemory {
    DeviceMemory(program, options, kind, base: 0)
  }

  init(_ program: Program, _ options: SessionOptions, _ kind: MapKind, base: DeviceAddress) {
    var offset = 0
    func take(_ bytes: Int) -> DeviceAddress {
      defer { offset += aligned(bytes) }
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
    stage = take(Self.stageBytes(program))
    let recipeBytes = Self.recipeBytes(program, options)
    recipes = recipeBytes > 0 ? take(recipeBytes) : 0
    arena = take(max(program.training.arenaBytes, program.evaluation.arenaBytes))
    bytes = max(offset, 256)
    self.base = base
  }

  /// Takes the memory, zero where values outlive a step, poisoned elsewhere.
  init(
    allocating program: Program, _ options: SessionOptions, _ kind: MapKind, _ stream: DeviceStream
  ) throws(ExecutionError) {
    let bytes = Self.layout(program, options, kind).bytes
    let base = try stream.allocate(bytes)
    self.init(program, options, kind, base: base)
    stream.fill(base, with: 0, bytes: bytes)
    stream.synchronize()
  }

  func free(_ stream: DeviceStream) { stream.free(base, bytes) }

  /// Bytes by kind, which add up to `bytes` and what lies besides; padding counts as workspace, and
  /// the 16-bit copies as weights.
  func kinds(
    _ program: Program, _ options: SessionOptions, besides: Int
  ) -> [(kind: String, count: Int)] {
    func bytes(_ slabs: [Slab]) -> Int {
      slabs.reduce(0) { $0 + 4 * options.count(of: $1, program.parameters) }
    }
    let planned = max(
      program.training.peakWorkspaceBytes, program.evaluation.peakWorkspaceBytes)
    var kinds: [(kind: String, count: Int)] = [
      (
        "weights",
        bytes([.weights, .statistics, .averagedWeights, .averagedStatistics])
          + (shadow == 0 ? 0 : 2 * program.parameters.slabCount)
      ),
      ("gradients", bytes([.gradients, .accumulatedGradients])),
      ("optimizer", bytes([.firstMoments, .secondMoments])),
      (
        "activations",
        max(program.training.arenaBytes, program.evaluation.arenaBytes) - planned
      ),
      (
        "input",
        max(program.training.inputBytes, program.evaluation.inputBytes)
          + Self.stageBytes(program) + Self.recipeBytes(program, options)
      ),
    ]
    let rest = self.bytes - kinds.reduce(0) { $0 + $1.count }
    kinds.insert(("workspace", rest + besides), at: 4)
    return kinds
  }
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
