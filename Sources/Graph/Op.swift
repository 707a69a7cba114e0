/// What a node of a graph computes; a closed list, so that a new case makes the compiler name every
/// place that has to know it (cost, gradient, backends, reference kernels).
///
/// Inputs and outputs of each case are listed in the file of its attributes under `Ops/`.
public enum Op: Sendable, Hashable {
  case convolution(Convolution)
  case convolutionDataGradient(Convolution)
  case convolutionWeightGradient(Convolution)
  case transposedConvolution(Convolution)
  case transposedConvolutionDataGradient(Convolution)
  case transposedConvolutionWeightGradient(Convolution)
  case batchNorm(BatchNorm)
  case batchNormInference(BatchNorm)
  case batchNormInferenceGradient(BatchNorm)
  case batchNormGradient(BatchNorm)
  case cast
  case reluGradient
  case add(Add)
  case addGradient(Add)
  case maxPool(MaxPool)
  case maxPoolGradient(MaxPool)
  case globalAveragePool
  case globalAveragePoolGradient
  case upsample(Upsample)
  case upsampleGradient(Upsample)
  case linear(Linear)
  case linearDataGradient(Linear)
  case linearWeightGradient(Linear)
  case linearUpdate(Linear)
  case simccLinear(SimCCLinear)
  case simccLinearDataGradient(SimCCLinear)
  case simccLinearWeightGradient(SimCCLinear)
  case heatmapLoss(HeatmapLoss)
  case coordinateLoss(CoordinateLoss)
  case simccLoss(SimCCLoss)
  case likelihoodLoss(LikelihoodLoss)
  case likelihoodGradient(LikelihoodLoss)

  /// The name for tables.
  public var name: String {
    switch self {
    case .convolution: "convolution"
    case .convolutionDataGradient: "convolution data gradient"
    case .convolutionWeightGradient: "convolution weight gradient"
    case .transposedConvolution: "transposed convolution"
    case .transposedConvolutionDataGradient: "transposed convolution data gradient"
    case .transposedConvolutionWeightGradient: "transposed convolution weight gradient"
    case .batchNorm: "batch norm"
    case .batchNormInference: "batch norm (inference)"
    case .batchNormInferenceGradient: "batch norm (inference) gradient"
    case .batchNormGradient: "batch norm gradient"
    case .cast: "cast"
    case .reluGradient: "relu gradient"
    case .add: "add"
    case .addGradient: "add gradient"
    case .maxPool: "max pool"
    case .maxPoolGradient: "max pool gradient"
    case .globalAveragePool: "global average pool"
    case .globalAveragePoolGradient: "global average pool gradient"
    case .upsample: "upsample"
    case .upsampleGradient: "upsample gradient"
    case .linear: "linear"
    case .linearDataGradient: "linear data gradient"
    case .linearWeightGradient: "linear weight gradient"
    case .linearUpdate: "linear weight gradient and update"
    case .simccLinear: "SimCC linear"
    case .simccLinearDataGradient: "SimCC linear data gradient"
    case .simccLinearWeightGradient: "SimCC linear weight gradient"
    case .heatmapLoss: "heatmap loss"
    case .coordinateLoss: "coordinate loss"
    case .simccLoss: "SimCC loss"
    case .likelihoodLoss: "likelihood loss"
    case .likelihoodGradient: "likelihood gradient"
    }
  }
}

/// One op with the tensors that it reads and writes.
public struct Node: Sendable {
  /// What is computed.
  public let op: Op
  /// What it reads, in the op's order.
  public let inputs: [TensorID]
  /// What it writes, in the op's order.
  public let outputs: [TensorID]
  /// For each output whether the result is added to what is there (gradients with several sources).
  public var accumulates: [Bool]
  /// Path of the layer.
  public let scope: String

  /// A node; `accumulates` has one entry per output.
  public init(
    op: Op, inputs: [TensorID], outputs: [TensorID], accumulates: [Bool]? = nil, scope: String
  ) {
    self.op = op
    self.inputs = inputs
    self.outputs = outputs
    self.accumulates = accumulates ?? outputs.map { _ in false }
    self.scope = scope
  }
}

/// Tensors and nodes in the order of execution.
public struct Graph: Sendable {
  /// All tensors; a `TensorID` is an index into them.
  public internal(set) var tensors: [TensorInfo] = []
  /// Forward nodes, then backward nodes.
  public internal(set) var nodes: [Node] = []

  init() {}

  /// A graph put together by hand, such as one node for a test.
  package init(tensors: [TensorInfo], nodes: [Node]) {
    self.tensors = tensors
    self.nodes = nodes
  }

  /// What is known of a tensor.
  public subscript(_ id: TensorID) -> TensorInfo { tensors[id.index] }

  /// The nodes that a pass runs: all but the last ones, which change weights and belong to the
  /// optimiser's step.
  public var passCount: Int {
    nodes.firstIndex { if case .linearUpdate = $0.op { true } else { false } } ?? nodes.count
  }
}
