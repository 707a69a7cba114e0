import CPosix
import Glibc

/// The one way in which files are committed: temporary file in the same folder, write, fsync,
/// rename, fsync the folder. After it returned, the new file survives a loss of power; before that
/// the old one is untouched.
public enum DurableFile {
  /// Replaces or creates the file at `path` by what `write` puts into the descriptor.
  public static func commit(
    _ path: String, mode: UInt32 = 0o644, write: (DurableWriter) throws(FileError) -> Void
  ) throws(FileError) {
    let temporary = "\(path).tmp-\(getpid())"
    let descriptor = posetop_open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw .cannotWrite(path: path, reason: FileError.reason()) }
    let writer = DurableWriter(descriptor: descriptor, path: path)
    var closed = false
    do throws(FileError) {
      try write(writer)
      guard fsync(descriptor) == 0 else { throw writer.failure }
      closed = true
      guard close(descriptor) == 0 else { throw writer.failure }
      guard rename(temporary, path) == 0 else { throw writer.failure }
    } catch {
      if !closed { close(descriptor) }
      unlink(temporary)
      throw error
    }
    try syncFolder(of: path)
  }

  /// Commits bytes that are at hand.
  public static func commit(_ path: String, bytes: [UInt8]) throws(FileError) {
    try commit(path) { (writer) throws(FileError) in try writer.write(bytes) }
  }

  /// Makes the names in the file's folder durable.
  public static func syncFolder(of path: String) throws(FileError) {
    let folder = Path.parent(of: path)
    let descriptor = posetop_open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
    guard descriptor >= 0 else { throw .cannotWrite(path: folder, reason: FileError.reason()) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
      throw .cannotWrite(path: folder, reason: FileError.reason())
    }
  }
}

/// The open temporary file of a commit.
public struct DurableWriter {
  let descriptor: Int32
  let path: String

  var failure: FileError { .cannotWrite(path: path, reason: FileError.reason()) }

  /// Appends the bytes of an array.
  public func write(_ bytes: [UInt8]) throws(FileError) {
    // `withUnsafeBytes` forgets the type of what its body throws, so the outcome is a value.
    let outcome: Result<Void, FileError> = bytes.withUnsafeBytes { buffer in
      do throws(FileError) {
        return .success(try write(buffer))
      } catch {
        return .failure(error)
      }
    }
    try outcome.get()
  }

  /// Appends bytes.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var done = 0
    while done < bytes.count, let base = bytes.baseAddress {
      let count = Glibc.write(descriptor, base + done, bytes.count - done)
      if count < 0 {
        if errno == EINTR { continue }
        throw failure
      }
      done += count
    }
  }
}
