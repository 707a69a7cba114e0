import Support
import Training

/// What there is to train with, for the launcher: for each option its values.
let choicesJob = EngineJobDefinition(name: "choices") { (_, _) throws(JobError) in
  recipeChoices()
}
