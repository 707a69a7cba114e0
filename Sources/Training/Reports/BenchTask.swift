public import Execution
import Datasets
import Graph
import Nets
import Pose
public import Support
public import TrainingAPI

/// What `posetop bench` measures.
public enum BenchMeasure: String, Sendable, CaseIterable {
  /// Forward, backward and the optimiser's step on made-up data.
  case trainStep = "train-step"
  /// Forward alone, batch norm by its running statistics.
  case evalStep = "eval-step"
  /// Reading, decoding, cropping and augmenting pictures, on as many threads.
  case loader
  /// Training steps over pictures that loaders read meanwhile, each one decoded anew.
  case dataStep = "data-step"
}

/// Measures one case: `posetop bench`.
///
/// Notes on what was changed, with the effect that was predicted and measured, stand in
/// `Tests/Peers/NOTES.md`, beside the programs that measure PyTorch.
///
/// - Parameters:
///   - steps: steps or batches that are timed, after two that are not.
///   - perOp: whether each node is timed by itself in three more steps.
/// - Returns: `case`, its settings, `median_seconds`, `images_per_second`, `peak_bytes` (of the GPU's
///   memory where steps run on one); `cropping` and, for `data-step`, `data_wait_seconds` of a step in the
///   mean where pictures are read; for steps `flops`, `bytes_moved` and `arena_bytes` of the plan, and `ops` and `ceilings` when asked for.
public func benchDocument(
  _ asked: RunRecipe, _ measure: BenchMeasure, steps: Int, perOp: Bool,
  makeBackend: BackendMaker
) throws(TrainingError) -> JSONValue {
  let settled = try SettledModel(asked, schema: .coco17, makeBackend: makeBackend)
  let recipe = settled.recipe
  let batch = recipe.batch ?? 1
  var result = JSONObject([
    ("case", .string(measure.rawValue)), ("model", .string(settled.model.definition.name)),
    ("head", .string(settled.model.variant.output.head.rawValue)),
    ("input", .string("\(settled.input.width)x\(settled.input.height)")),
    ("batch", .integer(Int64(batch))), ("precision", .string(settled.precision.rawValue)),
    ("threads", .integer(Int64(recipe.threads ?? 1))),
    ("device", .string(settled.backend.deviceName)),
  ])
  var seconds: [Double]
  // Of a GPU what the steps took there, the driver's share as it is once they have run.
  var deviceBytes: Int?
  switch measure {
  case .loader:
    let leavesCrops = recipe.cropping == "device"
    result["cropping"] = .string(leavesCrops ? "device" : "host")
    seconds = try DataBench(settled, leavesCrops: leavesCrops).loaderSeconds(batches: steps)
  case .dataStep:
    let leavesCrops = settled.options.cropsPictures
    result["cropping"] = .string(leavesCrops ? "device" : "host")
    result["loaders"] = .integer(Int64(recipe.loaders ?? 1))
    let measured = try DataBench(settled, leavesCrops: leavesCrops).steps(steps)
    seconds = measured.map(\.step)
    result["data_wait_seconds"] = .number(
      measured.reduce(0) { $0 + $1.wait } / Double(measured.count))
    deviceBytes = settled.deviceMemory?.total
  case .trainStep, .evalStep:
    let pass = measure == .trainStep ? Pass.training : .evaluation
    let bench = try StepBench(settled, pass)
    seconds = (0..<(2 + max(1, steps))).map { _ in bench.step() }
    seconds.removeFirst(2)
    deviceBytes = settled.deviceMemory?.total
    let plan = bench.plan
    result["flops"] = .integer(Int64(plan.flops))
    result["bytes_moved"] = .integer(Int64(plan.bytesMoved))
    result["arena_bytes"] = .integer(Int64(plan.arenaBytes))
    if perOp {
      result["ops"] = .array(bench.opTable())
      let ceilings = try wrapping(TrainingError.execution) { () throws(ExecutionError) in
        try settled.backend.measureCeilings()
      }
      result["ceilings"] = [
        "flops_per_second": .number(ceilings.flopsPerSecond),
        "bytes_per_second": .number(ceilings.bytesPerSecond),
      ]
    }
  }
  seconds.sort()
  let median = seconds[seconds.count / 2]
  result["median_seconds"] = .number(median)
  result["images_per_second"] = .number(Double(batch) / median)
  result["peak_bytes"] = .integer(Int64(deviceBytes ?? ProcessMemory.peakResidentBytes() ?? 0))
  return .object(result)
}

/// The steps of a model on pictures of noise.
private final class StepBench {
  let plan: Plan
  private let settled: SettledModel
  private let pass: Pass
  private let session: any BackendSession
  private let batch: Int
  private var steps = 0

  init(_ settled: SettledModel, _ pass: Pass) throws(TrainingError) {
    self.settled = settled
    self.pass = pass
    let program = settled.model.program
    plan = pass == .training ? program.training : program.evaluation
    batch = settled.recipe.batch ?? 1
    (session, _) = try settled.makeSession()
    let random = CounterRandom(seed: 1, name: "bench")
    let images = (0..<plan.graph[plan.images].shape.count).map { Float(random.normal($0)) }
    let input = settled.input
    let points = (0..<plan.graph[plan.keypoints].shape.count).map { at -> Float in
      at % 3 == 2
        ? 1 : Float(random.uniform(at) * Double(at % 3 == 0 ? input.width : input.height))
    }
    images.withUnsafeBufferPointer { session.write($0, to: plan.images, of: pass) }
    points.withUnsafeBufferPointer { session.write($0, to: plan.keypoints, of: pass) }
  }

  /// One step and its time, s.
  func step() -> Double {
    let start = Clock.monotonic()
    session.run(pass, batch: batch)
    if pass == .training { update() }
    session.finish()
    return Clock.monotonic() - start
  }

  private func update() {
    let recipe = settled.recipe
    steps += 1
    session.update(
      OptimizerUpdate(
        rule: settled.rule, learningRate: 1e-4, weightDecay: recipe.weightDecay ?? 0,
        momentum: recipe.momentum ?? 0, nesterov: recipe.nesterov ?? false, step: steps))
  }

  /// One entry for each node of the pass, and one for the optimiser's step, with the best of three
  /// times.
  func opTable() -> [JSONValue] {
    let graph = plan.graph
    var best = [Double](repeating: .infinity, count: session.nodeCount(pass))
    var bestUpdate = Double.infinity
    for _ in 0..<3 {
      for (index, time) in session.nodeSeconds(pass, batch: batch).enumerated() {
        best[index] = min(best[index], time)
      }
      guard pass == .training else { continue }
      let start = Clock.monotonic()
      update()
      session.finish()
      bestUpdate = min(bestUpdate, Clock.monotonic() - start)
    }
    func entry(_ name: String, _ op: String, _ seconds: Double, _ nodes: [Node]) -> JSONObject {
      let flops = nodes.reduce(0) { $0 + $1.op.flops($1, in: graph) }
      return JSONObject([
        ("name", .string(name)), ("op", .string(op)), ("seconds", .number(seconds)),
        ("flops", .integer(Int64(flops))),
        ("bytes", .integer(Int64(nodes.reduce(0) { $0 + $1.bytes(in: graph) }))),
      ])
    }
    var table = zip(graph.nodes, best).map {
      JSONValue.object(entry($0.scope, $0.op.name, $1, [$0]))
    }
    if pass == .training {
      // Weights and moments are read and written, gradients read.
      let (options, parameters) = (settled.options, settled.model.program.parameters)
      let moments =
        options.count(of: .firstMoments, parameters) + options.count(of: .secondMoments, parameters)
      let values =
        2 * (parameters.trainedSlabCount + moments) + options.count(of: .gradients, parameters)
      var update = entry("", "optimizer", bestUpdate, Array(graph.nodes[graph.passCount...]))
      update["bytes"] = .integer(Int64(4 * values))
      table.append(.object(update))
    }
    return table
  }
}
