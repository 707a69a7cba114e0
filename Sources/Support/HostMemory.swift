/// Memory of this machine, or of the control group that this process may use.
public enum HostMemory {
  /// Bytes that can still be taken without swapping: what the system calls available, and what the
  /// control groups (version 2, else 1) leave. Nil where neither is known.
  public static func available() -> Int? { usable?.available }

  /// The memory that this process may use, and what of it can still be taken without swapping, bytes: the
  /// machine's, or that of the control group that leaves least, as in a container. Nil where neither is
  /// known.
  public static var usable: (total: Int, available: Int)? {
    ((machine.map { [$0] } ?? []) + groups()).min { $0.available < $1.available }
  }

  /// All memory of the machine, and what can still be taken without swapping; bytes. Nil where
  /// `/proc/meminfo` does not say.
  public static var machine: (total: Int, available: Int)? {
    let text = SystemFile.text("/proc/meminfo")
    guard let total = field("MemTotal", of: text), let available = field("MemAvailable", of: text)
    else { return nil }
    return (total, available)
  }

  /// A field of `/proc/meminfo`, bytes.
  static func field(_ name: String, of text: String?) -> Int? {
    guard let line = text?.split(separator: "\n").first(where: { $0.hasPrefix("\(name):") })
    else { return nil }
    let words = line.split(separator: " ")
    return words.count > 1 ? Int(words[1]).map { $0 * 1024 } : nil
  }

  /// The limit of each control group from this process's own up to the root, and what it leaves, bytes.
  private static func groups() -> [(total: Int, available: Int)] {
    guard let groups = SystemFile.text("/proc/self/cgroup") else { return [] }
    return ControlGroups.places(of: "memory", groups).flatMap { place in
      switch place {
      case .unified(let folder):
        return left(
          limit: SystemFile.text("/\(folder)/memory.max"),
          used: SystemFile.text("/\(folder)/memory.current"),
          reclaimable: SystemFile.text("/\(folder)/memory.stat"))
      case .separate(let path):
        let folder = "/sys/fs/cgroup/memory" + path
        return left(
          limit: SystemFile.text("\(folder)/memory.limit_in_bytes"),
          used: SystemFile.text("\(folder)/memory.usage_in_bytes"),
          reclaimable: SystemFile.text("\(folder)/memory.stat"))
      }
    }
  }

  /// A group's limit, and what it leaves: the limit less what is used and cannot be dropped; nothing
  /// without a limit.
  static func left(
    limit: String?, used: String?, reclaimable: String?
  ) -> [(total: Int, available: Int)] {
    func number(_ text: String?) -> Int? {
      text.flatMap { Int($0.split(separator: "\n").first ?? "") }
    }
    // Version 1 says "no limit" by a number near 2^63.
    guard let limit = number(limit), limit < 1 << 60, let used = number(used) else { return [] }
    let pages = (reclaimable ?? "").split(separator: "\n").first { $0.hasPrefix("inactive_file ") }
    let droppable = pages.flatMap { Int($0.split(separator: " ").last ?? "") } ?? 0
    return [(limit, max(0, limit - max(0, used - droppable)))]
  }
}
