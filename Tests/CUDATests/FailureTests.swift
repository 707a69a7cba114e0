import CNVIDIA
import Execution
import FakeCUDA
import Glibc
import Graph
import NVIDIA
import Support
import TestSupport
import Testing
import Wording

@testable import BackendCUDA

extension CUDATests {
  @Suite struct Failures {
    @Test func `a launch that fails in mid-run ends the engine with the driver's words`() async {
      let result = await #expect(
        processExitsWith: .exitCode(70), observing: [\.standardErrorContent]
      ) {
        let trainee = try Trainee(.pooled, batch: 2, on: FakeDevice.backend())
        trainee.run(step: 1, batch: 2)
        fakecuda_fail("cuLaunchKernel", 3, 719)
        trainee.run(step: 2, batch: 2)
      }
      let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      #expect(text.contains("posetop-engine: The GPU failed at cuLaunchKernel ("), "\(text)")
      #expect(text.contains("): CUDA_ERROR_LAUNCH_FAILED: unspecified launch failure"), "\(text)")
    }

    /// The keeper takes it for a batch that is too large.
    @Test func `memory that runs out in mid-run ends the engine with a code of its own`() async {
      let result = await #expect(
        processExitsWith: .exitCode(EngineExit.outOfMemory), observing: [\.standardErrorContent]
      ) {
        let trainee = try Trainee(.pooled, batch: 2, on: FakeDevice.backend())
        fakecuda_fail("cuLaunchKernel", 3, 2)
        trainee.run(step: 1, batch: 2)
      }
      let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      #expect(text.contains("CUDA_ERROR_OUT_OF_MEMORY"), "\(text)")
    }

    @Test func `a replayed graph that fails does so too`() async {
      let result = await #expect(
        processExitsWith: .exitCode(70), observing: [\.standardErrorContent]
      ) {
        let trainee = try Trainee(.pooled, batch: 2, on: FakeDevice.backend())
        for step in 1...2 { trainee.run(step: step, batch: 2) }
        fakecuda_fail("cuGraphLaunch", 1, 700)
        trainee.run(step: 3, batch: 2)
      }
      let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      #expect(
        text.contains(
          "The GPU failed at cuGraphLaunch: CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access was encountered"
        ), "\(text)")
    }

    /// Errors of earlier kernels come with whatever waits for them.
    @Test func `a wait that fails does so too`() async {
      let result = await #expect(
        processExitsWith: .exitCode(70), observing: [\.standardErrorContent]
      ) {
        let trainee = try Trainee(.pooled, batch: 2, on: FakeDevice.backend())
        fakecuda_fail("cuStreamSynchronize", 0, 700)
        trainee.session.finish()
      }
      let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      #expect(text.contains("The GPU failed at cuStreamSynchronize: CUDA_ERROR_ILLEGAL_ADDRESS"))
    }

    private func unusable(_ set: () -> Void) -> NVIDIAError? {
      fakecuda_reset()
      set()
      if case .unusable(let error) = FakeDevice.libraries().usability { return error }
      return nil
    }

    @Test func `what makes a GPU unusable is told apart`() {
      #expect(unusable {} == nil)
      #expect(unusable { fakecuda_set_device(0, 9, 0, 132) } == .noDevice)
      #expect(unusable { fakecuda_fail("cuInit", 0, 803) } == .driverMismatch)
      #expect(
        unusable { fakecuda_set_version(11_080) } == .driverTooOld(cuda: LibraryVersion(11, 8)))
      #expect(
        unusable { fakecuda_set_device(1, 6, 1, 20) }
          == .deviceTooOld(name: "Fake GPU 0", capability: LibraryVersion(6, 1)))
      #expect(
        unusable { fakecuda_fail("cuDeviceGetCount", 0, 719) }
          == .driverFailed(
            function: "cuDeviceGetCount", code: 719, name: "CUDA_ERROR_LAUNCH_FAILED"))
    }

    /// What `CUDABackend` says when a function of driver or compiler fails while it starts.
    @Test(arguments: [
      (
        "cuInit", 803,
        "cuInit: CUDA_ERROR_SYSTEM_DRIVER_MISMATCH: system has unsupported display driver / cuda driver combination"
      ),
      (
        "cuDevicePrimaryCtxRetain", 2,
        "cuDevicePrimaryCtxRetain: CUDA_ERROR_OUT_OF_MEMORY: out of memory"
      ),
      ("nvrtcCompileProgram", 6, "nvrtcCompileProgram: NVRTC_ERROR_COMPILATION"),
      (
        "cuModuleLoadData", 200,
        "cuModuleLoadData: CUDA_ERROR_INVALID_IMAGE: device kernel image is invalid"
      ),
    ])
    func `a backend that cannot start says why`(
      _ function: String, _ code: Int32, _ words: String
    ) throws {
      fakecuda_reset()
      let libraries = FakeDevice.libraries()
      let processor = try libraries.processor(at: nil)
      fakecuda_fail(function, 0, code)
      let error = #expect(throws: ExecutionError.self) {
        try CUDABackend(
          libraries, processor: processor, precision: .float32, recordsGraphs: true,
          kernelCache: nil, fail: endOnDeviceFailure)
      }
      #expect(error?.sentence.text() == "The GPU failed at \(words)")
    }

    @Test func `compiled kernels are kept, and made anew where the kept file is no good`() throws {
      let folder = "/tmp/posetop-kernels-\(getpid())"
      defer { removeTree(folder) }
      fakecuda_reset()
      let libraries = FakeDevice.libraries()
      let processor = try libraries.processor(at: nil)
      func start(_ precision: Precision) throws -> Int {
        let before = FakeDevice.calls("nvrtcCompileProgram")
        _ = try CUDABackend(
          libraries, processor: processor, precision: precision, recordsGraphs: true,
          kernelCache: folder, fail: endOnDeviceFailure)
        return FakeDevice.calls("nvrtcCompileProgram") - before
      }
      #expect(try start(.float32) == 1)
      #expect(try start(.float32) == 0)
      #expect(try start(.bfloat16) == 1)
      let names = try #require(Path.names(in: folder))
      #expect(names.count == 2)
      for name in names {
        let file = try #require(fopen(Path.join(folder, name), "w"))
        fputs("half a file", file)
        fclose(file)
      }
      #expect(try start(.float32) == 1)
      #expect(try start(.float32) == 0)
      // What a loss of power or a bad disk leaves; the driver would take the last one.
      let path = try #require(
        names.map { Path.join(folder, $0) }.first { $0.contains("-float-") })
      let whole = try FileReading.bytes(of: path, limit: 1 << 20)
      var rotten = whole
      rotten[0] ^= 1
      let damaged: [[UInt8]] = [
        [], [7], rotten, Array(whole.dropLast()), Array(whole.dropLast(4)), whole + [0],
      ]
      for bytes in damaged {
        try DurableFile.commit(path, bytes: bytes)
        #expect(try start(.float32) == 1, "\(bytes.count) bytes of \(whole.count)")
        #expect(try FileReading.bytes(of: path, limit: 1 << 20) == whole)
      }
    }
  }
}
