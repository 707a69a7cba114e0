public import Execution
import Datasets
import Graph
import Nets
import Pose
public import Support
public import TrainingAPI

/// Measures training steps of a recipe's model on made-up data: `posetop bench`.
///
/// Notes on what was changed, with the effect that was predicted and measured, stand in
/// `Tests/Peers/NOTES.md`, beside the programs that measure PyTorch.
///
/// - Parameters:
///   - steps: steps that are timed, after two that are not.
///   - perOp: whether each node is timed by itself in one more step.
/// - Returns: `median_seconds`, `images_per_second`, `peak_bytes`, and `ops` when asked for.
public func benchDocument(
  _ asked: RunRecipe, steps: Int, perOp: Bool, makeBackend: (RunRecipe) -> any Backend
) throws(TrainingError) -> JSONValue {
  let settled = try SettledModel(asked, schema: .coco17, makeBackend: makeBackend)
  let (recipe, model) = (settled.recipe, settled.model)
  let batch = recipe.batch ?? 1
  let (session, _) = try settled.makeSession()
  let plan = model.program.training
  fill(session, plan, settled.input, batch)
  var seconds: [Double] = []
  for step in 1...(2 + max(1, steps)) {
    let start = Clock.monotonic()
    session.run(.training, batch: batch)
    session.update(
      OptimizerUpdate(
        rule: settled.rule, learningRate: 1e-4, weightDecay: recipe.weightDecay ?? 0,
        momentum: recipe.momentum ?? 0, nesterov: recipe.nesterov ?? false, step: step))
    if step > 2 { seconds.append(Clock.monotonic() - start) }
  }
  seconds.sort()
  let median = seconds[seconds.count / 2]
  var result: JSONObject = JSONObject([
    ("model", .string(model.definition.name)),
    ("head", .string(model.variant.output.head.rawValue)),
    ("input", .string("\(settled.input.width)x\(settled.input.height)")),
    ("batch", .integer(Int64(batch))), ("threads", .integer(Int64(recipe.threads ?? 1))),
    ("precision", .string(settled.precision.rawValue)),
    ("device", .string(settled.backend.deviceName)), ("case", .string("train-step")),
    ("median_seconds", .number(median)), ("images_per_second", .number(Double(batch) / median)),
    ("peak_bytes", .integer(Int64(ProcessMemory.peakResidentBytes() ?? 0))),
  ])
  if perOp { result["ops"] = .array(opTable(session, model.program, batch)) }
  return .object(result)
}

/// Pictures of noise and keypoints within them.
private func fill(
  _ session: any BackendSession, _ plan: Plan, _ input: InputSpec, _ batch: Int
) {
  let random = CounterRandom(seed: 1, name: "bench")
  let images = (0..<plan.graph[plan.images].shape.count).map { Float(random.normal($0)) }
  let points = (0..<plan.graph[plan.keypoints].shape.count).map { at -> Float in
    at % 3 == 2
      ? 1 : Float(random.uniform(at) * Double(at % 3 == 0 ? input.width : input.height))
  }
  images.withUnsafeBufferPointer { session.write($0, to: plan.images, of: .training) }
  points.withUnsafeBufferPointer { session.write($0, to: plan.keypoints, of: .training) }
}

/// One entry for each node of the training pass, with the best of three times.
private func opTable(
  _ session: any BackendSession, _ program: Program, _ batch: Int
) -> [JSONValue] {
  let graph = program.training.graph
  var best = session.nodeSeconds(.training, batch: batch)
  for _ in 0..<2 {
    for (index, time) in session.nodeSeconds(.training, batch: batch).enumerated() {
      best[index] = min(best[index], time)
    }
  }
  return graph.nodes.enumerated().map { index, node in
    [
      "name": .string(node.scope), "op": .string(node.op.name), "seconds": .number(best[index]),
      "flops": .integer(Int64(node.op.flops(node, in: graph))),
      "bytes": .integer(Int64(node.bytes(in: graph))),
    ]
  }
}
