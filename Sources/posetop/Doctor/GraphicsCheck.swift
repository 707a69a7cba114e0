import CPosix
import Glibc
import Support
import Wording

/// GPU and CUDA's libraries: which can be loaded.
let graphicsCheck = DoctorCheck(name: "gpu") {
  var section = DoctorSection()
  var gpu = posetop_gpu()
  let hasGPU = posetop_nvml_look(&gpu) == 0
  let name = withUnsafeBytes(of: &gpu.name) { bytes in
    UntrustedText.clean(bytes: bytes.prefix { $0 != 0 })
  }
  section.line("GPU", hasGPU ? name : "none that NVIDIA's driver knows")
  section.json["gpu"] = hasGPU ? .string(name) : .null
  var libraries = JSONObject()
  var found: [String] = []
  var missing: [String] = []
  for library in Library.all {
    let outcome = library.load()
    libraries[library.title] = [
      "found": .bool(outcome.file != nil), "file": outcome.file.map { .string($0) } ?? .null,
      "reason": outcome.reason.map { .string($0) } ?? .null,
    ]
    if outcome.file != nil { found.append(library.title) } else { missing.append(library.title) }
  }
  section.line("CUDA libraries", found.isEmpty ? "none found" : found.joined(separator: ", "))
  if !found.isEmpty, !missing.isEmpty {
    section.line("not found", missing.joined(separator: ", "))
  }
  section.line("used", "no: this version trains on the CPU")
  section.json["libraries"] = .object(libraries)
  section.json["used"] = false
  if hasGPU {
    section.warn("gpu-idle", Sentence(MachineSentence.gpuIdle, name), .gpuIdleCure)
  }
  return section
}

/// A library under the names that its versions have.
private struct Library {
  let title: String
  let files: [String]

  static let all = [
    Library(title: "driver", files: ["libcuda.so.1"]),
    Library(title: "nvml", files: ["libnvidia-ml.so.1"]),
    Library(title: "nvrtc", files: ["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"]),
    Library(
      title: "cublasLt", files: ["libcublasLt.so.13", "libcublasLt.so.12", "libcublasLt.so"]),
    Library(title: "cudnn", files: ["libcudnn.so.9", "libcudnn.so.8", "libcudnn.so"]),
  ]

  /// The first name under which it loads, else what the loader says of the first.
  func load() -> (file: String?, reason: String?) {
    var reason: String?
    for file in files {
      if let handle = dlopen(file, RTLD_LAZY | RTLD_LOCAL) {
        dlclose(handle)
        return (file, nil)
      }
      if reason == nil { reason = dlerror().map { UntrustedText.clean(String(cString: $0)) } }
    }
    return (nil, reason)
  }
}
