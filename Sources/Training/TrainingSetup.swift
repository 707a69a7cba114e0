import Datasets
import Execution
import Graph
import Nets
import Pose
import Support
import TrainingAPI
import Wording

/// Everything that is settled before the first step: data, split, plan, memory.
struct TrainingSetup {
  let recipe: RunRecipe
  /// Training and validation samples in one list; `split` says which are which.
  let dataset: Dataset
  let split: DatasetSplit
  let input: InputSpec
  let augmentation: Augmentation
  let model: ModelProgram
  let schedule: LearningRateSchedule
  let rule: OptimizerUpdate.Rule
  let session: any BackendSession
  private let slabCounts: [(slab: Slab, count: Int)]
  let deviceName: String
  /// What was found out on the way, to be told.
  private(set) var notices: [Sentence]

  var batch: Int { recipe.batch ?? 1 }
  var epochs: Int { recipe.epochs ?? 1 }
  var stepsPerEpoch: Int { (split.training.count + batch - 1) / batch }

  /// Steps of the whole run: all epochs, or `--steps` where that is the smaller.
  var totalSteps: Int {
    min(recipe.steps ?? .max, epochs * stepsPerEpoch)
  }

  /// Batches that a loader holds in memory.
  static let slots = 4

  init(
    _ asked: RunRecipe, makeBackend: (RunRecipe) -> any Backend
  ) throws(TrainingError) {
    guard let path = asked.dataset else { throw .datasetNotGiven }
    let definition = try wrapping(TrainingError.net) { () throws(NetError) in
      try Catalog.model(asked.model ?? "lite")
    }
    let head = asked.head(for: definition)
    let variant = try wrapping(TrainingError.net) { () throws(NetError) in
      try definition.variant(head)
    }
    let pretrained = try asked.initialWeights.map { path throws(TrainingError) in
      try wrapping(TrainingError.file) { () throws(FileError) in try PretrainedWeights(path) }
    }
    var recipe = asked.completed(with: definition, variant)
    recipe.convention = asked.convention ?? pretrained?.convention ?? recipe.convention
    (dataset, split) = try Self.data(path, recipe)
    let unbiased = recipe.convention != "classic"
    input = InputSpec(
      width: recipe.inputWidth ?? 96, height: recipe.inputHeight ?? 128,
      convention: unbiased ? .unbiased : .classic)
    augmentation = Augmentation.named(recipe.augment ?? "none") ?? .none
    let backend = makeBackend(recipe)
    let (input, schema) = (input, dataset.schema)
    let keypoints = zip(schema.keypoints, schema.sigmas).map {
      KeypointFacts(name: $0.0, sigma: $0.1)
    }
    let freezing = try wrapping(TrainingError.net) { () throws(NetError) in
      try variant.freezing(recipe.freeze ?? "none", definition, keypoints: keypoints.count)
    }
    model = try wrapping(TrainingError.net) { () throws(NetError) in
      try ModelProgram(
        definition: definition, head: variant.output.head,
        loss: try Catalog.loss(recipe.loss ?? ""),
        batch: recipe.batch ?? 1, width: input.width, height: input.height, keypoints: keypoints,
        isUnbiased: unbiased, isFrozen: freezing.isFrozen, workspace: backend.workspaceBytes)
    }
    rule = try wrapping(TrainingError.net) { () throws(NetError) in
      try Catalog.optimizer(recipe.optimizer ?? "")
    }
    let shape = try wrapping(TrainingError.net) { () throws(NetError) in
      try Catalog.schedule(recipe.schedule ?? "")
    }
    let program = model.program
    let options = SessionOptions(moments: rule.momentCount)
    session = try wrapping(TrainingError.execution) { () throws(ExecutionError) in
      try backend.makeSession(program, options)
    }
    slabCounts = Slab.allCases.map { ($0, options.count(of: $0, program.parameters)) }
    deviceName = backend.deviceName
    self.recipe = recipe
    let perEpoch = (split.training.count + (recipe.batch ?? 1) - 1) / (recipe.batch ?? 1)
    let total = min(recipe.steps ?? .max, (recipe.epochs ?? 1) * perEpoch)
    schedule = LearningRateSchedule(
      base: recipe.learningRate ?? 1e-3, warmup: min(recipe.warmup ?? 0, total / 2), total: total,
      stepsPerEpoch: perEpoch, definition: shape)
    notices = []
    initialise(seed: recipe.seed ?? 0)
    if let pretrained { notices = try pretrained.load(into: session, program.parameters) }
  }

  private static func data(
    _ path: String, _ recipe: RunRecipe
  ) throws(TrainingError) -> (Dataset, DatasetSplit) {
    let dataset = try open(path, images: recipe.images)
    guard let validationPath = recipe.validation else {
      let split = try wrapping(TrainingError.dataset) { () throws(DatasetError) in
        try DatasetSplit.make(
          dataset, method: SplitMethod(rawValue: recipe.split ?? "") ?? .random,
          fraction: recipe.validationFraction ?? 0.2, seed: recipe.seed ?? 0)
      }
      return (dataset, split)
    }
    let validation = try open(validationPath, images: nil)
    guard validation.schema.count == dataset.schema.count else {
      throw .keypointsDiffer(
        training: dataset.schema.count, validation: validation.schema.count)
    }
    let both = dataset.appending(validation, imageOffset: dataset.imageCount)
    let first = dataset.samples.count
    return (
      both,
      DatasetSplit(
        training: Array(0..<first), validation: Array(first..<both.samples.count))
    )
  }

  private static func open(
    _ path: String, images: String?
  ) throws(TrainingError) -> Dataset {
    try wrapping(TrainingError.dataset) { () throws(DatasetError) in
      try DatasetCatalog.open(path: path, images: images)
    }
  }

  /// Writes the first values of all parameters and statistics.
  private func initialise(seed: Int) {
    let table = model.program.parameters
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
  }

  /// What the viewers are told before the first step.
  var report: PlanReport {
    let program = model.program
    func bytes(_ slabs: Set<Slab>) -> Int {
      slabCounts.reduce(0) { $0 + (slabs.contains($1.slab) ? 4 * $1.count : 0) }
    }
    let workspace = max(
      program.training.peakWorkspaceBytes, program.evaluation.peakWorkspaceBytes)
    let arena = max(program.training.arenaBytes, program.evaluation.arenaBytes)
    let slots =
      2
      * BatchLoader.bytes(
        input: input, keypoints: dataset.schema.count, batch: batch, slots: Self.slots)
    let kinds: [(kind: String, count: Int)] = [
      ("weights", bytes([.weights, .statistics, .averagedWeights, .averagedStatistics])),
      ("gradients", bytes([.gradients, .accumulatedGradients])),
      ("optimizer", bytes([.firstMoments, .secondMoments])), ("activations", arena - workspace),
      ("workspace", workspace), ("input", program.training.inputBytes + slots),
    ]
    return PlanReport(
      model: model.definition.name, recipe: recipe.json, parameters: program.parameters.count,
      trainableParameters: program.parameters.trainedCount,
      bytes: kinds + [("total", kinds.reduce(0) { $0 + $1.count })], epochs: epochs,
      stepsPerEpoch: stepsPerEpoch, totalSteps: totalSteps, trainSamples: split.training.count,
      validationSamples: split.validation.count, keypoints: dataset.schema.keypoints,
      device: deviceName, withoutGPU: GraphicsProcessor.reasonForNone(), bestMetric: "AP")
  }
}

extension Dataset {
  /// This data set followed by another of the same schema.
  fileprivate func appending(_ other: Dataset, imageOffset: Int) -> Dataset {
    let moved = other.samples.map { sample in
      var sample = sample
      sample.image += imageOffset
      return sample
    }
    return Dataset(
      name: name, path: path, format: format, schema: schema, samples: samples + moved,
      notices: notices + other.notices)
  }
}
