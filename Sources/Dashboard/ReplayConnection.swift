import Glibc
public import Support
public import TrainingAPI

/// A run that has ended, read from its folder: the same events, and nobody to send commands to.
public final class ReplayConnection: RunConnection {
  /// The log is read in pieces of this size, so that the first screen is there at once.
  private static let pieceBytes = 1 << 20
  /// A longer line is not an event of ours and is skipped.
  private static let maximumLine = 16 << 20

  private let file: Int32
  private var offset = 0
  private var rest: [UInt8] = []
  private var isDone = false
  private var isSkipping = false

  /// Opens `events.ndjson` in the run folder.
  public init(runFolder: String) throws(FileError) {
    file = try FileReading.open(Path.join(runFolder, "events.ndjson")).descriptor
  }

  deinit { close(file) }

  /// Readable until everything was drained: a regular file always is.
  public var descriptor: Int32 { isDone ? -1 : file }

  /// Nobody serves the run.
  public var isLive: Bool { false }

  /// There is nobody to send it to.
  public func send(_ request: CommandRequest) -> Bool { false }

  /// The events of the next piece of the log. What is no event is left out: a line may have been
  /// cut by a loss of power, or come from a newer version.
  public func drain() -> [LoggedEvent] {
    guard !isDone else { return [] }
    var piece = [UInt8](repeating: 0, count: Self.pieceBytes)
    let count = piece.withUnsafeMutableBytes { FileReading.read(file, into: $0, at: offset) }
    offset += max(0, count)
    if count < piece.count {
      isDone = true
      piece.removeLast(piece.count - max(0, count))
    }
    rest += piece
    var events: [LoggedEvent] = []
    var start = 0
    while let end = rest[start...].firstIndex(of: 0x0A) {
      if !isSkipping { append(rest[start..<end], to: &events) }
      isSkipping = false
      start = end + 1
    }
    rest.removeFirst(start)
    if rest.count > Self.maximumLine {
      rest = []
      isSkipping = true
    }
    if isDone, !isSkipping { append(rest[...], to: &events) }
    return events
  }

  private func append(_ line: ArraySlice<UInt8>, to events: inout [LoggedEvent]) {
    guard !line.isEmpty, let json = try? JSONValue(parsing: line),
      let event = LoggedEvent(json: json)
    else { return }
    events.append(event)
  }
}
