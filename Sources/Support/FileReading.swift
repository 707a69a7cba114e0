import CPosix
import Glibc

/// Reading of files that come from outside: regular files only, bounded, never mapped (a file that
/// somebody truncates must not kill the process).
public enum FileReading {
  /// Opens a regular file for reading; links are followed, devices and pipes refused.
  ///
  /// The caller closes the descriptor.
  public static func open(_ path: String) throws(FileError) -> (descriptor: Int32, bytes: Int) {
    let descriptor = posetop_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0)
    guard descriptor >= 0 else {
      throw .cannotOpen(path: path, reason: FileError.reason())
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .notARegularFile(path: path)
    }
    return (descriptor, Int(status.st_size))
  }

  /// Closes a descriptor that `open` gave.
  public static func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }

  /// The whole file, if it has at most `limit` bytes.
  public static func bytes(of path: String, limit: Int) throws(FileError) -> [UInt8] {
    let (descriptor, size) = try open(path)
    defer { close(descriptor) }
    guard size <= limit else { throw .tooLarge(path: path, bytes: size, limit: limit) }
    var result = [UInt8](repeating: 0, count: size)
    let count = result.withUnsafeMutableBytes { read(descriptor, into: $0, at: 0) }
    guard count >= 0 else { throw .cannotRead(path: path, reason: FileError.reason()) }
    result.removeLast(size - count)
    return result
  }

  /// Fills a buffer from an offset; fewer bytes only at the end of the file, -1 on an error.
  public static func read(
    _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) -> Int {
    var done = 0
    while done < buffer.count, let base = buffer.baseAddress {
      let count = pread(descriptor, base + done, buffer.count - done, offset + done)
      if count < 0 {
        if errno == EINTR { continue }
        return -1
      }
      if count == 0 { break }
      done += count
    }
    return done
  }

  /// A JSON document of at most `limit` bytes.
  public static func json(of path: String, limit: Int) throws(FileError) -> JSONValue {
    let bytes = try bytes(of: path, limit: limit)
    do {
      return try JSONValue(parsing: bytes)
    } catch {
      throw .brokenJSON(path: path, reason: error.reason)
    }
  }
}
