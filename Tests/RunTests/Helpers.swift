import Glibc
import RunFiles
import Support
import TrainingAPI

/// A folder under /tmp that goes when its owner goes.
final class TemporaryFolder {
  let path: String

  init() {
    var template = Array("/tmp/posetop-test-XXXXXX".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? "/tmp"
  }

  deinit { Self.remove(path) }

  func path(_ name: String) -> String { Path.join(path, name) }

  private static func remove(_ path: String) {
    guard path.hasPrefix("/tmp/posetop-test-") else { return }
    for name in Path.names(in: path) ?? [] {
      let inner = Path.join(path, name)
      if unlink(inner) != 0 { remove(inner) }
    }
    rmdir(path)
  }
}

extension TemporaryFolder {
  /// A new run in this folder.
  func makeRun(_ name: String = "lite-0101-0000") throws -> RunFolder {
    try RunFolder.create(path(name), recipe: RunRecipe())
  }

  func write(_ name: String, _ text: String) throws {
    try DurableFile.commit(path(name), bytes: Array(text.utf8))
  }

  func text(_ name: String) throws -> String {
    String(decoding: try FileReading.bytes(of: path(name), limit: 1 << 24), as: UTF8.self)
  }
}

/// A step's event with nothing special.
func step(_ number: Int) -> TrainingEvent {
  .step(
    StepReport(
      step: number, epoch: 1, loss: 1 / Double(number), learningRate: 1e-3, imagesPerSecond: 100,
      dataWait: 0))
}
