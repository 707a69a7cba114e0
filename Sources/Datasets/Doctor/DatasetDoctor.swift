public import Support
import Wording

/// Looks for what would spoil a training: in the annotations, and in the pictures. It never writes.
public struct DatasetDoctor: Sendable {
  /// How the data set would be split, for finding pictures that are on both sides.
  public struct Split: Sendable {
    /// How validation pictures are chosen, as a recipe says it.
    public var setting = SplitMethod.random.rawValue
    /// Share of the pictures that validate.
    public var fraction = 0.2
    /// Seed of the random choice.
    public var seed = 0

    /// The split that `train` makes by default.
    public init() {}
  }

  /// Everything that was found.
  public let findings: [Finding]
  /// Persons that the file lists.
  public let records: Int
  /// Persons that can be used.
  public let samples: Int
  /// Pictures that persons need.
  public let images: Int
  /// The format's name.
  public let format: String

  /// Whether something was found that is an error.
  public var hasErrors: Bool { findings.contains { $0.severity == .error } }

  /// Examines a data set.
  ///
  /// - `split`: nil when the data set declares its own or leaks are no matter.
  /// - `isQuick`: without looking into the pictures.
  /// - `onRead`: is told how many MB of a large annotation file have been read.
  /// - `onPicture`: is told of each picture before it is read, with how many are done.
  public init(
    path: String, images: String? = nil, split: Split = Split(), isQuick: Bool = false,
    onRead: ReadingProgress? = nil,
    onPicture: (_ done: Int, _ total: Int, _ path: String) -> Void = { _, _, _ in }
  ) throws(DatasetError) {
    let set = try DatasetCatalog.annotations(path: path, images: images, onRead: onRead)
    var findings =
      RecordChecks(set).findings + SideChecks(set).findings + OutlierChecks(set).findings
    var dataset: Dataset?
    do throws(DatasetError) {
      dataset = try AnnotationRules.dataset(set)
    } catch {
      // What else keeps a set from being used was found above.
      if case .noUsableRecord = error {
        findings.append(set.finding(.error, .noUsableRecord, error.sentence, .labelPeople))
      }
    }
    if !isQuick {
      var pictures = PictureChecks(set, onPicture: onPicture)
      if let dataset {
        let made = try? DatasetSplit.make(
          dataset, setting: split.setting, fraction: split.fraction, seed: split.seed)
        if let split = dataset.declaredSplit ?? made { pictures.checkLeaks(dataset, split) }
      }
      findings += pictures.findings
    }
    self.findings = findings
    records = set.persons.count
    samples = dataset?.samples.count ?? 0
    self.images = Set(set.persons.compactMap(\.picture)).count
    format = set.format
  }

  /// The report as `check --json` prints it, without the findings.
  public var summary: JSONValue {
    [
      "format": .string(format), "records": .integer(Int64(records)),
      "samples": .integer(Int64(samples)), "images": .integer(Int64(images)),
    ]
  }

  /// What would silently ruin a training; nil when nothing of that is seen. Takes a fraction of a
  /// second for the largest sets.
  static func refusal(_ set: AnnotationSet) -> Finding? {
    var foreign = 0
    for at in stride(from: 0, to: set.numbers.count - 2, by: 3)
    where set.numbers[at + 2] == 3 && set.numbers[at] == 0 && set.numbers[at + 1] == 0 {
      foreign += 1
    }
    if foreign > 0 {
      return set.finding(
        .error, .aiChallengerVisibility,
        Sentence(DoctorSentence.aiChallengerVisibility, foreign), .convertVisibility)
    }
    var part = set
    let step = max(1, set.persons.count / 2000)
    if step > 1 {
      part.persons = stride(from: 0, to: set.persons.count, by: step).map { set.persons[$0] }
    }
    return SideChecks(part).findings.first { $0.severity == .error }
  }
}
