import Graph

extension ModelDefinition {
  /// The tutorial's three convolutions with a global average pool in place of its giant layer:
  /// 379,554 parameters for 17 keypoints.
  static let cnnPooled = ModelDefinition(
    name: "cnn-pooled",
    summary: "three convolutions 64-128-256, global average pool, coordinates",
    stages: [["conv1"], ["conv2"], ["conv3"]],
    variants: [
      ModelVariant(output: .coordinates, divisor: 1, defaults: .regression) {
        builder, images, keypoints in
        let x = builder.globalAveragePool(builder.threeConvolutions(images))
        return builder.scope("fc") { builder.linear(x, outputs: 2 * keypoints) }
      }
    ])
}
