import Glibc
import Support
import Wording

/// What the program prints: human text and JSON to stdout, diagnostics to stderr.
enum Output {
  /// One line, or several, on stdout; written at once.
  static func print(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

  /// A sentence on stdout.
  static func say(_ sentence: Sentence) { print(UntrustedText.clean(sentence.text())) }

  /// A sentence on stderr, with the program's name.
  static func sayError(_ sentence: Sentence) {
    write("posetop: \(UntrustedText.clean(sentence.text()))\n", to: STDERR_FILENO)
  }

  /// Text on stderr as it is, such as a line of progress.
  static func writeError(_ text: String) { write(text, to: STDERR_FILENO) }

  /// Bytes on stdout as they are, such as a picture's.
  static func write(_ bytes: [UInt8]) { write(bytes, to: STDOUT_FILENO) }

  /// Whether both ends of the conversation are a terminal.
  static var isTerminal: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 }

  private static func write(_ text: String, to descriptor: Int32) {
    write(Array(text.utf8), to: descriptor)
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        buffer.baseAddress.map { Glibc.write(descriptor, $0 + done, buffer.count - done) } ?? 0
      }
      if count < 0 {
        if errno == EINTR { continue }
        if errno == EAGAIN {
          var item = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&item, 1, 1000)
          continue
        }
        return
      }
      done += count
    }
  }
}
