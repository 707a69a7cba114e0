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
  /// How pictures are varied now: as the recipe says, until somebody changes it.
  var augmentation: Augmentation
  private(set) var model: ModelProgram
  let schedule: LearningRateSchedule
  let rule: OptimizerUpdate.Rule
  private(set) var session: any BackendSession
  let backend: any Backend
  private(set) var memory: MemoryPlan
  let stepsPerEpoch: Int
  /// Steps of the whole run: all epochs, or `--steps` where that is the smaller.
  let totalSteps: Int
  let deviceName: String
  /// What was found out on the way, to be told.
  let notices: [Sentence]
  /// What the bits depend on besides the state and the recipe.
  let arithmetic: String
  private var settled: SettledModel
  /// Why it does not compute on a GPU; nil where it does.
  private let withoutGPU: Sentence?
  /// Resident size before anything was planned, bytes.
  private let residentBefore: Int?

  /// Which layers keep their values now, as `--freeze` says it.
  var freeze: String { settled.recipe.freeze ?? "none" }
  var batch: Int { recipe.batch ?? 1 }
  /// Whether the device makes the pictures of what the loaders hand over.
  var leavesCrops: Bool { settled.options.cropsPictures }
  var epochs: Int { recipe.epochs ?? 1 }
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

  /// - Parameters:
  ///   - goesOn: whether a saved state is there, whose training must find its memory again.
  ///   - halvesBatch: whether the memory did not suffice for the batch in the middle of a run.
  init(
    _ asked: RunRecipe, availableMemory: Int? = HostMemory.available(), goesOn: Bool = false,
    halvesBatch: Bool = false, onRead: ReadingProgress? = nil, makeBackend: BackendMaker
  ) throws(TrainingError) {
    guard let path = asked.dataset else { throw .datasetNotGiven }
    let dataset = try Self.open(path, images: asked.images, onRead)
    let residentBefore = ProcessMemory.residentBytes()
    let mustFit = goesOn || halvesBatch
    let planned = try SettledModel.fitting(
      halvesBatch ? asked.halvingBatch() : asked, schema: dataset.schema,
      available: availableMemory, mustFit: mustFit,
      makeBackend: makeBackend)
    let said: [Sentence]
    (settled, session, said) = try planned.takingMemory(dataset.schema)
    self.residentBefore = residentBefore
    var recipe = settled.recipe
    let batch = (recipe.batch ?? 1, recipe.accumulate ?? 1)
    // Where nothing goes on, a batch that the plan made smaller is what `--batch auto` asks for.
    let wanted = (mustFit ? asked.batch : nil) ?? planned.recipe.batch
    var notices = said
    if (wanted ?? batch.0) > batch.0 {
      notices.insert(Sentence(EngineSentence.batchHalved, batch.0, batch.1), at: 0)
    }
    if recipe.cropping == "device", !settled.options.cropsPictures {
      notices.append(Sentence(EngineSentence.cropsOnProcessor))
    }
    self.notices = notices
    (self.dataset, split) = try Self.data(
      dataset, recipe, splitIsOpen: asked.split == nil, onRead)
    // The data set's own split stays open in the recipe, so that a training that goes on takes it too.
    if asked.split == nil, asked.validation == nil, dataset.declaredSplit != nil {
      recipe.split = nil
    }
    self.recipe = recipe
    input = settled.input
    let augment = recipe.augment ?? "none"
    augmentation = try wrapping({ .dataset(.augmentation($0)) }) { () throws(AugmentationError) in
      try Augmentation(setting: augment)
    }
    model = settled.model
    rule = settled.rule
    backend = settled.backend
    deviceName = settled.backend.deviceName
    arithmetic = settled.backend.arithmetic(in: settled.precision)
    memory = settled.memory(keypoints: dataset.schema.count)
    withoutGPU =
      settled.deviceMemory == nil ? GraphicsProcessor.reasonForNone(asked.device ?? "auto") : nil
    let batches = (split.training.count + (recipe.batch ?? 1) - 1) / (recipe.batch ?? 1)
    stepsPerEpoch = (batches + (recipe.accumulate ?? 1) - 1) / (recipe.accumulate ?? 1)
    totalSteps = min(recipe.steps ?? .max, (recipe.epochs ?? 1) * stepsPerEpoch)
    schedule = LearningRateSchedule(
      base: recipe.learningRate ?? 1e-3, warmup: min(recipe.warmup ?? 0, totalSteps / 2),
      total: totalSteps, stepsPerEpoch: stepsPerEpoch, definition: settled.schedule)
  }

  /// The data set of a recipe that was completed, as its training saw it.
  static func data(
    _ recipe: RunRecipe, onRead: ReadingProgress? = nil
  ) throws(TrainingError) -> (Dataset, DatasetSplit) {
    guard let path = recipe.dataset else { throw .datasetNotGiven }
    return try data(
      try open(path, images: recipe.images, onRead), recipe, splitIsOpen: recipe.split == nil,
      onRead)
  }

  private static func data(
    _ dataset: Dataset, _ recipe: RunRecipe, splitIsOpen: Bool, _ onRead: ReadingProgress?
  ) throws(TrainingError) -> (Dataset, DatasetSplit) {
    if let samples = recipe.overfit {
      return (dataset, SanityCheck.split(dataset, samples: samples))
    }
    guard let validationPath = recipe.validation else {
      // What the data set itself keeps for validation, unless another split is asked for.
      if splitIsOpen, let split = dataset.declaredSplit { return (dataset, split) }
      let split = try wrapping(TrainingError.dataset) { () throws(DatasetError) in
        try DatasetSplit.make(
          dataset, setting: recipe.split, fraction: recipe.validationFraction ?? 0.2,
          seed: recipe.seed ?? 0)
      }
      return (dataset, split)
    }
    let opened = try open(validationPath, images: nil, onRead)
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
    _ path: String, images: String?, _ onRead: ReadingProgress?
  ) throws(TrainingError) -> Dataset {
    try wrapping(TrainingError.dataset) { () throws(DatasetError) in
      try DatasetCatalog.open(path: path, images: images, onRead: onRead)
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

  /// The names of the validation pictures; null where they are a data set of their own.
  var validationPictures: JSONValue {
    recipe.validation == nil
      ? .array(split.validationPictures(dataset).map { .string($0) }) : .null
  }

  /// The same training with other layers frozen: the weights, statistics and running means as they are
  /// now, the moments empty.
  func refrozen(to text: String) throws(TrainingError) -> TrainingSetup {
    var next = self
    next.settled = try settled.refrozen(to: text, schema: dataset.schema)
    next.model = next.settled.model
    (next.session, _) = try next.settled.makeSession(isEmpty: true)
    next.memory = next.settled.memory(keypoints: dataset.schema.count)
    for (slab, averaged) in [(Slab.weights, false), (.averagedWeights, true)] {
      if averaged, session.count(of: slab) == 0 { continue }
      let (from, to) = (model.program.parameters, next.model.program.parameters)
      for (index, offset) in zip(from.parameters.indices, from.offsets) {
        Self.copy(
          slab, from.parameters[index].layout.count, from: session, offset, to: next.session,
          to.offsets[index])
      }
    }
    next.session.lossScaling = session.lossScaling
    for slab in [Slab.statistics, .averagedStatistics] {
      Self.copy(slab, session.count(of: slab), from: session, 0, to: next.session, 0)
    }
    return next
  }

  private static func copy(
    _ slab: Slab, _ count: Int, from: any BackendSession, _ source: Int, to: any BackendSession,
    _ target: Int
  ) {
    var values = [Float](repeating: 0, count: min(count, 1 << 18))
    var done = 0
    while done < count {
      let part = min(values.count, count - done)
      values.withUnsafeMutableBufferPointer {
        from.read(slab, from: source + done, into: .init(rebasing: $0[..<part]))
      }
      values.withUnsafeBufferPointer {
        to.write(.init(rebasing: $0[..<part]), to: slab, from: target + done)
      }
      done += part
    }
  }

  /// Puts the session back to where it was before the first step.
  func restart() throws(TrainingError) {
    session.lossScaling = nil
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
    _ = try settled.initialise(session)
  }

  /// What the viewers are told before the first step.
  var report: PlanReport {
    let program = model.program
    var report = PlanReport(
      model: model.definition.name, recipe: recipe.json, parameters: program.parameters.count,
      trainableParameters: program.parameters.trainedCount,
      bytes: memory.kinds + [("total", memory.total)], epochs: epochs,
      stepsPerEpoch: stepsPerEpoch, totalSteps: totalSteps, trainSamples: split.training.count,
      validationSamples: split.validation.count, keypoints: dataset.schema.keypoints,
      device: deviceName, withoutGPU: withoutGPU, bestMetric: "AP")
    report.gpu = settled.deviceMemory.map {
      GraphicsPlacement(
        pciBusID: $0.place, capacity: $0.capacity, hostBytes: memory.hostKinds)
    }
    report.layers = LayerReport.layers(of: program)
    report.residentBytes = residentBefore
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
