/// Writes pieces of values to the file of a commit on a thread of its own, so that the next piece is
/// made while the last one is on its way; the disk begins with each as soon as it is there.
///
/// The pieces go round: a few of them are all the memory that is taken, and who makes them waits for
/// the disk. One thread uses an object.
public final class WriteAhead {
  /// Values of a piece.
  public static let pieceCount = 1 << 18
  /// Bytes of memory that are taken.
  public static let plannedBytes = 4 * pieceCount * WriteAheadPieces.depth
  /// The disk is told to begin as often as so many bytes are there.
  private static let stretch = 8 << 20

  private struct State {
    var free = Array(0..<WriteAheadPieces.depth)
    var filled: [(piece: Int, count: Int)] = []
    var isEnded = false
    var failure: FileError?
  }

  private let pieces = WriteAheadPieces()
  private let state: Monitor<State>
  private let thread: WorkerThread

  private init(_ writer: DurableWriter, from start: Int) {
    let (pieces, state) = (pieces, Monitor(State()))
    self.state = state
    thread = WorkerThread(name: "write ahead") { Self.write(writer, start, pieces, state) }
  }

  /// Writes one more piece, of at most `pieceCount` values, when there is room for it.
  ///
  /// - Parameter fill: puts the values there.
  /// - Throws: why the file cannot be written, or what `fill` throws.
  public func append(
    _ count: Int, fill: (UnsafeMutableBufferPointer<Float>) throws(FileError) -> Void
  ) throws(FileError) {
    let piece = try state.wait { (state: inout State) -> Result<Int, FileError>? in
      if let failure = state.failure { return .failure(failure) }
      return state.free.popLast().map { .success($0) }
    }.get()
    try fill(pieces[piece, count])
    state.update { $0.filled.append((piece, count)) }
  }

  /// Writes the pieces of bytes, whole groups of four and of any number, when there is room for them.
  public func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    for offset in stride(from: 0, to: bytes.count, by: 4 * Self.pieceCount) {
      let end = min(offset + 4 * Self.pieceCount, bytes.count)
      try append((end - offset) / 4) {
        UnsafeMutableRawBufferPointer($0).copyMemory(from: .init(rebasing: bytes[offset..<end]))
      }
    }
  }

  /// Goes on behind what is in the file with what `body` appends, and waits until that is written.
  ///
  /// - Parameter start: bytes that are in the file.
  /// - Throws: why the file cannot be written, or what `body` throws.
  public static func run(
    _ writer: DurableWriter, from start: Int, _ body: (WriteAhead) throws(FileError) -> Void
  ) throws(FileError) {
    let ahead = WriteAhead(writer, from: start)
    do throws(FileError) {
      try body(ahead)
    } catch {
      ahead.abandon()
      throw error
    }
    try ahead.finish()
  }

  /// Waits until everything is written.
  ///
  /// - Throws: why the file cannot be written.
  private func finish() throws(FileError) {
    abandon()
    if let failure = state.update({ $0.failure }) { throw failure }
  }

  /// Waits until nothing is being written any more.
  private func abandon() {
    state.update { $0.isEnded = true }
    thread.join()
  }

  private static func write(
    _ writer: DurableWriter, _ start: Int, _ pieces: WriteAheadPieces, _ state: Monitor<State>
  ) {
    var (begun, end) = (start, start)
    while true {
      let next = state.wait { (state: inout State) -> (piece: Int, count: Int)?? in
        if !state.filled.isEmpty { return state.filled.removeFirst() }
        return state.isEnded ? .some(nil) : nil
      }
      guard let next else { return }
      do throws(FileError) {
        try writer.write(UnsafeRawBufferPointer(pieces[next.piece, next.count]))
      } catch {
        return state.update { $0.failure = error }
      }
      state.update { $0.free.append(next.piece) }
      end += 4 * next.count
      if end - begun >= stretch {
        writer.beginWriteBack(from: begun, count: end - begun)
        begun = end
      }
    }
  }
}

/// The memory of the pieces.
///
/// `@unchecked Sendable`: a piece is touched by the one thread that has taken its number out of the
/// monitor.
private final class WriteAheadPieces: @unchecked Sendable {
  static let depth = 4

  private let memory: UnsafeMutableBufferPointer<Float>

  init() {
    memory = .allocate(capacity: Self.depth * WriteAhead.pieceCount)
    memory.initialize(repeating: 0)
  }

  deinit { memory.deallocate() }

  /// The first `count` values of a piece.
  subscript(piece: Int, count: Int) -> UnsafeMutableBufferPointer<Float> {
    let start = piece * WriteAhead.pieceCount
    return UnsafeMutableBufferPointer(rebasing: memory[start..<start + count])
  }
}
