import Glibc

/// The one way in which files are committed: temporary file in the same folder, write, fsync,
/// rename, fsync the folder. After it returned, the new file survives a loss of power; before that
/// the old one is untouched.
public enum DurableFile {
  /// Replaces or creates the file at `path` by what `write` puts into the writer.
  public static func commit(
    _ path: String, mode: UInt32 = 0o644, storage: any StorageCalls = SystemStorage(),
    write: (DurableWriter) throws(FileError) -> Void
  ) throws(FileError) {
    let temporary = "\(path)\(temporaryMark)\(getpid())"
    let descriptor = storage.open(temporary, O_WRONLY | O_CREAT | O_TRUNC, mode)
    guard descriptor >= 0 else { throw .cannotWrite(path: path, reason: FileError.reason()) }
    let writer = DurableWriter(descriptor: descriptor, path: path, storage: storage)
    var closed = false
    do throws(FileError) {
      try write(writer)
      guard storage.sync(descriptor) == 0 else { throw writer.failure }
      closed = true
      guard storage.close(descriptor) == 0 else { throw writer.failure }
      guard storage.rename(temporary, path) == 0 else { throw writer.failure }
    } catch {
      if !closed { _ = storage.close(descriptor) }
      _ = storage.unlink(temporary)
      throw error
    }
    try syncFolder(of: path, storage: storage)
  }

  /// Commits bytes that are at hand.
  public static func commit(
    _ path: String, bytes: [UInt8], storage: any StorageCalls = SystemStorage()
  ) throws(FileError) {
    try commit(path, storage: storage) { (writer) throws(FileError) in try writer.write(bytes) }
  }

  /// Commits a copy of a regular file.
  public static func copy(
    _ source: String, to path: String, storage: any StorageCalls = SystemStorage()
  ) throws(FileError) {
    let (descriptor, size) = try FileReading.open(source)
    defer { FileReading.close(descriptor) }
    var block = [UInt8](repeating: 0, count: min(max(size, 1), 1 << 20))
    try commit(path, storage: storage) { (writer) throws(FileError) in
      var done = 0
      while done < size {
        let wanted = min(block.count, size - done)
        let count = block.withUnsafeMutableBytes {
          FileReading.read(descriptor, into: .init(rebasing: $0[..<wanted]), at: done)
        }
        guard count == wanted else { throw .cannotRead(path: source, reason: FileError.reason()) }
        try writer.write(Array(block[..<count]))
        done += count
      }
    }
  }

  /// Makes the names in the file's folder durable.
  public static func syncFolder(
    of path: String, storage: any StorageCalls = SystemStorage()
  ) throws(FileError) {
    let folder = Path.parent(of: path)
    let descriptor = storage.open(folder, O_RDONLY | O_DIRECTORY, 0)
    guard descriptor >= 0 else { throw .cannotWrite(path: folder, reason: FileError.reason()) }
    defer { _ = storage.close(descriptor) }
    guard storage.sync(descriptor) == 0 else {
      throw .cannotWrite(path: folder, reason: FileError.reason())
    }
  }

  /// What stands between a file's name and the process in the names of temporary files.
  private static let temporaryMark = ".tmp-"

  /// Removes the temporary files that killed processes left in a folder. The caller is the only one
  /// who commits there.
  public static func removeLeftovers(
    in folder: String, storage: any StorageCalls = SystemStorage()
  ) {
    for name in Path.names(in: folder) ?? [] where name.contains(temporaryMark) {
      _ = storage.unlink(Path.join(folder, name))
    }
  }
}

/// The open temporary file of a commit.
public struct DurableWriter: Sendable {
  let descriptor: Int32
  let path: String
  let storage: any StorageCalls

  var failure: FileError { .cannotWrite(path: path, reason: FileError.reason()) }

  /// Appends the bytes of an array.
  public func write(_ bytes: [UInt8]) throws(FileError) {
    // `withUnsafeBytes` forgets the type of what its body throws, so the outcome is a value.
    try bytes.withUnsafeBytes { (buffer) -> Result<Void, FileError> in outcome(buffer) }.get()
  }

  private func outcome(_ bytes: UnsafeRawBufferPointer) -> Result<Void, FileError> {
    do throws(FileError) {
      return .success(try write(bytes))
    } catch {
      return .failure(error)
    }
  }

  /// Lets the disk begin with bytes that were appended.
  func beginWriteBack(from offset: Int, count: Int) {
    storage.beginWriteBack(descriptor, from: offset, count: count)
  }

  /// Appends bytes.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var done = 0
    while done < bytes.count {
      let count = storage.write(descriptor, UnsafeRawBufferPointer(rebasing: bytes[done...]))
      if count < 0 {
        if errno == EINTR { continue }
        throw failure
      }
      // A regular file that takes nothing and says nothing would never end.
      guard count > 0 else { throw .cannotWrite(path: path, reason: "nothing was written") }
      done += count
    }
  }
}
