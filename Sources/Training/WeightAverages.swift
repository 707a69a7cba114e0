import Execution

/// The running mean of weights and statistics that is validated and saved in their place (EMA).
///
/// `mean = keep · mean + (1 - keep) · weights` after each step t, with
/// `keep = min(decay, (1 + t) / (10 + t))`, so that the mean of a short training is not that of its
/// first values (TensorFlow's `ExponentialMovingAverage` with `num_updates`).
final class WeightAverages {
  let decay: Double
  private let session: any BackendSession
  private var isExchanged = false

  /// The averages of a session that keeps them; nil where no decay is asked for.
  init?(decay: Double?, _ session: any BackendSession) {
    guard let decay else { return nil }
    self.decay = decay
    self.session = session
  }

  /// Takes in the weights of a step.
  func follow(step: Int) {
    session.updateAverages(keep: Self.keep(decay, step: step))
  }

  /// What of the mean is kept at a step, counted from 1.
  static func keep(_ decay: Double, step: Int) -> Double {
    min(decay, Double(1 + step) / Double(10 + step))
  }

  /// Does something with the means in the place of weights and statistics.
  func inPlace<Result>(_ body: () -> Result) -> Result {
    if isExchanged { return body() }
    session.exchangeAverages()
    isExchanged = true
    defer {
      session.exchangeAverages()
      isExchanged = false
    }
    return body()
  }
}
