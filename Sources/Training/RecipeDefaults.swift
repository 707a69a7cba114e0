import Graph
import Nets
import Support
import TrainingAPI

extension RunRecipe {
  /// The head that is asked for by name, or by a loss that only one head can have.
  func head(for model: ModelDefinition) -> Head? {
    if let head { return Head(rawValue: head) }
    guard let loss, let wanted = try? Catalog.loss(loss).head,
      model.variants.contains(where: { $0.output.head == wanted })
    else { return nil }
    return wanted
  }

  /// The recipe with every setting filled in: what is asked for, else the model's default.
  func completed(with model: ModelDefinition, _ variant: ModelVariant) -> RunRecipe {
    var recipe = self
    let defaults = variant.defaults
    recipe.model = model.name
    recipe.head = variant.output.head.rawValue
    recipe.loss = loss ?? defaults.loss
    recipe.inputWidth = inputWidth ?? defaults.inputWidth
    recipe.inputHeight = inputHeight ?? defaults.inputHeight
    recipe.convention = convention ?? "unbiased"
    recipe.epochs = epochs ?? defaults.epochs
    recipe.batch = batch ?? defaults.batch
    recipe.fitsBatch = nil
    recipe.accumulate = accumulate ?? 1
    recipe.learningRate = learningRate ?? defaults.learningRate
    recipe.optimizer = optimizer ?? defaults.optimizer
    if recipe.optimizer == OptimizerUpdate.Rule.sgd.rawValue {
      recipe.momentum = momentum ?? 0.9
      recipe.nesterov = nesterov ?? false
    }
    recipe.weightDecay = weightDecay ?? defaults.weightDecay
    recipe.schedule = schedule ?? defaults.schedule
    recipe.warmup = warmup ?? defaults.warmup
    recipe.augment = augment ?? defaults.augment
    recipe.shuffle = shuffle ?? true
    recipe.split = split ?? "random"
    recipe.validationFraction = validationFraction ?? 0.2
    recipe.seed = seed ?? 0
    recipe.device = device ?? "auto"
    recipe.precision = precision ?? "auto"
    recipe.threads = threads ?? HostProcessors.usable
    recipe.loaders = loaders ?? min(4, HostProcessors.usable)
    recipe.cropping = cropping ?? "auto"
    recipe.checkpointEvery = checkpointEvery ?? "5m"
    recipe.keep = keep ?? 2
    return recipe
  }
}
