import Support
import Testing

@testable import NVIDIA

@Suite("NVIDIA's libraries")
struct LibraryTests {
  private func load(
    _ machine: FakeMachine, _ variables: [String: String], onlyWithDriver: Bool = false
  ) -> NVIDIALibraries {
    NVIDIALibraries.load(
      search: machine.search(variables), opener: machine.opener, onlyWithDriver: onlyWithDriver)
  }

  private let site = "/venv/lib/python3.11/site-packages/nvidia"

  @Test("They are opened in the order that they bear, the compiler's builtins first")
  func openingOrder() throws {
    let machine = FakeMachine()
    try machine.putPackages(in: "/venv", cuda: 13, cudnn: "cudnn-9.19")
    let libraries = load(machine, ["VIRTUAL_ENV": "/venv"])
    #expect(
      machine.opened.update { $0 } == [
        "\(site)/cu13/lib/libnvrtc-builtins.so.13.0", "\(site)/cu13/lib/libnvrtc.so.13",
        "\(site)/cu13/lib/libcublasLt.so.13", "\(site)/cu13/lib/libcublas.so.13",
        "\(site)/cudnn/lib/libcudnn.so.9",
      ])
    #expect(libraries.nvrtc != nil && libraries.cublas != nil && libraries.cudnn != nil)
    #expect(libraries.finding(.nvrtc)?.version == LibraryVersion(13, 0))
    #expect(libraries.finding(.cudnn)?.version == LibraryVersion(9, 19, 0))
    #expect(libraries.finding(.cublasLt)?.version == LibraryVersion(13, 1, 0))
  }

  @Test(
    "No library is newer than the driver; of those that are not, the newest",
    arguments: [("cuda-13", 13), ("cuda-12", 12)])
  func newestAllowed(_ driver: String, _ major: Int) throws {
    let machine = FakeMachine()
    try machine.put("/ld/libcuda.so.1", driver)
    try machine.putPackages(in: "/venv", cuda: 13, cudnn: "cudnn-9.19")
    try machine.putPackages(in: "/conda", cuda: 12, cudnn: "cudnn-9.19")
    let libraries = load(machine, ["VIRTUAL_ENV": "/venv", "CONDA_PREFIX": "/conda"])
    #expect(libraries.driver != nil)
    #expect(libraries.finding(.nvrtc)?.version?.major == major)
    #expect(libraries.finding(.cublas)?.file?.hasSuffix(".so.\(major)") == true)
    if major == 13 {
      #expect(libraries.cudnn != nil)
    } else {
      // The first cuDNN belongs to CUDA 13, and a second cannot be opened beside it.
      #expect(libraries.cudnn == nil)
      guard case .otherCUDA(.cudnn, _, made: 13, needed: 12) = libraries.problem(of: .cudnn) else {
        Issue.record("\(libraries.problem(of: .cudnn) as Any)")
        return
      }
    }
  }

  @Test("A copy of cuDNN whose package says that it is for another CUDA is passed over unopened")
  func packageOfOtherCUDA() throws {
    let machine = FakeMachine()
    try machine.put("/ld/libcuda.so.1", "cuda-12")
    for (prefix, cuda) in [("/venv", 13), ("/conda", 12)] {
      try machine.putPackages(in: prefix, cuda: cuda, cudnn: "cudnn-9.19")
      try machine.put(
        "\(prefix)/lib/python3.11/site-packages/nvidia_cudnn_cu\(cuda)-9.19.0.56.dist-info/RECORD",
        "")
    }
    let libraries = load(machine, ["VIRTUAL_ENV": "/venv", "CONDA_PREFIX": "/conda"])
    #expect(libraries.cudnn != nil)
    #expect(libraries.finding(.cudnn)?.file?.contains("/conda/") == true)
    #expect(
      !machine.opened.update { $0 }.contains { $0.hasPrefix("/venv") && $0.contains("cudnn") })
  }

  @Test("A whole set for an older CUDA is better than a newer one without cuDNN")
  func wholeSet() throws {
    let machine = FakeMachine()
    try machine.putPackages(in: "/venv", cuda: 13)
    try machine.putPackages(in: "/conda", cuda: 12, cudnn: "cudnn-9.19")
    let libraries = load(machine, ["VIRTUAL_ENV": "/venv", "CONDA_PREFIX": "/conda"])
    #expect(libraries.finding(.nvrtc)?.version?.major == 12)
    #expect(libraries.cudnn != nil && libraries.cublas != nil)
  }

  @Test("cuDNN older than 9.8 is not used")
  func oldCUDNN() throws {
    let machine = FakeMachine()
    try machine.putPackages(in: "/venv", cuda: 13, cudnn: "cudnn-9.7")
    let libraries = load(machine, ["VIRTUAL_ENV": "/venv"])
    #expect(libraries.cudnn == nil && libraries.nvrtc != nil)
    guard case .tooOld(.cudnn, _, LibraryVersion(9, 7, 2), _) = libraries.problem(of: .cudnn) else {
      Issue.record("\(libraries.problem(of: .cudnn) as Any)")
      return
    }
  }

  @Test("cuDNN, which ends the process without cuBLASLt, is not opened when that is missing")
  func noLightweight() throws {
    let machine = FakeMachine()
    try machine.putPackages(
      in: "/venv", cuda: 13, cudnn: "cudnn-9.19", without: ["libcublasLt.so.13"])
    let libraries = load(machine, ["VIRTUAL_ENV": "/venv"])
    #expect(libraries.problem(of: .cudnn) == .needs(.cudnn, other: .cublasLt))
    #expect(libraries.problem(of: .cublas) == .needs(.cublas, other: .cublasLt))
    #expect(libraries.nvrtc != nil)
    #expect(!machine.opened.update { $0 }.contains { $0.contains("cudnn") })
  }

  @Test(
    "A library that lacks a function is of no use, and the function is named; the next is taken")
  func missingFunction() throws {
    let machine = FakeMachine()
    try machine.put("/old/libnvrtc.so.13", "cuda-13 lacks-nvrtcGetCUBIN")
    let alone = load(machine, ["POSETOP_CUDA_LIBS": "/old"])
    #expect(
      alone.problem(of: .nvrtc)
        == .symbolMissing(
          .nvrtc, file: "\(machine.root)/old/libnvrtc.so.13", symbol: "nvrtcGetCUBIN"))
    try machine.putPackages(in: "/venv", cuda: 13)
    let both = load(machine, ["POSETOP_CUDA_LIBS": "/old", "VIRTUAL_ENV": "/venv"])
    #expect(both.nvrtc != nil && both.problem(of: .nvrtc) == nil)
  }

  @Test("A file that the loader refuses says more than all that are not there")
  func broken() throws {
    let machine = FakeMachine()
    try machine.put("/venv/lib/libnvrtc.so.13", "broken")
    let libraries = load(machine, ["POSETOP_CUDA_LIBS": "/nowhere", "VIRTUAL_ENV": "/venv"])
    #expect(
      libraries.problem(of: .nvrtc)
        == .broken(
          .nvrtc, file: "\(machine.root)/venv/lib/libnvrtc.so.13", reason: "invalid ELF header"))
  }

  @Test("Where there is nothing, everything is nil, and every path tried is told with its reason")
  func nothing() throws {
    let machine = FakeMachine()
    let libraries = load(machine, ["POSETOP_CUDA_LIBS": "/nowhere"])
    #expect(libraries.driver == nil && libraries.nvrtc == nil && libraries.cudnn == nil)
    #expect(libraries.usability == .unusable(.noDriver))
    #expect(libraries.problem(of: .nvrtc) == .missing(.nvrtc, cuda: 13))
    let attempts = try #require(libraries.finding(.nvrtc)).attempts
    #expect(
      attempts.map(\.path) == [
        "\(machine.root)/nowhere/libnvrtc.so.13", "libnvrtc.so.13",
        "\(machine.root)/nowhere/libnvrtc.so.12", "libnvrtc.so.12",
      ])
    #expect(attempts.allSatisfy { $0.reason?.isEmpty == false })
    // A training looks no further without a driver.
    let few = load(machine, [:], onlyWithDriver: true)
    #expect(few.findings.map(\.library) == [.driver])
    #expect(few.usability == .unusable(.noDriver))
  }

  @Test("A driver before CUDA 12 is too old, and nothing else is opened")
  func oldDriver() throws {
    let machine = FakeMachine()
    try machine.put("/ld/libcuda.so.1", "cuda-11")
    try machine.putPackages(in: "/venv", cuda: 13)
    let libraries = load(machine, ["VIRTUAL_ENV": "/venv"])
    #expect(libraries.usability == .unusable(.driverTooOld(cuda: LibraryVersion(11, 8))))
    #expect(machine.opened.update { $0 } == ["/ld/libcuda.so.1"])
  }
}
