import Graph

extension ModelDefinition {
  /// The tutorial's network (`KeypointModel`): three convolutions, each followed by a pooling, and two
  /// fully connected layers; 205,927,586 parameters at 224×224, of which the first layer has
  /// 205,521,920.
  static let cnn = ModelDefinition(
    name: "cnn",
    summary: "the tutorial's three convolutions 64-128-256 and a giant fully connected layer",
    stages: [["conv1"], ["conv2"], ["conv3"], ["fc1"]],
    variants: [
      ModelVariant(output: .coordinates, divisor: 8, defaults: .regression) {
        builder, images, keypoints in
        var x = builder.threeConvolutions(images)
        x = builder.scope("fc1") { builder.linear(x, outputs: 1024, relu: true) }
        return builder.scope("fc2") { builder.linear(x, outputs: 2 * keypoints) }
      }
    ])
}

extension GraphBuilder {
  /// The tutorial's convolutions 64-128-256 with ReLU, each followed by a 2×2 max pooling.
  func threeConvolutions(_ images: TensorID) -> TensorID {
    var x = images
    for (index, channels) in [64, 128, 256].enumerated() {
      x = scope("conv\(index + 1)") { convolution(x, channels: channels, kernel: 3, bias: true) }
      x = maxPool(x, MaxPool(relu: true))
    }
    return x
  }
}
