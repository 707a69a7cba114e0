import CPosix
import Glibc

/// Signals as bytes in a pipe: `poll` sees them, no thread has to block them.
///
/// `sigaction` and a pipe, not `signalfd`: libraries start threads with all signals unblocked before
/// `main`, and one of those would take the signal.
public struct SignalPipe {
  /// Readable when a watched signal has arrived.
  public let descriptor: Int32

  /// Watches some signals and ignores others; the pipe is the process's only one.
  public init(watching watched: [Int32], ignoring ignored: [Int32] = []) {
    descriptor = posetop_signal_pipe()
    for signal in watched { posetop_signal_watch(signal) }
    for signal in ignored { posetop_signal_ignore(signal) }
  }

  /// The signals that have arrived since the last call.
  public func take() -> [Int32] {
    var buffer = [UInt8](repeating: 0, count: 64)
    let count = read(descriptor, &buffer, buffer.count)
    return count > 0 ? buffer[..<count].map(Int32.init) : []
  }
}
