import RunLink
import Support
import Training
import TrainingAPI

/// The first training samples of an epoch as the engine sees them: each is a part of the answer.
let samplesJob = EngineJobDefinition(name: "samples") { (arguments, channel) throws(JobError) in
  var recipe = RunRecipe()
  do throws(RecipeError) {
    try recipe.merge(arguments["recipe"] ?? [:])
  } catch {
    throw JobError(sentence: error.sentence)
  }
  do throws(TrainingError) {
    return try augmentedSamples(
      recipe, count: arguments["count"]?.int ?? 8, epoch: arguments["epoch"]?.int ?? 1,
      onRead: { channel.send(.progress(done: $0, total: $1, label: "MB")) }
    ) { channel.send(.item($0)) }
  } catch {
    throw JobError(sentence: error.sentence)
  }
}
