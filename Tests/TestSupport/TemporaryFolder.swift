import Glibc
import Support

/// A folder under `/tmp` that goes with its object.
public final class TemporaryFolder {
  /// The folder.
  public let path: String

  /// A new, empty folder.
  public init() {
    var template = Array("/tmp/posetop-test-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { preconditionFailure("no folder under /tmp") }
    path = String(cString: made)
  }

  deinit { removeTree(path) }

  /// A path in the folder.
  public func path(_ name: String) -> String { Path.join(path, name) }
}
