import Pose
import TrainingAPI
import Wording

/// What the curves say about the training, and what to do about it.
struct Advice: Sendable, Equatable {
  /// The rule that gave it.
  enum Rule: String, Sendable, CaseIterable {
    case notANumber, exploding, spikes, rising, jumping, overfitting, plateau, tooSlow
    case waiting, memory, slower, inversions
  }
  var rule: Rule
  var sentence: Sentence
}

/// Reads a run as somebody with experience would: one rule for each trouble, the worst first.
enum Advisor {
  /// The advice for a run.
  ///
  /// - Parameters:
  ///   - history: what is known of the run.
  ///   - host: what the machine has; nil when nobody looked.
  /// - Returns: at most one advice a rule, the most urgent first.
  static func advice(on history: RunHistory, host: HostReport? = nil) -> [Advice] {
    guard history.plan != nil, !history.hasEnded else { return [] }
    // Of what the validation loss says only the first: each excludes the ones after it.
    let validation =
      exploding(history) ?? jumping(history) ?? overfitting(history) ?? plateau(history)
    return [
      notANumber(history), spikes(history), rising(history), validation, tooSlow(history),
      inversions(history),
      memory(host),
      waiting(history), slower(history),
    ].compactMap { $0 }
  }

  private static func advice(
    _ rule: Advice.Rule, _ template: AdviceSentence, _ arguments: [String] = []
  ) -> Advice {
    Advice(rule: rule, sentence: Sentence(key: template.key, arguments: arguments))
  }

  /// A loss among the newest steps was no number: where it began, and in which samples, when the engine
  /// has said so.
  private static func notANumber(_ history: RunHistory) -> Advice? {
    if let broken = history.breakdown, history.step - broken.step < 200 {
      let arguments = broken.sentence.arguments
      return advice(.notANumber, .rolledBack, Array((arguments + ["", "", "", ""]).prefix(4)))
    }
    guard let gap = history.loss.recent.suffix(200).last(where: \.hasGap) else { return nil }
    return advice(.notANumber, .notANumber, [String(gap.step)])
  }

  /// The gradient's norm leaps again and again to many times what is usual.
  private static func spikes(_ history: RunHistory) -> Advice? {
    let norms = history.gradientNorm.recent.suffix(300).map(\.high).filter(\.isFinite)
    guard norms.count >= 100 else { return nil }
    let usual = norms.sorted()[norms.count / 2]
    let leaps = norms.count { $0 > 8 * usual }
    guard usual > 0, leaps >= 3, leaps < norms.count / 4 else { return nil }
    return advice(
      .spikes, .spikes,
      [String(leaps), Numbers.factor((norms.max() ?? 0) / usual, ascii: true)])
  }

  /// The training loss has left its lowest level and grows.
  private static func rising(_ history: RunHistory) -> Advice? {
    let means = blocks(history.loss.recent.suffix(400).map(\.mean), of: 40)
    guard means.count >= 4, let last = means.last, let lowest = means.dropLast().min(),
      lowest > 0, last > 1.5 * lowest, means.suffix(3) == means.suffix(3).sorted()[...]
    else { return nil }
    return advice(.rising, .rising, [Numbers.factor(last / lowest, ascii: true)])
  }

  /// The validation loss is far above what any training loss was.
  private static func exploding(_ history: RunHistory) -> Advice? {
    guard let first = history.epochs.first, let last = history.epochs.last,
      last.validationLoss.isFinite, first.trainLoss > 0,
      last.validationLoss > 5 * max(first.trainLoss, last.trainLoss)
    else { return nil }
    return advice(.exploding, .exploding, [Numbers.loss(last.validationLoss), String(last.epoch)])
  }

  /// The validation loss goes up and down instead of down.
  private static func jumping(_ history: RunHistory) -> Advice? {
    let losses = history.epochs.suffix(7).map(\.validationLoss).filter(\.isFinite)
    guard losses.count == 7 else { return nil }
    let steps = zip(losses.dropFirst(), losses).map { $0 - $1 }
    let turns = zip(steps.dropFirst(), steps).filter { $0 * $1 < 0 }.count
    let mean = losses.reduce(0, +) / 7
    let swing = steps.map(abs).reduce(0, +) / 6
    guard turns >= 4, mean > 0, swing > 0.15 * mean else { return nil }
    return advice(.jumping, .jumping, ["7"])
  }

  /// The training loss sinks while the validation loss grows, or stands still far above it.
  private static func overfitting(_ history: RunHistory) -> Advice? {
    let epochs = history.epochs
    guard epochs.count >= 6,
      let best = epochs.indices.min(by: { finite(epochs[$0]) < finite(epochs[$1]) }),
      let last = epochs.last
    else { return nil }
    let recent = epochs.suffix(3).map(\.validationLoss).reduce(0, +) / 3
    if epochs.count - 1 - best >= 4, recent > 1.1 * epochs[best].validationLoss,
      last.trainLoss < 0.97 * epochs[best].trainLoss
    {
      return advice(
        .overfitting, .overfitting,
        [String(epochs[best].epoch), String(epochs.count - 1 - best)])
    }
    // Ten epochs ago the training loss was a tenth higher, the validation loss nearly the same.
    guard epochs.count >= 12 else { return nil }
    let before = epochs[epochs.count - 11]
    let earlier = epochs.dropLast(10).suffix(3).map(finite).min() ?? .infinity
    guard last.trainLoss > 0, last.validationLoss > 3 * last.trainLoss,
      last.trainLoss < 0.9 * before.trainLoss,
      epochs.suffix(10).map(finite).min() ?? .infinity > 0.95 * earlier
    else { return nil }
    return advice(
      .overfitting, .gap,
      [Numbers.factor(last.validationLoss / last.trainLoss, ascii: true), "10"])
  }

  private static func finite(_ epoch: EpochReport) -> Double {
    epoch.validationLoss.isFinite ? epoch.validationLoss : .infinity
  }

  /// Nothing got better for many epochs.
  private static func plateau(_ history: RunHistory) -> Advice? {
    let epochs = history.epochs
    let patience = max(6, (history.plan?.epochs ?? 0) / 8)
    guard epochs.count > patience else { return nil }
    let before = epochs.dropLast(patience).map(finite).min() ?? .infinity
    let since = epochs.suffix(patience)
    let after = since.map(finite).min() ?? .infinity
    // A rate that is almost nothing has done what it could.
    let peak = history.rate.buckets.map(\.mean).max() ?? 0
    guard before.isFinite, after > 0.99 * before, after < 1.1 * before,
      let rate = history.learningRate, rate > 0.02 * peak
    else { return nil }
    return advice(.plateau, .plateau, [String(patience)])
  }

  /// The loss of the first epochs hardly moves.
  private static func tooSlow(_ history: RunHistory) -> Advice? {
    let losses = history.epochs.prefix(4).map(\.trainLoss)
    guard history.epochs.count >= 3, history.epochs.count <= 6, let first = losses.first,
      let last = losses.last, first > 0, last > 0.97 * first, last < 1.1 * first
    else { return nil }
    return advice(.tooSlow, .tooSlow, [String(losses.count)])
  }

  /// Joints are found, but taken for those of the other side: of those that lie near a joint of their
  /// person, many are on the wrong side and stay there, or ever more are. A model that learns sees the
  /// sides apart soon after it sees the joints.
  private static func inversions(_ history: RunHistory) -> Advice? {
    let counts = history.epochs.map { Sides($0.errorKinds) }
    guard counts.count >= 5 else { return nil }
    let now = Sides(sumOf: counts.suffix(5))
    guard now.near > 0, now.near >= now.total / 2, now.share >= 0.15 else { return nil }
    let before = (5...counts.count).map { Sides(sumOf: counts.prefix($0).suffix(5)) }
      .filter { $0.near > 0 && $0.near >= $0.total / 2 }.map(\.share)
    let isRising = now.share > 1.5 * (before.min() ?? .infinity)
    // Where much is missed still, few pictures explain the confusion.
    let isStanding = counts.count >= 8 && now.share >= 0.3 && 4 * now.near >= 3 * now.total
    guard isRising || isStanding else { return nil }
    return advice(.inversions, .inversions, [Numbers.percent(now.share)])
  }

  /// How many points of an evaluation lie near a joint of their person, and how many of these near the
  /// mirrored one.
  private struct Sides {
    var inverted = 0
    var near = 0
    var total = 0
    var share: Double { near > 0 ? Double(inverted) / Double(near) : 0 }

    init(_ kinds: [[Int]]) {
      let cases = KeypointErrorKind.allCases
      for counts in kinds where counts.count == cases.count {
        for (kind, count) in zip(cases, counts) {
          total += count
          if kind == .inversion { inverted += count }
          if [.good, .jitter, .inversion].contains(kind) { near += count }
        }
      }
    }

    init(sumOf parts: some Sequence<Sides>) {
      for part in parts {
        inverted += part.inverted
        near += part.near
        total += part.total
      }
    }
  }

  /// The engine waits for pictures.
  private static func waiting(_ history: RunHistory) -> Advice? {
    let waits = history.dataWait.recent.suffix(60).map(\.mean).filter(\.isFinite)
    guard waits.count >= 20 else { return nil }
    let mean = waits.reduce(0, +) / Double(waits.count)
    guard mean > 0.15 else { return nil }
    return advice(.waiting, .waiting, [Numbers.percent(mean)])
  }

  /// The machine's memory is nearly used up.
  private static func memory(_ host: HostReport?) -> Advice? {
    guard let host, host.memory.total > 0,
      Double(host.memory.available) < 0.06 * Double(host.memory.total)
    else { return nil }
    return advice(.memory, .memory, [Numbers.bytes(host.memory.available)])
  }

  /// The speed has fallen far below what it was.
  private static func slower(_ history: RunHistory) -> Advice? {
    let all = history.speed.buckets.map(\.mean).filter { $0.isFinite && $0 > 0 }
    let recent = history.speed.recent.suffix(30).map(\.mean).filter { $0.isFinite && $0 > 0 }
    guard all.count >= 100, recent.count == 30 else { return nil }
    let usual = all.sorted()[all.count / 2]
    let now = recent.reduce(0, +) / 30
    guard now < 0.6 * usual else { return nil }
    return advice(.slower, .slower, [Numbers.speed(now), Numbers.speed(usual)])
  }

  /// Means of consecutive values.
  private static func blocks(_ values: [Double], of length: Int) -> [Double] {
    stride(from: values.count % length, to: values.count, by: length).map { start in
      values[start..<start + length].reduce(0, +) / Double(length)
    }
  }
}
