import Glibc
public import Support
public import TensorFiles

/// The complete training states of a run: `checkpoints/state-000001.safetensors` and so on, one file
/// a generation, and `checkpoints/best.safetensors`.
///
/// A generation counts when every byte of it agrees with its checksums. The newest that counts is
/// where a training goes on; at least two are kept.
public struct CheckpointStore: Sendable {
  /// A state that was found and checked.
  public struct Found {
    /// Where its values are read from.
    public let file: TensorFile
    /// The state's values that are no tensors.
    public let state: JSONValue
    /// Its generation; 0 for the best epoch's.
    public let generation: Int
  }

  /// The folder of the states.
  public let folder: String
  /// How they reach the disk.
  public let storage: any StorageCalls

  /// The states of a run.
  public init(_ run: RunFolder, storage: any StorageCalls = SystemStorage()) {
    folder = run.checkpointsPath
    self.storage = storage
  }

  /// The file of a generation.
  public func path(generation: Int) -> String {
    let digits = String(generation)
    let zeros = String(repeating: "0", count: max(0, 6 - digits.count))
    return Path.join(folder, "state-\(zeros)\(digits).safetensors")
  }

  /// The file of the best epoch's state.
  public var bestPath: String { Path.join(folder, "best.safetensors") }

  /// The generations that have a file, oldest first.
  public var generations: [Int] {
    (Path.names(in: folder) ?? []).compactMap { name -> Int? in
      guard name.hasPrefix("state-"), name.hasSuffix(".safetensors"),
        let number = Int(name.dropFirst(6).dropLast(12)), number > 0,
        Path.name(of: path(generation: number)) == name
      else { return nil }
      return number
    }.sorted()
  }

  /// Makes the folder, and clears away what killed processes left half written.
  public func prepare() throws(FileError) {
    try Path.makeFolders(folder)
    DurableFile.removeLeftovers(in: folder, storage: storage)
  }

  /// The newest generation that counts.
  ///
  /// - Parameter onDiscard: is told of each newer one that does not, and why.
  public func newest(onDiscard: (FileError) -> Void = { _ in }) -> Found? {
    for generation in generations.reversed() {
      do throws(FileError) {
        return try open(path(generation: generation), generation)
      } catch {
        onDiscard(error)
      }
    }
    return nil
  }

  /// The best epoch's state; nil when there is none.
  public func best() throws(FileError) -> Found? {
    guard Path.isFile(bestPath) else { return nil }
    return try open(bestPath, 0)
  }

  /// Makes a state the newest generation, by copying its file; nothing when it is that already.
  public func adopt(_ found: Found) throws(FileError) {
    let newest = generations.last ?? 0
    if found.generation == newest, newest > 0 { return }
    try DurableFile.copy(found.file.path, to: path(generation: newest + 1), storage: storage)
  }

  /// Removes all generations: none of them counts.
  public func removeAll() {
    for generation in generations { _ = storage.unlink(path(generation: generation)) }
  }

  private func open(_ path: String, _ generation: Int) throws(FileError) -> Found {
    let file = try SealedTensorFile.open(path)
    do throws(JSONSyntaxError) {
      return Found(
        file: file, state: try JSONValue(parsing: file.metadata["state"] ?? ""),
        generation: generation)
    } catch {
      throw .unexpectedJSON(path: path, place: "state", expected: "JSON")
    }
  }

  /// Commits a state as the next generation, then removes all but the newest `keep`, which is at
  /// least 2.
  ///
  /// - Returns: the new file.
  @discardableResult
  public func commit(
    state: JSONValue, tensors: [StreamedTensor], keep: Int,
    flow: SealedTensorFile.Flow,
    inspect: (_ name: String, _ piece: UnsafeMutableBufferPointer<Float>) throws(FileError) -> Void
  ) throws(FileError) -> String {
    let path = path(generation: (generations.last ?? 0) + 1)
    try write(path, state, tensors, flow, inspect)
    // Only when the new one is durable may an old one go.
    for old in generations.dropLast(max(2, keep)) { _ = storage.unlink(self.path(generation: old)) }
    return path
  }

  /// Commits a state as the best epoch's.
  public func commitBest(
    state: JSONValue, tensors: [StreamedTensor], flow: SealedTensorFile.Flow,
    inspect: (_ name: String, _ piece: UnsafeMutableBufferPointer<Float>) throws(FileError) -> Void
  ) throws(FileError) {
    try write(bestPath, state, tensors, flow, inspect)
  }

  private func write(
    _ path: String, _ state: JSONValue, _ tensors: [StreamedTensor],
    _ flow: SealedTensorFile.Flow,
    _ inspect: (_ name: String, _ piece: UnsafeMutableBufferPointer<Float>) throws(FileError) ->
      Void
  ) throws(FileError) {
    try SealedTensorFile.commit(
      path, tensors: tensors, metadata: [("format", "posetop-state"), ("state", state.text)],
      flow: flow, storage: storage, inspect: inspect)
  }
}
