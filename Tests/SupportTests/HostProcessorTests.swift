import Glibc
import TestSupport
import Testing

@testable import Support

@Suite("Processors that may be used")
struct HostProcessorTests {
  private func root(_ files: [String: String]) throws -> String {
    var template = Array("/tmp/posetop-cgroup-XXXXXX".utf8CString)
    let path = try #require(mkdtemp(&template).map { String(cString: $0) })
    for (name, text) in files {
      let file = Path.join(path, name)
      try Path.makeFolders(Path.parent(of: file))
      try DurableFile.commit(file, bytes: Array(text.utf8))
    }
    return path
  }

  @Test("the tightest control group on the way up counts; max is no limit")
  func versions() throws {
    let second = try root([
      "proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/cpu.max": "max 100000\n",
      "sys/fs/cgroup/a/cpu.max": "250000 100000\n", "sys/fs/cgroup/cpu.max": "max 100000\n",
    ])
    defer { removeTree(second) }
    #expect(HostProcessors.quota(root: second) == 2.5)
    let first = try root([
      "proc/self/cgroup": "4:cpu,cpuacct:/x\n",
      "sys/fs/cgroup/cpu/x/cpu.cfs_quota_us": "150000\n",
      "sys/fs/cgroup/cpu/x/cpu.cfs_period_us": "100000\n",
      "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
      "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
    ])
    defer { removeTree(first) }
    #expect(HostProcessors.quota(root: first) == 1.5)
    let none = try root(["proc/self/cgroup": "0::/\n"])
    defer { removeTree(none) }
    #expect(HostProcessors.quota(root: none) == nil)
    #expect(HostProcessors.installed >= HostProcessors.allowed)
    #expect((1...HostProcessors.allowed).contains(HostProcessors.usable))
  }

  @Test(
    "no more threads than the quota gives time for, and one at least",
    arguments: [
      (64, nil, 64), (64, 4, 4), (64, 2.5, 2), (64, 0.5, 1), (2, 16, 2), (2, 1e300, 2),
    ] as [(Int, Double?, Int)])
  func usable(allowed: Int, quota: Double?, expected: Int) {
    #expect(HostProcessors.usable(of: allowed, quota: quota) == expected)
  }
}
