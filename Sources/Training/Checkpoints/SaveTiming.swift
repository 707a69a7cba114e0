import TrainingAPI

/// When states and weights are saved: as often as is asked for, but no more than a twentieth of the time
/// goes into saving; what the disk refused comes again soon, each time a little later.
struct SaveTiming {
  /// A state is saved at an epoch's end when the last is older than this, s.
  static let epochPause = 60.0
  /// At most this share of the time goes into generations, the states from which a run goes on.
  static let generationShare = 0.03
  /// The same for states of best epochs.
  static let bestShare = 0.01
  /// The same for weight files in which nothing is that another one does not hold soon.
  static let weightsShare = 0.01

  /// What is known when a step is done.
  struct Moment {
    /// A clock's time, s.
    var now: Double
    var step: Int
    var isEpochEnd = false
    /// Whether the epoch is the best so far.
    var isBest = false
    /// The last step whose state is on disk.
    var durableStep = -1
    /// Saves that failed since the last one that did not.
    var failures = 0
  }

  let asked: CheckpointInterval
  /// What a save takes from the training, s.
  var cost = 0.0
  /// When the last generation was begun, s.
  var lastTime: Double
  /// Until when states of best epochs have had their share of the time, s.
  private var bestPaidUntil = -Double.infinity
  /// The same for weight files.
  private var weightsPaidUntil = -Double.infinity
  private var saidCost = 0.0

  init(_ asked: CheckpointInterval, now: Double) {
    self.asked = asked
    lastTime = now
  }

  /// The shortest time between two generations for which saving is not too expensive, s.
  var floor: Double { cost / Self.generationShare }
  /// The same for states of best epochs, s.
  private var bestFloor: Double { cost / Self.bestShare }

  /// What is to be saved.
  func due(_ moment: Moment) -> Checkpointer.Purpose {
    var purpose: Checkpointer.Purpose = []
    let (age, failures) = (moment.now - lastTime, moment.failures)
    let backOff = failures > 0 ? min(300, 5 * Double(1 << min(failures, 6))) : 0
    switch asked {
    case .steps(let steps):
      if moment.step % steps == 0 || (failures > 0 && age >= backOff) {
        purpose.insert(.generation)
      }
    case .seconds(let seconds):
      let limit =
        failures > 0 ? backOff : moment.isEpochEnd ? min(Self.epochPause, seconds) : seconds
      if age >= max(limit, floor) { purpose.insert(.generation) }
    }
    if moment.isBest, allowsBest(at: moment.now) { purpose.insert(.best) }
    return purpose
  }

  /// Whether a best epoch's state may be saved: one in each shortest time, and one more right behind it,
  /// since a best epoch that comes soon after the last is no worse a place to go back to.
  func allowsBest(at now: Double) -> Bool { bestPaidUntil - now <= bestFloor }

  /// Counts a best epoch's state that is saved now.
  mutating func payBest(at now: Double) { bestPaidUntil = max(bestPaidUntil, now) + bestFloor }

  /// Whether an epoch's weights may be saved that are not the best; those of the run's end always are.
  func allowsLastWeights(at now: Double) -> Bool { weightsPaidUntil <= now }

  /// Counts a weight file that has taken so many seconds, the best epoch's too.
  mutating func payWeights(_ seconds: Double, at now: Double) {
    weightsPaidUntil = max(weightsPaidUntil, now) + seconds / Self.weightsShare
  }

  /// Whether steps run so far ahead of a slow disk that a death now would cost more than one interval.
  func isTooFarAhead(_ moment: Moment) -> Bool {
    guard case .steps(let steps) = asked else { return false }
    return moment.step - moment.durableStep > steps
  }

  /// The interval between two states, s, when it is longer than was asked for and nobody was told yet
  /// that it is about so long.
  mutating func takeLongerInterval() -> Double? {
    guard case .seconds(let seconds) = asked, floor > seconds, cost > 1.5 * saidCost else {
      return nil
    }
    saidCost = cost
    return floor
  }
}
