import Execution
import Support
import TensorFiles

/// The memory through which a training's tensors go to a file: a copy of them all where they are
/// small, so that the training can go on meanwhile, else a piece at a time.
///
/// `@unchecked Sendable`: the trainer writes into it only while no writing thread runs, and joins
/// that thread before it touches the memory again.
final class StateMemory: @unchecked Sendable {
  /// States of more bytes than this are streamed.
  static let copyLimit = 256 << 20
  /// Values of one piece.
  static let pieceCount = 1 << 18

  /// The slabs that make up the state, and where each begins in the copy.
  let slabs: [(slab: Slab, offset: Int, count: Int)]
  /// Scratch memory for one piece.
  let piece: UnsafeMutableBufferPointer<Float>
  private let copy: UnsafeMutableBufferPointer<Float>?

  init(_ session: any BackendSession) {
    var offset = 0
    slabs = Slab.allCases.filter(\.isState).map { slab in
      let count = session.count(of: slab)
      defer { offset += count }
      return (slab, offset, count)
    }
    piece = .allocate(capacity: Self.pieceCount)
    piece.initialize(repeating: 0)
    copy = offset * 4 <= Self.copyLimit ? .allocate(capacity: offset) : nil
    // Pages that come only with the first copy would hold up a step.
    copy?.initialize(repeating: 0)
  }

  deinit {
    piece.deallocate()
    copy?.deallocate()
  }

  /// Bytes that the state has on disk, checksums apart.
  var stateBytes: Int { slabs.reduce(0) { $0 + 4 * $1.count } }

  /// Bytes of memory that are taken.
  static func plannedBytes(state: Int) -> Int {
    4 * pieceCount + (state <= copyLimit ? state : WriteAhead.plannedBytes)
  }

  /// How the state gets to the disk: beside the steps, which want the processor for themselves, or while
  /// they wait.
  var flow: SealedTensorFile.Flow { isCopied ? .through(piece) : .ahead }

  /// Whether the state is copied, so that a thread of its own can write it.
  var isCopied: Bool { copy != nil }

  /// Copies the state; only where `isCopied`.
  func take(from session: any BackendSession) {
    guard let copy else { return }
    for (slab, offset, count) in slabs {
      session.read(slab, from: 0, into: .init(rebasing: copy[offset..<offset + count]))
    }
  }

  /// The copy's tensors; empty without a copy.
  func copiedTensors() -> [StreamedTensor] {
    guard let copy else { return [] }
    return slabs.map { slab, start, count in
      StreamedTensor(name: slab.rawValue, count: count) { offset, target in
        let source = copy[(start + offset)..<(start + offset + target.count)]
        _ = target.update(fromContentsOf: source)
      }
    }
  }

  /// The session's tensors, read piece by piece.
  func liveTensors(of session: any BackendSession) -> [StreamedTensor] {
    slabs.map { slab, _, count in
      StreamedTensor(name: slab.rawValue, count: count) { offset, target in
        session.read(slab, from: offset, into: target)
      }
    }
  }

  /// Puts the tensors of a file into the session; the file was checked.
  func restore(_ file: TensorFile, into session: any BackendSession) throws(FileError) {
    for (slab, _, count) in slabs {
      guard let entry = file.entry(slab.rawValue) else {
        throw .tensorMissing(path: file.path, name: slab.rawValue)
      }
      guard entry.element == .float32, entry.shape == [count] else {
        throw .tensorMismatch(
          path: file.path, name: slab.rawValue, got: "\(entry.shape)", expected: "[\(count)]")
      }
    }
    for (slab, _, count) in slabs {
      guard let entry = file.entry(slab.rawValue) else { continue }
      var done = 0
      while done < count {
        let part = UnsafeMutableBufferPointer(
          rebasing: piece[..<min(piece.count, count - done)])
        try file.read(entry, from: done, into: part)
        session.write(UnsafeBufferPointer(part), to: slab, from: done)
        done += part.count
      }
    }
  }

  /// The first of the session's tensors in which there is a value that is no number; nil for none. No
  /// writing thread runs.
  ///
  /// - Parameter isExchanged: whether running means and present values stand in each other's place.
  func firstNotFinite(in session: any BackendSession, isExchanged: Bool) -> String? {
    let found = slabs.first { slab, _, count in
      stride(from: 0, to: count, by: piece.count).contains { offset in
        let part = UnsafeMutableBufferPointer(
          rebasing: piece[..<min(piece.count, count - offset)])
        session.read(slab, from: offset, into: part)
        return !Self.isFinite(part)
      }
    }
    return found.map { isExchanged ? $0.slab.exchanged : $0.slab }?.rawValue
  }

  /// Whether all values are finite: an exponent of all ones is an infinity or no number.
  static func isFinite(_ values: UnsafeMutableBufferPointer<Float>) -> Bool {
    var largest: UInt32 = 0
    for value in values { largest = max(largest, value.bitPattern & 0x7F80_0000) }
    return largest != 0x7F80_0000
  }
}

extension Slab {
  /// The slab whose values `exchangeAverages` puts here.
  fileprivate var exchanged: Slab {
    switch self {
    case .weights: .averagedWeights
    case .averagedWeights: .weights
    case .statistics: .averagedStatistics
    case .averagedStatistics: .statistics
    default: self
    }
  }
}
