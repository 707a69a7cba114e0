import CNVIDIA
import Execution

/// Where the next batch's pictures wait on the GPU: they are copied there beside the step that runs, by a
/// stream of their own.
final class PictureStage {
  private let stream: DeviceStream
  private let place: DeviceAddress
  /// Recorded when a batch has arrived, and when it has been taken from here.
  private let arrived: CUevent?
  private let taken: CUevent?
  private var waiting: (batch: Int, bytes: Int)?

  /// - Parameter place: room for a whole batch.
  init(_ stream: DeviceStream, at place: DeviceAddress) {
    self.stream = stream
    self.place = place
    arrived = stream.makeEvent()
    taken = stream.makeEvent()
    stream.record(taken, on: stream.handle)
  }

  /// Waits for copies, and gives back what orders them; before the memory is.
  func close() {
    stream.synchronizeCopies()
    for event in [arrived, taken] { _ = stream.driver.cuEventDestroy_v2?(event) }
  }

  /// Begins to copy a batch; pictures in memory that the GPU does not read by itself are left to `write`.
  func begin(_ pictures: UnsafeBufferPointer<Float>, batch: Int) {
    let bytes = 4 * pictures.count
    guard waiting?.batch != batch, let source = pictures.baseAddress, bytes > 0,
      stream.isPinned(source, bytes)
    else { return }
    stream.wait(for: taken, on: stream.copies)
    stream.check(
      "cuMemcpyHtoDAsync",
      stream.driver.cuMemcpyHtoDAsync_v2?(place, source, bytes, stream.copies))
    stream.record(arrived, on: stream.copies)
    waiting = (batch, bytes)
  }

  /// Puts a batch where it is computed on; false where another one waits here, or none.
  func take(batch: Int, to target: DeviceAddress) -> Bool {
    guard let waiting, waiting.batch == batch else { return false }
    self.waiting = nil
    stream.wait(for: arrived, on: stream.handle)
    stream.copy(place, to: target, bytes: waiting.bytes)
    stream.record(taken, on: stream.handle)
    return true
  }

  /// Forgets what waits: another loader counts its batches anew.
  func forget() { waiting = nil }
}
