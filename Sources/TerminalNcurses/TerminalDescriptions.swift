import Glibc
import Support

/// Lets ncurses find the descriptions of common terminals that come with posetop, after those of the
/// machine: a bare box has none.
func useOwnTerminalDescriptions() {
  let own = Path.join(
    Path.parent(of: Path.absolute("/proc/self/exe")), "../share/posetop/terminfo")
  guard Path.isFolder(own) else { return }
  let known = getenv("TERMINFO_DIRS").map { String(cString: $0) } ?? ""
  if known.split(separator: ":").contains(Substring(own)) { return }
  let usual = ["/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo"]
  let folders = (known.isEmpty ? usual : [known]) + [own]
  setenv("TERMINFO_DIRS", folders.joined(separator: ":"), 1)
}
