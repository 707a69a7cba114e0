import Support
import Training
import TrainingAPI

/// `posetop plan`: what a recipe will need.
let planJob = EngineJobDefinition(name: "plan") { (arguments, _) throws(JobError) in
  let recipe = try recipe(arguments)
  do throws(TrainingError) {
    return try planDocument(recipe, makeBackend: backend(for:))
  } catch {
    throw JobError(sentence: error.sentence)
  }
}

/// `posetop bench`: how long the steps of a recipe's model take, or its pictures.
let benchJob = EngineJobDefinition(name: "bench") { (arguments, _) throws(JobError) in
  let recipe = try recipe(arguments)
  do throws(TrainingError) {
    return try benchDocument(
      recipe, BenchMeasure(rawValue: arguments["measure"]?.string ?? "") ?? .trainStep,
      steps: arguments["steps"]?.int ?? 5, perOp: arguments["ops"]?.bool ?? false,
      makeBackend: backend(for:))
  } catch {
    throw JobError(sentence: error.sentence)
  }
}

private func recipe(_ arguments: JSONValue) throws(JobError) -> RunRecipe {
  var recipe = RunRecipe()
  do throws(RecipeError) {
    try recipe.merge(arguments["recipe"] ?? [:])
  } catch {
    throw JobError(sentence: error.sentence)
  }
  return recipe
}
