import Glibc
import NVIDIA
import RunFiles
import Support
import TrainingAPI

/// Reads other runs beside the one that is shown, a piece at a time, so that keys never wait.
struct RunReading {
  /// Runs that are listed at most: the newest.
  static let listLimit = 200
  private static let pieceBytes = 1 << 19

  private var readers: [(path: String, reader: EventLogReader)] = []
  private var toList: [RunFolder] = []
  private var listed: [RunRow] = []
  private var isListing = false

  var isDone: Bool { readers.isEmpty && !isListing }

  mutating func begin(_ path: String) {
    readers.append((path, EventLogReader(RunFolder(path).eventsPath)))
  }

  mutating func end(_ path: String) { readers.removeAll { $0.path == path } }

  /// Begins to list the runs in the folder of a run.
  mutating func list(beside run: RunFolder) {
    let folder = Path.parent(of: run.path)
    toList = RunLookup.runs(in: folder).suffix(Self.listLimit).reversed()
    listed = []
    isListing = true
  }

  /// Reads the next piece of each; what it says to the state.
  mutating func readOn() -> [Message] {
    var messages: [Message] = []
    for (path, reader) in readers {
      let events = reader.read(maximum: Self.pieceBytes)
      if events.isEmpty {
        end(path)
      } else {
        messages.append(.overlay(path: path, events: events))
      }
    }
    guard isListing else { return messages }
    if let next = toList.first {
      toList.removeFirst()
      listed.append(RunRow(next))
    }
    if toList.isEmpty {
      isListing = false
      listed.sort { ($0.changed ?? 0, $0.name) > ($1.changed ?? 0, $1.name) }
      messages.append(.runs(listed))
    }
    return messages
  }

  /// The end of a text file as harmless lines.
  static func lastLines(of path: String) -> [String] {
    guard let (descriptor, size) = try? FileReading.open(path) else { return [] }
    defer { FileReading.close(descriptor) }
    let start = max(0, size - (256 << 10))
    var tail = [UInt8](repeating: 0, count: size - start)
    let count = tail.withUnsafeMutableBytes { FileReading.read(descriptor, into: $0, at: start) }
    let lines = tail.prefix(max(0, count)).split(whereSeparator: { $0 == 0x0A || $0 == 0x0D })
    return lines.dropFirst(start > 0 ? 1 : 0).map { UntrustedText.clean(bytes: $0, limit: 500) }
  }
}

extension RunRow {
  /// Reads what the list says of a run.
  init(_ folder: RunFolder) {
    let summary = RunSummary(folder)
    self.init(
      path: folder.path, name: folder.name, state: summary.standing.rawValue, model: summary.model,
      epochs: summary.epochs, best: summary.best, changed: summary.changed,
      recipe: (try? FileReading.json(of: folder.recipePath, limit: 16 << 20)) ?? [:])
  }
}

extension HostReport {
  /// Looks at this machine; nil where it does not say.
  ///
  /// - Parameter gpu: where the GPU is plugged in that is looked at; nil for the first.
  static func now(gpu place: String? = nil) -> HostReport? {
    var load = 0.0
    guard let memory = HostMemory.usable, getloadavg(&load, 1) == 1 else { return nil }
    var report = HostReport(
      memory: memory, load: load,
      processors: max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
    report.gpu = graphics(place)
    return report
  }

  private static func graphics(_ place: String?) -> Graphics? {
    guard let library = try? ManagementLibrary.here.get(),
      let gpu = place.map(library.look(atPCIBusID:)) ?? library.look(at: 0)
    else { return nil }
    return Graphics(
      name: gpu.name, memory: gpu.memory.map { $0.used..<$0.total },
      utilisation: gpu.utilisation, temperature: gpu.temperature, power: gpu.power)
  }
}
