public import Graph

/// What a model's last layers predict.
public enum Head: String, Sendable, CaseIterable {
  /// The coordinates themselves.
  case regression
  /// A heatmap for each keypoint.
  case heatmap
  /// A distribution over the columns and one over the rows for each keypoint.
  case simcc
}

/// What a model puts out.
public enum ModelOutput: Sendable, Hashable {
  /// `[N, H / stride, W / stride, K]`, one heatmap per keypoint.
  case heatmaps(stride: Int)
  /// `[N, 2K]`, x and y of each keypoint divided by the input's width and height; `[N, 4K]` where the
  /// loss wants their deviations too.
  case coordinates
  /// `[N, 1, K, binsX + binsY]`, logits of so many bins for each px of width, then of height.
  case simcc(binsPerPixel: Int)

  /// The head that makes it.
  public var head: Head {
    switch self {
    case .heatmaps: .heatmap
    case .coordinates: .regression
    case .simcc: .simcc
    }
  }
}

/// The settings with which a model trains when nothing else is asked for.
public struct ModelDefaults: Sendable, Hashable {
  /// Width of the input, px.
  public var inputWidth: Int
  /// Height of the input, px.
  public var inputHeight: Int
  /// Name of the loss.
  public var loss: String
  /// Name of the optimiser's rule.
  public var optimizer: String
  /// Base learning rate.
  public var learningRate: Double
  /// Weight decay.
  public var weightDecay: Double
  /// Name of the schedule.
  public var schedule: String
  /// Steps of linear warm-up.
  public var warmup: Int
  /// Samples in a batch.
  public var batch: Int
  /// Epochs.
  public var epochs: Int
  /// Preset of augmentation.
  public var augment: String
}

/// A model with one of its heads.
public struct ModelVariant: Sendable {
  /// What it puts out.
  public let output: ModelOutput
  /// Both extents of the input must be multiples of this, px.
  public let divisor: Int
  /// Its default settings.
  public let defaults: ModelDefaults
  /// Builds it: input `[N, H, W, 3]` and the number of keypoints K to the prediction.
  public let build: @Sendable (GraphBuilder, TensorID, Int) -> TensorID

  /// A variant.
  public init(
    output: ModelOutput, divisor: Int, defaults: ModelDefaults,
    build: @escaping @Sendable (GraphBuilder, TensorID, Int) -> TensorID
  ) {
    self.output = output
    self.divisor = divisor
    self.defaults = defaults
    self.build = build
  }
}

/// A network that can be trained: one file under `Models/` and one line in the catalogue.
public struct ModelDefinition: Sendable {
  /// Name on the command line.
  public let name: String
  /// One line for lists.
  public let summary: String
  /// The model with each of its heads; the first is the default.
  public let variants: [ModelVariant]
  /// Prefixes of its parameters' names in the order of depth, which `--freeze stages:N` counts.
  public let stages: [[String]]

  /// A model.
  public init(
    name: String, summary: String, stages: [[String]], variants: [ModelVariant]
  ) {
    precondition(!variants.isEmpty)
    self.name = name
    self.summary = summary
    self.stages = stages
    self.variants = variants
  }

  /// The model with a head; nil for its default head.
  public func variant(_ head: Head?) throws(NetError) -> ModelVariant {
    guard let head else { return variants[0] }
    if let found = variants.first(where: { $0.output.head == head }) { return found }
    throw .headDoesNotFit(
      head: head.rawValue, model: name,
      possible: variants.map(\.output.head.rawValue).joined(separator: ", "))
  }
}

extension ModelDefaults {
  /// The tutorial's training: 224×224, Adam 1e-3, MSE, 50 epochs.
  static let regression = ModelDefaults(
    inputWidth: 224, inputHeight: 224, loss: "mse", optimizer: "adam", learningRate: 1e-3,
    weightDecay: 0, schedule: "constant", warmup: 0, batch: 32, epochs: 50, augment: "none")

  /// SimpleBaseline's and HRNet's training on COCO crops of 192×256.
  static let heatmap = ModelDefaults(
    inputWidth: 192, inputHeight: 256, loss: "heatmap-mse", optimizer: "adam",
    learningRate: 1e-3, weightDecay: 0, schedule: "multistep", warmup: 500, batch: 32,
    epochs: 210, augment: "standard")

  /// The same with SimCC's loss.
  static let simcc: ModelDefaults = {
    var defaults = heatmap
    defaults.loss = "simcc-kl"
    return defaults
  }()
}
