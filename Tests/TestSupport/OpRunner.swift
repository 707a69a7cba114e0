public import Execution
import Graph

/// Runs the one node of a case on a backend.
public enum OpRunner {
  /// What is in the tensors afterwards.
  public struct Result {
    /// In the op's order.
    public var inputs: [[Float]]
    /// In the op's order.
    public var outputs: [[Float]]
  }

  /// Runs the case, its outputs poisoned before.
  ///
  /// - Parameters:
  ///   - inputs: values in place of the case's own random ones.
  ///   - times: how often it runs, with its outputs poisoned again before each time; what it changes
  ///     among its inputs, such as running statistics, is changed each time.
  public static func run(
    _ opCase: OpCase, on backend: any Backend, inputs: [[Float]]? = nil, times: Int = 1
  ) throws -> Result {
    let graph = opCase.graph
    let first = TensorID(index: 0)
    let plan = Plan(
      graph: graph, images: first, keypoints: first, prediction: first, losses: first,
      workspace: backend.workspaceBytes)
    let session = try backend.makeSession(
      Program(training: plan, evaluation: plan, parameters: ParameterTable()))
    for index in opCase.inputs.indices {
      write(
        inputs?[index] ?? opCase.values(ofInput: index), TensorID(index: index), session,
        asBytes: index == opCase.byteInput)
    }
    for _ in 0..<times {
      for index in opCase.outputs.indices where index != opCase.byteOutput {
        write(
          opCase.values(ofOutput: index), TensorID(index: opCase.inputs.count + index), session,
          asBytes: false)
      }
      session.run(.training, batch: opCase.inputs[0].n)
    }
    return Result(
      inputs: opCase.inputs.indices.map { index in
        read(
          TensorID(index: index), opCase.inputs[index].count, session,
          asBytes: index == opCase.byteInput)
      },
      outputs: opCase.outputs.indices.map { index in
        read(
          TensorID(index: opCase.inputs.count + index), opCase.outputs[index].count, session,
          asBytes: index == opCase.byteOutput)
      })
  }

  /// Largest difference as a share of the largest expected value; infinite for NaN.
  public static func error(_ values: [Float], _ expected: [Double]) -> Double {
    guard values.count == expected.count else { return .infinity }
    let scale = max(expected.map { abs($0) }.max() ?? 0, 1e-30)
    var worst = 0.0
    for (value, wanted) in zip(values, expected) {
      let difference = abs(Double(value) - wanted)
      if !(difference <= .greatestFiniteMagnitude) { return .infinity }
      worst = max(worst, difference / scale)
    }
    return worst
  }

  private static func write(
    _ values: [Float], _ tensor: TensorID, _ session: any BackendSession, asBytes: Bool
  ) {
    var words = values
    if asBytes {
      // One byte an element, packed into whole floats.
      let bytes = values.map { UInt8($0) } + [0, 0, 0]
      words = bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
      words.removeLast(max(0, words.count - values.count / 4))
    }
    words.withUnsafeBufferPointer { session.write($0, to: tensor, of: .training) }
  }

  private static func read(
    _ tensor: TensorID, _ count: Int, _ session: any BackendSession, asBytes: Bool
  ) -> [Float] {
    var words = [Float](repeating: 0, count: asBytes ? count / 4 : count)
    words.withUnsafeMutableBufferPointer { session.read(tensor, of: .training, into: $0) }
    guard asBytes else { return words }
    return words.withUnsafeBytes { $0.map { Float($0) } }
  }
}
