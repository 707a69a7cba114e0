import Support
import Wording

/// Counts the records that are set aside, by cause, so that thousands make one line.
struct RecordTally {
  private var causes: [(cause: DatasetSentence, count: Int, first: RecordLabel)] = []
  /// Records without a usable box.
  private var boxes: (count: Int, first: RecordLabel) = (0, .record(0))

  mutating func setAside(_ cause: DatasetSentence, _ record: RecordLabel) {
    if let index = causes.firstIndex(where: { $0.cause == cause }) {
      causes[index].count += 1
    } else {
      causes.append((cause, 1, record))
    }
  }

  mutating func boxReplaced(_ record: RecordLabel) {
    if boxes.count == 0 { boxes.first = record }
    boxes.count += 1
  }

  /// The first cause, for the error when nothing is left.
  var firstCause: Sentence? { causes.first.map { Sentence($0.cause) } }

  func notices(path: String, records: Int) -> [Sentence] {
    let path = UntrustedText.clean(path)
    var notices = causes.map {
      Sentence(
        DatasetSentence.recordsSetAside, path, $0.count, records, Sentence($0.cause),
        UntrustedText.clean($0.first.text, limit: 200))
    }
    if boxes.count > 0 {
      notices.append(
        Sentence(
          DatasetSentence.boxesReplaced, path, boxes.count,
          UntrustedText.clean(boxes.first.text, limit: 200)))
    }
    return notices
  }
}
