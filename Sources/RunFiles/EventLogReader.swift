import CPosix
import Glibc
import Support
public import TrainingAPI

/// Reads `events.ndjson` from the beginning on, as far as it has been written.
///
/// A line that is no event is skipped and counted; a torn last line is left for the next call.
public final class EventLogReader {
  /// The file.
  public let path: String
  /// Bytes of the log that were read as whole lines.
  public private(set) var offset = 0
  /// Number of the last event that was read.
  public private(set) var lastNumber = 0
  /// Lines that were no events.
  public private(set) var skippedLines = 0

  private var descriptor: Int32 = -1
  private var skipsLine = false

  /// A reader at the beginning of the log, which need not exist yet.
  public init(_ path: String) { self.path = path }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Goes to the present end of the log.
  public func skipToEnd() {
    var status = stat()
    guard open(), fstat(descriptor, &status) == 0 else { return }
    offset = Int(status.st_size)
  }

  /// Goes back to an offset at which a line ends, if it is beyond it: the log was cut there.
  public func goBack(to offset: Int) {
    guard offset < self.offset else { return }
    self.offset = offset
    skipsLine = false
  }

  /// The next events from about `maximum` bytes: none when there is nothing more at present.
  ///
  /// Without its steps (`keepsSteps`) a long log is read many times faster; nothing is read from
  /// `end` on.
  public func read(
    maximum: Int = 1 << 22, keepsSteps: Bool = true, end: Int = .max
  ) -> [LoggedEvent] {
    guard open() else { return [] }
    var events: [LoggedEvent] = []
    var budget = maximum
    var length = 1 << 18
    while budget > 0, offset < end {
      var buffer = [UInt8](repeating: 0, count: min(length, end - offset))
      let count = buffer.withUnsafeMutableBytes {
        FileReading.read(descriptor, into: $0, at: offset)
      }
      guard count > 0 else { break }
      let used = take(buffer[..<count], keepsSteps, &events)
      offset += used
      budget -= max(used, 1)
      if used == 0 {
        if count < length { break }  // a line that is still being written, or not told of yet
        guard length > EventLog.lineLimit else {
          length *= 2
          continue
        }
        // No event is that long: drop what was read and everything up to the line's end.
        skipsLine = true
        offset += count
        skippedLines += 1
      }
    }
    return events
  }

  private func take(
    _ bytes: ArraySlice<UInt8>, _ keepsSteps: Bool, _ events: inout [LoggedEvent]
  ) -> Int {
    var start = bytes.startIndex
    while let end = bytes[start...].firstIndex(of: 0x0A) {
      defer { start = end + 1 }
      if skipsLine {
        skipsLine = false
        continue
      }
      let line = bytes[start..<end]
      if !keepsSteps, Self.isStep(line) { continue }
      guard let json = try? JSONValue(parsing: line), let event = LoggedEvent(json: json) else {
        skippedLines += 1
        continue
      }
      lastNumber = event.number
      events.append(event)
    }
    return start - bytes.startIndex
  }

  /// The keeper writes `number`, `time` and `event` first, so a step shows in the first bytes.
  private static func isStep(_ line: ArraySlice<UInt8>) -> Bool {
    let pattern = Array("\"event\":\"step\"".utf8)
    let head = line.prefix(100)
    guard head.count >= pattern.count else { return false }
    return (head.startIndex...(head.endIndex - pattern.count)).contains { start in
      head[start..<(start + pattern.count)].elementsEqual(pattern)
    }
  }

  private func open() -> Bool {
    if descriptor >= 0 { return true }
    guard let opened = try? FileReading.open(path) else { return false }
    descriptor = opened.descriptor
    return true
  }
}
