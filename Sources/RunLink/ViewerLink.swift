import CPosix
import Glibc
public import RunFiles
import Support
public import TrainingAPI

/// A viewer's connection to a live run.
///
/// The events come from the run's log, from the first one on; the socket says how far it goes and
/// takes commands. When the keeper is gone, what the log still holds is read and then it is over.
public final class ViewerLink: RunConnection {
  /// How the connection ended, if it did.
  public enum Ending: Sendable {
    /// The run is over and the keeper said so.
    case ended
    /// The keeper vanished without a word.
    case lost
  }

  /// How the connection ended; nil while it lives.
  public private(set) var ending: Ending?

  private let channel: FrameChannel
  private let reader: EventLogReader
  private let wakeup: Int32
  private let both: Int32
  private var knownBytes = 0
  private var isDrained = false

  /// Connects to the keeper of a live run; `skippingHistory` begins with what is logged from now on.
  public init(
    _ folder: RunFolder, role: ViewerRole = .caller, skippingHistory: Bool = false
  ) throws(LinkError) {
    let descriptor = try Self.connect(folder)
    wakeup = posetop_wakeup()
    both = posetop_poll_both(descriptor, wakeup)
    guard wakeup >= 0, both >= 0 else {
      let reason = String(cString: strerror(errno))
      for open in [descriptor, wakeup, both] where open >= 0 { close(open) }
      throw .cannotConnect(run: folder.path, reason: reason)
    }
    channel = FrameChannel(descriptor)
    reader = EventLogReader(folder.eventsPath)
    if skippingHistory { reader.skipToEnd() }
    if role != .caller { channel.send(role.json) }
  }

  deinit {
    close(both)
    close(wakeup)
  }

  private static func connect(_ folder: RunFolder) throws(LinkError) -> Int32 {
    let holder = LockHolder(folder)
    if let holder, !holder.isHere { throw .elsewhere(run: folder.path, host: holder.host) }
    var paths = holder.map { [$0.socket] } ?? []
    if let registry = try? RunRegistry.open() { paths.append(registry.socketPath(of: folder)) }
    var reason = "no socket"
    for path in paths where !path.isEmpty {
      let descriptor = posetop_socket_connect(path)
      guard descriptor >= 0 else {
        reason = String(cString: strerror(errno))
        continue
      }
      var (user, process): (uid_t, pid_t) = (0, 0)
      guard posetop_socket_peer(descriptor, &user, &process) == 0,
        user == getuid() || user == 0 || getuid() == 0
      else {
        close(descriptor)
        throw .foreignPeer(path: path, user: Int(user))
      }
      return descriptor
    }
    throw .cannotConnect(run: folder.path, reason: reason)
  }

  /// The socket and the unread part of the log in one, for `poll`; -1 when all was read.
  public var descriptor: Int32 { isDrained ? -1 : both }

  /// Whether the keeper is there.
  public var isLive: Bool { ending == nil }

  /// The events that were logged since the last call; some megabytes of a long log at a time.
  public func drain() -> [LoggedEvent] {
    var events = receive()
    // While the keeper lives, only as far as it said: behind that the log may just be being cut.
    let logged = reader.read(end: ending == nil ? knownBytes : .max)
    events += logged
    // Until the known end is read (or, after the end, all there is), the descriptor stays readable.
    let isBehind = reader.offset < knownBytes && !logged.isEmpty
    if ending != nil {
      isDrained = logged.isEmpty
      posetop_wakeup_raise(wakeup)
    } else if isBehind {
      posetop_wakeup_raise(wakeup)
    } else {
      posetop_wakeup_lower(wakeup)
    }
    return events
  }

  /// Takes the keeper's words; what stands in no log becomes an event without a number.
  private func receive() -> [LoggedEvent] {
    guard ending == nil else { return [] }
    var notices: [LoggedEvent] = []
    for message in channel.receive() {
      switch ViewerMessage(json: message) {
      case .position(_, let bytes, let cut):
        knownBytes = bytes
        if let cut { reader.goBack(to: cut) }
      case .notice(let sentence):
        notices.append(
          LoggedEvent(
            number: 0, time: Clock.wall(), event: .notice(Notice(.error, sentence))))
      case .passing(let json):
        if let event = LoggedEvent(json: json) { notices.append(event) }
      case .end(_, let bytes):
        knownBytes = bytes
        ending = .ended
      case nil: break
      }
    }
    if !channel.isOpen, ending == nil { ending = .lost }
    return notices
  }

  /// Sends a command to the keeper.
  public func send(_ request: CommandRequest) -> Bool {
    guard ending == nil else { return false }
    channel.send(request.json)
    return channel.isOpen
  }
}
