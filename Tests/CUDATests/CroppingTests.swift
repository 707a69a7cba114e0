import Cropping
import Execution
import FakeCUDA
import Graph
import Nets
import TestSupport
import Testing

@testable import BackendCUDA

extension CUDATests {
  /// Pictures that the GPU makes of parts of decoded ones.
  @Suite struct Crops {
    private static let options = SessionOptions(cropsPictures: true)

    private static func images(_ trainee: Trainee, _ pass: Pass, count: Int) -> [Float] {
      let plan =
        pass == .training ? trainee.model.program.training : trainee.model.program.evaluation
      var values = [Float](repeating: .nan, count: count)
      values.withUnsafeMutableBufferPointer {
        trainee.session.read(plan.images, of: pass, into: $0)
      }
      return values
    }

    @Test(arguments: [Precision.float32, .bfloat16, .float16])
    func `they are the processor's to the last bit, written or copied ahead`(
      _ precision: Precision
    ) throws {
      let backend = try FakeDevice.backend(precision)
      let trainee = try Trainee(
        .lite, batch: 24, precision: precision, options: Self.options, on: backend)
      let plan = trainee.model.program
      for seed in 0..<6 as Range<UInt64> {
        // Smaller batches too, such as the last of an epoch.
        let crops = RandomCrops(
          count: seed == 3 ? 5 : 24, width: 32, height: 48, seed: seed, effects: seed != 2)
        for pass in Pass.allCases {
          let images = (pass == .training ? plan.training : plan.evaluation).images
          trainee.session.write(crops.batch, to: images, of: pass)
          let wrong = crops.differences(Self.images(trainee, pass, count: crops.expected.count))
          #expect(wrong.count == 0, "\(pass), seed \(seed): \(wrong)")
        }
        backend.pin(UnsafeRawBufferPointer(crops.memory))
        trainee.session.stage(crops.batch, batch: Int(seed))
        #expect(trainee.session.takeStaged(batch: Int(seed)))
        let wrong = crops.differences(
          Self.images(trainee, .training, count: crops.expected.count))
        #expect(wrong.count == 0, "copied ahead, seed \(seed): \(wrong)")
        backend.unpin(UnsafeRawBufferPointer(crops.memory))
      }
    }

    @Test func `a batch that waits makes room for one that is written, and is written later`()
      throws
    {
      let backend = try FakeDevice.backend()
      let trainee = try Trainee(.lite, batch: 4, options: Self.options, on: backend)
      let plan = trainee.model.program
      let (first, second) = (
        RandomCrops(count: 4, width: 32, height: 48, seed: 20),
        RandomCrops(count: 4, width: 32, height: 48, seed: 21)
      )
      for crops in [first, second] { backend.pin(UnsafeRawBufferPointer(crops.memory)) }
      trainee.session.stage(first.batch, batch: 1)
      trainee.session.write(second.batch, to: plan.evaluation.images, of: .evaluation)
      #expect(
        second.differences(
          Self.images(trainee, .evaluation, count: second.expected.count)
        ).count == 0)
      #expect(!trainee.session.takeStaged(batch: 1))
      trainee.session.write(first.batch, to: plan.training.images, of: .training)
      #expect(
        first.differences(Self.images(trainee, .training, count: first.expected.count)).count == 0)
      for crops in [first, second] { backend.unpin(UnsafeRawBufferPointer(crops.memory)) }
    }

    @Test
    func `only what recipes ask for is copied, and blurs are launched where there are some`()
      throws
    {
      let backend = try FakeDevice.backend()
      let trainee = try Trainee(.lite, batch: 8, options: Self.options, on: backend)
      let images = trainee.model.program.training.images
      let plain = RandomCrops(count: 8, width: 32, height: 48, seed: 5, effects: false)
      fakecuda_reset()
      trainee.session.write(plain.batch, to: images, of: .training)
      let rows = (0..<8).map { plain.batch.bytes(ofRow: $0) }
      let copies = FakeDevice.log.filter { $0.hasPrefix("cuMemcpyHtoD") }
      #expect(copies.count == rows.count { $0 > 0 } + 1, "\(copies)")
      for bytes in rows where bytes > 0 {
        #expect(copies.contains { $0.hasSuffix(" \(bytes)") }, "\(bytes) \(copies)")
      }
      #expect(FakeDevice.calls("launch cropPictures") == 1)
      #expect(FakeDevice.calls("launch blurPictureRows") == 0)
      let blurred = RandomCrops(count: 8, width: 32, height: 48, seed: 6)
      #expect(blurred.names.contains { $0.hasSuffix("blurred") })
      trainee.session.write(blurred.batch, to: images, of: .training)
      #expect(FakeDevice.calls("launch blurPictureRows") == 1)
      #expect(FakeDevice.calls("launch blurPictureColumns") == 1)
    }

    @Test func `the memory for recipes is planned`() throws {
      let backend = try FakeDevice.backend()
      let program = try Trainee(.lite, batch: 4, on: backend).model.program
      func input(_ options: SessionOptions) -> Int? {
        backend.deviceMemory(for: program, options)?.kinds.first { $0.kind == "input" }?.count
      }
      let plain = try #require(input(SessionOptions()))
      // 4 recipes, aligned.
      #expect(input(Self.options).map { $0 - plain } == 4 * MemoryLayout<CropRecipe>.stride)
      let before = fakecuda_allocated()
      let session = try backend.makeSession(program, Self.options)
      #expect(
        fakecuda_allocated() - before == backend.deviceMemory(for: program, Self.options)?.needed)
      session.finish()
    }

    @Test func `the recipe has the kernels' layout`() {
      #expect(MemoryLayout<CropRecipe>.stride == 336)
      #expect(MemoryLayout<CropRecipe>.size == 332)
    }
  }
}
