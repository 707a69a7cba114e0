import Graph

extension OpCase {
  /// The same case over bfloat16 maps; nil where the op has none.
  ///
  /// The tolerance is a share of the largest value: a product's operands are rounded (weights to 2⁻⁹ of
  /// themselves), and so is the result, twice where it is added to what is there.
  var half: OpCase? {
    var copy = OpCase(
      name: "\(name), bf16", op: op, inputs: inputs, outputs: outputs, accumulates: accumulates,
      tolerance: max(tolerance, halfTolerance), byteOutput: byteOutput, byteInput: byteInput)
    copy.isHalf = true
    return copy.halfInputs.isEmpty && copy.halfOutputs.isEmpty ? nil : copy
  }

  /// Every case over bfloat16 maps, and casts.
  public static let halves: [OpCase] = all.compactMap(\.half) + casts

  /// Inputs that are maps, when maps are bfloat16.
  var halfInputs: [Int] {
    guard isHalf else { return [] }
    switch op {
    case .convolution, .convolutionDataGradient, .transposedConvolution,
      .transposedConvolutionDataGradient, .maxPool, .upsample, .upsampleGradient,
      .globalAveragePool:
      return [0]
    case .convolutionWeightGradient, .transposedConvolutionWeightGradient, .reluGradient, .add,
      .addGradient, .batchNormInferenceGradient:
      return Array(inputs.indices.prefix(2))
    case .batchNorm, .batchNormInference: return [0, 5].filter { $0 < inputs.count }
    case .batchNormGradient: return [0, 1, 6].filter { $0 < inputs.count }
    case .maxPoolGradient: return [0, 2].filter { $0 < inputs.count }
    case .cast: return outputs.isEmpty ? [] : castsToHalf ? [] : [0]
    default: return []
    }
  }

  /// Outputs that are maps, when maps are bfloat16.
  var halfOutputs: [Int] {
    guard isHalf else { return [] }
    switch op {
    case .convolution, .convolutionDataGradient, .transposedConvolution,
      .transposedConvolutionDataGradient, .batchNorm, .batchNormInference, .maxPool,
      .maxPoolGradient, .globalAveragePoolGradient, .upsample, .upsampleGradient, .reluGradient,
      .add:
      return [0]
    case .addGradient: return [0, 1]
    case .batchNormInferenceGradient: return Array(outputs.indices)
    case .batchNormGradient: return [0, 3].filter { $0 < outputs.count }
    case .cast: return castsToHalf ? [0] : []
    default: return []
    }
  }

  private var castsToHalf: Bool { name.contains("to bf16") }

  private var halfTolerance: Double {
    switch op {
    // A sum of hundreds of products errs by its operands' rounding, as the root of their number.
    case .convolution, .convolutionDataGradient, .transposedConvolution,
      .transposedConvolutionDataGradient:
      return 0.006
    // Winograd's F(2×2, 3×3) and F(3×3, 2×2) round what they transform.
    case .convolutionWeightGradient(let a) where a.kernel == 3 && a.stride == 1: return 0.01
    case .transposedConvolutionWeightGradient: return 0.01
    // Only the operands were rounded, and they are given as they are.
    case .convolutionWeightGradient, .globalAveragePool:
      return 5e-5
    default: return 0.005
    }
  }

  private static var casts: [OpCase] {
    ["cast to bf16", "cast to Float"].flatMap { name in
      let shape = Shape(n: 2, h: 3, w: 5, c: 7)
      var opCase = OpCase(
        name: name, op: .cast, inputs: [shape], outputs: [shape], accumulates: [false],
        tolerance: name == "cast to Float" ? 1e-7 : 0.004)
      opCase.isHalf = true
      var added = opCase.accumulating()
      added.isHalf = true
      return [opCase, added]
    }
  }
}

extension Float {
  /// The nearest value that bfloat16 has, ties to even.
  public var asBFloat16: Float {
    let bits = bitPattern
    return Float(bitPattern: (bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff_0000)
  }
}
