/// Mean squared error of heatmaps against Gaussians drawn on the fly; no target is ever stored.
///
/// Target of a labelled point at heatmap position (mx, my): `exp(-((x-mx)² + (y-my)²) / (2 sigma²))`
/// within `3 sigma`, else 0 (unrounded centre, as UDP and DARK do). The loss is
/// `sum(w · (p - t)²) / (L · H · W)` over the L labelled points (w > 0), so missing points do not
/// shrink it (DeepLabCut's normalisation). A point whose whole patch lies outside counts as missing.
/// Inputs: `prediction [N, H, W, K]`, `keypoints [N, K, 3]` (x, y in input px, w). Outputs:
/// `losses [N]` (their sum is the batch's loss) and, in training, `dprediction`.
public struct HeatmapLoss: Sendable, Hashable {
  /// Deviation of the Gaussian in heatmap px.
  public var sigma: Float
  /// Heatmap px per input px in x and y: `(w - 1) / (W - 1)` unbiased, `w / W` classic.
  public var scaleX: Float
  /// Heatmap px per input px in y.
  public var scaleY: Float

  /// A loss.
  public init(sigma: Float, scaleX: Float, scaleY: Float) {
    self.sigma = sigma
    self.scaleX = scaleX
    self.scaleY = scaleY
  }
}

/// Mean squared error of coordinates divided by the input's size.
///
/// The loss is `sum(w · (p - t)²) / (2 · L)` over x and y of the L labelled points, with `t` the
/// position divided by width and height. Inputs: `prediction [N, 2K]` (x0, y0, x1, ...),
/// `keypoints [N, K, 3]` in input px. Outputs: `losses [N]` and, in training, `dprediction`.
public struct CoordinateLoss: Sendable, Hashable {
  /// Input width, px.
  public var width: Float
  /// Input height, px.
  public var height: Float

  /// A loss.
  public init(width: Float, height: Float) {
    self.width = width
    self.height = height
  }
}

extension GraphBuilder {
  /// Adds a loss over the prediction; returns the tensor of losses per image.
  public func loss(_ op: Op, prediction: TensorID, keypoints: TensorID) -> TensorID {
    let shape = self[prediction].shape
    let losses = tensor(Shape(n: shape.n, c: 1))
    var outputs = [losses]
    if mode == .training { outputs.append(tensor(shape, suffix: "gradient")) }
    add(op, [prediction, keypoints], outputs)
    return losses
  }
}

extension GradientContext {
  mutating func loss(_ node: Node) {
    contribute(node.outputs[1], to: node.inputs[0])
  }
}
