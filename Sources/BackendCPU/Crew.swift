import Support
import Synchronization

/// A fixed set of threads that work off numbered pieces; the caller is one of them.
///
/// Which thread takes which piece is left to chance; what a piece computes depends on its number
/// alone, so results are the same for any number of threads.
///
/// `@unchecked Sendable`: `body` is written by the caller before `generation` is released and read by
/// the workers after they acquired it; the caller does not return before `finished` says that all
/// workers are done with it.
final class Crew: @unchecked Sendable {
  typealias Body = (_ batch: Int, _ piece: Int, _ worker: Int) -> Void

  let size: Int
  private var body: Body?
  private var batch = 0
  private var pieceCount = 0
  private let next = Atomic<Int>(0)
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

  /// Runs `body` for each piece 0 ..< pieces and returns when all are done.
  func run(_ pieces: Int, batch: Int, _ body: @escaping Body) {
    if pieces <= 1 || threads.isEmpty {
      for piece in 0..<max(pieces, 0) { body(batch, piece, 0) }
      return
    }
    self.body = body
    self.batch = batch
    pieceCount = pieces
    next.store(0, ordering: .relaxed)
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
    while true {
      let piece = next.wrappingAdd(1, ordering: .relaxed).oldValue
      if piece >= pieceCount { return }
      body(batch, piece, worker)
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
