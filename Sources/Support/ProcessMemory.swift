import Glibc

/// Memory of this process.
public enum ProcessMemory {
  /// Resident size in bytes; nil where `/proc` is not mounted.
  public static func residentBytes() -> Int? {
    guard let stream = fopen("/proc/self/statm", "re") else { return nil }
    defer { fclose(stream) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, Int32(line.count), stream) != nil else { return nil }
    let text = String(
      decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let fields = text.split(separator: " ")
    guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  /// Largest resident size so far in bytes; nil where the system does not say.
  public static func peakResidentBytes() -> Int? {
    var usage = rusage()
    guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return nil }
    return usage.ru_maxrss * 1024
  }
}
