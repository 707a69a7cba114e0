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
        height: 48, keypoints: 17, isUnbiased: true, workspace: { _, _ in 128 }
      ).program.training.offsets
    }
    #expect(try offsets() == offsets())
  }

  @Test(arguments: [("cnn-pooled", 379_554), ("lite", 2_186_993)])
  func `models have their number of parameters`(_ name: String, _ count: Int) throws {
    let definition = try Catalog.model(name)
    let program = try ModelProgram(
      definition: definition, loss: Catalog.loss(definition.defaults.loss), batch: 1,
      width: definition.defaults.inputWidth, height: definition.defaults.inputHeight,
      keypoints: 17, isUnbiased: true, workspace: { _, _ in 0 })
    #expect(program.program.parameters.count == count)
  }

  @Test func `a loss that does not fit the model is refused`() throws {
    let definition = try Catalog.model("lite")
    #expect(throws: NetError.lossDoesNotFit(loss: "mse", model: "lite")) {
      try ModelProgram(
        definition: definition, loss: Catalog.loss("mse"), batch: 1, width: 96, height: 128,
        keypoints: 17, isUnbiased: true, workspace: { _, _ in 0 })
    }
  }

  @Test func `an unknown model names the nearest one`() {
    #expect(throws: NetError.unknownModel(name: "lit", nearest: "lite")) {
      try Catalog.model("lit")
    }
  }
}
