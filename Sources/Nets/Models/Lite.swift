import Graph

extension ModelDefinition {
  /// A small encoder-decoder with heatmaps at a quarter of the input, made to learn well within
  /// minutes on two cores: 3×3 convolutions at stride 1 with channels in sixteens, which Winograd
  /// makes cheap, and skip connections that keep the positions exact.
  static let lite = ModelDefinition(
    name: "lite",
    summary: "small encoder-decoder with heatmaps; learns within minutes on two cores",
    stages: [
      ["stem"], ["encoder.0"], ["down.0", "encoder.1"], ["down.1", "encoder.2"], ["decoder"],
    ],
    variants: [
      ModelVariant(
        output: .heatmaps(stride: 4), divisor: 16,
        defaults: ModelDefaults(
          inputWidth: 96, inputHeight: 128, loss: "heatmap-mse", optimizer: "adamw",
          learningRate: 2e-3, weightDecay: 0.01, schedule: "cosine", warmup: 50, batch: 32,
          epochs: 200, augment: "standard"), build: buildLite)
    ])

  private static func buildLite(
    _ builder: GraphBuilder, _ images: TensorID, _ keypoints: Int
  ) -> TensorID {
    var x = builder.convolutionBlock("stem.0", images, channels: 32, stride: 2)
    x = builder.convolutionBlock("stem.1", x, channels: 64, stride: 2)
    let quarter = builder.residualBlock("encoder.0", x)
    x = builder.convolutionBlock("down.0", quarter, channels: 128, stride: 2)
    let eighth = builder.residualBlock("encoder.1", x)
    x = builder.convolutionBlock("down.1", eighth, channels: 256, stride: 2)
    x = builder.residualBlock("encoder.2", x)
    x = merge(builder, "decoder.0", x, with: eighth, channels: 128)
    x = merge(builder, "decoder.1", x, with: quarter, channels: 64)
    return builder.scope("head") {
      builder.convolution(
        x, channels: keypoints, kernel: 1, bias: true, deviation: 0.001, isPrediction: true)
    }
  }

  /// Brings a coarse map to a skip connection's size, adds the two and smooths the sum.
  private static func merge(
    _ builder: GraphBuilder, _ name: String, _ coarse: TensorID, with skip: TensorID,
    channels: Int
  ) -> TensorID {
    builder.scope(name) {
      let reduced = builder.convolutionBlock(
        "reduce", coarse, channels: channels, kernel: 1, relu: false)
      let enlarged = builder.upsample(reduced, .bilinear)
      let sum = builder.convolutionBlock(
        "lateral", skip, channels: channels, kernel: 1, residual: enlarged)
      return builder.convolutionBlock("smooth", sum, channels: channels)
    }
  }
}
