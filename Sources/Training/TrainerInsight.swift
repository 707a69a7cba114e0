import Datasets
import Execution
import Graph
import Nets
import Pose
import RunFiles
import Support
import TrainingAPI
import Wording

// Looking into a running training between two steps: what the model sees in one sample, and where the
// time of a step goes. Neither changes a bit of what is trained.

extension Trainer {
  /// Writes the heatmaps of a validation sample into the run folder, where viewers read them.
  func obeyHeatmap(_ request: CommandRequest, _ sample: Int) {
    let shown = PreviewWriter.shown(setup)
    guard shown.indices.contains(sample) else {
      return reject(request, Sentence(EngineSentence.noSample, sample, shown.count))
    }
    guard case .heatmaps = setup.model.variant.output else {
      return reject(request, Sentence(EngineSentence.noHeatmaps))
    }
    // A loader of its own: the others have read ahead for training and validation.
    let loader = BatchLoader(
      dataset: setup.dataset, input: setup.input, augmentation: .none,
      seed: setup.recipe.seed ?? 0, batch: 1, slots: 2, loaders: 1, quarantine: quarantine,
      firstNote: TrainingSetup.NoteSlots.previews
    ) { _ in }
    defer { loader.stop() }
    loader.begin(epoch: 0, order: [shown[sample]])
    guard let batch = loader.next(), batch.isValid.first == true else {
      return reject(
        request, Sentence(EngineSentence.previewUnreadable, sample, setup.dataset.name))
    }
    let maps = heatmaps(batch, sample)
    loader.release(batch)
    do throws(FileError) {
      try maps.write(runFolder: folder.path)
      record(request, .applied(step: progress.step))
    } catch {
      reject(request, Sentence(EngineSentence.heatmapsNotWritten, error.sentence))
    }
  }

  /// One forward pass; each keypoint's map over its largest value.
  private func heatmaps(_ batch: LoadedBatch, _ sample: Int) -> SampleHeatmaps {
    let plan = setup.model.program.evaluation
    let session = setup.session
    session.write(batch.pictures, to: plan.images, of: .evaluation)
    session.write(batch.points(setup.dataset.schema.count), to: plan.keypoints, of: .evaluation)
    session.run(.evaluation, batch: 1)
    let shape = plan.graph[plan.prediction].shape
    var values = [Float](repeating: 0, count: shape.countPerImage)
    values.withUnsafeMutableBufferPointer {
      session.read(plan.prediction, of: .evaluation, into: $0)
    }
    let (height, width, count) = (shape.h, shape.w, shape.c)
    var maps = [Float](repeating: 0, count: values.count)
    for keypoint in 0..<count {
      var largest: Float = 1e-6
      for place in 0..<(height * width) {
        largest = max(largest, values[place * count + keypoint])
      }
      for place in 0..<(height * width) {
        let value = values[place * count + keypoint] / largest
        maps[keypoint * height * width + place] = value.isFinite ? max(0, value) : 0
      }
    }
    return SampleHeatmaps(
      sample: sample, step: progress.step, width: width, height: height, values: maps)
  }

  /// Measures the ops of one step over the batch that was trained last; its gradients are thrown away,
  /// and the running statistics are put back.
  func obeyProfile(_ request: CommandRequest) {
    guard progress.step > 0 else {
      return reject(request, Sentence(EngineSentence.nothingToProfile))
    }
    let session = setup.session
    var statistics = [Float](repeating: 0, count: session.count(of: .statistics))
    statistics.withUnsafeMutableBufferPointer { session.read(.statistics, into: $0) }
    let seconds = session.nodeSeconds(.training, batch: setup.batch)
    statistics.withUnsafeBufferPointer { session.write($0, to: .statistics) }
    let nodes = setup.model.program.training.graph.nodes
    let profile = StepProfile(
      step: progress.step,
      ops: zip(nodes, seconds).map {
        StepProfile.Op(layer: $0.scope, op: $0.op.name, seconds: $1)
      })
    reporter.restart()
    do throws(FileError) {
      try profile.write(runFolder: folder.path)
      record(request, .applied(step: progress.step))
    } catch {
      reject(request, error.sentence)
    }
  }
}
