public import Graph
public import Wording
import Support

/// A model with a loss at a batch and an input size: what a backend runs.
public struct ModelProgram: Sendable {
  /// The model.
  public let definition: ModelDefinition
  /// The model with the head in use.
  public let variant: ModelVariant
  /// The loss.
  public let loss: LossDefinition
  /// The geometry that the loss knows.
  public let geometry: LossInput
  /// Plans and parameters.
  public let program: Program

  /// Builds both plans.
  ///
  /// - Parameters:
  ///   - head: what it predicts; nil for the model's default.
  ///   - keypoints: what is known of each of the K keypoints.
  ///   - precision: what maps are computed with.
  ///   - isFrozen: whether the parameter of that name keeps its values.
  ///   - updatesFrom: fully connected layers whose weights have at least so many values are updated
  ///     as their gradients are computed; nil where these are wanted as a whole.
  ///   - workspace: bytes of scratch memory that the backend wants for a node.
  public init(
    definition: ModelDefinition, head: Head? = nil, loss: LossDefinition, batch: Int, width: Int,
    height: Int, keypoints: [KeypointFacts], isUnbiased: Bool,
    precision: Precision = .float32,
    isFrozen: @escaping @Sendable (String) -> Bool = { _ in false }, updatesFrom: Int? = nil,
    workspace: (Node, Graph) -> Int
  ) throws(NetError) {
    let variant = try definition.variant(head)
    guard loss.head == variant.output.head else {
      throw .lossDoesNotFit(
        loss: loss.name, model: definition.name, head: variant.output.head.rawValue)
    }
    guard width % variant.divisor == 0, height % variant.divisor == 0 else {
      throw .inputNotDivisible(width: width, height: height, divisor: variant.divisor)
    }
    self.definition = definition
    self.variant = variant
    self.loss = loss
    var parameters = ParameterTable()
    var geometry = LossInput(
      width: width, height: height, prediction: Shape(n: batch, c: 1), isUnbiased: isUnbiased,
      keypoints: keypoints)
    func plan(_ mode: GraphBuilder.Mode) -> Plan {
      let builder = GraphBuilder(
        mode: mode, precision: precision, parameters: parameters, isFrozen: isFrozen)
      let images = builder.input("images", Shape(n: batch, h: height, w: width, c: 3))
      let points = builder.input("keypoints", Shape(n: batch, h: 1, w: keypoints.count, c: 3))
      // A head of coordinates predicts 2 values for each of what it takes for keypoints.
      let prediction = variant.build(
        builder, builder.asMap(images), keypoints.count * loss.valuesPerKeypoint / 2)
      geometry.prediction = builder[prediction].shape
      let op = loss.op(geometry)
      let losses = builder.scope("loss") {
        builder.loss(op, prediction: prediction, keypoints: points)
      }
      parameters = builder.parameters
      if let updatesFrom, mode == .training {
        parameters.updateWithGradient(builder.graph, weightsFrom: updatesFrom)
      }
      let graph =
        mode == .training
        ? GradientContext.differentiate(builder.graph, parameters: parameters) : builder.graph
      return Plan(
        graph: graph, images: images, keypoints: points, prediction: prediction, losses: losses,
        workspace: workspace)
    }
    let training = plan(.training)
    let evaluation = plan(.evaluation)
    self.geometry = geometry
    program = Program(training: training, evaluation: evaluation, parameters: parameters)
  }
}

/// A combination of model, loss and size that does not fit.
public enum NetError: Error, Sayable, Hashable {
  case unknownModel(name: String, nearest: String?)
  case unknownLoss(name: String, nearest: String?)
  case unknownSchedule(name: String, nearest: String?)
  case unknownOptimizer(name: String, nearest: String?)
  case headDoesNotFit(head: String, model: String, possible: String)
  case lossDoesNotFit(loss: String, model: String, head: String)
  case badStages(text: String, model: String, count: Int)
  case unknownLayer(name: String, model: String, nearest: String?)
  case inputNotDivisible(width: Int, height: Int, divisor: Int)

  public var sentence: Sentence {
    switch self {
    case .unknownModel(let name, let nearest): Self.unknown("model", name, nearest)
    case .unknownLoss(let name, let nearest): Self.unknown("loss", name, nearest)
    case .unknownSchedule(let name, let nearest): Self.unknown("schedule", name, nearest)
    case .unknownOptimizer(let name, let nearest): Self.unknown("optimizer", name, nearest)
    case .headDoesNotFit(let head, let model, let possible):
      Sentence(EngineSentence.headDoesNotFit, head, model, possible)
    case .lossDoesNotFit(let loss, let model, let head):
      Sentence(
        EngineSentence.lossDoesNotFit, loss, model, head,
        Catalog.losses.filter { $0.head.rawValue == head }.map(\.name).joined(separator: ", "))
    case .badStages(let text, let model, let count):
      Sentence(EngineSentence.badStages, text, model, count)
    case .unknownLayer(let name, let model, let nearest?):
      Sentence(EngineSentence.unknownLayerNearest, name, model, nearest)
    case .unknownLayer(let name, let model, nil):
      Sentence(EngineSentence.unknownLayer, name, model)
    case .inputNotDivisible(let width, let height, let divisor):
      Sentence(EngineSentence.inputNotDivisible, "\(width)x\(height)", divisor)
    }
  }

  private static func unknown(_ kind: String, _ name: String, _ nearest: String?) -> Sentence {
    if let nearest { return Sentence(EngineSentence.unknownChoiceNearest, kind, name, nearest) }
    return Sentence(EngineSentence.unknownChoice, kind, name)
  }
}

extension Catalog {
  /// The model of that name.
  public static func model(_ name: String) throws(NetError) -> ModelDefinition {
    if let found = models.first(where: { $0.name == name }) { return found }
    throw .unknownModel(name: name, nearest: NearestWord.find(name, in: models.map(\.name)))
  }

  /// The loss of that name.
  public static func loss(_ name: String) throws(NetError) -> LossDefinition {
    if let found = losses.first(where: { $0.name == name }) { return found }
    throw .unknownLoss(name: name, nearest: NearestWord.find(name, in: losses.map(\.name)))
  }

  /// The schedule of that name.
  public static func schedule(_ name: String) throws(NetError) -> ScheduleDefinition {
    if let found = schedules.first(where: { $0.name == name }) { return found }
    throw .unknownSchedule(
      name: name, nearest: NearestWord.find(name, in: schedules.map(\.name)))
  }

  /// The optimiser's rule of that name.
  public static func optimizer(_ name: String) throws(NetError) -> OptimizerUpdate.Rule {
    if let found = OptimizerUpdate.Rule(rawValue: name) { return found }
    throw .unknownOptimizer(
      name: name,
      nearest: NearestWord.find(name, in: OptimizerUpdate.Rule.allCases.map(\.rawValue)))
  }
}
