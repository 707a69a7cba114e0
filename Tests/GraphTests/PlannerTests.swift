import Graph
import Nets
import Support
import TestSupport
import Testing

@Suite struct PlannerTests {
  @Test func `nothing that lives at the same time overlaps in the arena`() {
    let random = CounterRandom(seed: 1, name: "planner")
    for round in 0..<50 {
      let stream = random.stream(round)
      let requests = (0..<60).map { index -> ArenaRequest in
        let first = Int(stream.bits(3 * index) % 40)
        return ArenaRequest(
          bytes: Int(stream.bits(3 * index + 1) % 5000),
          range: LiveRange(first: first, last: first + Int(stream.bits(3 * index + 2) % 12)))
      }
      let (offsets, total) = ArenaPlanner.place(requests)
      for (i, a) in requests.enumerated() where a.bytes > 0 {
        #expect(offsets[i] % ArenaPlanner.alignment == 0)
        #expect(offsets[i] + a.bytes <= total)
        for (j, b) in requests.enumerated() where j > i && b.bytes > 0 {
          let apart = offsets[i] + a.bytes <= offsets[j] || offsets[j] + b.bytes <= offsets[i]
          #expect(apart || !a.range.overlaps(b.range))
        }
      }
      var lowerBound = 0
      for node in 0..<60 {
        let alive = requests.filter { $0.range.first <= node && node <= $0.range.last }
        lowerBound = max(lowerBound, alive.reduce(0) { $0 + $1.bytes })
      }
      #expect(total >= lowerBound)
    }
  }

  @Test func `the same graph gives the same plan`() throws {
    func offsets() throws -> [Int] {
      try ModelProgram(
        definition: Catalog.model("lite"), loss: Catalog.loss("heatmap-mse"), batch: 2, width: 32,
        height: 48, keypoints: .plain(17), isUnbiased: true, workspace: { _, _ in 128 }
      ).program.training.offsets
    }
    #expect(try offsets() == offsets())
  }

  // A backend may take the moments in the convolution, whose inputs are alive then.
  @Test func `a batch norm's statistics have their place from the convolution on`() throws {
    let plan = try ModelProgram(
      definition: Catalog.model("lite"), loss: Catalog.loss("heatmap-mse"), batch: 2, width: 32,
      height: 48, keypoints: .plain(17), isUnbiased: true, workspace: { _, _ in 0 }
    ).program.training
    let ranges = Liveness.ranges(of: plan.graph, keeping: [])
    var seen = 0
    for (position, node) in plan.graph.nodes.enumerated()
    where plan.graph.gathersStatistics(before: position) {
      #expect(plan.graph.position(of: node) == position)
      seen += 1
      let first = node.outputs.map { ranges[$0.index]?.first }
      #expect(first == [position, position - 1, position - 1])
    }
    #expect(seen == 16)
  }

  /// Counts from the tutorial (cnn, resnet18 with coordinates), SimpleBaseline's and HRNet's READMEs and
  /// PyTorch modules of the same layers.
  @Test(arguments: [
    ("cnn", Head.regression, 205_927_586), ("cnn-pooled", .regression, 379_554),
    ("lite", .heatmap, 2_186_993), ("resnet18", .regression, 11_316_578),
    ("resnet34", .regression, 21_424_738), ("resnet50", .regression, 24_041_314),
    ("resnet101", .regression, 43_033_442), ("resnet18", .heatmap, 15_376_721),
    ("resnet50", .heatmap, 33_999_697), ("hrnet-w32", .heatmap, 28_536_113),
  ])
  func `models have their number of parameters`(
    _ name: String, _ head: Head, _ count: Int
  ) throws {
    let definition = try Catalog.model(name)
    let variant = try definition.variant(head)
    let program = try ModelProgram(
      definition: definition, head: head, loss: Catalog.loss(variant.defaults.loss), batch: 1,
      width: variant.defaults.inputWidth, height: variant.defaults.inputHeight,
      keypoints: .plain(17), isUnbiased: true, workspace: { _, _ in 0 })
    #expect(program.program.parameters.count == count)
  }

  @Test
  func `a frozen backbone leaves 140,066 trained parameters, and nothing runs backward there`()
    throws
  {
    let definition = try Catalog.model("resnet18")
    let program = try ModelProgram(
      definition: definition, head: .regression, loss: Catalog.loss("mse"), batch: 2, width: 64,
      height: 64, keypoints: .plain(17), isUnbiased: true,
      isFrozen: { !$0.hasPrefix("resnet.fc.") }, workspace: { _, _ in 0 }
    ).program
    #expect(program.parameters.trainedCount == 140_066)
    #expect(program.parameters.trainedSlabCount < 140_066 + 64)
    let names = program.training.graph.nodes.map(\.op.name)
    #expect(!names.contains("convolution weight gradient"))
    #expect(!names.contains("batch norm"))
  }

  @Test func `a loss that does not fit the model is refused`() throws {
    let definition = try Catalog.model("lite")
    #expect(throws: NetError.lossDoesNotFit(loss: "mse", model: "lite", head: "heatmap")) {
      try ModelProgram(
        definition: definition, loss: Catalog.loss("mse"), batch: 1, width: 96, height: 128,
        keypoints: .plain(17), isUnbiased: true, workspace: { _, _ in 0 })
    }
  }

  @Test func `an unknown model names the nearest one`() {
    #expect(throws: NetError.unknownModel(name: "lit", nearest: "lite")) {
      try Catalog.model("lit")
    }
  }
}
