import Support
import Wording

/// Counts the records that are set aside, by cause, so that thousands make one line.
struct RecordTally {
  private var causes: [(cause: DatasetSentence, count: Int, first: String)] = []
  /// Records without a usable box.
  private var boxes: (count: Int, first: String) = (0, "")

  mutating func setAside(_ cause: DatasetSentence, _ record: String) {
    if let index = causes.firstIndex(where: { $0.cause == cause }) {
      causes[index].count += 1
    } else {
      causes.append((cause, 1, record))
    }
  }

  mutating func boxReplaced(_ record: String) {
    if boxes.count == 0 { boxes.first = record }
    boxes.count += 1
  }

  /// The first cause, for the error when nothing is left.
  var firstCause: Sentence? { causes.first.map { Sentence($0.cause) } }

  func notices(path: String, records: Int) -> [Sentence] {
    var notices = causes.map {
      Sentence(
        DatasetSentence.recordsSetAside, path, $0.count, records, Sentence($0.cause).text(),
        $0.first)
    }
    if boxes.count > 0 {
      notices.append(Sentence(DatasetSentence.boxesReplaced, path, boxes.count, boxes.first))
    }
    return notices
  }
}

/// Numbers of the pictures of a data set, in the order of their first use.
struct ImageNumbers {
  private var numbers: [String: Int] = [:]

  mutating func number(of path: String) -> Int {
    if let number = numbers[path] { return number }
    numbers[path] = numbers.count
    return numbers.count - 1
  }
}

/// Coordinates beyond this are no pixels of any picture that is read.
let farthestCoordinate = 1e6
