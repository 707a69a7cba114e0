import Support
import Wording

/// Memory of the machine, and what the control groups leave.
let memoryCheck = DoctorCheck(name: "memory") {
  var section = DoctorSection()
  let machine = HostMemory.machine
  let available = HostMemory.available()
  let isLimited = available.map { $0 < (machine?.available ?? .max) } ?? false
  var text = "\(machine.map { NumberText.bytes($0.total) } ?? "unknown")"
  if let available { text += ", \(NumberText.bytes(available)) free for a training" }
  if isLimited { text += " (by the control group)" }
  section.line("memory", text)
  section.json["total"] = machine.map { .integer(Int64($0.total)) } ?? .null
  section.json["available"] = available.map { .integer(Int64($0)) } ?? .null
  section.json["limited_by_control_group"] = .bool(isLimited)
  if let available, available < 1 << 30 {
    section.warn(
      "memory-low", Sentence(MachineSentence.fewFree, NumberText.bytes(available)), .fewFreeCure)
  }
  return section
}
