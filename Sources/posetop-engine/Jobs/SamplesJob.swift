import Datasets
import RunFiles
import RunLink
import Support
import Training

/// The launcher's pictures: some crops of a data set with their labels, written into a folder as a
/// run's previews are.
let samplesJob = EngineJobDefinition(name: "samples") { (arguments, channel) throws(JobError) in
  guard let path = arguments["dataset"]?.string, let folder = arguments["folder"]?.string else {
    return [:]
  }
  let input = InputSpec(
    width: min(512, max(16, arguments["width"]?.int ?? 96)),
    height: min(512, max(16, arguments["height"]?.int ?? 128)))
  let dataset: Dataset
  do throws(DatasetError) {
    dataset = try DatasetCatalog.open(path: path, images: arguments["images"]?.string)
  } catch {
    throw JobError(sentence: error.sentence)
  }
  let previews = samplePreviews(dataset, input: input, count: 12)
  do throws(FileError) {
    try previews.write(runFolder: folder)
  } catch {
    throw JobError(sentence: error.sentence)
  }
  return ["count": .integer(Int64(previews.samples.count))]
}
