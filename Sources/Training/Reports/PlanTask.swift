public import Execution
import Datasets
import Graph
import Nets
import Pose
public import Support
public import TrainingAPI

/// What a recipe will need, without data and without allocating anything: `posetop plan`.
///
/// - Returns: the document that `contract.md` describes.
public func planDocument(
  _ asked: RunRecipe, makeBackend: BackendMaker
) throws(TrainingError) -> JSONValue {
  let hostAvailable = HostMemory.available()
  // What does not fit is planned all the same, unless a batch that fits is asked for.
  let settled =
    try asked.fitsBatch == true
    ? SettledModel.fitting(
      asked, schema: .coco17, available: hostAvailable, makeBackend: makeBackend)
    : SettledModel(asked, schema: .coco17, makeBackend: makeBackend)
  let (recipe, program) = (settled.recipe, settled.model.program)
  let memory = settled.memory(keypoints: KeypointSchema.coco17.count)
  var bytes = JSONObject()
  for (kind, count) in memory.kinds { bytes[kind] = .integer(Int64(count)) }
  bytes["checkpoint"] = .integer(Int64(memory.checkpoint))
  bytes["total"] = .integer(Int64(memory.total))
  let device = settled.deviceMemory
  // What this process has taken of a GPU counts in the plan, not as taken.
  let available = device.map { $0.free + $0.total - $0.needed } ?? hostAvailable
  var hostBytes = JSONObject()
  for (kind, count) in memory.hostKinds { hostBytes[kind] = .integer(Int64(count)) }
  let forward = program.evaluation.graph
  let flops = forward.nodes.reduce(0) { $0 + $1.op.flops($1, in: forward) }
  return [
    "model": .string(settled.model.definition.name), "recipe": recipe.json,
    "available": available.map { .integer(Int64($0)) } ?? .null,
    "device": .string(settled.backend.deviceName),
    "parameters": .integer(Int64(program.parameters.count)),
    "trainable_parameters": .integer(Int64(program.parameters.trainedCount)),
    "flops_forward": .integer(Int64(flops / (recipe.batch ?? 1))),
    "host_bytes": device == nil ? .null : .object(hostBytes), "bytes": .object(bytes),
    "giant_layers": .array(giantLayers(program)),
    "layers": .array(layers(program)),
  ]
}

/// The fully connected layers whose gradients may be left out, with their size and what is done.
private func giantLayers(_ program: Program) -> [JSONValue] {
  let graph = program.training.graph
  return graph.nodes.compactMap { node in
    guard case .linear = node.op, case .parameter(let index) = graph[node.inputs[1]].storage else {
      return nil
    }
    let parameter = program.parameters.parameters[index]
    guard parameter.isTrained, parameter.layout.count >= RunRecipe.giantWeights else { return nil }
    return [
      "name": .string(node.scope), "gradient_bytes": .integer(Int64(4 * parameter.layout.count)),
      "updated_with_gradient":
        .bool(program.parameters.updatedWithGradient.contains(index)),
    ]
  }
}

/// One entry for each forward node: its name, op, output, parameters, FLOPs of the batch and bytes.
private func layers(_ program: Program) -> [JSONValue] {
  let graph = program.evaluation.graph
  return graph.nodes.map { node in
    let parameters = node.inputs.reduce(0) { sum, id in
      if case .parameter(let index) = graph[id].storage {
        return sum + program.parameters.parameters[index].layout.count
      }
      return sum
    }
    let output = node.outputs.first.map { graph[$0] }
    let shape = output?.shape
    return [
      "name": .string(node.scope), "op": .string(node.op.name),
      "output": .array(
        [shape?.n, shape?.h, shape?.w, shape?.c].map { .integer(Int64($0 ?? 0)) }),
      "parameters": .integer(Int64(parameters)),
      "flops": .integer(Int64(node.op.flops(node, in: graph))),
      "bytes": .integer(Int64(output?.bytes ?? 0)),
    ]
  }
}
