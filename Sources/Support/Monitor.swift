import Glibc

/// A value that threads share, with waiting until it is in a wanted state.
///
/// `@unchecked Sendable`: the value is reached only under the mutex.
public final class Monitor<Value>: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var value: Value

  /// A monitor of a value that nobody else holds.
  public init(_ value: sending Value) {
    self.value = value
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
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

  /// Calls `body` until it returns something, each time after the value may have changed.
  public func wait<Result>(_ body: (inout Value) -> Result?) -> Result {
    pthread_mutex_lock(mutex)
    while true {
      if let result = body(&value) {
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
        return result
      }
      pthread_cond_wait(condition, mutex)
    }
  }
}
