import RunFiles
import Support
import TrainingAPI
import Wording

/// Ends a run before it has cost more than its budget; time is left to save.
struct BudgetGuard {
  /// Seconds that are kept for saving.
  static let reserve = 60.0

  private let price: HourlyPrice
  private let budget: Double
  private let earlier: Double
  private let start: Double

  /// The guard of a recipe with a price and a budget; what the run has cost before is read from its
  /// log. Nil without either.
  init?(_ recipe: RunRecipe, log path: String, now: Double = Clock.monotonic()) {
    guard let budget = recipe.budget, let price = recipe.price.flatMap({ HourlyPrice($0) }) else {
      return nil
    }
    var clock = RentClock()
    let reader = EventLogReader(path)
    var events = reader.read()
    while !events.isEmpty {
      for event in events { clock.take(event) }
      events = reader.read()
    }
    self.price = price
    self.budget = budget
    earlier = clock.seconds
    start = now
  }

  /// Why the run must end now; nil while there is money left.
  func reasonToStop(now: Double = Clock.monotonic()) -> Sentence? {
    let spent = price.money(seconds: earlier + now - start)
    guard spent + price.money(seconds: Self.reserve) >= budget else { return nil }
    return Sentence(EngineSentence.budgetSpent, price.text(spent), price.text(budget))
  }
}
