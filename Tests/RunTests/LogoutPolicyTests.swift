import Support
import TestSupport
import Testing
import Wording

@testable import Keeper

@Suite("Systems that end a user's programs at logout")
struct LogoutPolicyTests {
  private let login = "0::/user.slice/user-1000.slice/session-4.scope\n"
  private let manager = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-u3.scope\n"

  /// The system's files below a folder of the test's own.
  private func policy(
    _ files: [String: String], user: String = "ann", isRoot: Bool = false, hasSystemd: Bool = true
  ) throws -> LogoutPolicy {
    let folder = TemporaryFolder()
    if hasSystemd { try Path.makeFolders(folder.path("run/systemd/system")) }
    for (name, text) in files {
      try Path.makeFolders(Path.parent(of: folder.path(name)))
      try folder.write(name, text)
    }
    return LogoutPolicy.find(root: folder.path, user: user, isRoot: isRoot)
  }

  @Test(
    "a login's programs end with it where the administrator said so, or the built-in value does")
  func logins() throws {
    let yes = [
      "proc/self/cgroup": login, "etc/systemd/logind.conf": "[Login]\nKillUserProcesses=yes\n",
    ]
    #expect(try policy(yes) == .endsLogin)
    #expect(try policy(yes, hasSystemd: false) == .harmless)
    #expect(try policy(yes, user: "root", isRoot: true) == .harmless)
    for (text, expected) in [
      ("#KillUserProcesses=yes\n", LogoutPolicy.endsLogin), ("#KillUserProcesses=no\n", .harmless),
      ("#KillUserProcesses=yes\nKillUserProcesses=no\n", .harmless), ("", .harmless),
      ("KillUserProcesses=yes\nKillExcludeUsers=bob ann\n", .harmless),
      ("KillUserProcesses=yes\nKillOnlyUsers=bob\n", .harmless),
      ("KillUserProcesses=yes\nKillOnlyUsers=ann\n", .endsLogin),
    ] {
      let files = ["proc/self/cgroup": login, "etc/systemd/logind.conf": text]
      #expect(try policy(files) == expected, "\(text)")
    }
    var parts = yes
    parts["etc/systemd/logind.conf.d/50-no.conf"] = "KillUserProcesses=no\n"
    #expect(try policy(parts) == .harmless)
    parts["usr/lib/systemd/logind.conf.d/60-yes.conf"] = "KillUserProcesses=yes\n"
    #expect(try policy(parts) == .endsLogin)
  }

  @Test("the user's own service manager ends with the last login, unless the user lingers")
  func managers() throws {
    #expect(try policy(["proc/self/cgroup": manager]) == .endsUserManager)
    #expect(
      try policy(["proc/self/cgroup": manager, "var/lib/systemd/linger/ann": ""]) == .harmless)
    #expect(try policy(["proc/self/cgroup": "0::/system.slice/docker.service\n"]) == .harmless)
    #expect(try policy([:]) == .harmless)
  }

  @Test("what is to be feared is said with what to do")
  func words() {
    #expect(LogoutPolicy.harmless.warning == nil)
    #expect(LogoutPolicy.endsLogin.warning?.text().contains("systemd-run --user --scope") == true)
    #expect(LogoutPolicy.endsUserManager.warning?.text().contains("enable-linger") == true)
  }
}
