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
  let deviceName: String
  /// What the bits depend on besides the state and the recipe.
  let arithmetic: String

  var batch: Int { recipe.batch ?? 1 }
  var epochs: Int { recipe.epochs ?? 1 }
  var stepsPerEpoch: Int { (split.training.count + batch - 1) / batch }

  /// Steps of the whole run: all epochs, or `--steps` where that is the smaller.
  var totalSteps: Int {
    min(recipe.steps ?? .max, epochs * stepsPerEpoch)
  }

  /// Batches that a loader holds in memory.
  static let slots = 4

  /// The crash-note slots of the threads that decode pictures.
  enum NoteSlots {
    /// The first of the training's loaders.
    static let training = 0
    /// The first of the validation's loaders.
    static let validation = 256
    /// The thread that makes the previews.
    static let previews = 512
    /// All.
    static let count = 513
  }

  init(
    _ asked: RunRecipe, makeBackend: (RunRecipe) -> any Backend
  ) throws(TrainingError) {
    guard let path = asked.dataset else { throw .datasetNotGiven }
    let definition = try wrapping(TrainingError.net) { () throws(NetError) in
      try Catalog.model(asked.model ?? "lite")
    }
    var recipe = asked.completed(with: definition)
    (dataset, split) = try Self.data(path, recipe, splitIsOpen: asked.split == nil)
    // The data set's own split stays open in the recipe, so that a training that goes on takes it too.
    if asked.split == nil, asked.validation == nil, dataset.declaredSplit != nil {
      recipe.split = nil
    }
    let unbiased = recipe.convention != "classic"
    input = InputSpec(
      width: recipe.inputWidth ?? 96, height: recipe.inputHeight ?? 128,
      convention: unbiased ? .unbiased : .classic)
    augmentation = Augmentation.named(recipe.augment ?? "none") ?? .none
    let backend = makeBackend(recipe)
    let (input, keypoints) = (input, dataset.schema.count)
    model = try wrapping(TrainingError.net) { () throws(NetError) in
      try ModelProgram(
        definition: definition, loss: try Catalog.loss(recipe.loss ?? ""),
        batch: recipe.batch ?? 1, width: input.width, height: input.height, keypoints: keypoints,
        isUnbiased: unbiased, workspace: backend.workspaceBytes)
    }
    rule = try wrapping(TrainingError.net) { () throws(NetError) in
      try Catalog.optimizer(recipe.optimizer ?? "")
    }
    let shape = try wrapping(TrainingError.net) { () throws(NetError) in
      try Catalog.schedule(recipe.schedule ?? "")
    }
    let program = model.program
    session = try wrapping(TrainingError.execution) { () throws(ExecutionError) in
      try backend.makeSession(program)
    }
    deviceName = backend.deviceName
    arithmetic = backend.arithmetic
    self.recipe = recipe
    let perEpoch = (split.training.count + (recipe.batch ?? 1) - 1) / (recipe.batch ?? 1)
    let total = min(recipe.steps ?? .max, (recipe.epochs ?? 1) * perEpoch)
    schedule = LearningRateSchedule(
      base: recipe.learningRate ?? 1e-3, warmup: min(recipe.warmup ?? 0, total / 2), total: total,
      definition: shape)
    initialise()
  }

  private static func data(
    _ path: String, _ recipe: RunRecipe, splitIsOpen: Bool
  ) throws(TrainingError) -> (Dataset, DatasetSplit) {
    let dataset = try open(path, images: recipe.images)
    guard let validationPath = recipe.validation else {
      // What the data set itself keeps for validation, unless another split is asked for.
      if splitIsOpen, let split = dataset.declaredSplit { return (dataset, split) }
      let split = try wrapping(TrainingError.dataset) { () throws(DatasetError) in
        try DatasetSplit.make(
          dataset, method: SplitMethod(rawValue: recipe.split ?? "") ?? .random,
          fraction: recipe.validationFraction ?? 0.2, seed: recipe.seed ?? 0)
      }
      return (dataset, split)
    }
    let opened = try open(validationPath, images: nil)
    let validation = try wrapping(TrainingError.dataset) { () throws(DatasetError) in
      try opened.mapped(to: dataset.schema)
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

  /// What a training must share with a saved one to go on from it, or to give the same bits.
  var origin: SavedState.Origin {
    let table = model.program.parameters
    let parameters = (table.parameters + table.statistics).map { "\($0.name) \($0.layout.count)" }
    var checksums = BlockChecksums()
    for text in parameters { Array("\(text)\n".utf8).withUnsafeBytes { checksums.append($0) } }
    return SavedState.Origin(
      arithmetic: arithmetic, data: dataset.identity(split),
      parameters: "\(model.definition.name) \(checksums.finish().map(String.init).joined())")
  }

  /// Writes zeros into the whole state, as a new session has it.
  func clearState() {
    let zeros = [Float](repeating: 0, count: 1 << 16)
    for slab in Slab.allCases where slab.isState {
      let count = session.count(of: slab)
      for start in stride(from: 0, to: count, by: zeros.count) {
        zeros.withUnsafeBufferPointer {
          session.write(
            .init(rebasing: $0[..<min(zeros.count, count - start)]), to: slab, from: start)
        }
      }
    }
  }

  /// Writes the first values of all parameters and statistics.
  func initialise() {
    let seed = recipe.seed ?? 0
    let table = model.program.parameters
    var weights = [Float](repeating: 0, count: table.slabCount)
    for (parameter, offset) in zip(table.parameters, table.offsets) {
      let values = InitialWeights.values(of: parameter, seed: seed)
      weights.replaceSubrange(offset..<offset + values.count, with: values)
    }
    var statistics = [Float](repeating: 0, count: table.statisticSlabCount)
    for (parameter, offset) in zip(table.statistics, table.statisticOffsets) {
      let values = InitialWeights.values(of: parameter, seed: seed)
      statistics.replaceSubrange(offset..<offset + values.count, with: values)
    }
    weights.withUnsafeBufferPointer { session.write($0, to: .weights) }
    statistics.withUnsafeBufferPointer { session.write($0, to: .statistics) }
  }

  /// Bytes of the complete state.
  var stateBytes: Int {
    Slab.allCases.filter(\.isState).reduce(0) { $0 + 4 * session.count(of: $1) }
  }

  /// What the viewers are told before the first step.
  var report: PlanReport {
    let program = model.program
    let slab = 4 * program.parameters.slabCount
    let workspace = max(
      program.training.peakWorkspaceBytes, program.evaluation.peakWorkspaceBytes)
    let arena = max(program.training.arenaBytes, program.evaluation.arenaBytes)
    let slots =
      2
      * BatchLoader.bytes(
        input: input, keypoints: dataset.schema.count, batch: batch, slots: Self.slots)
    let kinds: [(kind: String, count: Int)] = [
      ("weights", slab + 4 * program.parameters.statisticSlabCount), ("gradients", slab),
      ("optimizer", OptimizerUpdate.momentCount * slab), ("activations", arena - workspace),
      ("workspace", workspace), ("input", program.training.inputBytes + slots),
      ("checkpoint", StateMemory.plannedBytes(state: stateBytes)),
    ]
    var report = PlanReport(
      model: model.definition.name, recipe: recipe.json, parameters: program.parameters.count,
      trainableParameters: program.parameters.count,
      bytes: kinds + [("total", kinds.reduce(0) { $0 + $1.count })], epochs: epochs,
      stepsPerEpoch: stepsPerEpoch, totalSteps: totalSteps, trainSamples: split.training.count,
      validationSamples: split.validation.count, keypoints: dataset.schema.keypoints,
      device: deviceName, withoutGPU: GraphicsProcessor.reasonForNone(), bestMetric: "AP")
    report.layers = LayerReport.layers(of: program)
    report.plannedRates = schedule.samples(64)
    return report
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
