import CPosix
import Glibc
public import Support

/// A non-blocking stream socket that carries frames; used by one thread.
public final class FrameChannel {
  /// The socket, for `poll`.
  public let descriptor: Int32
  /// Whether the other side is still there.
  public private(set) var isOpen = true
  /// Why the channel was closed from this side; nil when the other side went.
  public private(set) var fault: LinkError?

  private var decoder = FrameDecoder()
  private var outgoing: [UInt8] = []

  /// Takes over the socket.
  public init(_ descriptor: Int32) {
    self.descriptor = descriptor
    posetop_set_nonblocking(descriptor)
  }

  deinit { close(descriptor) }

  /// Bytes that wait until the other side reads.
  public var waitingBytes: Int { outgoing.count }

  /// The documents that have arrived, at most about `maximum` bytes of them; never waits.
  public func receive(maximum: Int = 1 << 18) -> [JSONValue] {
    guard isOpen else { return [] }
    var documents: [JSONValue] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var total = 0
    while total < maximum {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 {
        if errno == EINTR { continue }
        if errno != EAGAIN { isOpen = false }
        break
      }
      if count == 0 {
        isOpen = false
        break
      }
      total += count
      decoder.append(buffer[..<count])
      do throws(LinkError) {
        while let document = try decoder.next() { documents.append(document) }
      } catch {
        fault = error
        isOpen = false
        break
      }
    }
    return documents
  }

  /// Sends a document, or as much of it as the other side takes now; `flush` sends the rest.
  public func send(_ value: JSONValue) {
    guard isOpen else { return }
    outgoing += Frame.encode(value)
    flush()
  }

  /// Sends what waits, as far as the other side takes it.
  public func flush() {
    var done = 0
    while done < outgoing.count, isOpen {
      let count = outgoing.withUnsafeBytes { buffer in
        buffer.baseAddress.map {
          posetop_socket_send(descriptor, $0 + done, buffer.count - done)
        } ?? 0
      }
      if count < 0 {
        if errno == EINTR { continue }
        if errno != EAGAIN { isOpen = false }
        break
      }
      done += count
    }
    outgoing.removeFirst(done)
  }
}
