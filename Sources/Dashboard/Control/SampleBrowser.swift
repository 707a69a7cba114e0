import Pose
import RunFiles
import Support
import TerminalUI

/// The samples browser's choice: which pictures there are, in which order, and which one is shown.
struct SampleBrowser: Sendable {
  /// How samples are ordered.
  enum Order: Sendable, Hashable {
    /// The lowest similarity first.
    case worst
    /// What got worse since the evaluation before, most first.
    case changed
    /// As they stand in the data set.
    case file
    /// The largest error of a joint first.
    case joint(Int)
    /// Samples with most points of a kind of error first.
    case kind(KeypointErrorKind)
  }

  /// What is drawn over the pictures.
  enum View: Sendable, CaseIterable { case both, truth, prediction, overlaid, blink }

  /// The validation crops; nil before they were read.
  private(set) var previews: SamplePreviews?
  /// The predictions that are shown.
  private(set) var predictions: PredictionSet?
  /// The similarities in the evaluation before.
  private(set) var earlierOKS: [Double]?
  /// Why nothing could be read.
  private(set) var problem: FileError?
  private(set) var sorting = Order.worst
  private(set) var view = View.both
  /// How pictures are drawn; nil chooses the best.
  var picture: PictureMode?
  /// The keypoint whose heatmap is shown; nil for none.
  var heatJoint: Int?
  /// The heatmaps that the engine has written last.
  var heatmaps: SampleHeatmaps?
  /// The epochs that have predictions, in order.
  private(set) var epochs: [Int] = []
  /// The evaluation that was chosen; nil for the newest.
  private(set) var chosenEpoch: Int?
  /// Place in the order.
  private(set) var position = 0
  private(set) var order: [Int] = []

  var count: Int { order.count }

  /// The heatmap of the sample that is shown; nil when it was not asked for or has not come.
  var heat: (maps: SampleHeatmaps, joint: Int)? {
    guard let heatJoint, let heatmaps, heatmaps.sample == current, heatJoint < heatmaps.count
    else { return nil }
    return (heatmaps, heatJoint)
  }

  /// The keypoint that is furthest off in the sample that is shown.
  var worstJoint: Int? {
    guard let errors = current.flatMap(errors(of:)) else { return nil }
    return errors.distances.indices.filter { errors.distances[$0].isFinite }
      .max { errors.distances[$0] < errors.distances[$1] }
  }

  /// The sample that is shown.
  var current: Int? { order.indices.contains(position) ? order[position] : nil }

  /// Takes in what was read from the run folder; the sample that is shown stays shown.
  mutating func load(_ load: SampleLoad) {
    let shown = position > 0 || chosenEpoch != nil ? current : nil
    if let previews = load.previews { self.previews = previews }
    let count = previews?.samples.count
    if let predictions = load.predictions, predictions.keypoints.count == count {
      self.predictions = predictions
      earlierOKS = load.earlier.flatMap { $0.oks.count == count ? $0.oks : nil }
    }
    if !load.epochs.isEmpty { epochs = load.epochs }
    problem = load.problem
    sort(keeping: shown)
  }

  mutating func nextOrder(joint: Int?) {
    // Points on somebody else are among the missed: a crop does not show whose they are.
    var all: [Order] = [
      .worst, .changed, .kind(.inversion), .kind(.jitter), .kind(.miss), .file,
    ]
    if let joint { all.append(.joint(joint)) }
    let index = all.firstIndex(of: sorting) ?? -1
    sorting = all[(index + 1) % all.count]
    sort(keeping: current)
  }

  /// Orders the samples and shows the first.
  mutating func sort(by order: Order) {
    sorting = order
    position = 0
    sort(keeping: nil)
  }

  mutating func nextView() {
    let all = View.allCases
    view = all[((all.firstIndex(of: view) ?? 0) + 1) % all.count]
  }

  mutating func nextPicture() {
    // What a terminal cannot show is drawn in its best mode, so one that is asked for is passed on.
    let all: [PictureMode?] = [nil] + PictureMode.allCases
    picture = all[((all.firstIndex(of: picture) ?? 0) + 1) % all.count]
  }

  /// Chooses an earlier or a later evaluation; true when there is another one to read.
  mutating func moveEvaluation(_ offset: Int) -> Bool {
    guard let shown = predictions?.epoch, let index = epochs.firstIndex(of: shown) else {
      return false
    }
    let next = max(0, min(epochs.count - 1, index + offset))
    chosenEpoch = next == epochs.count - 1 ? nil : epochs[next]
    return next != index
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

  /// How much the similarity rose since the evaluation before.
  func change(of sample: Int) -> Double {
    guard let earlier = earlierOKS, earlier.indices.contains(sample) else { return .nan }
    return oks(of: sample) - earlier[sample]
  }

  /// The errors of a sample; nil without pictures.
  func errors(of sample: Int) -> SampleErrors? {
    guard let previews, previews.samples.indices.contains(sample) else { return nil }
    return SampleErrors(
      sample: previews.samples[sample], predicted: predictions?.keypoints[sample],
      schema: previews.schema)
  }

  private mutating func sort(keeping shown: Int?) {
    let all = Array(0..<(previews?.samples.count ?? 0))
    if sorting == .file || predictions == nil {
      order = all
    } else {
      let keys = all.map(key)
      // Samples without a value come last.
      order = all.sorted { left, right in
        let (a, b) = (keys[left], keys[right])
        if a.isNaN || b.isNaN { return a.isNaN == b.isNaN ? left < right : b.isNaN }
        return (a, left) < (b, right)
      }
    }
    position = shown.flatMap { order.firstIndex(of: $0) } ?? min(position, max(0, count - 1))
  }

  /// By what a sample is ordered, the smallest first.
  private func key(_ sample: Int) -> Double {
    switch sorting {
    case .worst: return oks(of: sample)
    case .changed: return change(of: sample)
    case .file: return Double(sample)
    case .joint(let joint):
      guard let errors = errors(of: sample), errors.distances.indices.contains(joint),
        errors.limit > 0
      else { return .nan }
      return -errors.distances[joint] / errors.limit
    case .kind(let kind):
      guard let errors = errors(of: sample) else { return .nan }
      // Among those with as many, the worst first.
      return oks(of: sample) - 2 * Double(errors.kinds.count { $0 == kind })
    }
  }
}
