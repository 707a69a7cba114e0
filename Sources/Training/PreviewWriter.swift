import Datasets
import Imaging
import Pose
import RunFiles
import Support
import TrainingAPI
import Wording

/// Writes the validation crops that the samples browser shows, once, beside the training.
enum PreviewWriter {
  /// The samples that are shown: the first of the validation set.
  static func shown(_ setup: TrainingSetup) -> [Int] {
    Array(setup.split.validation.prefix(SamplePreviews.maximumCount))
  }

  /// Starts a thread that makes the crops; the thread gets copies of all it needs.
  static func start(
    _ setup: TrainingSetup, runFolder: String, quarantine: Set<String>, sink: any EventSink
  ) -> WorkerThread {
    let (dataset, input, samples) = (setup.dataset, setup.input, shown(setup))
    return WorkerThread(name: "previews") {
      do throws(FileError) {
        try previews(of: samples, dataset, input, quarantine).write(runFolder: runFolder)
      } catch {
        sink.publish(.notice(Notice(.warning, error.sentence)))
      }
    }
  }

  /// Crops of samples with their labels; an empty crop for what cannot be read, so that numbers of
  /// samples and predictions agree.
  static func previews(
    of samples: [Int], _ dataset: Dataset, _ input: InputSpec, _ quarantine: Set<String> = []
  ) -> SamplePreviews {
    let size = input.width * input.height * 3
    var pixels: [UInt8] = []
    pixels.reserveCapacity(samples.count * size)
    var described: [SamplePreviews.Sample] = []
    for index in samples {
      let sample = dataset.samples[index]
      do throws(ImageError) {
        let preview = try SamplePreview.make(
          dataset, sample: index, input: input, quarantine: quarantine,
          notes: CrashNotes(slot: TrainingSetup.NoteSlots.previews))
        let scale = preview.toImage.inverse.map { ($0.a * $0.a + $0.d * $0.d).squareRoot() } ?? 1
        let box = sample.box ?? Box(around: sample.keypoints)
        pixels += preview.picture.pixels
        described.append(
          SamplePreviews.Sample(
            name: sample.name, keypoints: preview.keypoints,
            boxSize: max(box?.width ?? 0, box?.height ?? 0) * scale))
      } catch {
        pixels += [UInt8](repeating: 0, count: size)
        described.append(
          SamplePreviews.Sample(
            name: sample.name,
            keypoints: sample.keypoints.map { _ in
              Keypoint(x: 0, y: 0, visibility: .unlabelled)
            }, boxSize: 0))
      }
    }
    return SamplePreviews(
      width: input.width, height: input.height, schema: dataset.schema, samples: described,
      pixels: pixels)
  }
}
