public import Graph
import Support

/// First values of parameters, a function of the seed, the tensor's name and the index in PyTorch's
/// layout, so that a script in any language can make the same.
public enum InitialWeights {
  /// The values of one parameter in the engine's layout.
  public static func values(of parameter: Parameter, seed: Int) -> [Float] {
    let count = parameter.layout.count
    let random = CounterRandom(seed: UInt64(seed), name: parameter.name)
    switch parameter.initial {
    case .constant(let value): return [Float](repeating: Float(value), count: count)
    case .normal(let deviation):
      return place(parameter, count) { Float(random.normal($0) * deviation) }
    case .uniform(let bound):
      return place(parameter, count) { Float((2 * random.uniform($0) - 1) * bound) }
    }
  }

  private static func place(
    _ parameter: Parameter, _ count: Int, _ value: (Int) -> Float
  ) -> [Float] {
    var result = [Float](repeating: 0, count: count)
    for index in 0..<count { result[parameter.layout.position(ofFileIndex: index)] = value(index) }
    return result
  }
}
