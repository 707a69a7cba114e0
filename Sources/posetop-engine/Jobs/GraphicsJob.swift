import BackendCUDA
import NVIDIA
import Support
import Training
import TrainingAPI
import Wording

/// GPU, driver and libraries, for `posetop doctor`: opened here, because a library that ends its
/// process then ends no more than this answer.
let graphicsJob = EngineJobDefinition(name: "graphics") { (_, _) throws(JobError) in
  let libraries = NVIDIALibraries.load()
  let statement = GraphicsProcessor.statement(
    libraries, precision: CUDABackend.bestPrecision)
  let management = try? ManagementLibrary.here.get()
  // The management library knows devices that the driver cannot start.
  let name = libraries.processors.first?.name ?? management?.look(at: 0)?.name
  var found = JSONObject()
  for finding in libraries.findings { found[finding.library.rawValue] = finding.json }
  found[NVIDIALibrary.nvml.rawValue] = managementFinding().json
  var troubles: [JSONValue] = []
  if let trouble = statement.trouble {
    let message =
      name.map { Sentence(GraphicsSentence.unused, $0, trouble.reason) }
      ?? Sentence(GraphicsSentence.unusable, trouble.reason)
    troubles.append(entry("gpu-idle", message, trouble.cure))
  }
  if statement.isUsed, case .usable(_, let lacking) = libraries.usability {
    troubles += lacking.map {
      entry("gpu-slow", Sentence(GraphicsSentence.withoutLibrary, $0.reason), $0.cure)
    }
  }
  return [
    "gpu": name.map { .string($0) } ?? .null,
    "devices": .array(libraries.processors.map { device($0, management) }),
    "driver": management?.driverVersion.map { .string($0) } ?? .null,
    "cuda": libraries.driverVersion.map { .string("\($0)") } ?? .null,
    "usable": .bool(libraries.usability.isUsable), "used": .bool(statement.isUsed),
    "statement": .string(statement.text.text()), "libraries": .object(found),
    "troubles": .array(troubles),
  ]
}

private func entry(_ code: String, _ message: Sentence, _ cure: Sentence) -> JSONValue {
  ["code": .string(code), "message": message.json, "cure": cure.json]
}

private func managementFinding() -> LibraryFinding {
  do throws(ManagementError) {
    return try ManagementLibrary.here.get().finding
  } catch {
    return error.finding
  }
}

private func device(
  _ facts: GraphicsProcessorFacts, _ management: ManagementLibrary?
) -> JSONValue {
  let reading = management?.look(atPCIBusID: facts.pciBusID)
  return [
    "index": .integer(Int64(facts.index)), "name": .string(facts.name),
    "compute_capability": .string("\(facts.computeCapability)"),
    "memory": .integer(Int64(facts.memory)),
    "memory_used": reading?.memory.map { .integer(Int64($0.used)) } ?? .null,
    "multiprocessors": .integer(Int64(facts.multiprocessors)),
    "pci_bus_id": .string(facts.pciBusID),
  ]
}
