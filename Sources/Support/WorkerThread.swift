import CPosix
import Glibc

/// A thread with a name and a stack of known size that runs one function and can be joined.
///
/// `@unchecked Sendable`: `handle` is written once before the object is handed out.
public final class WorkerThread: @unchecked Sendable {
  private let handle: pthread_t

  /// Starts the thread.
  ///
  /// - Parameters:
  ///   - name: at most 15 bytes, as `top` shows it.
  ///   - stackBytes: the stack's size.
  ///   - body: what it runs; what is not `Sendable` it makes itself.
  public init(name: String, stackBytes: Int = 4 << 20, body: @escaping @Sendable () -> Void) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setstacksize(&attributes, stackBytes)
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Body(name: name, run: body))
    let code = pthread_create(
      &thread, &attributes,
      { argument in
        guard let argument else { return nil }
        let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
        posetop_name_thread(body.name)
        body.run()
        return nil
      }, box.toOpaque())
    pthread_attr_destroy(&attributes)
    precondition(code == 0, "the system refuses another thread")
    handle = thread
  }

  /// Waits until the function has returned; call it once.
  public func join() { pthread_join(handle, nil) }

  private final class Body {
    let name: String
    let run: @Sendable () -> Void
    init(name: String, run: @escaping @Sendable () -> Void) {
      self.name = name
      self.run = run
    }
  }
}
