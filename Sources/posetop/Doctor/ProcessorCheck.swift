import CPosix
import Support
import Wording

/// Processor, instruction sets, cores.
let processorCheck = DoctorCheck(name: "processor") {
  var section = DoctorSection()
  let facts = ProcessorFacts()
  let level = Int(posetop_cpu_level())
  let (installed, allowed) = (HostProcessors.installed, HostProcessors.allowed)
  let quota = HostProcessors.quota
  let sets = facts.sets.isEmpty ? "none that matter here" : facts.sets.joined(separator: ", ")
  section.line("processor", facts.name)
  section.line("instruction sets", "\(sets); kernels for x86-64-v\(max(level, 2))")
  var cores = "\(allowed) of \(installed) allowed"
  if let quota { cores += ", time of \(NumberText.significant(quota, 3)) by the control group" }
  if HostProcessors.usable < allowed {
    cores += ": \(HostProcessors.usable) threads unless you say more"
  }
  section.line("cores", cores)
  section.json["name"] = .string(UntrustedText.clean(facts.name))
  section.json["instruction_sets"] = .array(facts.sets.map { .string($0) })
  section.json["kernel_level"] = .integer(Int64(level))
  section.json["cores"] = .integer(Int64(installed))
  section.json["cores_allowed"] = .integer(Int64(allowed))
  section.json["cores_quota"] = quota.map { .finite($0) } ?? .null
  if level < 3 {
    section.warn("no-avx2", Sentence(MachineSentence.noVectors), .noVectorsCure)
  }
  return section
}

/// What the system says of the processor.
private struct ProcessorFacts {
  private(set) var name = "unknown"
  /// The instruction sets that kernels make use of.
  private(set) var sets: [String] = []

  init() {
    guard let text = SystemFile.text("/proc/cpuinfo") else { return }
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let key = parts[0].split { $0 == "\t" || $0 == " " }.joined(separator: " ")
      if key == "model name" { name = String(parts[1].drop { $0 == " " }) }
      if key == "flags" {
        let flags = Set(parts[1].split(separator: " "))
        let known: [(Substring, String)] = [
          ("avx2", "AVX2"), ("fma", "FMA"), ("avx512f", "AVX-512"),
          ("avx512_bf16", "AVX512_BF16"), ("amx_bf16", "AMX"),
        ]
        sets = known.filter { flags.contains($0.0) }.map(\.1)
        return
      }
    }
  }
}
