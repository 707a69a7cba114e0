/// Residual log-likelihood (RLE, arXiv 2107.11291): coordinates with their deviations, whose errors
/// follow a density that a small normalising flow learns beside the network.
///
/// For each labelled point `s = sigmoid(raw)`, `e = (p - t) / (s + 1e-9)` for x and y, p and t as shares
/// of the input's size, and the loss is `sum over x, y of (ln s - ln phi(e) + ln 2 s + |e|)`, times w,
/// over all points, divided by the batch: the paper's code with its Laplace residual. `phi` is RealNVP
/// (arXiv 1605.08803) with `layers` couplings of two networks each, 2 → 64 → 64 → 2 with leaky ReLU
/// (slope 0.01), the scale's behind a tanh. The loss may be negative.
/// - loss: inputs `prediction [N, 4K]` (x, y, raw deviation of x, of y for each point), `keypoints
///   [N, K, 3]` in input px, and for each coupling its scale's three layers, then its translation's, each
///   as weight and bias; outputs `losses [N]` and, in training, `dprediction`.
/// - gradient: the same inputs; outputs the gradients of the flow's parameters.
public struct LikelihoodLoss: Sendable, Hashable {
  /// Input width, px.
  public var width: Float
  /// Input height, px.
  public var height: Float
  /// Couplings; they keep y and x in turn.
  public var layers: Int

  /// Width of the flow's hidden layers.
  public static let hidden = 64
  /// Tensors of one coupling: two networks of three layers with weight and bias.
  public static let tensorsPerLayer = 12
  /// Inputs and outputs of the three layers of a network.
  public static let extents = [(2, hidden), (hidden, hidden), (hidden, 2)]

  /// A loss.
  public init(width: Float, height: Float, layers: Int = 6) {
    self.width = width
    self.height = height
    self.layers = layers
  }
}

extension GraphBuilder {
  /// The flow's parameters, in the order in which the loss takes them: `<scope>.flow.s.<coupling>.<0, 2,
  /// 4>.weight` and `.bias`, then the same under `t`, as mmpose and the paper's code name them.
  ///
  /// Initial values: Xavier's uniform with gain 0.01 for the weights, PyTorch's of `Linear` for biases.
  func flowParameters(_ attributes: LikelihoodLoss) -> [TensorID] {
    (0..<attributes.layers).flatMap { layer in
      ["s", "t"].flatMap { net in
        LikelihoodLoss.extents.enumerated().flatMap { index, extents -> [TensorID] in
          let (inputs, outputs) = extents
          return scope("flow.\(net).\(layer).\(2 * index)") {
            [
              parameter(
                "weight", .linear(input: inputs, output: outputs),
                .uniform(bound: 0.01 * (6 / Double(inputs + outputs)).squareRoot()),
                decayed: true),
              parameter(
                "bias", .vector(outputs), .uniform(bound: 1 / Double(inputs).squareRoot()),
                decayed: false),
            ]
          }
        }
      }
    }
  }
}

extension GradientContext {
  mutating func likelihoodLoss(_ attributes: LikelihoodLoss, _ node: Node) {
    loss(node)
    let flow = node.inputs.dropFirst(2)
    guard flow.allSatisfy({ needsGradient($0) }) else { return }
    emit(
      .likelihoodGradient(attributes), node.inputs, flow.map { parameterGradient($0) },
      node.scope)
  }
}
