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
  }
}
