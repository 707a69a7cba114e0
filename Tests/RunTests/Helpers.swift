import Glibc
import RunFiles
import Support
import TestSupport
import TrainingAPI

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
