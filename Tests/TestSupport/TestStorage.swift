import Glibc
public import Support

/// Lets the call of a number fail, once or from then on, and counts all calls.
public final class FailingStorage: StorageCalls {
  /// How a call fails.
  public enum Fault: Sendable, CaseIterable {
    case noSpace, inputOutput, interrupted, shortWrite, readOnly, tooManyFiles, quota

    var code: Int32 {
      switch self {
      case .noSpace: ENOSPC
      case .inputOutput: EIO
      case .interrupted: EINTR
      case .shortWrite: 0
      case .readOnly: EROFS
      case .tooManyFiles: EMFILE
      case .quota: EDQUOT
      }
    }
  }

  private let system = SystemStorage()
  private let fault: Fault
  private let isSticky: Bool
  private let state: Monitor<(calls: Int, failing: Int?)>

  /// Storage whose call number `index` (from 0) fails; nil for none.
  public init(_ fault: Fault, at index: Int?, isSticky: Bool) {
    self.fault = fault
    self.isSticky = isSticky
    state = Monitor((0, index))
  }

  /// Calls so far.
  public var calls: Int { state.update { $0.calls } }

  /// Ends a sticky fault: somebody made room.
  public func heal() { state.update { $0.failing = nil } }

  private func fails() -> Bool {
    state.update { state in
      defer { state.calls += 1 }
      guard let failing = state.failing else { return false }
      return isSticky ? state.calls >= failing : state.calls == failing
    }
  }

  private func failure() -> Int32 {
    errno = fault == .shortWrite ? EIO : fault.code
    return -1
  }

  public func open(_ path: String, _ flags: Int32, _ mode: UInt32) -> Int32 {
    fails() ? failure() : system.open(path, flags, mode)
  }

  public func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    guard fails() else { return system.write(descriptor, bytes) }
    if fault == .shortWrite, bytes.count > 1 {
      return system.write(descriptor, UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count / 2)]))
    }
    return Int(failure())
  }

  public func sync(_ descriptor: Int32) -> Int32 { fails() ? failure() : system.sync(descriptor) }

  public func close(_ descriptor: Int32) -> Int32 {
    // A failing close(2) still gives the descriptor back.
    let code = system.close(descriptor)
    return fails() ? failure() : code
  }

  public func rename(_ from: String, _ to: String) -> Int32 {
    fails() ? failure() : system.rename(from, to)
  }

  public func unlink(_ path: String) -> Int32 { fails() ? failure() : system.unlink(path) }
}

/// Records what is done to a folder, so that the states can be made that a loss of power may leave
/// behind: data that was not synced is lost, zeroed or torn; names that were not synced are old or
/// new, each by itself.
public final class RecordingStorage: StorageCalls {
  enum Step: Sendable {
    case create(file: Int, name: String)
    case write(file: Int, bytes: [UInt8])
    case syncFile(Int)
    case rename(from: String, to: String)
    case unlink(String)
    case syncFolder
  }

  private let system = SystemStorage()
  private let state = Monitor(State())

  private struct State {
    var steps: [Step] = []
    var files: [Int32: Int] = [:]
    var folders: Set<Int32> = []
    var count = 0
  }

  /// Nothing is recorded yet.
  public init() {}

  /// Steps so far.
  public var stepCount: Int { state.update { $0.steps.count } }

  public func open(_ path: String, _ flags: Int32, _ mode: UInt32) -> Int32 {
    let descriptor = system.open(path, flags, mode)
    state.update { state in
      if flags & O_CREAT != 0 {
        state.files[descriptor] = state.count
        state.steps.append(.create(file: state.count, name: Path.name(of: path)))
        state.count += 1
      } else {
        state.folders.insert(descriptor)
      }
    }
    return descriptor
  }

  public func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    state.update { state in
      if let file = state.files[descriptor] {
        state.steps.append(.write(file: file, bytes: Array(bytes)))
      }
    }
    return system.write(descriptor, bytes)
  }

  public func sync(_ descriptor: Int32) -> Int32 {
    state.update { state in
      if let file = state.files[descriptor] {
        state.steps.append(.syncFile(file))
      } else if state.folders.contains(descriptor) {
        state.steps.append(.syncFolder)
      }
    }
    return system.sync(descriptor)
  }

  public func close(_ descriptor: Int32) -> Int32 {
    state.update { state in
      state.files[descriptor] = nil
      state.folders.remove(descriptor)
    }
    return system.close(descriptor)
  }

  public func rename(_ from: String, _ to: String) -> Int32 {
    let step = Step.rename(from: Path.name(of: from), to: Path.name(of: to))
    state.update { $0.steps.append(step) }
    return system.rename(from, to)
  }

  public func unlink(_ path: String) -> Int32 {
    state.update { $0.steps.append(.unlink(Path.name(of: path))) }
    return system.unlink(path)
  }

  /// What becomes of data that was written but not synced.
  public enum LostData: Sendable, Hashable {
    case dropped, zeroed, whole
    case torn(at: Int)
  }

  /// The folder after a loss of power behind so many steps, in every combination of old and new
  /// names: files by name.
  public func folders(after count: Int, lost: LostData) -> [[String: [UInt8]]] {
    let steps = state.update { Array($0.steps.prefix(count)) }
    var written: [Int: [UInt8]] = [:]
    var synced: [Int: Int] = [:]
    var durable: [Step] = []
    var pending: [Step] = []
    for step in steps {
      switch step {
      case .create(let file, _):
        written[file] = []
        pending.append(step)
      case .write(let file, let bytes): written[file, default: []] += bytes
      case .syncFile(let file): synced[file] = written[file]?.count ?? 0
      case .rename, .unlink: pending.append(step)
      case .syncFolder:
        durable += pending
        pending = []
      }
    }
    let contents = written.reduce(into: [Int: [UInt8]]()) { result, entry in
      let kept = synced[entry.key] ?? 0
      var bytes = entry.value
      switch lost {
      case .whole: break
      case .dropped: bytes = Array(bytes[..<kept])
      case .zeroed: for index in kept..<bytes.count { bytes[index] = 0 }
      case .torn(let at): bytes = Array(bytes[..<max(kept, min(bytes.count, at))])
      }
      result[entry.key] = bytes
    }
    return (0..<(1 << pending.count)).map { chosen in
      var names: [String: Int] = [:]
      let kept = pending.enumerated().filter { chosen & (1 << $0.offset) != 0 }.map(\.element)
      for step in durable + kept {
        switch step {
        case .create(let file, let name): names[name] = file
        case .rename(let from, let to):
          // A rename may become durable without the creation before it.
          if let file = names.removeValue(forKey: from) ?? Self.file(of: from, steps) {
            names[to] = file
          }
        case .unlink(let name): names[name] = nil
        default: break
        }
      }
      return names.compactMapValues { contents[$0] }
    }
  }

  private static func file(of name: String, _ steps: [Step]) -> Int? {
    for case .create(let file, name) in steps.reversed() { return file }
    return nil
  }
}
