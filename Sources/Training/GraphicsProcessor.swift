import CPosix
import Support
import Wording

/// What is known of an NVIDIA GPU in this machine.
enum GraphicsProcessor {
  /// Why the training does not run on a GPU, with the GPU's memory where there is one.
  static func reasonForNone() -> Sentence {
    var name = [CChar](repeating: 0, count: 128)
    var (used, total) = (UInt64(0), UInt64(0))
    switch Int(posetop_nvml_memory(&name, name.count, &used, &total)) {
    case 0:
      let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      return Sentence(
        EngineSentence.noGPUSupportButDevice, UntrustedText.clean(bytes: bytes, limit: 64),
        NumberText.bytes(Int(clamping: used)), NumberText.bytes(Int(clamping: total)))
    case Int(POSETOP_NVML_ABSENT): return Sentence(EngineSentence.noGPUDriver)
    case Int(POSETOP_NVML_BROKEN): return Sentence(EngineSentence.brokenGPUDriver)
    default: return Sentence(EngineSentence.noGPUDevice)
    }
  }
}
