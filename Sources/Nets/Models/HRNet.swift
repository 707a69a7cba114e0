import Graph

extension ModelDefinition {
  /// HRNet-W32 (arXiv 1902.09212) with the names of its authors' code: four branches at 1/4 ... 1/32
  /// of the input that exchange their maps after every four blocks.
  static let hrnetW32 = ModelDefinition(
    name: "hrnet-w32", summary: "HRNet-W32: high resolution kept throughout, heatmaps",
    stages: [
      ["conv1", "bn1", "conv2", "bn2"], ["layer1"], ["transition1", "stage2"],
      ["transition2", "stage3"], ["transition3", "stage4"],
    ],
    variants: [
      ModelVariant(
        output: .heatmaps(stride: 4), divisor: 32, defaults: .heatmap, build: buildHRNet)
    ])

  private static func buildHRNet(
    _ builder: GraphBuilder, _ images: TensorID, _ keypoints: Int
  ) -> TensorID {
    var x = builder.convolutionAndNorm(
      images, "conv1", "bn1", channels: 64, kernel: 3, stride: 2, relu: true)
    x = builder.convolutionAndNorm(
      x, "conv2", "bn2", channels: 64, kernel: 3, stride: 2, relu: true)
    for block in 0..<4 { x = builder.residual("layer1.\(block)", x, .bottleneck, width: 64) }
    var branches = [x]
    for (stage, modules) in [(2, 1), (3, 4), (4, 3)] {
      branches = transition(builder, "transition\(stage - 1)", branches)
      for module in 0..<modules {
        // Only the finest map of the last exchange is read.
        let outputs = stage == 4 && module == modules - 1 ? 1 : branches.count
        branches = builder.scope("stage\(stage).\(module)") {
          exchange(builder, branches.enumerated().map { branch(builder, $0, $1) }, outputs)
        }
      }
    }
    return builder.scope("final_layer") {
      builder.convolution(
        branches[0], channels: keypoints, kernel: 1, bias: true, deviation: 0.001,
        isPrediction: true)
    }
  }

  /// Channels of a branch.
  private static func channels(_ branch: Int) -> Int { 32 << branch }

  /// Adds a branch at half the coarsest resolution; the first transition also narrows the only map.
  private static func transition(
    _ builder: GraphBuilder, _ name: String, _ branches: [TensorID]
  ) -> [TensorID] {
    builder.scope(name) {
      var result = branches
      if builder[branches[0]].shape.c != channels(0) {
        result[0] = builder.scope("0") {
          builder.convolutionAndNorm(
            branches[0], "0", "1", channels: channels(0), kernel: 3, relu: true)
        }
      }
      let new = builder.scope("\(branches.count).0") {
        builder.convolutionAndNorm(
          branches[branches.count - 1], "0", "1", channels: channels(branches.count), kernel: 3,
          stride: 2, relu: true)
      }
      return result + [new]
    }
  }

  /// Four basic blocks.
  private static func branch(
    _ builder: GraphBuilder, _ index: Int, _ input: TensorID
  ) -> TensorID {
    var x = input
    for block in 0..<4 {
      x = builder.residual("branches.\(index).\(block)", x, .basic, width: channels(index))
    }
    return x
  }

  /// Each new map is the sum of all maps brought to its size.
  private static func exchange(
    _ builder: GraphBuilder, _ maps: [TensorID], _ outputs: Int
  ) -> [TensorID] {
    (0..<outputs).map { target in
      var sum: TensorID?
      for source in maps.indices {
        let map = builder.scope("fuse_layers.\(target).\(source)") {
          bring(builder, maps[source], from: source, to: target)
        }
        let isLast = source == maps.count - 1
        sum = sum.map { builder.add($0, map, relu: isLast) } ?? map
      }
      return sum ?? maps[target]
    }
  }

  private static func bring(
    _ builder: GraphBuilder, _ map: TensorID, from source: Int, to target: Int
  ) -> TensorID {
    if source == target { return map }
    if source > target {
      let narrow = builder.convolutionAndNorm(
        map, "0", "1", channels: channels(target), kernel: 1, relu: false)
      return builder.upsample(narrow, .nearest, by: 1 << (source - target))
    }
    var x = map
    for step in 0..<target - source {
      let isLast = step == target - source - 1
      x = builder.scope("\(step)") {
        builder.convolutionAndNorm(
          x, "0", "1", channels: channels(isLast ? target : source), kernel: 3, stride: 2,
          relu: !isLast)
      }
    }
    return x
  }
}
