import Graph

// ResNet (arXiv 1512.03385) as in torchvision: the stride stands in a bottleneck's 3×3 convolution.
// With the heatmap head it is SimpleBaseline (arXiv 1804.06208), with its names; with the regression
// head the tutorial's `KeypointResNet`, whose `resnet.fc` is 256 hidden values and 2K coordinates;
// with the SimCC head SimpleBaseline with SimCC's two layers (arXiv 2107.03332).
extension ModelDefinition {
  static let resnet18 = resnet("resnet18", .basic, [2, 2, 2, 2])
  static let resnet34 = resnet("resnet34", .basic, [3, 4, 6, 3])
  static let resnet50 = resnet("resnet50", .bottleneck, [3, 4, 6, 3])
  static let resnet101 = resnet("resnet101", .bottleneck, [3, 4, 23, 3])

  private static func resnet(
    _ name: String, _ block: ResidualKind, _ depths: [Int]
  ) -> ModelDefinition {
    let heatmap = ModelVariant(output: .heatmaps(stride: 4), divisor: 32, defaults: .heatmap) {
      builder, images, keypoints in
      let x = builder.resnet(images, block, depths)
      return builder.simpleBaselineHead(x, keypoints: keypoints)
    }
    let regression = ModelVariant(output: .coordinates, divisor: 1, defaults: .regression) {
      builder, images, keypoints in
      builder.scope("resnet") {
        let x = builder.globalAveragePool(builder.resnet(images, block, depths))
        let hidden = builder.scope("fc.0") { builder.linear(x, outputs: 256, relu: true) }
        return builder.scope("fc.2") { builder.linear(hidden, outputs: 2 * keypoints) }
      }
    }
    let bins = SimCC.binsPerPixel
    let simcc = ModelVariant(
      output: .simcc(binsPerPixel: bins), divisor: 32, defaults: .simcc
    ) { builder, images, keypoints in
      let size = builder[images].shape
      let x = builder.resnet(images, block, depths)
      let maps = builder.simpleBaselineHead(x, keypoints: keypoints)
      return builder.simccLinear(maps, binsX: bins * size.w, binsY: bins * size.h)
    }
    return ModelDefinition(
      name: name,
      summary: "ResNet-\(name.dropFirst(6)) with SimpleBaseline's heatmaps, coordinates or SimCC",
      stages: [["conv1", "bn1"], ["layer1"], ["layer2"], ["layer3"], ["layer4"]],
      variants: [heatmap, regression, simcc])
  }
}

/// Constants of SimCC.
enum SimCC {
  /// Bins for each pixel of the input (the paper's splitting factor k).
  static let binsPerPixel = 2
}

/// The two residual blocks of ResNet.
enum ResidualKind: Sendable {
  case basic, bottleneck

  /// Output channels for each channel of width.
  var expansion: Int { self == .basic ? 1 : 4 }
}

extension GraphBuilder {
  /// A bare convolution and its batch norm, named as siblings such as `conv1` and `bn1`.
  func convolutionAndNorm(
    _ x: TensorID, _ convolutionName: String, _ normName: String, channels: Int, kernel: Int,
    stride: Int = 1, residual: TensorID? = nil, relu: Bool
  ) -> TensorID {
    let y = scope(convolutionName) {
      convolution(x, channels: channels, kernel: kernel, stride: stride)
    }
    return scope(normName) { batchNorm(y, residual: residual, relu: relu) }
  }

  /// A residual block; the residual goes through a 1×1 convolution where its shape changes.
  func residual(
    _ name: String, _ x: TensorID, _ kind: ResidualKind, width: Int, stride: Int = 1
  ) -> TensorID {
    scope(name) {
      let channels = width * kind.expansion
      var y = x
      switch kind {
      case .basic:
        y = convolutionAndNorm(
          x, "conv1", "bn1", channels: width, kernel: 3, stride: stride, relu: true)
      case .bottleneck:
        y = convolutionAndNorm(x, "conv1", "bn1", channels: width, kernel: 1, relu: true)
        y = convolutionAndNorm(
          y, "conv2", "bn2", channels: width, kernel: 3, stride: stride, relu: true)
      }
      var shortcut = x
      if stride != 1 || self[x].shape.c != channels {
        shortcut = convolutionAndNorm(
          x, "downsample.0", "downsample.1", channels: channels, kernel: 1, stride: stride,
          relu: false)
      }
      let isBasic = kind == .basic
      return convolutionAndNorm(
        y, isBasic ? "conv2" : "conv3", isBasic ? "bn2" : "bn3", channels: channels,
        kernel: isBasic ? 3 : 1, residual: shortcut, relu: true)
    }
  }

  /// ResNet's features `[N, H / 32, W / 32, 512 · expansion]`.
  fileprivate func resnet(
    _ images: TensorID, _ kind: ResidualKind, _ depths: [Int]
  ) -> TensorID {
    var x = scope("conv1") { convolution(images, channels: 64, kernel: 7, stride: 2) }
    // ReLU comes after the pooling, where it costs a quarter.
    x = scope("bn1") { batchNorm(x, relu: false) }
    x = maxPool(x, MaxPool(kernel: 3, stride: 2, padding: 1, relu: true))
    for (stage, depth) in depths.enumerated() {
      for block in 0..<depth {
        x = residual(
          "layer\(stage + 1).\(block)", x, kind, width: 64 << stage,
          stride: block == 0 && stage > 0 ? 2 : 1)
      }
    }
    return x
  }

  /// Three transposed convolutions of 256 channels and a 1×1 convolution to the heatmaps; first
  /// values normal with deviation 0.001.
  fileprivate func simpleBaselineHead(_ features: TensorID, keypoints: Int) -> TensorID {
    var x = features
    for index in 0..<3 {
      x = scope("deconv_layers.\(3 * index)") {
        transposedConvolution(
          x, channels: 256, kernel: 4, stride: 2, padding: 1, deviation: 0.001)
      }
      x = scope("deconv_layers.\(3 * index + 1)") { batchNorm(x, relu: true) }
    }
    return scope("final_layer") {
      convolution(
        x, channels: keypoints, kernel: 1, bias: true, deviation: 0.001, isPrediction: true)
    }
  }
}
