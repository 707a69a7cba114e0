import Datasets
import Nets
import Pose
import Support
import TrainingAPI
import Wording

/// Learning a few samples by heart: what every stage from the labels to the optimiser must be able to,
/// so that a failure names the stage at fault.
struct SanityCheck {
  /// How often each sample comes in an epoch, so that an epoch is more than one step.
  static let repeats = 16

  private let setup: TrainingSetup
  private(set) var firstLoss: Double?
  private(set) var isLearned = false

  /// The check of a recipe that asks for it.
  init?(_ setup: TrainingSetup) {
    guard setup.recipe.overfit != nil else { return nil }
    self.setup = setup
  }

  /// The samples with the most labelled points, each `repeats` times for training, once for validation.
  static func split(_ dataset: Dataset, samples: Int) -> DatasetSplit {
    let order = dataset.samples.indices.sorted { a, b in
      let (left, right) = (labelled(dataset.samples[a]), labelled(dataset.samples[b]))
      return left == right ? a < b : left > right
    }
    let chosen = order.prefix(samples).sorted()
    return DatasetSplit(
      training: (0..<repeats).flatMap { _ in chosen }, validation: Array(chosen))
  }

  private static func labelled(_ sample: Sample) -> Int {
    sample.keypoints.count(where: \.isLabelled)
  }

  /// Takes an epoch's losses and metrics.
  mutating func take(trainLoss: Double, metrics: [(name: String, value: Double)]) {
    if firstLoss == nil { firstLoss = trainLoss }
    isLearned = metrics.contains { $0.name == "PCK@0.05" && $0.value >= 1 }
  }

  /// The stage that is at fault, when the samples were not learned.
  ///
  /// - Parameters:
  ///   - trainLoss: of the last epoch, with the batch's own statistics.
  ///   - validationLoss: of the same samples as they are validated.
  ///   - pck: the share of points that was found.
  func fault(trainLoss: Double, validationLoss: Double, pck: Double) -> Sentence {
    let found = NumberText.fixed(100 * max(0, pck), 0)
    let unlabelled = setup.split.validation.filter {
      Self.labelled(setup.dataset.samples[$0]) == 0
    }
    if let sample = unlabelled.first {
      return Sentence(
        EngineSentence.faultLabels, UntrustedText.clean(setup.dataset.samples[sample].name))
    }
    let roundTrip = RoundTrip.worstError(setup)
    if roundTrip.error > 0.05 {
      return Sentence(
        EngineSentence.faultDecoding, NumberText.fixed(100 * roundTrip.error, 1),
        UntrustedText.clean(roundTrip.sample))
    }
    let first = firstLoss ?? trainLoss
    let (from, to) = (NumberText.significant(first, 3), NumberText.significant(trainLoss, 3))
    if trainLoss > 0.9 * first {
      let isWild = trainLoss > 1.1 * first || !trainLoss.isFinite
      return Sentence(isWild ? EngineSentence.faultRateHigh : .faultRateLow, from, to, found)
    }
    if validationLoss > 5 * trainLoss {
      return Sentence(
        EngineSentence.faultStatistics, to, NumberText.significant(validationLoss, 3), found)
    }
    return Sentence(EngineSentence.faultTime, from, to, found)
  }
}
