/// Whether training on a GPU is possible with the libraries that are here.
public enum GraphicsUsability: Sendable, Hashable {
  /// It is, on this device; what is missing makes it slower, each with its reason.
  case usable(GraphicsProcessorFacts, slowBecause: [NVIDIAError])
  /// It is not.
  case unusable(NVIDIAError)

  /// Whether it is.
  public var isUsable: Bool {
    if case .usable = self { true } else { false }
  }
}

extension NVIDIALibraries {
  /// Whether training is possible on the first device that is new enough.
  public var usability: GraphicsUsability { usability(ofProcessor: nil) }

  /// Whether training is possible on a device: the driver, a device of compute capability 7.5 or more
  /// and the compiler must be there; without cuDNN or cuBLAS it is slow.
  ///
  /// - Parameter index: the N of `cuda:N`; nil for the first that is new enough.
  public func usability(ofProcessor index: Int?) -> GraphicsUsability {
    do throws(NVIDIAError) {
      let processor = try processor(at: index)
      if let problem = problem(of: .nvrtc) { throw problem }
      return .usable(processor, slowBecause: [.cudnn, .cublas].compactMap(problem))
    } catch {
      return .unusable(error)
    }
  }

  /// The device that a training runs on.
  ///
  /// - Parameter index: the N of `cuda:N`; nil for the first that is new enough.
  public func processor(at index: Int?) throws(NVIDIAError) -> GraphicsProcessorFacts {
    if let driverProblem { throw driverProblem }
    let isNewEnough: (GraphicsProcessorFacts) -> Bool = {
      $0.computeCapability >= GraphicsProcessorFacts.oldestCapability
    }
    if let index, !processors.indices.contains(index) {
      throw .noSuchDevice(index: index, count: processors.count)
    }
    guard
      let processor = index.map({ processors[$0] }) ?? processors.first(where: isNewEnough)
        ?? processors.first
    else { throw .noDevice }
    guard isNewEnough(processor) else {
      throw .deviceTooOld(name: processor.name, capability: processor.computeCapability)
    }
    return processor
  }
}
