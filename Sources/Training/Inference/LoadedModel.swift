import Datasets
import Execution
import Graph
import Nets
import Pose
import RunFiles
import Support
import TensorFiles
import TrainingAPI

/// A trained model from a weight file, ready to predict.
struct LoadedModel {
  let model: ModelProgram
  let input: InputSpec
  let schema: KeypointSchema
  let session: any BackendSession
  /// Images in a batch at most.
  let batch: Int
  let deviceName: String
  /// The mean training pose in pixels of the input, where the file tells it.
  let meanPose: [(x: Double, y: Double)]?
  /// What the file says of itself.
  let described: [String: String]
  /// Optimiser steps that made the weights, PyTorch's `num_batches_tracked`; 0 where the file does not
  /// say.
  let steps: Int

  /// Loads the weights of `path`.
  ///
  /// What the file says of itself (posetop's own do: model, head, input, convention, keypoints) is
  /// completed and overruled by `asked`: its model, head, input and convention; 17 COCO keypoints
  /// where nobody says anything. Every tensor of the model must be there.
  init(
    weights path: String, asked: RunRecipe, makeBackend: BackendMaker
  ) throws(TrainingError) {
    let source = try wrapping(TrainingError.file) { () throws(FileError) in
      try WeightFiles.open(path)
    }
    let described = source.metadata
    self.described = described
    let counter = source.tensors.firstIndex { $0.name.hasSuffix("num_batches_tracked") }
    let count = try counter.map { index throws(TrainingError) in
      try wrapping(TrainingError.file) { () throws(FileError) in try source.floats(index).first }
    }
    steps = Int(exactly: (count ?? 0) ?? 0) ?? 0
    var schema = KeypointSchema.coco17
    if let text = described["schema"], let json = try? JSONValue(parsing: text) {
      schema = try wrapping(TrainingError.file) { () throws(FileError) in
        try KeypointSchema.read(json, path: path)
      }
    }
    var recipe = asked
    guard let name = asked.model ?? described["model"] else {
      throw .modelUnknown(path: path)
    }
    recipe.model = name
    recipe.head = asked.head ?? described["head"]
    if asked.loss == nil, asked.head == nil { recipe.loss = described["loss"] }
    recipe.convention = asked.convention ?? described["convention"]
    if asked.inputWidth == nil, let text = described["input"] {
      try wrapping({ _ in .modelUnknown(path: path) }) { () throws(RecipeError) in
        try recipe.set("input", text: text)
      }
    }
    recipe.initialWeights = path
    recipe.freeze = "all"
    let settled = try SettledModel(recipe, schema: schema, makeBackend: makeBackend)
    let missing = settled.pretrained?.missing(in: settled.model.program.parameters) ?? []
    if !missing.isEmpty {
      throw .weightsIncomplete(path: path, model: name, missing: missing)
    }
    (session, _) = try settled.makeSession()
    model = settled.model
    input = settled.input
    self.schema = schema
    batch = settled.recipe.batch ?? 1
    deviceName = settled.backend.deviceName
    meanPose = Self.meanPose(described["mean_pose"], count: schema.count)
  }

  private static func meanPose(_ text: String?, count: Int) -> [(x: Double, y: Double)]? {
    let numbers = text.flatMap { try? JSONValue(parsing: $0) }?.array?.compactMap(\.double) ?? []
    guard numbers.count == 2 * count else { return nil }
    return (0..<count).map { (numbers[2 * $0], numbers[2 * $0 + 1]) }
  }
}
