import Graph

/// An address in the GPU's memory.
typealias DeviceAddress = UInt64

/// One launch of a kernel of ours: a value, so that tests can look at it and a graph can be made of it.
struct KernelCall: Sendable {
  /// Blocks or threads in three directions.
  struct Extent: Sendable, Hashable {
    var x: Int
    var y = 1
    var z = 1
  }

  /// The kernel's name in its file.
  var name: String
  /// Blocks.
  var grid: Extent
  /// Threads of a block.
  var block: Extent
  /// What the kernel is called with, in its order and of its types.
  var arguments: [KernelArgument]
}

/// A value that a kernel takes.
enum KernelArgument: Sendable, Hashable {
  /// Any pointer; 0 for none.
  case address(DeviceAddress)
  /// An `int`.
  case int(Int)
  /// A `long long`.
  case long(Int)
  /// A `float`.
  case float(Float)
  /// A struct of `int`s.
  case ints([Int])
}

/// What a node does: pieces of work in stream order.
enum DeviceWork {
  /// A kernel of ours.
  case kernel(KernelCall)
  /// A call of a library that enqueues work on the stream, and what it is, for messages.
  case library(String, (DeviceStream) -> Void)
}

/// What a node is compiled with.
struct CompileContext {
  let node: Node
  let graph: Graph
  /// Images in the batch; at most what the graph is planned for.
  let batch: Int
  /// What the graph is planned for.
  let planned: Int
  /// Multiprocessors of the GPU: how much runs at once.
  let multiprocessors: Int
  /// First byte of the node's workspace.
  let workspace: DeviceAddress
  /// Bytes of it.
  let workspaceBytes: Int
  /// What losses multiply their gradients with: one `float` on the device.
  let lossScale: DeviceAddress
  let addresses: [DeviceAddress]
  /// Whether a later node adds the bias; see `PooledBias`.
  let leavesBiasOut: Bool
  /// A bias that an earlier node left out; 0 for none.
  let addedBias: DeviceAddress
  /// What nodes need that call libraries or change weights.
  let services: CompileServices

  /// Where a tensor begins.
  func address(_ tensor: TensorID) -> KernelArgument { .address(addresses[tensor.index]) }

  /// Where an input begins.
  func input(_ index: Int) -> KernelArgument { address(node.inputs[index]) }

  /// Where an output begins; none where the node has no such output.
  func output(_ index: Int) -> KernelArgument {
    index < node.outputs.count ? address(node.outputs[index]) : .address(0)
  }

  /// The shape of a tensor in this batch.
  func shape(_ tensor: TensorID) -> Shape {
    var shape = graph[tensor].shape
    if shape.n == planned { shape.n = batch }
    return shape
  }

  /// 1 where an output is added to what is there.
  func accumulates(_ index: Int) -> KernelArgument {
    .int(index < node.accumulates.count && node.accumulates[index] ? 1 : 0)
  }
}

/// The session's libraries and slabs.
struct CompileServices {
  let kind: MapKind
  let stream: DeviceStream
  let products: MatrixProducts
  let cudnn: CuDNNLibrary?
  /// First byte of the slab of weights.
  let weights: DeviceAddress
  let weightCount: Int
  /// The weights' 16-bit copies; 0 where there are none.
  let shadow: DeviceAddress
  let firstMoments: DeviceAddress
  let secondMoments: DeviceAddress
  /// The optimiser's numbers for this step.
  let optimizer: DeviceAddress

  /// The 16-bit copy of a tensor in the slab of weights; nil for what lies elsewhere.
  func shadow(of address: DeviceAddress) -> DeviceAddress? {
    guard shadow != 0, let place = place(of: address) else { return nil }
    return shadow + 2 * place
  }

  /// The element of the slab of weights at which a tensor begins.
  func place(of address: DeviceAddress) -> DeviceAddress? {
    guard address >= weights, address < weights + DeviceAddress(4 * weightCount) else { return nil }
    return (address - weights) / 4
  }
}

/// How a kind of node is done on the GPU.
protocol NodeCompiler {
  /// Bytes of scratch memory, for the batch that the graph is planned for; smaller batches take no more.
  var workspaceBytes: Int { get }

  /// How it is done, in a word or two, for tables.
  var method: String { get }

  /// The work for a batch.
  func work(_ context: CompileContext) -> [DeviceWork]
}

extension NodeCompiler {
  var method: String { "kernel" }
}
