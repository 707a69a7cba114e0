import Datasets
public import Execution
import Graph
import Nets
import Pose
import Support
public import TrainingAPI
import Wording

/// Chooses what computes for a recipe that is filled in but for its precision, which may be `auto`.
public typealias BackendMaker = (RunRecipe) throws(TrainingError) -> any Backend

/// A recipe with every setting filled in, and the model that it describes, planned for a backend;
/// nothing is allocated yet.
struct SettledModel {
  let recipe: RunRecipe
  let input: InputSpec
  let model: ModelProgram
  let rule: OptimizerUpdate.Rule
  let schedule: ScheduleDefinition
  let options: SessionOptions
  let precision: Precision
  let backend: any Backend
  /// The weights to begin with.
  let pretrained: PretrainedWeights?

  init(
    _ asked: RunRecipe, schema: KeypointSchema, makeBackend: BackendMaker
  ) throws(TrainingError) {
    let definition = try wrapping(TrainingError.net) { () throws(NetError) in
      try Catalog.model(asked.model ?? "lite")
    }
    let variant = try wrapping(TrainingError.net) { () throws(NetError) in
      try definition.variant(asked.head(for: definition))
    }
    pretrained = try asked.initialWeights.map { path throws(TrainingError) in
      try wrapping(TrainingError.file) { () throws(FileError) in try PretrainedWeights(path) }
    }
    var recipe = asked.completed(with: definition, variant)
    recipe.convention = asked.convention ?? pretrained?.convention ?? recipe.convention
    let unbiased = recipe.convention != "classic"
    let input = InputSpec(
      width: recipe.inputWidth ?? 96, height: recipe.inputHeight ?? 128,
      convention: unbiased ? .unbiased : .classic)
    let backend = try makeBackend(recipe)
    if asked.loaders == nil, backend.leavesProcessorFree {
      recipe.loaders = min(16, HostProcessors.usable)
    }
    if recipe.precision == "auto" { recipe.precision = backend.defaultPrecision.rawValue }
    let keypoints = zip(schema.weights, schema.sigmas).map {
      KeypointFacts(weight: $0.0, sigma: $0.1)
    }
    let settled = recipe
    guard let precision = Precision(rawValue: recipe.precision ?? ""), backend.supports(precision)
    else {
      throw .precisionUnknown(name: recipe.precision ?? "", device: backend.deviceName)
    }
    self.precision = precision
    (model, rule, schedule) = try wrapping(TrainingError.net) { () throws(NetError) in
      let freezing = try variant.freezing(
        settled.freeze ?? "none", definition, keypoints: keypoints.count)
      let model = try ModelProgram(
        definition: definition, head: variant.output.head,
        loss: try Catalog.loss(settled.loss ?? ""), batch: settled.batch ?? 1,
        width: input.width, height: input.height, keypoints: keypoints, isUnbiased: unbiased,
        precision: precision, isFrozen: freezing.isFrozen, updatesFrom: settled.updatesFrom,
        workspace: backend.workspaceBytes)
      return (
        model, try Catalog.optimizer(settled.optimizer ?? ""),
        try Catalog.schedule(settled.schedule ?? "")
      )
    }
    options = SessionOptions(
      moments: rule.momentCount, accumulates: (recipe.accumulate ?? 1) > 1,
      averages: recipe.averageDecay != nil,
      cropsPictures: recipe.cropping == "device" && backend.cropsPictures)
    self.recipe = recipe
    self.input = input
    self.backend = backend
  }

  /// Takes the memory and writes the first values of all parameters and statistics; what is said of
  /// weights from a file comes back.
  ///
  /// - Parameter isEmpty: whether the values stay zero instead, because others will be written.
  func makeSession(
    isEmpty: Bool = false
  ) throws(TrainingError) -> (any BackendSession, [Sentence]) {
    let session = try wrapping(TrainingError.execution) { () throws(ExecutionError) in
      try backend.makeSession(model.program, options)
    }
    return (session, isEmpty ? [] : try initialise(session))
  }

  /// The same with other layers frozen.
  func refrozen(
    to text: String, schema: KeypointSchema
  ) throws(TrainingError) -> SettledModel {
    var recipe = recipe
    recipe.freeze = text
    recipe.initialWeights = nil
    let backend = backend
    return try SettledModel(recipe, schema: schema) { _ in backend }
  }

  /// Writes the first values of all parameters and statistics.
  func initialise(_ session: any BackendSession) throws(TrainingError) -> [Sentence] {
    let table = model.program.parameters
    let seed = recipe.seed ?? 0
    for (parameter, offset) in zip(table.parameters, table.offsets) {
      InitialWeights.values(of: parameter, seed: seed).withUnsafeBufferPointer {
        session.write($0, to: .weights, from: offset)
      }
    }
    for (statistic, offset) in zip(table.statistics, table.statisticOffsets) {
      InitialWeights.values(of: statistic, seed: seed).withUnsafeBufferPointer {
        session.write($0, to: .statistics, from: offset)
      }
    }
    let said = try pretrained?.load(into: session, table) ?? []
    // A running mean begins with the first values.
    if options.averages { session.updateAverages(keep: 0) }
    return said
  }
}

extension RunRecipe {
  /// Weights of a fully connected layer with at least so many values, 64 MiB, are worth it.
  static let giantWeights = 1 << 24

  /// From how many weights on a fully connected layer is updated as its gradient is computed; nil where
  /// a gradient is read as a whole: added up over batches, or clipped by its norm.
  var updatesFrom: Int? { (accumulate ?? 1) == 1 && clip == nil ? Self.giantWeights : nil }
}
