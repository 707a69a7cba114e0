import Figures
import Glibc
import Keeper
import Support

/// A data set of drawn people in a folder of its own, for the time of a measurement.
struct DrawnPictures {
  let folder: String

  /// Draws 64 pictures.
  init() throws(KeeperError) {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    folder = Path.join(base, "posetop-bench-\(getpid())")
    do throws(FigureError) {
      try FigureSet.write(folder: folder, count: 64, seed: 0, format: .coco)
    } catch {
      remove()
      throw .refused(error.sentence)
    }
  }

  /// Removes what was drawn, and nothing else.
  func remove() {
    for part in ["images", "annotations"] {
      let inner = Path.join(folder, part)
      for name in Path.names(in: inner) ?? [] { unlink(Path.join(inner, name)) }
      rmdir(inner)
    }
    rmdir(folder)
  }
}
