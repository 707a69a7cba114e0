import Graph
import Support

/// Which layers keep their values while others are trained.
public struct Freezing: Sendable, Hashable {
  /// Beginnings of parameter names; empty for none.
  public let prefixes: [String]

  /// Nothing is frozen.
  public static let none = Freezing(prefixes: [])

  /// Reads `none`, `all` (every stage of the backbone), `stages:N` (the first N stages), or layers'
  /// names with commas between them, such as `conv1,layer1`.
  ///
  /// - Parameter parameters: the names of the model's parameters, against which layers are checked.
  public init(
    _ text: String, model: ModelDefinition, parameters: [String]
  ) throws(NetError) {
    switch text {
    case "none": self = .none
    case "all": self.init(prefixes: model.stages.flatMap(\.self))
    case _ where text.hasPrefix("stages:"):
      guard let count = Int(text.dropFirst(7)), (0...model.stages.count).contains(count) else {
        throw .badStages(text: text, model: model.name, count: model.stages.count)
      }
      self.init(prefixes: model.stages[..<count].flatMap(\.self))
    default:
      let layers = text.split(separator: ",").map { Self.layer(String($0)) }
      for layer in layers
      where !parameters.contains(where: { Self.matches($0, layer) }) {
        let known = Set(parameters.flatMap { Self.beginnings(Self.withoutContainer($0)) })
        throw .unknownLayer(
          name: layer, model: model.name, nearest: NearestWord.find(layer, in: known.sorted()))
      }
      self.init(prefixes: layers)
    }
  }

  private init(prefixes: [String]) { self.prefixes = prefixes }

  /// Whether the parameter of that name keeps its values.
  public func isFrozen(_ parameter: String) -> Bool {
    prefixes.contains { Self.matches(parameter, $0) }
  }

  /// Whether anything is frozen.
  public var isEmpty: Bool { prefixes.isEmpty }

  private static func matches(_ parameter: String, _ layer: String) -> Bool {
    parameter.hasPrefix("\(layer).") || withoutContainer(parameter).hasPrefix("\(layer).")
  }

  /// The layers that a parameter belongs to, from the outermost on.
  private static func beginnings(_ name: String) -> [String] {
    let parts = name.split(separator: ".").dropLast()
    return parts.indices.map { parts[...$0].joined(separator: ".") }
  }

  /// The tutorial's network keeps its ResNet as a member of that name.
  private static func withoutContainer(_ name: String) -> String {
    name.hasPrefix("resnet.") ? String(name.dropFirst(7)) : name
  }

  /// A layer is frozen as a whole: its weight and its bias.
  private static func layer(_ name: String) -> String {
    for suffix in [".weight", ".bias"] where name.hasSuffix(suffix) {
      return String(name.dropLast(suffix.count))
    }
    return name
  }
}

extension ModelVariant {
  /// What a setting of `--freeze` means for this model.
  public func freezing(
    _ text: String, _ model: ModelDefinition, keypoints: Int
  ) throws(NetError) -> Freezing {
    if text == "none" { return .none }
    // The names do not depend on the batch; the input only has to be divisible.
    let builder = GraphBuilder(mode: .evaluation)
    let images = builder.input("images", Shape(n: 1, h: 4 * divisor, w: 4 * divisor, c: 3))
    _ = build(builder, images, keypoints)
    return try Freezing(
      text, model: model, parameters: builder.parameters.parameters.map(\.name))
  }
}
