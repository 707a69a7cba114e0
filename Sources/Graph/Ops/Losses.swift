/// Loss of heatmaps against Gaussians drawn on the fly; no target is ever stored.
///
/// Target of a labelled point at heatmap position (mx, my): `exp(-((x-mx)² + (y-my)²) / (2 sigma²))`
/// within `3 sigma`, else 0 (unrounded centre, as UDP and DARK do). With `e` the error of a pixel by
/// `kind`, and L the labelled points (w > 0), the loss is `sum(w · e) / D`, D by `normalization`. A
/// point whose whole patch lies outside counts as missing.
/// Inputs: `prediction [N, H, W, K]`, `keypoints [N, K, 3]` (x, y in input px, w). Outputs:
/// `losses [N]` (their sum is the batch's loss) and, in training, `dprediction`.
public struct HeatmapLoss: Sendable, Hashable {
  /// The error of one pixel.
  public enum Kind: Sendable, Hashable {
    /// `(p - t)²`.
    case squared
    /// Adaptive wing (arXiv 1904.07399): `omega · ln(1 + |d / epsilon|^(alpha - t))` below theta,
    /// linear above; without the paper's mask of weights.
    case adaptiveWing(alpha: Float, omega: Float, epsilon: Float, theta: Float)
  }

  /// What the sum is divided by.
  public enum Normalization: Sendable, Hashable {
    /// `L · H · W`, so that missing points do not shrink the loss (DeepLabCut's).
    case labelled
    /// `N · K · H · W` (mmpose's).
    case all
    /// For each image the mean over its `count` worst keypoints, then over the images: online hard
    /// keypoint mining (arXiv 1711.07319, HRNet's code without its factor 0.5). `D = N · count · H · W`.
    case hardest(count: Int)
  }

  /// Deviation of the Gaussian in heatmap px.
  public var sigma: Float
  /// Heatmap px per input px in x and y: `(w - 1) / (W - 1)` unbiased, `w / W` classic.
  public var scaleX: Float
  /// Heatmap px per input px in y.
  public var scaleY: Float
  /// The error of one pixel.
  public var kind: Kind
  /// What the sum is divided by.
  public var normalization: Normalization

  /// A loss.
  public init(
    sigma: Float, scaleX: Float, scaleY: Float, kind: Kind = .squared,
    normalization: Normalization = .labelled
  ) {
    self.sigma = sigma
    self.scaleX = scaleX
    self.scaleY = scaleY
    self.kind = kind
    self.normalization = normalization
  }
}

/// Loss of coordinates.
///
/// With `e` the error of a coordinate by `kind`, the loss is `sum(w · v · e) / (2 · L)` over x and y of
/// the L labelled points (w > 0), `v` the keypoint's own weight. Inputs: `prediction [N, 2K]` (x0,
/// y0, x1, ..., divided by the input's size), `keypoints [N, K, 3]` in input px. Outputs:
/// `losses [N]` and, in training, `dprediction`.
public struct CoordinateLoss: Sendable, Hashable {
  /// The error of one coordinate; `d` is the difference.
  public enum Kind: Sendable, Hashable {
    /// `d²`, d as a share of the input's size.
    case squared
    /// `d² / (2 beta)` below beta, `|d| - beta / 2` above (arXiv 1504.08083), d as a share.
    case smoothL1(beta: Float)
    /// `omega · ln(1 + |d| / epsilon)` below omega, `|d| - C` above (arXiv 1711.06753), d in px.
    case wing(omega: Float, epsilon: Float)
    /// `|d|` below omega1, `omega2 · ln(1 + |d| / epsilon) + B` above, d in px (mmpose).
    case softWing(omega1: Float, omega2: Float, epsilon: Float)
    /// `1 - mean of exp(-d² / (2 · area · (2 sigma)²))` over a person's labelled points weighted by
    /// w, then the mean over persons; the area is 0.53 of the labelled points' own box, at least a
    /// hundredth of the input. Here `pointValues` are the sigmas.
    case objectKeypointSimilarity
  }

  /// Input width, px.
  public var width: Float
  /// Input height, px.
  public var height: Float
  /// The error of one coordinate.
  public var kind: Kind
  /// Each keypoint's own weight, or sigma for the object keypoint similarity; empty for ones.
  public var pointValues: [Float]

  /// A loss.
  public init(
    width: Float, height: Float, kind: Kind = .squared, pointValues: [Float] = []
  ) {
    self.width = width
    self.height = height
    self.kind = kind
    self.pointValues = pointValues
  }
}

/// KL divergence of the predicted distributions over SimCC's bins from Gaussians.
///
/// For each axis of a labelled point `mean over bins of t · (ln t - ln softmax(z))`, with
/// `t = exp(-(bin - m)² / (2 sigma²)) / (sigma · sqrt(2 pi))`; the loss is the sum over both axes and
/// all points, times w, divided by `N · K` (mmpose's `KLDiscretLoss`, divided by the batch). A point
/// more than `3 sigma` outside counts as missing.
/// Inputs: `prediction [N, 1, K, binsX + binsY]`, `keypoints [N, K, 3]` in input px. Outputs:
/// `losses [N]` and, in training, `dprediction`.
public struct SimCCLoss: Sendable, Hashable {
  /// Bins along the width.
  public var binsX: Int
  /// Bins along the height.
  public var binsY: Int
  /// Bins per input px.
  public var scale: Float
  /// Deviation of the Gaussian in bins.
  public var sigma: Float

  /// A loss.
  public init(binsX: Int, binsY: Int, scale: Float, sigma: Float) {
    self.binsX = binsX
    self.binsY = binsY
    self.scale = scale
    self.sigma = sigma
  }
}

extension GraphBuilder {
  /// Adds a loss over the prediction; returns the tensor of losses per image.
  public func loss(_ op: Op, prediction: TensorID, keypoints: TensorID) -> TensorID {
    precondition(self[prediction].elementBytes == 4, "a loss reads its prediction as Float")
    let shape = self[prediction].shape
    let losses = tensor(Shape(n: shape.n, c: 1))
    var outputs = [losses]
    if mode == .training { outputs.append(tensor(shape, suffix: "gradient")) }
    var inputs = [prediction, keypoints]
    if case .likelihoodLoss(let attributes) = op { inputs += flowParameters(attributes) }
    add(op, inputs, outputs)
    return losses
  }
}

extension GradientContext {
  mutating func loss(_ node: Node) {
    contribute(node.outputs[1], to: node.inputs[0])
  }
}
