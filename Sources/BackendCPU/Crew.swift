import Support
import Synchronization

/// A fixed set of threads that work off numbered pieces; the caller is one of them.
///
/// Each thread begins with its own share of the pieces, always the same part of the whole, so that it
/// mostly reads what it wrote itself; who is done takes from the others' shares. What a piece computes
/// depends on its number alone, so results are the same for any number of threads.
///
/// `@unchecked Sendable`: `body` is written by the caller before `generation` is released and read by
/// the workers after they acquired it; the caller does not return before `finished` says that all
/// workers are done with it.
final class Crew: @unchecked Sendable {
  typealias Body = (_ batch: Int, _ piece: Int, _ worker: Int) -> Void

  let size: Int
  private var body: Body?
  private var batch = 0
  private var descending = false
  private var shares: [Share] = []
  private let generation = Atomic<Int>(0)
  private let finished = Atomic<Int>(0)
  private let stopping = Atomic<Bool>(false)
  private var wakeups: [ConditionSignal] = []
  private var threads: [WorkerThread] = []
  private let done = ConditionSignal()
  /// Rounds of waiting in a loop before a thread sleeps, about 20 µs.
  private static let spins = 4000

  init(size: Int) {
    self.size = max(1, size)
    shares = (0..<self.size).map { _ in Share() }
    for worker in 1..<self.size {
      let wakeup = ConditionSignal()
      wakeups.append(wakeup)
      threads.append(
        WorkerThread(name: "compute \(worker)") { [unowned self] in serve(worker, wakeup) })
    }
  }

  /// Ends the threads; no piece may be running.
  func stop() {
    stopping.store(true, ordering: .releasing)
    generation.wrappingAdd(1, ordering: .releasing)
    for wakeup in wakeups { wakeup.raise() }
    for thread in threads { thread.join() }
    threads = []
  }

  /// Runs `body` for each piece 0 ..< pieces and returns when all are done; with `descending` each
  /// share from its end.
  func run(_ pieces: Int, batch: Int, descending: Bool = false, _ body: @escaping Body) {
    if pieces <= 1 || threads.isEmpty {
      for piece in 0..<max(pieces, 0) {
        body(batch, descending ? pieces - 1 - piece : piece, 0)
      }
      return
    }
    self.body = body
    self.batch = batch
    self.descending = descending
    for (worker, share) in shares.enumerated() {
      share.set(pieces * worker / size..<pieces * (worker + 1) / size)
    }
    finished.store(0, ordering: .relaxed)
    generation.wrappingAdd(1, ordering: .sequentiallyConsistent)
    for wakeup in wakeups { wakeup.raiseIfWaiting() }
    work(0)
    var spins = 0
    while finished.load(ordering: .acquiring) < threads.count {
      spins += 1
      if spins > Self.spins {
        done.wait(seconds: 0.001)
      }
    }
    self.body = nil
  }

  private func work(_ worker: Int) {
    guard let body else { return }
    for turn in 0..<size {
      let share = shares[(worker + turn) % size]
      while let piece = share.take(descending: descending) { body(batch, piece, worker) }
    }
  }

  private func serve(_ worker: Int, _ wakeup: ConditionSignal) {
    var seen = 0
    while true {
      var spins = 0
      while generation.load(ordering: .acquiring) == seen {
        spins += 1
        if spins > Self.spins {
          wakeup.waitUnless { generation.load(ordering: .sequentiallyConsistent) != seen }
        }
      }
      seen = generation.load(ordering: .acquiring)
      if stopping.load(ordering: .acquiring) { return }
      work(worker)
      let count = finished.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue
      if count == threads.count { done.raise() }
    }
  }
}

/// A worker's part of the pieces; set by the caller before the workers are told of it.
private final class Share {
  private var range = 0..<0
  private let next = Atomic<Int>(0)
  /// Keeps the counters of two shares out of one line of the cache.
  private let padding: (Int, Int, Int, Int, Int, Int, Int, Int) = (0, 0, 0, 0, 0, 0, 0, 0)

  func set(_ range: Range<Int>) {
    self.range = range
    next.store(range.lowerBound, ordering: .relaxed)
  }

  func take(descending: Bool) -> Int? {
    let piece = next.wrappingAdd(1, ordering: .relaxed).oldValue
    guard piece < range.upperBound else { return nil }
    return descending ? range.lowerBound + range.upperBound - 1 - piece : piece
  }
}
