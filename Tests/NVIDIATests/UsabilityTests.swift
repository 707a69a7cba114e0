import CNVIDIA
import Support
import Testing
import Wording

@testable import NVIDIA

@Suite("Whether a GPU can be trained on")
struct UsabilityTests {
  @Test("What the driver says of a device comes through whole and harmless")
  func facts() throws {
    let libraries = NVIDIALibraries(driver: FakeDriver.table())
    let facts = try #require(libraries.processors.first)
    #expect(facts.name == "Tesla\u{FFFD}[T4" && facts.memory == 16 << 30)
    #expect(facts.computeCapability == LibraryVersion(7, 5) && facts.multiprocessors == 40)
    #expect(facts.pciBusID == "0000:65:00.0" && libraries.driverVersion == LibraryVersion(13, 0))
  }

  @Test("Driver, device and compiler are enough; cuDNN and cuBLAS make it fast")
  func enough() {
    let none = NVIDIALibraries(driver: FakeDriver.table())
    #expect(none.usability == .unusable(.missing(.nvrtc, cuda: 13)))
    let some = NVIDIALibraries(driver: FakeDriver.table(), nvrtc: posetop_nvrtc())
    guard case .usable(let facts, let lacking) = some.usability else {
      Issue.record("\(some.usability)")
      return
    }
    #expect(facts.index == 0)
    #expect(lacking == [.missing(.cudnn, cuda: 13), .missing(.cublas, cuda: 13)])
    let all = NVIDIALibraries(
      driver: FakeDriver.table(), nvrtc: posetop_nvrtc(), cublas: posetop_cublas(),
      cudnn: posetop_cudnn())
    #expect(all.usability == .usable(facts, slowBecause: []))
  }

  @Test("An error of the driver's is told as what it means")
  func driverErrors() {
    func problem(_ start: @escaping @convention(c) (UInt32) -> Int32) -> NVIDIAError? {
      NVIDIALibraries(driver: FakeDriver.table(start: start)).driverProblem
    }
    #expect(problem { _ in 100 } == .noDevice)
    #expect(problem { _ in 803 } == .driverMismatch)
    #expect(problem { _ in 999 } == .driverFailed(function: "cuInit", code: 999, name: ""))
  }

  @Test("A device that is too old or not there is refused")
  func devices() {
    let old = NVIDIALibraries(
      driver: FakeDriver.table(isOld: true), nvrtc: posetop_nvrtc())
    #expect(
      old.usability
        == .unusable(
          .deviceTooOld(name: "Tesla\u{FFFD}[T4", capability: LibraryVersion(6, 1))))
    let one = NVIDIALibraries(driver: FakeDriver.table(), nvrtc: posetop_nvrtc())
    #expect(one.usability(ofProcessor: 0).isUsable)
    for index in [1, -1] {
      #expect(
        one.usability(ofProcessor: index) == .unusable(.noSuchDevice(index: index, count: 1)))
    }
  }

  @Test("Every error says what is wrong and what to do, in both languages")
  func sentences() {
    let file = "/x/lib.so"
    let errors: [NVIDIAError] = [
      .noDriver, .brokenDriver(file: file, reason: "r"), .driverTooOld(cuda: LibraryVersion(11, 8)),
      .driverMismatch, .noDevice, .driverFailed(function: "cuInit", code: 999, name: "n"),
      .deviceTooOld(name: "K80", capability: LibraryVersion(3, 7)),
      .noSuchDevice(index: 3, count: 1), .missing(.cudnn, cuda: 12),
      .broken(.nvrtc, file: file, reason: "r"),
      .symbolMissing(.cublas, file: file, symbol: "s"),
      .tooOld(.cudnn, file: file, version: LibraryVersion(9, 1), needed: LibraryVersion(9, 8)),
      .otherCUDA(.cudnn, file: file, made: 12, needed: 13), .needs(.cudnn, other: .cublasLt),
    ]
    for error in errors {
      for language in Language.allCases {
        let text = error.sentence.text(in: language)
        #expect(!text.contains("{") && !text.contains("⟪"), "\(text)")
        #expect(text.contains(error.cure.text(in: language)))
      }
    }
    #expect(
      NVIDIAError.missing(.cudnn, cuda: 13).sentence.text()
        == "The GPU cannot be used: cuDNN was not found (libcudnn.so.9). Install it into the active Python environment with pip install nvidia-cudnn-cu13, or name its folder in POSETOP_CUDA_LIBS."
    )
    #expect(NVIDIALibrary.nvrtc.package(cuda: 12) == "nvidia-cuda-nvrtc-cu12")
    #expect(NVIDIALibrary.nvrtc.package(cuda: 13) == "nvidia-cuda-nvrtc")
  }
}
