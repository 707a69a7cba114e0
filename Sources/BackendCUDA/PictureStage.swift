import CNVIDIA
import Cropping
import Execution

/// Where the next batch's pictures wait on the GPU, or what they are made of: they are copied there beside
/// the step that runs, by a stream of their own.
final class PictureStage {
  private let stream: DeviceStream
  private let place: DeviceAddress
  private let recipes: DeviceAddress
  /// Recorded when a batch has arrived, and when it has been taken from here.
  private let arrived: CUevent?
  private let taken: CUevent?
  private var waiting: (batch: Int, load: Load)?

  /// What lies here.
  private struct Load {
    let count: Int
    let width: Int
    let height: Int
    let rowBytes: Int
    /// Whether all pictures are finished; else whether one is blurred.
    let isFinished: Bool
    let isBlurred: Bool

    init(_ pictures: PictureBatch) {
      (count, width, height) = (pictures.count, pictures.width, pictures.height)
      rowBytes = pictures.rowBytes
      isFinished = pictures.recipes == nil
      isBlurred =
        pictures.recipes.map { recipes in (0..<pictures.count).contains { recipes[$0].isBlurred } }
        ?? false
    }
  }

  /// - Parameters:
  ///   - place: room for a whole batch.
  ///   - recipes: room for its recipes; 0 where all pictures come finished.
  init(_ stream: DeviceStream, at place: DeviceAddress, recipes: DeviceAddress) {
    self.stream = stream
    self.place = place
    self.recipes = recipes
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
  func begin(_ pictures: PictureBatch, batch: Int) {
    let pieces = pieces(pictures)
    guard waiting?.batch != batch, pictures.count > 0,
      pieces.allSatisfy({ stream.isPinned($0.source, $0.bytes) })
    else { return }
    stream.wait(for: taken, on: stream.copies)
    for piece in pieces {
      stream.check(
        "cuMemcpyHtoDAsync",
        stream.driver.cuMemcpyHtoDAsync_v2?(
          piece.target, piece.source, piece.bytes, stream.copies))
    }
    stream.record(arrived, on: stream.copies)
    waiting = (batch, Load(pictures))
  }

  /// Puts a batch where it is computed on; false where another one waits here, or none.
  func take(batch: Int, to target: DeviceAddress) -> Bool {
    guard let waiting, waiting.batch == batch else { return false }
    self.waiting = nil
    stream.wait(for: arrived, on: stream.handle)
    if waiting.load.isFinished {
      stream.copy(place, to: target, bytes: waiting.load.count * waiting.load.rowBytes)
    } else {
      crop(waiting.load, to: target)
    }
    stream.record(taken, on: stream.handle)
    return true
  }

  /// Puts a batch that nobody copied ahead where it is computed on.
  func write(_ pictures: PictureBatch, to target: DeviceAddress) {
    if let finished = pictures.finished {
      guard let source = finished.baseAddress else { return }
      return stream.upload(source, to: target, bytes: 4 * finished.count)
    }
    // What waits here has to make room, once it has arrived.
    forget()
    stream.wait(for: arrived, on: stream.handle)
    for piece in pieces(pictures) {
      stream.upload(piece.source, to: piece.target, bytes: piece.bytes)
    }
    crop(Load(pictures), to: target)
    stream.record(taken, on: stream.handle)
  }

  /// Forgets what waits: another loader counts its batches anew.
  func forget() { waiting = nil }

  /// What is copied here: the rows as far as they count, and their recipes.
  private func pieces(
    _ pictures: PictureBatch
  ) -> [(source: UnsafeRawPointer, target: DeviceAddress, bytes: Int)] {
    guard let recipes = pictures.recipes else {
      return [(pictures.rows, place, pictures.count * pictures.rowBytes)]
    }
    let rows = (0..<pictures.count).map { row in
      let offset = row * pictures.rowBytes
      return (pictures.rows + offset, place + DeviceAddress(offset), pictures.bytes(ofRow: row))
    }
    let bytes = pictures.count * MemoryLayout<CropRecipe>.stride
    return rows.filter { $0.2 > 0 } + [(UnsafeRawPointer(recipes), self.recipes, bytes)]
  }

  /// Makes the pictures of what lies here. A blur goes back and forth between the two places.
  private func crop(_ load: Load, to target: DeviceAddress) {
    let size: [KernelArgument] = [.int(load.width), .int(load.height)]
    func launch(_ name: String, _ count: Int, _ arguments: [KernelArgument]) {
      let blocks = KernelCall.blocks(count)
      stream.launch(
        KernelCall(
          name: name, grid: .init(x: blocks.x, y: load.count), block: .init(x: 256),
          arguments: [.address(recipes)] + arguments + size))
    }
    let pixels = load.width * load.height
    launch(
      "cropPictures", pixels, [.address(place), .long(load.rowBytes), .address(target)])
    guard load.isBlurred else { return }
    launch("blurPictureRows", 3 * pixels, [.address(target), .address(place)])
    launch("blurPictureColumns", 3 * pixels, [.address(place), .address(target)])
  }
}
