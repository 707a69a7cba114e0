import Glibc

/// Time in seconds.
public enum Clock {
  /// Seconds since an arbitrary start; never goes back.
  public static func monotonic() -> Double { read(CLOCK_MONOTONIC) }

  /// Seconds since 1970.
  public static func wall() -> Double { read(CLOCK_REALTIME) }

  /// Seconds of a processor that the calling thread has used.
  public static func threadProcessor() -> Double { read(CLOCK_THREAD_CPUTIME_ID) }

  private static func read(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
