import CPosix

/// Notes on what each thread is working at, kept in a file that outlives the process: after a crash
/// another process reads what the thread that crashed was doing.
public struct CrashNotes: Sendable {
  /// The slot of the calling thread.
  public let slot: Int

  /// A thread's own slot.
  public init(slot: Int) { self.slot = slot }

  /// Makes the file; once a process, before any note. False when there can be none.
  @discardableResult
  public static func open(_ path: String, slots: Int) -> Bool {
    posetop_notes_open(path, Int32(clamping: slots)) == 0
  }

  /// Runs a function under a note on the calling thread.
  public func noting<Value, Failure: Error>(
    _ text: String, _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    posetop_note(Int32(clamping: slot), text)
    defer { posetop_note(Int32(clamping: slot), nil) }
    return try body()
  }

  /// What the thread that crashed was working at, if the process that made the file died of a fault
  /// under a note.
  public static func crashed(_ path: String) -> String? {
    var text = [UInt8](repeating: 0, count: 1025)
    let isFound = text.withUnsafeMutableBytes { bytes in
      posetop_notes_crashed(
        path, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
    }
    return isFound == 1 ? String(decoding: text.prefix { $0 != 0 }, as: UTF8.self) : nil
  }
}
