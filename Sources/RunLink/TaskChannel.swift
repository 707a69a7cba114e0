import Glibc
public import Support
import TrainingAPI
public import Wording

/// The engine's side of a task: one request comes, one answer goes.
public struct TaskChannel {
  private let channel: FrameChannel

  /// Takes over the descriptor.
  public init(_ descriptor: Int32) { channel = FrameChannel(descriptor) }

  /// The request; nil when the other side went before it asked.
  public func request() -> JSONValue? {
    while channel.isOpen {
      if let request = channel.receive().first { return request }
      wait(for: Int16(POLLIN))
    }
    return nil
  }

  /// Sends the answer, or why there is none, and returns when it is on its way.
  public func answer(_ result: Result<JSONValue, TaskFailure>) {
    switch result {
    case .success(let value): channel.send(["answer": value])
    case .failure(let failure): channel.send(["failed": failure.sentence.json])
    }
    while channel.isOpen, channel.waitingBytes > 0 {
      wait(for: Int16(POLLOUT))
      channel.flush()
    }
  }

  private func wait(for events: Int16) {
    var item = pollfd(fd: channel.descriptor, events: events, revents: 0)
    poll(&item, 1, 1000)
  }
}

/// Why a task has no answer.
public struct TaskFailure: Error {
  /// What to tell the user.
  public let sentence: Sentence

  /// A failure with these words.
  public init(_ sentence: Sentence) { self.sentence = sentence }
}
