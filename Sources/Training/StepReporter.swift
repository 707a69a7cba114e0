import Support
import TrainingAPI

/// Turns steps into events: one a step, or above 50 steps/s one for several with their range.
struct StepReporter {
  private let sink: any EventSink
  private var window: [(time: Double, images: Int, wait: Double)] = []
  private var pending: StepReport?
  private var lastSent = -Double.infinity
  /// Seconds that speed and data wait are averaged over.
  private static let span = 4.0
  /// Seconds between two events at least.
  private static let interval = 1.0 / 50

  init(_ sink: any EventSink) { self.sink = sink }

  /// Forgets the speed so far, such as after a pause or a validation.
  mutating func restart() { window = [(Clock.monotonic(), 0, 0)] }

  /// Drops what was held back, when the run goes back to before it.
  mutating func forget() {
    pending = nil
    restart()
  }

  mutating func report(
    step: Int, epoch: Int, loss: Double, learningRate: Double, images: Int, wait: Double,
    gradientNorm: Double? = nil
  ) {
    let now = Clock.monotonic()
    window.append((now, images, wait))
    while window.count > 2, now - window[0].time > Self.span { window.removeFirst() }
    let elapsed = max(now - window[0].time, 1e-6)
    let counted = window.dropFirst()
    var report = StepReport(
      step: step, epoch: epoch, loss: loss, learningRate: learningRate,
      imagesPerSecond: Double(counted.reduce(0) { $0 + $1.images }) / elapsed,
      dataWait: min(1, counted.reduce(0) { $0 + $1.wait } / elapsed), gradientNorm: gradientNorm)
    if let earlier = pending {
      let range = earlier.range ?? earlier.loss...earlier.loss
      report.range = min(range.lowerBound, loss)...max(range.upperBound, loss)
      report.count = earlier.count + 1
      report.gradientNorm = gradientNorm.map { max($0, earlier.gradientNorm ?? $0) }
      report.loss = (earlier.loss * Double(earlier.count) + loss) / Double(report.count)
    }
    pending = report
    if now - lastSent >= Self.interval { flush() }
  }

  /// Sends what was held back.
  mutating func flush() {
    guard var report = pending else { return }
    report.residentBytes = ProcessMemory.residentBytes()
    sink.publish(.step(report))
    pending = nil
    lastSent = Clock.monotonic()
  }
}
