import CPosix
public import Glibc
public import Support
public import TrainingAPI
public import Wording

/// The keeper's socket, to which viewers come; used by the keeper's one thread.
///
/// A viewer is only told how far the log goes. While it has not read the last word, no further one is
/// queued, so a stalled viewer costs a few bytes and delays nobody.
///
/// One viewer controls: the one that took control last, so that a dashboard behind a dead connection
/// holds up nobody. Single commands (`tell`) are always taken.
public final class ViewerServer {
  /// More viewers than this at once are turned away.
  static let viewerLimit = 64

  /// Where viewers connect.
  public let socketPath: String
  private var listener: Int32
  private var identity: (device: UInt, inode: UInt)
  private var viewers: [Viewer] = []
  /// Who took control last and is still there.
  private weak var controller: Viewer?

  private final class Viewer {
    let channel: FrameChannel
    let process: Int
    var role = ViewerRole.caller
    var toldNumber = -1
    /// The smallest byte that the log was cut back to since the viewer was told how far it goes.
    var cut: Int?

    init(_ descriptor: Int32, process: Int) {
      channel = FrameChannel(descriptor)
      self.process = process
    }
  }

  /// Binds the socket. The caller holds the run's lock, so a socket of that name is a dead
  /// keeper's and is replaced.
  public init(socketPath: String) throws(LinkError) {
    self.socketPath = socketPath
    (listener, identity) = try Self.bind(socketPath)
  }

  deinit { close(listener) }

  private static func bind(
    _ path: String
  ) throws(LinkError) -> (Int32, (device: UInt, inode: UInt)) {
    if let old = status(path), old.isSocket { unlink(path) }
    let descriptor = posetop_socket_listen(path, 64)
    guard descriptor >= 0, let new = status(path) else {
      throw .cannotListen(path: path, reason: String(cString: strerror(errno)))
    }
    return (descriptor, (new.device, new.inode))
  }

  private static func status(_ path: String) -> (device: UInt, inode: UInt, isSocket: Bool)? {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    return (UInt(status.st_dev), UInt(status.st_ino), status.st_mode & S_IFMT == S_IFSOCK)
  }

  /// Viewers that are connected.
  public var viewerCount: Int { viewers.count }

  /// What to wait for with `poll`.
  public var pollDescriptors: [pollfd] {
    [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
      + viewers.map { viewer in
        let events = POLLIN | (viewer.channel.waitingBytes > 0 ? POLLOUT : 0)
        return pollfd(fd: viewer.channel.descriptor, events: Int16(events), revents: 0)
      }
  }

  /// Lets new viewers in, tells all how far the log goes, and takes what they ask for.
  ///
  /// - Parameters:
  ///   - number: the last event that the log's file holds.
  ///   - bytes: where its line ends.
  /// - Returns: requests in the order of their coming, with a reason where the sender may not ask.
  public func serve(
    number: Int, bytes: Int
  ) -> [(request: CommandRequest, refusal: Sentence?)] {
    accept()
    var requests: [(request: CommandRequest, refusal: Sentence?)] = []
    for viewer in viewers {
      for message in viewer.channel.receive(maximum: 1 << 16) {
        if let role = message["role"]?.string.flatMap(ViewerRole.init(rawValue:)) {
          viewer.role = role
          if role == .controller { takeControl(viewer) }
          continue
        }
        guard var request = CommandRequest(json: message) else { continue }
        // The kernel's word on who asks stands beside the viewer's own.
        let mark = "(pid \(viewer.process))"
        if !request.by.contains(mark) { request.by += " \(mark)" }
        requests.append((request, refusal(viewer)))
      }
      tell(viewer, number: number, bytes: bytes)
    }
    viewers.removeAll { !$0.channel.isOpen }
    return requests
  }

  private func takeControl(_ viewer: Viewer) {
    let before = controller
    controller = viewer
    guard let before, before !== viewer, before.channel.isOpen else { return }
    let sentence = Sentence(RunSentence.controlTaken, "pid \(viewer.process)")
    if before.channel.waitingBytes == 0 {
      before.channel.send(ViewerMessage.notice(sentence).json)
    }
  }

  /// Why a viewer may not send commands; nil when it may.
  private func refusal(_ viewer: Viewer) -> Sentence? {
    switch viewer.role {
    case .caller: return nil
    case .watcher: return Sentence(RunSentence.viewerWatches)
    case .controller:
      guard let controller, controller !== viewer else { return nil }
      return Sentence(RunSentence.controlledElsewhere, "pid \(controller.process)")
    }
  }

  private func tell(_ viewer: Viewer, number: Int, bytes: Int) {
    viewer.channel.flush()
    guard viewer.toldNumber != number || viewer.cut != nil, viewer.channel.waitingBytes == 0 else {
      return
    }
    viewer.toldNumber = number
    viewer.channel.send(
      ViewerMessage.position(number: number, bytes: bytes, cut: viewer.cut).json)
    viewer.cut = nil
  }

  /// Remembers for all viewers that the log was cut back to a byte.
  public func cut(to bytes: Int) {
    for viewer in viewers { viewer.cut = min(viewer.cut ?? bytes, bytes) }
  }

  /// Tells all viewers something that the log cannot say.
  public func say(_ sentence: Sentence) {
    for viewer in viewers where viewer.channel.waitingBytes == 0 {
      viewer.channel.send(ViewerMessage.notice(sentence).json)
    }
  }

  /// Tells all viewers of an event that the log does not hold.
  public func pass(_ event: JSONValue) {
    for viewer in viewers where viewer.channel.waitingBytes == 0 {
      viewer.channel.send(ViewerMessage.passing(event).json)
    }
  }

  /// Tells all viewers that the run is over, and waits at most some seconds until they know.
  public func end(number: Int, bytes: Int, seconds: Double) {
    accept()
    for viewer in viewers {
      if viewer.cut != nil {
        viewer.channel.send(
          ViewerMessage.position(number: number, bytes: bytes, cut: viewer.cut).json)
      }
      viewer.channel.send(ViewerMessage.end(number: number, bytes: bytes).json)
    }
    let end = Clock.monotonic() + seconds
    while Clock.monotonic() < end {
      viewers.removeAll { !$0.channel.isOpen || $0.channel.waitingBytes == 0 }
      if viewers.isEmpty { return }
      var descriptors = pollDescriptors.dropFirst().map {
        pollfd(fd: $0.fd, events: Int16(POLLOUT), revents: 0)
      }
      poll(&descriptors, nfds_t(descriptors.count), 50)
      for viewer in viewers { viewer.channel.flush() }
    }
  }

  /// Binds the socket anew when somebody has removed or replaced it; the error, when that failed.
  public func checkSocket() -> LinkError? {
    if let now = Self.status(socketPath), now.device == identity.device,
      now.inode == identity.inode
    {
      return nil
    }
    do throws(LinkError) {
      let (fresh, freshIdentity) = try Self.bind(socketPath)
      close(listener)
      listener = fresh
      identity = freshIdentity
      return nil
    } catch {
      return error
    }
  }

  private func accept() {
    while true {
      let descriptor = posetop_socket_accept(listener)
      guard descriptor >= 0 else { return }
      var (user, process): (uid_t, pid_t) = (0, 0)
      guard posetop_socket_peer(descriptor, &user, &process) == 0, user == getuid() || user == 0,
        viewers.count < Self.viewerLimit
      else {
        close(descriptor)
        continue
      }
      viewers.append(Viewer(descriptor, process: Int(process)))
    }
  }
}
