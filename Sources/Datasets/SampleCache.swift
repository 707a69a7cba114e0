import Support

/// Keeps the prepared regions of samples in memory, up to a number of bytes.
///
/// What does not fit is prepared anew each time; with a fresh permutation in each epoch nothing
/// would be gained by throwing one region out for another.
public final class SampleCache: Sendable {
  /// The most bytes it takes.
  public let capacity: Int
  private let state = Monitor(State())

  private struct State {
    var regions: [Int: PreparedSample] = [:]
    var bytes = 0
  }

  /// An empty cache; 0 bytes keep nothing.
  public init(capacity: Int = 512 << 20) { self.capacity = capacity }

  /// Bytes in use.
  public var bytes: Int { state.update { $0.bytes } }

  func region(_ sample: Int) -> PreparedSample? { state.update { $0.regions[sample] } }

  func keep(_ region: PreparedSample, _ sample: Int) {
    state.update { state in
      guard state.regions[sample] == nil, state.bytes + region.bytes <= capacity else { return }
      state.regions[sample] = region
      state.bytes += region.bytes
    }
  }
}
