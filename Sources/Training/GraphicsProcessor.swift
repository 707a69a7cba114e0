public import Graph
public import NVIDIA
public import Wording

/// Whether a training runs on an NVIDIA GPU, and why not.
public enum GraphicsProcessor {
  /// Where trainings run with the libraries that were found, in one sentence.
  ///
  /// - Parameter precision: what `--precision auto` means on a GPU.
  /// - Returns: whether on the GPU, the statement, and why it is not used though one is here.
  public static func statement(
    _ libraries: NVIDIALibraries, precision: (GraphicsProcessorFacts) -> Precision
  ) -> (isUsed: Bool, text: Sentence, trouble: (reason: Sentence, cure: Sentence)?) {
    switch libraries.usability {
    case .usable(let facts, _):
      return (
        true, Sentence(GraphicsSentence.onGPU, facts.name, precision(facts).rawValue), nil
      )
    case .unusable(let error):
      // A machine without a driver is no trouble: it has no GPU to speak of.
      return (
        false, Sentence(GraphicsSentence.onCPU, error.reason),
        error == .noDriver ? nil : (error.reason, error.cure)
      )
    }
  }

  /// Why a training that runs on the CPU does not run on a GPU: a clause that follows "because".
  ///
  /// - Parameter device: what was asked for, as `--device` says it.
  static func reasonForNone(_ device: String) -> Sentence {
    guard device != "cpu" else { return Sentence(EngineSentence.cpuAsked) }
    return switch NVIDIALibraries.load(onlyWithDriver: true).usability {
    case .unusable(.noDriver): Sentence(EngineSentence.noGPUDriver)
    case .unusable(.noDevice): Sentence(EngineSentence.noGPUDevice)
    case .unusable(let error): error.reason
    case .usable: Sentence(EngineSentence.cpuAsked)
    }
  }
}
