import CPosix
import Glibc

/// Processors of this machine, and what this process may use of them.
public enum HostProcessors {
  /// Processors that are switched on.
  public static var installed: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// Processors that the scheduler lets this process use.
  public static var allowed: Int { max(1, Int(posetop_allowed_processors())) }

  /// Processors that it pays to keep busy: those allowed, but no more than the control groups give time
  /// for, because threads beyond that are stopped in turn, and the others wait for them.
  public static let usable = usable(of: allowed, quota: quota)

  /// The same for a number of allowed processors and a quota.
  static func usable(of allowed: Int, quota: Double?) -> Int {
    quota.map { max(1, Int(min($0, Double(allowed)))) } ?? allowed
  }

  /// Processors' worth of time that the control groups of this process allow; nil without a limit.
  public static var quota: Double? { quota(root: "/") }

  /// The same with the system's files below another folder.
  static func quota(root: String) -> Double? {
    guard let groups = text(root, "proc/self/cgroup") else { return nil }
    var limits: [Double] = []
    for place in ControlGroups.places(of: "cpu", groups) {
      switch place {
      case .unified(let folder): limits += share(text(root, "\(folder)/cpu.max"))
      case .separate(let path):
        for folder in ["sys/fs/cgroup/cpu\(path)", "sys/fs/cgroup/cpu"] {
          guard let quota = text(root, "\(folder)/cpu.cfs_quota_us"),
            let period = text(root, "\(folder)/cpu.cfs_period_us")
          else { continue }
          limits += share("\(quota) \(period)")
        }
      }
    }
    return limits.min()
  }

  /// Quota and period in microseconds as a number of processors; nothing for `max` or -1.
  private static func share(_ text: String?) -> [Double] {
    let numbers = (text ?? "").split { $0 == " " || $0 == "\n" }.map { Double($0) }
    guard numbers.count == 2, let quota = numbers[0], let period = numbers[1], quota > 0, period > 0
    else { return [] }
    return [quota / period]
  }

  private static func text(_ root: String, _ path: String) -> String? {
    SystemFile.text(Path.join(root, path))
  }
}
