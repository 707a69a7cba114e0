import Glibc

/// A value that threads share, with waiting until it is in a wanted state.
///
/// Over a pthread mutex, which the thread sanitizer sees; the standard library's `Mutex` it does not.
/// `@unchecked Sendable`: the value is reached only under the mutex.
public final class Monitor<Value>: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var value: Value

  /// A monitor of a value that nobody else holds.
  public init(_ value: sending Value) {
    self.value = value
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

  /// Reads or changes the value and wakes those who wait.
  public func update<Result>(_ body: (inout Value) -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer {
      pthread_cond_broadcast(condition)
      pthread_mutex_unlock(mutex)
    }
    return body(&value)
  }

  /// Calls `body` until it returns something, each time after the value may have changed, and every
  /// `seconds` (never when nil) for what changes elsewhere.
  public func wait<Result>(
    every seconds: Double? = nil, _ body: (inout Value) -> Result?
  ) -> Result {
    pthread_mutex_lock(mutex)
    while true {
      if let result = body(&value) {
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
        return result
      }
      if let seconds {
        let end = Clock.monotonic() + max(0, min(seconds, 1e9))
        var time = timespec(tv_sec: Int(end), tv_nsec: Int((end - end.rounded(.down)) * 1e9))
        pthread_cond_timedwait(condition, mutex, &time)
      } else {
        pthread_cond_wait(condition, mutex)
      }
    }
  }
}
