import CPosix
import Glibc
import Support

/// The engine's end of the channel to the command that started it; any thread may send.
public final class JobChannel: Sendable {
  private let descriptor: Int32
  private let isOpen = Monitor(true)

  /// Takes over the socket.
  public init(descriptor: Int32) {
    self.descriptor = descriptor
    posetop_close_on_exec(descriptor)
  }

  deinit { close(descriptor) }

  /// Waits for the request; nil when the other side went or sent something else.
  public func request() -> JobRequest? {
    var decoder = FrameDecoder()
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return nil }
      decoder.append(buffer[..<count])
      guard let message = try? decoder.next() else { continue }
      return JobRequest(json: message)
    }
  }

  /// Sends a message; waits while the other side is slow. False when nobody listens any more: the
  /// job is then pointless.
  @discardableResult
  public func send(_ message: JobMessage) -> Bool {
    let bytes = Frame.encode(message.json)
    return isOpen.update { isOpen in
      var done = 0
      while isOpen, done < bytes.count {
        let count = bytes.withUnsafeBytes { buffer in
          buffer.baseAddress.map {
            posetop_socket_send(descriptor, $0 + done, buffer.count - done)
          } ?? 0
        }
        if count < 0, errno == EINTR { continue }
        if count < 0 { isOpen = false } else { done += count }
      }
      return isOpen
    }
  }
}
