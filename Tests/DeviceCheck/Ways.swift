import BackendCUDA
import Execution
import Graph
import NVIDIA
import Nets
import Support
import TestSupport

/// Prints how each node of a model is done, and its time by the GPU's clock: MODEL:HEAD:LOSS:WIDTH:HEIGHT:BATCH.
func showWays(
  _ libraries: NVIDIALibraries, _ processor: GraphicsProcessorFacts, _ asked: [String]
) -> Int {
  var failures = 0
  for text in asked {
    let parts = text.split(separator: ":").map(String.init)
    guard parts.count == 7, let precision = Precision(rawValue: parts[6]) else { return 1 }
    do {
      let begin = Clock.monotonic()
      let backend = try CUDABackend(libraries, processor: processor, precision: precision)
      let made = Clock.monotonic()
      let model = try ModelProgram(
        definition: try Catalog.model(parts[0]), head: Head(rawValue: parts[1]),
        loss: Catalog.loss(parts[2]), batch: Int(parts[5]) ?? 1, width: Int(parts[3]) ?? 64,
        height: Int(parts[4]) ?? 64, keypoints: .plain(17), isUnbiased: true,
        precision: precision, updatesFrom: 1 << 24, workspace: backend.workspaceBytes)
      let planned = Clock.monotonic()
      let session = try backend.makeSession(model.program)
      let table = model.program.parameters
      session.writeFirstValues(of: table, seed: 0)
      let plan = model.program.training
      let noise = CounterRandom(seed: 1, name: "images")
      let images = (0..<plan.graph[plan.images].shape.count).map { Float(noise.normal($0)) }
      images.withUnsafeBufferPointer { session.write($0, to: plan.images, of: .training) }
      let points = (0..<plan.graph[plan.keypoints].shape.count).map {
        $0 % 3 == 2 ? 1 : Float(20 + $0 % 60)
      }
      points.withUnsafeBufferPointer { session.write($0, to: plan.keypoints, of: .training) }
      let batch = Int(parts[5]) ?? 1
      let filled = Clock.monotonic()
      var steps: [Double] = []
      for step in 1...23 {
        let start = Clock.monotonic()
        session.run(.training, batch: batch)
        session.update(
          OptimizerUpdate(rule: .adam, learningRate: 1e-4, weightDecay: 0, step: step))
        session.finish()
        steps.append(Clock.monotonic() - start)
      }
      let sorted = steps.dropFirst(3).sorted()
      print(
        "\(text): step \(1e3 * sorted[10]) ms (first \(steps[0]) s), arena \(plan.arenaBytes >> 20) MiB; backend \(made - begin) s, plan \(planned - made) s, session and weights \(filled - planned) s"
      )
      var best = [Double](repeating: .infinity, count: session.nodeCount(.training))
      for _ in 0..<3 {
        for (index, seconds) in session.nodeSeconds(.training, batch: batch).enumerated() {
          best[index] = min(best[index], seconds)
        }
      }
      var groups: [String: (seconds: Double, bytes: Int, flops: Int, count: Int)] = [:]
      for (index, node) in plan.graph.nodes[..<best.count].enumerated() {
        let key = "\(node.op.name) [\(backend.method(of: node, in: plan.graph))]"
        var group = groups[key] ?? (0, 0, 0, 0)
        group.seconds += best[index]
        group.bytes += node.bytes(in: plan.graph)
        group.flops += node.op.flops(node, in: plan.graph)
        group.count += 1
        groups[key] = group
        if best[index] > 0.003 * sorted[10] {
          print(
            "    \(node.scope) \(node.op.name): \(1e3 * best[index]) ms, \(Double(node.bytes(in: plan.graph)) / best[index] / 1e9) GB/s, \(Double(node.op.flops(node, in: plan.graph)) / best[index] / 1e12) TFLOP/s"
          )
        }
      }
      var updates: [Double] = []
      for step in 30...40 {
        let start = Clock.monotonic()
        session.update(
          OptimizerUpdate(rule: .adam, learningRate: 1e-4, weightDecay: 0, step: step))
        session.finish()
        updates.append(Clock.monotonic() - start)
      }
      print("  update: \(1e3 * updates.sorted()[5]) ms, \(table.trainedSlabCount >> 20) Mi values")
      for (key, group) in groups.sorted(by: { $0.value.seconds > $1.value.seconds }) {
        print(
          "  \(key) x\(group.count): \(1e3 * group.seconds) ms, \(Double(group.bytes) / group.seconds / 1e9) GB/s, \(Double(group.flops) / group.seconds / 1e12) TFLOP/s"
        )
      }
    } catch {
      failures += 1
      print("FAILED \(text): \(error)")
    }
  }
  return failures
}
