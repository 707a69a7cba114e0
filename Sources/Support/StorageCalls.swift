import CPosix
import Glibc

/// The calls through which everything durable reaches the disk, so that a test can count them, let
/// them fail, or play what a loss of power leaves behind.
///
/// Each call returns what libc's returns and sets `errno` as libc does.
public protocol StorageCalls: Sendable {
  /// open(2), close-on-exec.
  func open(_ path: String, _ flags: Int32, _ mode: UInt32) -> Int32
  /// write(2).
  func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int
  /// fsync(2).
  func sync(_ descriptor: Int32) -> Int32
  /// close(2).
  func close(_ descriptor: Int32) -> Int32
  /// rename(2).
  func rename(_ from: String, _ to: String) -> Int32
  /// unlink(2).
  func unlink(_ path: String) -> Int32
  /// sync_file_range(2): lets the disk begin with bytes that `sync` will wait for. A hint: it promises
  /// nothing, and its failure means nothing.
  func beginWriteBack(_ descriptor: Int32, from offset: Int, count: Int)
}

extension StorageCalls {
  /// Leaves all of it to `sync`.
  public func beginWriteBack(_ descriptor: Int32, from offset: Int, count: Int) {}
}

/// The calls of the system.
public struct SystemStorage: StorageCalls {
  /// The system's calls.
  public init() {}

  /// open(2).
  public func open(_ path: String, _ flags: Int32, _ mode: UInt32) -> Int32 {
    posetop_open(path, flags | O_CLOEXEC, mode)
  }

  /// write(2).
  public func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    Glibc.write(descriptor, bytes.baseAddress, bytes.count)
  }

  /// sync(2).
  public func sync(_ descriptor: Int32) -> Int32 { fsync(descriptor) }

  /// close(2).
  public func close(_ descriptor: Int32) -> Int32 { Glibc.close(descriptor) }

  /// rename(2).
  public func rename(_ from: String, _ to: String) -> Int32 { Glibc.rename(from, to) }

  /// unlink(2).
  public func unlink(_ path: String) -> Int32 { Glibc.unlink(path) }

  /// sync_file_range(2).
  public func beginWriteBack(_ descriptor: Int32, from offset: Int, count: Int) {
    posetop_begin_write_back(descriptor, Int64(offset), Int64(count))
  }
}
