import CNVIDIA
import Execution
import FakeCUDA
import NVIDIA
import Support
import Testing
import Wording

@testable import BackendCUDA

/// Whether the environment names a compiler of NVIDIA's.
private let compiler: posetop_nvrtc? = {
  let search = LibrarySearch(variable: NVIDIALibraries.environmentVariable)
  let isHere = search.places.contains { place in
    place.folder.map { folder in
      (Path.names(in: folder) ?? []).contains { $0.hasPrefix("libnvrtc.so.") }
    } ?? false
  }
  return isHere ? NVIDIALibraries.load().nvrtc : nil
}()

@Suite(
  .serialized,
  .enabled(
    if: compiler != nil, "no NVRTC in POSETOP_CUDA_LIBS, VIRTUAL_ENV or beside python3"))
struct CompilerTests {
  @Test(arguments: [
    (75, MapKind.float), (75, .half), (80, .float), (80, .bfloat16), (80, .half), (86, .float),
    (86, .bfloat16), (86, .half), (90, .float), (90, .bfloat16), (90, .half),
  ])
  func `NVRTC makes code of every kernel`(_ capability: Int, _ kind: MapKind) throws {
    let nvrtc = try #require(compiler)
    let image = try KernelModule.compile(nvrtc, capability: capability, kind)
      .map { UInt8(bitPattern: $0) }
    #expect(Array(image.prefix(4)) == [0x7f, 0x45, 0x4c, 0x46])
    // Names of symbols end with a zero.
    let symbols = Set(
      image.split(separator: 0).map { String(decoding: $0, as: UTF8.self) })
    var index: Int32 = 0
    while let name = fakecuda_kernel(index) {
      #expect(symbols.contains(String(cString: name)))
      index += 1
    }
    #expect(index > 40)
  }

  @Test func `what NVRTC says against a program is passed on`() throws {
    let nvrtc = try #require(compiler)
    let error = #expect(throws: ExecutionError.self) {
      try KernelModule.compile(nvrtc, capability: 10, .float)
    }
    let text = error?.sentence.text() ?? ""
    #expect(text.hasPrefix("The GPU failed at nvrtcCompileProgram: NVRTC_ERROR"), "\(text)")
    #expect(text.contains("gpu-architecture"), "\(text)")
  }
}
