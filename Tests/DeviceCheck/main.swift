// Compares a GPU with the processor and with PyTorch's recorded losses:
//
//     posetop-device-check ops|own|fake|crops [SEEDS]|fake-crops [SEEDS]|losses FOLDER|ways MODEL:...|
//       memory MODEL:...|probe CONVOLUTION...
//
// `ops` runs every op case against the float64 reference, eagerly and as a recorded graph; `own` the same
// by our own kernels alone, `fake` on the tests' made-up GPU; `crops` compares pictures that the GPU crops with
// the processor's, `fake-crops` on the made-up one; `losses` trains the golden files' networks;
// `memory` compares a plan with what is used; `ways` times a model's nodes, `probe` cuDNN's plans.
import CNVIDIA
import FakeCUDA
import Glibc
import NVIDIA
import Support
import Wording

var arguments = Array(CommandLine.arguments.dropFirst())
let command = arguments.isEmpty ? "ops" : arguments.removeFirst()
let isFake = command.hasPrefix("fake")
// What the made-up compiler gives is nothing to keep for a real GPU.
if isFake { setenv("XDG_CACHE_HOME", "/dev/null", 1) }
let libraries = isFake ? fakeLibraries() : NVIDIALibraries.load()
for finding in libraries.findings {
  print(
    "\(finding.library.title): \(finding.version.map { "\($0)" } ?? "-") \(finding.file ?? "missing")"
  )
}
func fakeLibraries() -> NVIDIALibraries {
  var driver = posetop_cuda_driver()
  var nvrtc = posetop_nvrtc()
  fakecuda_fill(&driver, &nvrtc)
  return NVIDIALibraries(driver: driver, nvrtc: nvrtc)
}

guard let processor = try? libraries.processor(at: nil) else {
  print("skipped: \(libraries.driverProblem?.sentence.text() ?? "no usable GPU")")
  exit(0)
}
print("\(processor.name), compute capability \(processor.computeCapability)")
let failures: Int
switch command {
case "ops", "fake": failures = checkOps(libraries, processor, arguments)
case "own":
  failures = checkOps(
    NVIDIALibraries(driver: libraries.driver, nvrtc: libraries.nvrtc), processor, arguments)
case "crops", "fake-crops": failures = checkCrops(libraries, processor, arguments)
case "losses":
  let folder = arguments.isEmpty ? "." : arguments.removeFirst()
  failures = checkLosses(libraries, processor, folder: folder, arguments)
case "probe": failures = probe(libraries, processor, arguments)
case "ways": failures = showWays(libraries, processor, arguments)
case "memory": failures = checkMemory(libraries, processor, arguments)
default:
  print("unknown: \(command)")
  exit(2)
}
exit(failures == 0 ? 0 : 1)
