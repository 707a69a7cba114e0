import Glibc
import Support

/// Something that reads what comes from outside, as the fuzzer and the memory tests call it.
public struct Reader: Sendable {
  /// Its name, such as `png`.
  public let name: String
  /// Small whole inputs.
  public let seeds: @Sendable () throws -> [[UInt8]]
  /// Reads an input; whether it was taken. A broken promise (a size that differs from the header's,
  /// a number that cannot be) traps.
  public let read: @Sendable ([UInt8]) throws -> Bool

  init(
    _ name: String, seeds: @escaping @Sendable () throws -> [[UInt8]],
    read: @escaping @Sendable ([UInt8]) throws -> Bool
  ) {
    self.name = name
    self.seeds = seeds
    self.read = read
  }

  /// A reader of text.
  init(
    _ name: String, _ texts: [String], read: @escaping @Sendable ([UInt8]) throws -> Bool
  ) {
    self.init(name, seeds: { texts.map { Array($0.utf8) } }, read: read)
  }

  /// All readers.
  public static let all: [Reader] =
    textReaders + pictureReaders + tensorReaders + runReaders
    + datasetReaders + themeReaders

  /// The reader of that name.
  public static func named(_ name: String) -> Reader? { all.first { $0.name == name } }
}

/// A folder of this process alone, for readers that take paths.
enum Scratch {
  /// The folder; in memory where the system has such a file system.
  static let folder: String = {
    let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    let path = "\(parent)/posetop-reader-\(getpid())"
    mkdir(path, 0o700)
    return path
  }()

  /// Writes a file into the folder.
  static func write(_ bytes: [UInt8], _ name: String) throws -> String {
    let path = Path.join(folder, name)
    try Path.makeFolders(Path.parent(of: path))
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    defer { close(file) }
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(file, $0.baseAddress.map { $0 + done }, bytes.count - done)
      }
      guard count > 0 else { throw ScratchError.cannotWrite }
      done += count
    }
    return path
  }
}

enum ScratchError: Error { case cannotWrite }

private let textReaders = [
  Reader(
    "json",
    [
      """
      {"a": [1, -2.5, 3e7, true, false, null], "b": {"c": "z\\u00e9\\ud83e\\udd4a\\n"},
       "big": 9223372036854775807, "deep": [[[[[]]]]]}
      """
    ]
  ) { bytes in
    guard let value = try? JSONValue(parsing: bytes) else { return false }
    precondition((try? JSONValue(parsing: value.text))?.text == value.text)
    return true
  },
  Reader("untrusted-text", ["a\u{1B}[2J\u{202E}b\u{301}\u{301}\u{301}\u{9B}1m"]) { bytes in
    for scalar in UntrustedText.clean(bytes: bytes).unicodeScalars {
      precondition(scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value))
    }
    return true
  },
]
