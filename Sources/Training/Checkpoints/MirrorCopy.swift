import Glibc
import RunFiles
import Support

/// A second copy of a run in another folder, for machines whose disk goes away with them: it can be
/// resumed like the run itself.
struct MirrorCopy: Sendable {
  private let run: RunFolder
  private let target: RunFolder

  /// A copy of the run in a folder of its own name below another one.
  init(from run: RunFolder, into folder: String) {
    self.run = run
    target = RunFolder(Path.join(folder, run.name))
  }

  /// Copies the log, the recipe and the weights, and last the state that needs them; then removes
  /// states that the run no longer has.
  ///
  /// - Returns: what went wrong; the copy of before is whole then.
  func copy(state: String) -> FileError? {
    do throws(FileError) {
      try Path.makeFolders(target.checkpointsPath)
      DurableFile.removeLeftovers(in: target.path)
      DurableFile.removeLeftovers(in: target.checkpointsPath)
      let pairs = [
        (run.recipePath, target.recipePath), (run.eventsPath, target.eventsPath),
        (run.quarantinePath, target.quarantinePath), (run.bestPath, target.bestPath),
        (run.lastPath, target.lastPath),
        (
          Path.join(run.checkpointsPath, "best.safetensors"),
          Path.join(target.checkpointsPath, "best.safetensors")
        ),
      ]
      for (from, to) in pairs where Path.isFile(from) { try Self.copy(from, to) }
      try Self.copy(state, Path.join(target.checkpointsPath, Path.name(of: state)))
      let kept = Set(Path.names(in: run.checkpointsPath) ?? [])
      for name in Path.names(in: target.checkpointsPath) ?? [] where !kept.contains(name) {
        unlink(Path.join(target.checkpointsPath, name))
      }
      return nil
    } catch {
      return error
    }
  }

  private static func copy(_ from: String, _ to: String) throws(FileError) {
    if !isSame(from, to) { try DurableFile.copy(from, to: to) }
  }

  /// Whether the copy is as long and not older: files of a run are replaced, never changed, and the
  /// log only grows or is cut.
  private static func isSame(_ source: String, _ copy: String) -> Bool {
    var (theirs, ours) = (stat(), stat())
    guard stat(source, &theirs) == 0, stat(copy, &ours) == 0 else { return false }
    return ours.st_size == theirs.st_size && ours.st_mtim.tv_sec > theirs.st_mtim.tv_sec
  }
}
