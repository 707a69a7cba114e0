public import Graph

extension GraphBuilder {
  /// Convolution, batch norm, ReLU, with PyTorch's names `<name>.conv` and `<name>.bn`.
  ///
  /// A residual is added before ReLU.
  public func convolutionBlock(
    _ name: String, _ x: TensorID, channels: Int, kernel: Int = 3, stride: Int = 1,
    residual: TensorID? = nil, relu: Bool = true
  ) -> TensorID {
    scope(name) {
      let y = scope("conv") {
        convolution(x, channels: channels, kernel: kernel, stride: stride)
      }
      return scope("bn") { batchNorm(y, residual: residual, relu: relu) }
    }
  }

  /// Two 3×3 blocks with a residual around them (arXiv 1512.03385, figure 5 left); the channels stay.
  public func residualBlock(_ name: String, _ x: TensorID) -> TensorID {
    scope(name) {
      let channels = self[x].shape.c
      let y = convolutionBlock("0", x, channels: channels)
      return convolutionBlock("1", y, channels: channels, residual: x)
    }
  }
}
