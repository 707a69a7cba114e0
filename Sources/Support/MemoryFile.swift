import CPosix
import Glibc

/// A file that lives in memory, for what is too long for a message to a child process: it leaves
/// nothing behind, however this process ends.
public final class MemoryFile {
  private let descriptor: Int32

  /// A file with these bytes.
  public init(_ bytes: [UInt8]) throws(FileError) {
    descriptor = posetop_memory_file("posetop")
    guard descriptor >= 0 else {
      throw .cannotWrite(path: "memory", reason: FileError.reason())
    }
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        buffer.baseAddress.map { write(descriptor, $0 + done, buffer.count - done) } ?? -1
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .cannotWrite(path: "memory", reason: FileError.reason()) }
      done += count
    }
  }

  deinit { close(descriptor) }

  /// Where other processes of this user find it while this one lives.
  public var path: String { "/proc/\(getpid())/fd/\(descriptor)" }
}
