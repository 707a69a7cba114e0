import Glibc

extension ScheduleDefinition {
  /// Half a cosine down to 0 (arXiv 1608.03983 without restarts).
  static let cosine = ScheduleDefinition(name: "cosine") { (1 + cos(.pi * $0.share)) / 2 }
}
