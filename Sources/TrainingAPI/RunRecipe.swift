public import Support
public import Wording

/// Every setting of a training; nil stands for the model's default until `Training` fills it in.
///
/// `options` is the one table from which the command line, recipe files and `recipe.json` are read
/// and written.
public struct RunRecipe: Sendable, Hashable {
  /// Folder or annotation file.
  public var dataset: String?
  /// Folder of the pictures, when `dataset` is an annotation file.
  public var images: String?
  /// Model's name in the catalogue.
  public var model: String?
  /// What the model predicts: `regression`, `heatmap` or `simcc`.
  public var head: String?
  /// Loss's name in the catalogue.
  public var loss: String?
  /// Width of the network's input, px.
  public var inputWidth: Int?
  /// Height of the network's input, px.
  public var inputHeight: Int?
  /// `unbiased` or `classic` crop and heatmap coordinates.
  public var convention: String?
  /// A file of weights to begin with.
  public var initialWeights: String?
  /// Layers that keep their values: `none`, `all`, `stages:N` or names.
  public var freeze: String?
  /// The epoch from which on nothing is frozen any more, counted from 1.
  public var unfreezeAt: Int?
  /// Epochs to train.
  public var epochs: Int?
  /// Optimiser steps to train, where that is the smaller.
  public var steps: Int?
  /// Samples that go through the network at once.
  public var batch: Int?
  /// Whether the batch is halved, and its steps accumulated, until the training fits the memory.
  public var fitsBatch: Bool?
  /// Batches whose gradients make one optimiser step.
  public var accumulate: Int?
  /// Base learning rate.
  public var learningRate: Double?
  /// Optimiser's name in the catalogue.
  public var optimizer: String?
  /// SGD's momentum.
  public var momentum: Double?
  /// Whether SGD looks ahead.
  public var nesterov: Bool?
  /// Weight decay.
  public var weightDecay: Double?
  /// Largest norm of the gradient of all parameters; a larger gradient is scaled down to it.
  public var clip: Double?
  /// Decay of the running mean of the weights, above 0 and below 1; nil for none.
  public var averageDecay: Double?
  /// Validations without a better one after which the run ends.
  public var patience: Int?
  /// Schedule's name in the catalogue.
  public var schedule: String?
  /// Steps of linear warm-up.
  public var warmup: Int?
  /// Preset of augmentation: `none`, `light`, `standard`; or the JSON object of a file.
  public var augment: String?
  /// Whether the order of the samples changes with each epoch.
  public var shuffle: Bool?
  /// `random` or `file-order`; or the JSON object of a file: `val` and maybe `train`, names.
  public var split: String?
  /// Share of the images kept for validation, above 0 and below 1.
  public var validationFraction: Double?
  /// A data set of its own for validation.
  public var validation: String?
  /// Samples that are to be learned by heart, trained and validated on, as a check.
  public var overfit: Int?
  /// Seed of everything random.
  public var seed: Int?
  /// `auto` or `cpu`.
  public var device: String?
  /// What maps are computed with: `auto`, `fp32` or `bf16`; on GPUs also `tf32` and `fp16`.
  public var precision: String?
  /// Compute threads.
  public var threads: Int?
  /// Loader threads.
  public var loaders: Int?
  /// What crops and varies pictures: `auto`, `host` for the loaders' threads, `device` for a GPU.
  public var cropping: String?

  /// What the machine costs per hour, with its currency sign, such as `$2.50`.
  public var price: String?
  /// Money after which the run is saved and ended.
  public var budget: Double?
  /// Whether TensorBoard files are written beside the log.
  public var writesTensorBoard: Bool?
  /// How often a complete state is saved: `200` steps, `90s`, `5m`.
  public var checkpointEvery: String?
  /// Generations of the complete state that are kept, at least 2.
  public var keep: Int?
  /// A folder for a second copy of the run.
  public var mirror: String?

  /// What `recipe.json` holds besides settings: what was asked for, the data's identity, what the
  /// bits depend on, and the validation pictures. A recipe that is passed back may hold them.
  public static let recordKeys: Set<String> = [
    "asked", "data_identity", "arithmetic", "validation_images",
  ]

  /// A recipe in which everything is left to the defaults.
  public init() {}

  /// The settings as JSON, in the order of the table; what is nil is left out.
  public var json: JSONValue {
    var object = JSONObject()
    for option in Self.options {
      if let value = option.get(self) { object[option.name] = value }
    }
    return .object(object)
  }

  /// Sets one option from text, as the command line gives it.
  public mutating func set(_ name: String, text: String) throws(RecipeError) {
    let option = try Self.option(name)
    guard option.setText(&self, text) else {
      throw .badValue(name: name, value: text, expected: option.expected)
    }
  }

  /// Takes over every setting of a JSON recipe.
  public mutating func merge(_ json: JSONValue) throws(RecipeError) {
    guard let object = json.object else { throw .notAnObject }
    for member in object.members where !Self.recordKeys.contains(member.key) {
      let option = try Self.option(member.key)
      let text: String
      switch member.value {
      case .string(let value): text = value
      case .bool(let value): text = value ? "true" : "false"
      case .null: continue
      default: text = member.value.text
      }
      guard option.setText(&self, text) else {
        throw .badValue(name: member.key, value: text, expected: option.expected)
      }
    }
  }

  private static func option(_ name: String) throws(RecipeError) -> RecipeOption {
    if let option = options.first(where: { $0.name == name }) { return option }
    throw .unknownKey(
      name: name, nearest: NearestWord.find(name, in: options.map(\.name)))
  }
}

/// A recipe's key or value is wrong.
public enum RecipeError: Error, Sayable, Hashable {
  case unknownKey(name: String, nearest: String?)
  case badValue(name: String, value: String, expected: String)
  case notAnObject

  public var sentence: Sentence {
    switch self {
    case .unknownKey(let name, let nearest?):
      Sentence(RunSentence.recipeUnknownNearest, name, nearest)
    case .unknownKey(let name, nil): Sentence(RunSentence.recipeUnknown, name)
    case .badValue(let name, let value, let expected):
      Sentence(RunSentence.recipeBadValue, name, value, expected)
    case .notAnObject: Sentence(RunSentence.recipeNotAnObject)
    }
  }
}
