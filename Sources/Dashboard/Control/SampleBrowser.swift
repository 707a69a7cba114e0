import Pose
import RunFiles
import Support

/// The samples browser's choice: which pictures there are, in which order, and which one is shown.
struct SampleBrowser: Sendable {
  /// The validation crops; nil before they were read.
  private(set) var previews: SamplePreviews?
  /// The newest predictions.
  private(set) var predictions: PredictionSet?
  /// Why nothing could be read.
  private(set) var problem: FileError?
  /// Whether the worst similarity comes first.
  private(set) var isWorstFirst = true
  /// Whether letters are shown in place of pictures.
  var showsLetters = false
  /// Place in the order.
  private(set) var position = 0
  private(set) var order: [Int] = []

  var count: Int { order.count }

  /// The sample that is shown.
  var current: Int? { order.indices.contains(position) ? order[position] : nil }

  /// Takes in what was read from the run folder; the sample that is shown stays shown.
  mutating func load(previews: SamplePreviews?, predictions: PredictionSet?, problem: FileError?) {
    let shown = position > 0 ? current : nil
    if let previews { self.previews = previews }
    if let predictions, predictions.keypoints.count == self.previews?.samples.count {
      self.predictions = predictions
    }
    self.problem = problem
    sort(keeping: shown)
  }

  mutating func toggleOrder() {
    isWorstFirst.toggle()
    sort(keeping: current)
  }

  /// Moves by so many places and stops at the ends.
  mutating func move(by offset: Int) {
    let (sum, overflow) = position.addingReportingOverflow(offset)
    position = max(0, min(count - 1, overflow ? position : sum))
  }

  mutating func moveToFirst() { position = 0 }
  mutating func moveToLast() { position = max(0, count - 1) }

  /// The similarity of a sample; NaN without labels or predictions.
  func oks(of sample: Int) -> Double {
    guard let oks = predictions?.oks, oks.indices.contains(sample) else { return .nan }
    return oks[sample]
  }

  private mutating func sort(keeping shown: Int?) {
    var sorted = Array(0..<(previews?.samples.count ?? 0))
    if isWorstFirst, predictions != nil {
      // Samples without a similarity come last.
      sorted.sort { left, right in
        let (a, b) = (oks(of: left), oks(of: right))
        if a.isNaN || b.isNaN { return a.isNaN ? b.isNaN && left < right : true }
        return (a, left) < (b, right)
      }
    }
    order = sorted
    position = shown.flatMap { order.firstIndex(of: $0) } ?? min(position, max(0, count - 1))
  }
}
