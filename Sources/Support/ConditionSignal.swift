import Glibc
import Synchronization

/// A flag that one thread raises and another waits for.
///
/// `Mutex` of the standard library cannot be waited on, so this wraps a pthread mutex and condition.
/// `@unchecked Sendable`: all state lies behind the pthread mutex.
public final class ConditionSignal: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var raised = false
  private let sleepers = Atomic<Int>(0)

  /// A lowered flag.
  public init() {
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Raises the flag and wakes the waiter.
  public func raise() {
    pthread_mutex_lock(mutex)
    raised = true
    pthread_cond_broadcast(condition)
    pthread_mutex_unlock(mutex)
  }

  /// Wakes a thread that sleeps in `waitUnless`; cheap when none does.
  public func raiseIfWaiting() {
    if sleepers.load(ordering: .sequentiallyConsistent) > 0 { raise() }
  }

  /// Sleeps until the flag is raised, unless the condition already holds.
  ///
  /// The sleeper announces itself before it looks at the condition, and the waker changes the
  /// condition before it looks for sleepers, so no wake-up is lost.
  public func waitUnless(_ condition: () -> Bool) {
    sleepers.wrappingAdd(1, ordering: .sequentiallyConsistent)
    if !condition() { wait() }
    sleepers.wrappingSubtract(1, ordering: .sequentiallyConsistent)
  }

  /// Waits until the flag is raised, at most `seconds` (for ever when nil), and lowers it.
  @discardableResult
  public func wait(seconds: Double? = nil) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    if let seconds {
      let end = Clock.monotonic() + max(0, min(seconds, 1e9))
      var time = timespec(
        tv_sec: Int(end), tv_nsec: Int((end - end.rounded(.down)) * 1e9))
      while !raised {
        if pthread_cond_timedwait(condition, mutex, &time) == ETIMEDOUT { break }
      }
    } else {
      while !raised { pthread_cond_wait(condition, mutex) }
    }
    defer { raised = false }
    return raised
  }
}
