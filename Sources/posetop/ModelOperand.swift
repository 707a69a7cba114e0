import RunFiles
import Support
import TrainingAPI

/// A model that a command line names: a weight file, or a run's best weights.
struct ModelOperand {
  /// The weight file.
  let weights: String
  /// The recipe of the run that they are of; nil for a file on its own.
  let run: RunRecipe?

  /// - Parameter last: whether a run's last weights are meant.
  init(_ word: String, last: Bool) throws(RunError) {
    if Path.isFile(word) {
      (weights, run) = (word, nil)
      return
    }
    let folder = try RunLookup(liveRuns: liveRuns()).find(word)
    run = try folder.recipe()
    let isBest = Path.isFile(folder.bestPath) && !last
    guard isBest || Path.isFile(folder.lastPath) else { throw .noWeights(path: folder.path) }
    weights = isBest ? folder.bestPath : folder.lastPath
  }
}

/// Settings that say what a weight file does not say of itself, and how it is run.
let modelOptions = recipeOptions.filter {
  ["model", "head", "input", "convention", "batch", "threads", "loaders", "device"]
    .contains($0.name)
}

/// Those of the recipe's settings that were given.
func givenSettings(_ options: ParsedOptions) throws(UsageError) -> RunRecipe {
  var settings = RunRecipe()
  for (name, value) in options.given
  where RunRecipe.options.contains(where: { $0.name == name }) && name != "images" {
    try setting { () throws(RecipeError) in
      try settings.set(name, text: value ?? "true")
    }
  }
  return settings
}

/// The value of `--decode`.
func decoding(_ options: ParsedOptions) throws(UsageError) -> String {
  let word = options.value("decode") ?? "dark"
  guard EvaluationRequest.decodings.contains(word) else {
    throw .badValue(
      option: "--decode", value: word,
      expected: EvaluationRequest.decodings.joined(separator: ", "))
  }
  return word
}
