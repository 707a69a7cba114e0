import CPosix
import Glibc
import Support
public import TrainingAPI

/// The engine's end of the channel to the keeper.
///
/// Events go into a queue that a thread of its own sends, so a step never waits for the keeper while
/// the queue has room. Another thread takes commands and confirmations.
public final class EngineLink: EventSink {
  /// Bytes that may wait for the keeper before `publish` waits too.
  static let queueLimit = 8 << 20

  private struct State {
    var queue: [UInt8] = []
    var isOpen = true
    var isClosing = false
    var lastTicket = 0
    /// The keeper's answers that nobody has fetched yet, by ticket.
    var answers: [Int: JSONValue] = [:]
    var threads: [WorkerThread] = []
  }

  private let descriptor: Int32
  private let state = Monitor(State())
  private let hasWork = ConditionSignal()
  private let hasRoom = ConditionSignal()
  private let hasAnswer = ConditionSignal()

  /// Takes over the socket and starts both threads.
  ///
  /// - Parameters:
  ///   - descriptor: the engine's end of the socket pair.
  ///   - commands: where commands from viewers go.
  ///   - whenKeeperIsGone: runs on the reading thread when the keeper closed the channel, but not
  ///     after `close`. From then on nothing may be written into the run folder.
  public init(
    descriptor: Int32, commands: CommandMailbox, whenKeeperIsGone: @escaping @Sendable () -> Void
  ) {
    self.descriptor = descriptor
    posetop_close_on_exec(descriptor)
    let writer = WorkerThread(name: "keeper-write") { [self] in writeLoop() }
    let reader = WorkerThread(name: "keeper-read") { [self] in
      readLoop(commands)
      let wasOurs = state.update { state in
        state.isOpen = false
        return state.isClosing
      }
      hasWork.raise()
      hasRoom.raise()
      hasAnswer.raise()
      if !wasOurs { whenKeeperIsGone() }
    }
    state.update { $0.threads = [writer, reader] }
  }

  deinit { Glibc.close(descriptor) }

  /// Whether the keeper is there.
  public var isOpen: Bool { state.update { $0.isOpen } }

  /// Puts an event into the queue; waits only while the queue is full.
  public func publish(_ event: TrainingEvent) {
    let logged = LoggedEvent(number: 0, time: Clock.wall(), event: event)
    enqueue(Frame.encode(["event": logged.json]))
  }

  /// Asks the keeper to make durable what was published so far.
  public func requestFlush() -> Int {
    let ticket = drawTicket()
    enqueue(Frame.encode(["flush": .integer(Int64(ticket))]))
    return ticket
  }

  /// Waits for the keeper's answer.
  public func awaitFlush(_ ticket: Int) -> LogFlush {
    guard let answer = awaitAnswer(ticket) else { return .keeperGone }
    if let number = answer["number"]?.int { return .durable(number: number) }
    return answer["refused"]?.int.map { .refused(number: $0) } ?? .keeperGone
  }

  /// Has the keeper cut the log; nil when it cannot or is gone.
  public func cut(to number: Int) -> [CommandRecord]? {
    let ticket = drawTicket()
    enqueue(Frame.encode(["cut": .integer(Int64(number)), "ticket": .integer(Int64(ticket))]))
    guard let answer = awaitAnswer(ticket), answer["number"] != nil else { return nil }
    return (answer["commands"]?.array ?? []).compactMap { CommandRecord(json: $0) }
  }

  private func drawTicket() -> Int {
    state.update { state in
      state.lastTicket += 1
      return state.lastTicket
    }
  }

  private func awaitAnswer(_ ticket: Int) -> JSONValue? {
    while true {
      let (answer, isOpen) = state.update { state in
        (state.answers.removeValue(forKey: ticket), state.isOpen)
      }
      if answer != nil || !isOpen { return answer }
      hasAnswer.wait(seconds: 0.1)
    }
  }

  /// Sends everything that waits, closes the channel and ends both threads.
  public func close() {
    let threads = state.update { state in
      state.isClosing = true
      defer { state.threads = [] }
      return state.threads
    }
    hasWork.raise()
    threads.first?.join()
    shutdown(descriptor, Int32(SHUT_RDWR))
    threads.last?.join()
  }

  private func enqueue(_ frame: [UInt8]) {
    while true {
      let isTaken = state.update { state in
        guard state.isOpen, !state.isClosing else { return true }
        guard state.queue.count < Self.queueLimit else { return false }
        state.queue += frame
        return true
      }
      if isTaken { break }
      hasRoom.wait(seconds: 0.05)
    }
    hasWork.raise()
  }

  private func writeLoop() {
    while true {
      let (bytes, isOver) = state.update { state in
        defer { state.queue.removeAll(keepingCapacity: true) }
        return (state.queue, !state.isOpen || state.isClosing)
      }
      hasRoom.raise()
      if !bytes.isEmpty {
        guard send(bytes) else {
          state.update { $0.isOpen = false }
          shutdown(descriptor, Int32(SHUT_RDWR))
          return
        }
      } else if isOver {
        return
      } else {
        hasWork.wait()
      }
    }
  }

  private func send(_ bytes: [UInt8]) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        buffer.baseAddress.map {
          posetop_socket_send(descriptor, $0 + done, buffer.count - done)
        } ?? 0
      }
      if count < 0 {
        if errno == EINTR { continue }
        return false
      }
      done += count
    }
    return true
  }

  private func readLoop(_ commands: CommandMailbox) {
    var decoder = FrameDecoder()
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      decoder.append(buffer[..<count])
      do throws(LinkError) {
        while let message = try decoder.next() { take(message, commands) }
      } catch {
        return
      }
    }
  }

  private func take(_ message: JSONValue, _ commands: CommandMailbox) {
    if let ticket = message["answer"]?.int {
      state.update { $0.answers[ticket] = message }
      hasAnswer.raise()
    } else if let request = CommandRequest(json: message) {
      commands.post(request)
    }
  }
}
