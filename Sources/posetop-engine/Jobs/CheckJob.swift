import Datasets
import RunLink
import Support

/// `posetop check`: each finding is a part of the answer, the summary its end.
let checkJob = EngineJobDefinition(name: "check") { (arguments, channel) throws(JobError) in
  var split = DatasetDoctor.Split()
  split.setting = arguments["split"]?.string ?? split.setting
  split.fraction = arguments["val-fraction"]?.double ?? split.fraction
  split.seed = arguments["seed"]?.int ?? split.seed
  do throws(DatasetError) {
    let doctor = try DatasetDoctor(
      path: arguments["dataset"]?.string ?? "", images: arguments["images"]?.string, split: split,
      isQuick: arguments["quick"]?.bool ?? false,
      onRead: { channel.send(.progress(done: $0, total: $1, label: "MB")) }
    ) { done, total, path in
      channel.send(.progress(done: done, total: total, label: path))
    }
    for finding in doctor.findings { channel.send(.item(finding.json)) }
    return doctor.summary
  } catch {
    throw JobError(sentence: error.sentence)
  }
}
