import CPosix
import Glibc
public import Support
public import TrainingAPI

/// The keeper's end of `events.ndjson`: numbers events from 1 and appends them.
///
/// What the disk refuses stays in memory and is tried again, so that a full disk costs no event. On
/// opening, a torn last line, as a loss of power leaves it, is cut off.
public final class EventLog {
  /// Bytes that wait for the disk above which single steps are no longer kept.
  static let waitingLimit = 32 << 20
  /// A line is at most this long.
  public static let lineLimit = 1 << 20

  /// The file.
  public let path: String
  /// Number of the last event.
  public private(set) var lastNumber = 0
  /// Bytes of the log that a reader can see.
  public private(set) var byteCount = 0
  /// Number of the last event that a reader can see.
  public private(set) var writtenNumber = 0
  /// Why the last write or sync failed; nil when it did not.
  public private(set) var failure: FileError?

  private let descriptor: Int32
  private var waiting: [UInt8] = []
  private var isDirty = false
  private var lastSync = Clock.monotonic()

  /// Opens or makes the log.
  public init(_ path: String) throws(RunError) {
    let descriptor = posetop_open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else {
      throw .file(.cannotOpen(path: path, reason: FileError.reason()))
    }
    self.path = path
    self.descriptor = descriptor
    try repair()
    try RunFolder.wrap { () throws(FileError) in try DurableFile.syncFolder(of: path) }
  }

  deinit { close(descriptor) }

  /// Numbers an event and writes it.
  ///
  /// - Returns: the event's number.
  @discardableResult
  public func append(_ event: TrainingEvent, time: Double = Clock.wall()) -> Int {
    append(LoggedEvent(number: 0, time: time, event: event).json)
  }

  /// Numbers and writes an event as it came over the channel, with all its fields.
  @discardableResult
  public func append(_ json: JSONValue) -> Int {
    if waiting.count > Self.waitingLimit, json["event"]?.string == "step" { return lastNumber }
    guard var object = json.object else { return lastNumber }
    object["number"] = .integer(Int64(lastNumber + 1))
    let before = waiting.count
    JSONValue.object(object).append(to: &waiting)
    guard waiting.count - before < Self.lineLimit else {
      waiting.removeLast(waiting.count - before)
      return lastNumber
    }
    waiting.append(0x0A)
    lastNumber += 1
    writeOut()
    return lastNumber
  }

  /// Writes what waits and makes the log durable; false when the disk refuses.
  @discardableResult
  public func sync() -> Bool {
    writeOut()
    guard waiting.isEmpty else { return false }
    lastSync = Clock.monotonic()
    guard isDirty else { return true }
    guard fsync(descriptor) == 0 else {
      failure = .cannotWrite(path: path, reason: FileError.reason())
      return false
    }
    isDirty = false
    return true
  }

  /// Makes the log durable when the last time was a second ago.
  public func syncIfDue() {
    if isDirty || !waiting.isEmpty, Clock.monotonic() - lastSync >= 1 {
      lastSync = Clock.monotonic()
      sync()
    }
  }

  /// Whether something is not on disk yet.
  public var needsSync: Bool { isDirty || !waiting.isEmpty }

  /// Cuts the log back to an event, because the run goes on from a state that was taken there. What
  /// is cut off is appended to another file first, if there is room for it.
  ///
  /// - Parameters:
  ///   - number: the last event that stays; 0 for none.
  ///   - path: where the rest goes.
  ///   - onLoss: is told when the rest could not be kept, which ends nothing: its steps are done again.
  /// - Returns: the events that were cut off.
  public func cut(
    to number: Int, keepingRestIn path: String, onLoss: (RunError) -> Void = { _ in }
  ) throws(RunError) -> [LoggedEvent] {
    guard sync() else {
      throw .file(failure ?? .cannotWrite(path: self.path, reason: FileError.reason()))
    }
    guard number < lastNumber else {
      lastNumber = number
      writtenNumber = number
      return []
    }
    let (start, rest) = try tail(after: number)
    if !rest.isEmpty {
      do throws(RunError) { try keep(rest, in: path) } catch { onLoss(error) }
    }
    guard ftruncate(descriptor, off_t(start)) == 0, fsync(descriptor) == 0 else {
      throw .file(.cannotWrite(path: self.path, reason: FileError.reason()))
    }
    byteCount = start
    lastNumber = number
    writtenNumber = number
    return rest.split(separator: 0x0A).compactMap { line in
      (try? JSONValue(parsing: line)).flatMap { LoggedEvent(json: $0) }
    }
  }

  /// The bytes of all events after one, and where they begin.
  private func tail(after number: Int) throws(RunError) -> (start: Int, bytes: ArraySlice<UInt8>) {
    var length = Self.lineLimit
    while true {
      let start = max(0, byteCount - length)
      var bytes = [UInt8](repeating: 0, count: byteCount - start)
      let count = bytes.withUnsafeMutableBytes { FileReading.read(descriptor, into: $0, at: start) }
      guard count == bytes.count else {
        throw .file(.cannotRead(path: path, reason: FileError.reason()))
      }
      // The first line may have begun before the bytes at hand.
      var line = start == 0 ? 0 : (bytes.firstIndex(of: 0x0A) ?? bytes.count - 1) + 1
      let first = line
      while line < bytes.count, let end = bytes[line...].firstIndex(of: 0x0A) {
        let found = (try? JSONValue(parsing: bytes[line..<end]))?["number"]?.int ?? 0
        if found > number { break }
        line = end + 1
      }
      if start == 0 || line > first { return (start + line, bytes[line...]) }
      length *= 2
    }
  }

  private func keep(_ bytes: ArraySlice<UInt8>, in path: String) throws(RunError) {
    let file = posetop_open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard file >= 0 else { throw .file(.cannotWrite(path: path, reason: FileError.reason())) }
    defer { close(file) }
    var status = stat()
    let length = fstat(file, &status) == 0 ? status.st_size : 0
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let reason = FileError.reason()
        ftruncate(file, length)
        throw .file(.cannotWrite(path: path, reason: reason))
      }
      rest = rest.dropFirst(count)
    }
    guard fsync(file) == 0 else {
      throw .file(.cannotWrite(path: path, reason: FileError.reason()))
    }
  }

  private func writeOut() {
    var done = 0
    while done < waiting.count {
      let count = waiting.withUnsafeBytes { buffer in
        buffer.baseAddress.map {
          pwrite(descriptor, $0 + done, buffer.count - done, off_t(byteCount + done))
        } ?? 0
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        failure = .cannotWrite(path: path, reason: FileError.reason())
        break
      }
      isDirty = true
      done += count
    }
    byteCount += done
    waiting.removeFirst(done)
    if waiting.isEmpty {
      writtenNumber = lastNumber
      if done > 0 { failure = nil }
    }
  }

  /// Finds the end of the last whole event and cuts what is behind it.
  private func repair() throws(RunError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw .file(.notARegularFile(path: path))
    }
    let size = Int(status.st_size)
    let start = max(0, size - 2 * Self.lineLimit)
    var tail = [UInt8](repeating: 0, count: size - start)
    let count = tail.withUnsafeMutableBytes { FileReading.read(descriptor, into: $0, at: start) }
    guard count >= 0 else {
      throw .file(.cannotRead(path: path, reason: FileError.reason()))
    }
    tail.removeLast(tail.count - count)
    let hasLines = tail.contains(0x0A)
    while let end = tail.lastIndex(of: 0x0A) {
      let line = (tail[..<end].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0)..<end
      if let json = try? JSONValue(parsing: tail[line]), let event = LoggedEvent(json: json),
        event.number > 0
      {
        lastNumber = event.number
        writtenNumber = event.number
        byteCount = start + end + 1
        break
      }
      tail.removeLast(tail.count - line.lowerBound)
    }
    // Only the very first line can be torn without an event before it; all else is no log of ours.
    if lastNumber == 0, hasLines || start > 0 { throw .brokenLog(path: path) }
    if byteCount < size {
      guard ftruncate(descriptor, off_t(byteCount)) == 0 else {
        throw .file(.cannotWrite(path: path, reason: FileError.reason()))
      }
      isDirty = true
    }
  }
}
