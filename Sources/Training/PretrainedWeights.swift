import Execution
import Graph
import Support
import TensorFiles
import Wording

/// Weights from a file as a network's first values.
struct PretrainedWeights {
  private let source: any WeightSource

  /// Opens a safetensors or PyTorch file.
  init(_ path: String) throws(FileError) { source = try WeightFiles.open(path) }

  /// `unbiased` or `classic`, where the file says so.
  var convention: String? {
    source.metadata["convention"].flatMap { ["unbiased", "classic"].contains($0) ? $0 : nil }
  }

  /// Names with what wraps a network taken off: `module.` of parallel training, and the names of
  /// members that hold a backbone.
  private static func canonical(_ name: String) -> String {
    var parts = name.split(separator: ".")[...]
    while let first = parts.first, parts.count > 1,
      ["module", "resnet", "backbone", "model", "net"].contains(first)
    {
      parts.removeFirst()
    }
    return parts.joined(separator: ".")
  }

  /// Parameters and statistics that the file lacks or has in another shape.
  func missing(in table: ParameterTable) -> [String] {
    let offered = Dictionary(
      source.tensors.map { (Self.canonical($0.name), $0.shape) },
      uniquingKeysWith: { first, _ in first })
    return (table.parameters + table.statistics).filter {
      offered[Self.canonical($0.name)] != $0.layout.fileShape
    }.map(\.name)
  }

  /// Writes every tensor that fits into a session, and says what was loaded, what the file lacks,
  /// and what of it was not used, and why.
  func load(
    into session: any BackendSession, _ table: ParameterTable
  ) throws(TrainingError) -> [Sentence] {
    var wanted: [String: (parameter: Parameter, slab: Slab, offset: Int)] = [:]
    for (parameter, offset) in zip(table.parameters, table.offsets) {
      wanted[Self.canonical(parameter.name)] = (parameter, .weights, offset)
    }
    for (statistic, offset) in zip(table.statistics, table.statisticOffsets) {
      wanted[Self.canonical(statistic.name)] = (statistic, .statistics, offset)
    }
    var loaded: Set<String> = []
    var unused: [String] = []
    for (index, entry) in source.tensors.enumerated() {
      let name = Self.canonical(entry.name)
      // PyTorch counts batches there; nothing here depends on it.
      if name.hasSuffix("num_batches_tracked") { continue }
      guard let place = wanted[name], !loaded.contains(name) else {
        unused.append(UntrustedText.clean(entry.name, limit: 80))
        continue
      }
      guard entry.shape == place.parameter.layout.fileShape else {
        unused.append(
          "\(UntrustedText.clean(entry.name, limit: 80)) \(entry.shape) (\(place.parameter.layout.fileShape))"
        )
        continue
      }
      let values = try wrapping(TrainingError.file) { () throws(FileError) in
        try source.floats(index)
      }
      place.parameter.layout.arranged(fromFile: values).withUnsafeBufferPointer {
        session.write($0, to: place.slab, from: place.offset)
      }
      loaded.insert(name)
    }
    guard !loaded.isEmpty else {
      throw .nothingFits(path: source.path, unused: Self.list(unused))
    }
    let missing = (table.parameters + table.statistics).map(\.name).filter {
      !loaded.contains(Self.canonical($0))
    }
    var said = [Sentence(EngineSentence.weightsLoaded, loaded.count, wanted.count, source.path)]
    if !missing.isEmpty {
      said.append(Sentence(EngineSentence.weightsMissing, missing.count, Self.list(missing)))
    }
    if !unused.isEmpty {
      said.append(Sentence(EngineSentence.weightsUnused, unused.count, Self.list(unused)))
    }
    return said
  }

  /// The first names of a list.
  private static func list(_ names: [String]) -> String {
    let shown = names.prefix(8).joined(separator: ", ")
    return names.count > 8 ? "\(shown), ..." : shown
  }
}
