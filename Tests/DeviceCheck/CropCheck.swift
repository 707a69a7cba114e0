import BackendCUDA
import Cropping
import Execution
import Graph
import NVIDIA
import Nets
import Support
import TestSupport

/// Compares pictures that the GPU crops with the processor's: SEEDS batches of random ones at three sizes,
/// written and copied ahead. They are meant to be the same bits; the largest difference is printed, and
/// the time that a batch of 128 at 224x224 takes.
///
/// - Returns: how many batches differ.
func checkCrops(
  _ libraries: NVIDIALibraries, _ processor: GraphicsProcessorFacts, _ asked: [String]
) -> Int {
  let seeds = asked.first.flatMap { UInt64($0) } ?? 8
  var failures = 0
  for (width, height, batch) in [(96, 128, 32), (192, 256, 32), (224, 224, 128)] {
    do {
      let backend = try CUDABackend(libraries, processor: processor, precision: .float32)
      // The smallest network there is: only its input counts.
      let model = try ModelProgram(
        definition: try Catalog.model("lite"), head: .heatmap, loss: Catalog.loss("heatmap-mse"),
        batch: batch, width: width, height: height, keypoints: .plain(17), isUnbiased: true,
        precision: .float32, workspace: backend.workspaceBytes)
      let session = try backend.makeSession(
        model.program, SessionOptions(cropsPictures: true))
      let images = model.program.training.images
      var (pictures, differing, largest): (Int, Int, Float) = (0, 0, 0)
      func compare(_ crops: RandomCrops, _ way: String) {
        var values = [Float](repeating: .nan, count: crops.expected.count)
        values.withUnsafeMutableBufferPointer { session.read(images, of: .training, into: $0) }
        let wrong = crops.differences(values)
        pictures += crops.names.count
        differing += wrong.count
        largest = max(largest, wrong.largest)
        if wrong.count == 0 { return }
        failures += 1
        print(
          "FAILED \(width)x\(height) \(way): \(wrong.count) values differ, by \(wrong.largest) at most, first in \(wrong.first ?? "")"
        )
      }
      for seed in 0..<seeds {
        let crops = RandomCrops(count: 32, width: width, height: height, seed: seed)
        session.write(crops.batch, to: images, of: .training)
        compare(crops, "written")
        backend.pin(UnsafeRawBufferPointer(crops.memory))
        session.stage(crops.batch, batch: Int(seed))
        if !session.takeStaged(batch: Int(seed)) {
          failures += 1
          print("FAILED \(width)x\(height): pinned memory was not copied ahead")
        }
        compare(crops, "copied ahead")
        backend.unpin(UnsafeRawBufferPointer(crops.memory))
      }
      // In levels of 255: a normalised value is a level over 255 times the deviation.
      print(
        "\(width)x\(height): \(pictures) pictures, \(differing) values differ, by \(255 * 0.229 * largest) levels at most"
      )
      if batch == 128 { timeCrops(backend, session, images, width: width, height: height) }
    } catch {
      failures += 1
      print("FAILED \(width)x\(height): \(error)")
    }
  }
  return failures
}

/// Prints the time of copying and cropping full batches, without and with blurs.
private func timeCrops(
  _ backend: CUDABackend, _ session: any BackendSession, _ images: TensorID, width: Int,
  height: Int
) {
  for effects in [false, true] {
    let crops = RandomCrops(count: 128, width: width, height: height, seed: 99, effects: effects)
    backend.pin(UnsafeRawBufferPointer(crops.memory))
    var times: [Double] = []
    for _ in 0..<22 {
      let start = Clock.monotonic()
      session.write(crops.batch, to: images, of: .training)
      session.finish()
      times.append(Clock.monotonic() - start)
    }
    backend.unpin(UnsafeRawBufferPointer(crops.memory))
    let bytes = (0..<128).reduce(0) { $0 + crops.batch.bytes(ofRow: $1) }
    print(
      "128 pictures \(width)x\(height)\(effects ? " with blurs" : ""): \(1e3 * times.dropFirst(2).sorted()[10]) ms copied and cropped, \(bytes >> 10) KiB of regions where finished ones are \(128 * crops.batch.rowBytes >> 10) KiB"
    )
  }
}
