public import Graph
public import Wording
import Support

/// A model with a loss at a batch and an input size: what a backend runs.
public struct ModelProgram: Sendable {
  /// The model.
  public let definition: ModelDefinition
  /// The loss.
  public let loss: LossDefinition
  /// The geometry that the loss knows.
  public let geometry: LossInput
  /// Plans and parameters.
  public let program: Program

  /// Builds both plans.
  ///
  /// - Parameter workspace: bytes of scratch memory that the backend wants for a node.
  public init(
    definition: ModelDefinition, loss: LossDefinition, batch: Int, width: Int, height: Int,
    keypoints: Int, isUnbiased: Bool, workspace: (Node, Graph) -> Int
  ) throws(NetError) {
    if case .heatmaps(let stride) = definition.output {
      guard loss.wantsHeatmaps else {
        throw .lossDoesNotFit(loss: loss.name, model: definition.name)
      }
      // The deepest map has an eighth of the heatmap's extents.
      guard width % (4 * stride) == 0, height % (4 * stride) == 0 else {
        throw .inputNotDivisible(width: width, height: height, divisor: 4 * stride)
      }
    } else if loss.wantsHeatmaps {
      throw .lossDoesNotFit(loss: loss.name, model: definition.name)
    }
    self.definition = definition
    self.loss = loss
    var parameters = ParameterTable()
    var geometry = LossInput(
      width: width, height: height, prediction: Shape(n: batch, c: 1), isUnbiased: isUnbiased)
    func plan(_ mode: GraphBuilder.Mode) -> Plan {
      let builder = GraphBuilder(mode: mode, parameters: parameters)
      let images = builder.input("images", Shape(n: batch, h: height, w: width, c: 3))
      let points = builder.input("keypoints", Shape(n: batch, h: 1, w: keypoints, c: 3))
      let prediction = definition.build(builder, images, keypoints)
      geometry.prediction = builder[prediction].shape
      let op = loss.op(geometry)
      let losses = builder.scope("loss") {
        builder.loss(op, prediction: prediction, keypoints: points)
      }
      parameters = builder.parameters
      let graph =
        mode == .training ? GradientContext.differentiate(builder.graph) : builder.graph
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
  case lossDoesNotFit(loss: String, model: String)
  case inputNotDivisible(width: Int, height: Int, divisor: Int)

  public var sentence: Sentence {
    switch self {
    case .unknownModel(let name, let nearest): Self.unknown("model", name, nearest)
    case .unknownLoss(let name, let nearest): Self.unknown("loss", name, nearest)
    case .unknownSchedule(let name, let nearest): Self.unknown("schedule", name, nearest)
    case .unknownOptimizer(let name, let nearest): Self.unknown("optimizer", name, nearest)
    case .lossDoesNotFit(let loss, let model):
      Sentence(EngineSentence.lossDoesNotFit, loss, model)
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
