import Glibc
import Support

/// Removes a folder that a test made under `/tmp/posetop-`, with all that is in it; anything else is
/// left alone.
///
/// A link is removed as a link: what it points to belongs to somebody else.
public func removeTree(_ path: String) {
  precondition(path.hasPrefix("/tmp/posetop-") && !path.contains(".."), "no test's own folder")
  var status = stat()
  guard lstat(path, &status) == 0 else { return }
  guard status.st_mode & S_IFMT == S_IFDIR else {
    unlink(path)
    return
  }
  for name in Path.names(in: path) ?? [] { removeTree(Path.join(path, name)) }
  rmdir(path)
}
