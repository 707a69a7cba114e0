public import Graph

/// What a model puts out.
public enum ModelOutput: Sendable, Hashable {
  /// `[N, H / stride, W / stride, K]`, one heatmap per keypoint.
  case heatmaps(stride: Int)
  /// `[N, 2K]`, x and y of each keypoint divided by the input's width and height.
  case coordinates
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

/// A network that can be trained: one file under `Models/` and one line in the catalogue.
public struct ModelDefinition: Sendable {
  /// Name on the command line.
  public let name: String
  /// One line for lists.
  public let summary: String
  /// What it puts out.
  public let output: ModelOutput
  /// Its default settings.
  public let defaults: ModelDefaults
  /// Builds it: input `[N, H, W, 3]` and the number of keypoints K to the prediction.
  public let build: @Sendable (GraphBuilder, TensorID, Int) -> TensorID

  /// A model.
  public init(
    name: String, summary: String, output: ModelOutput, defaults: ModelDefaults,
    build: @escaping @Sendable (GraphBuilder, TensorID, Int) -> TensorID
  ) {
    self.name = name
    self.summary = summary
    self.output = output
    self.defaults = defaults
    self.build = build
  }
}
