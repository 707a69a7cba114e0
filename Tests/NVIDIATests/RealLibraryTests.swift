import CNVIDIA
import Support
import Testing
import Wording

@testable import NVIDIA

/// Whether the environment names a compiler of NVIDIA's.
private let isCompilerHere = LibrarySearch(variable: NVIDIALibraries.environmentVariable).places
  .contains { place in
    place.folder.map { folder in
      (Path.names(in: folder) ?? []).contains { $0.hasPrefix("libnvrtc.so.") }
    } ?? false
  }

@Suite(
  "NVIDIA's own libraries", .serialized,
  .enabled(if: isCompilerHere, "no NVRTC in POSETOP_CUDA_LIBS, VIRTUAL_ENV or beside python3"))
struct RealLibraryTests {
  private static let libraries = NVIDIALibraries.load()

  @Test("Every library found here is whole and tells its version, with a driver or without")
  func versions() throws {
    let libraries = Self.libraries
    #expect(libraries.nvrtc != nil, "\(libraries.problem(of: .nvrtc)?.sentence.text() ?? "")")
    for finding in libraries.findings where finding.isUsable {
      #expect(finding.attempts.last?.reason == nil && finding.file?.hasPrefix("/") == true)
      if finding.library != .nvrtcBuiltins { #expect(finding.version != nil, "\(finding)") }
    }
    let major = libraries.finding(.nvrtc)?.version?.major
    #expect(try #require(major) >= 12)
    if let products = libraries.finding(.cublas)?.version { #expect(products.major == major) }
    if libraries.driver == nil { #expect(libraries.usability == .unusable(.noDriver)) }
  }

  @Test("The compiler makes code for a T4 and an H100: its builtins were opened")
  func compiles() throws {
    let nvrtc = try #require(Self.libraries.nvrtc)
    let source = "extern \"C\" __global__ void twice(float *x) { x[threadIdx.x] *= 2.f; }"
    for architecture in ["sm_75", "sm_90"] {
      var program: nvrtcProgram?
      #expect(nvrtc.nvrtcCreateProgram(&program, source, "twice.cu", 0, nil, nil) == 0)
      defer { _ = nvrtc.nvrtcDestroyProgram(&program) }
      let code = "--gpu-architecture=\(architecture)".withCString { option in
        var options: [UnsafePointer<CChar>?] = [option]
        return nvrtc.nvrtcCompileProgram(program, 1, &options)
      }
      #expect(code == 0, "NVRTC's error \(code)")
      var size = 0
      #expect(nvrtc.nvrtcGetCUBINSize(program, &size) == 0 && size > 500)
    }
  }
}
