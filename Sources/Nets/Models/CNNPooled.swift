import Graph

extension ModelDefinition {
  /// The tutorial's three convolutions with a global average pool in place of its giant layer:
  /// 379,554 parameters for 17 keypoints.
  static let cnnPooled = ModelDefinition(
    name: "cnn-pooled",
    summary: "three convolutions 64-128-256, global average pool, coordinates",
    output: .coordinates,
    defaults: ModelDefaults(
      inputWidth: 224, inputHeight: 224, loss: "mse", optimizer: "adam", learningRate: 1e-3,
      weightDecay: 0, schedule: "constant", warmup: 0, batch: 32, epochs: 50, augment: "none")
  ) { builder, images, keypoints in
    var x = images
    for (index, channels) in [64, 128, 256].enumerated() {
      x = builder.scope("conv\(index + 1)") {
        builder.convolution(x, channels: channels, kernel: 3, bias: true, relu: true)
      }
      x = builder.maxPool(x)
    }
    x = builder.globalAveragePool(x)
    return builder.scope("fc") { builder.linear(x, outputs: 2 * keypoints) }
  }
}
