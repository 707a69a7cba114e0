public import NVIDIA
import Support
public import Wording

/// Whether a training runs on an NVIDIA GPU, and why not.
public enum GraphicsProcessor {
  /// Whether this version has kernels for GPUs.
  public static let hasBackend = false

  /// Where trainings run with the libraries that were found, in one sentence.
  ///
  /// - Returns: whether on the GPU, the statement, and why it is not used though one is here.
  public static func statement(
    _ libraries: NVIDIALibraries
  ) -> (isUsed: Bool, text: Sentence, trouble: (reason: Sentence, cure: Sentence)?) {
    let (reason, cure): (Sentence, Sentence)
    switch libraries.usability {
    case .usable where hasBackend: return (true, Sentence(GraphicsSentence.onGPU), nil)
    case .usable:
      reason = Sentence(GraphicsSentence.notBuilt)
      cure = Sentence(GraphicsSentence.notBuiltCure)
    case .unusable(let error): (reason, cure) = (error.reason, error.cure)
    }
    // A machine without a driver is no trouble: it has no GPU to speak of.
    let isTrouble = libraries.driverProblem != .noDriver
    return (
      false, Sentence(GraphicsSentence.onCPU, reason), isTrouble ? (reason, cure) : nil
    )
  }

  /// Why the training does not run on a GPU, with the GPU's memory where there is one.
  static func reasonForNone() -> Sentence {
    let library: ManagementLibrary
    do throws(ManagementError) {
      library = try ManagementLibrary.here.get()
    } catch {
      return Sentence(
        error.kind == .absent ? EngineSentence.noGPUDriver : EngineSentence.brokenGPUDriver)
    }
    guard let gpu = library.look(at: 0), let memory = gpu.memory else {
      return Sentence(EngineSentence.noGPUDevice)
    }
    return Sentence(
      EngineSentence.noGPUSupportButDevice, gpu.name, NumberText.bytes(memory.used),
      NumberText.bytes(memory.total))
  }
}
