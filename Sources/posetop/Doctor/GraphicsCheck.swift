import Keeper
import RunLink
import Support
import TrainingAPI
import Wording

/// GPU, driver and CUDA's libraries, as the engine finds them.
let graphicsCheck = DoctorCheck(name: "gpu") {
  var section = DoctorSection()
  let report: JSONValue
  do throws(KeeperError) {
    report = try EngineJob.run(JobRequest("graphics", [:])) { _ in }
  } catch {
    section.line("GPU", "unknown")
    section.json["gpu"] = .null
    section.json["used"] = false
    section.warn(
      "gpu-unknown", Sentence(GraphicsSentence.unanswered, error.sentence),
      cure: Sentence(GraphicsSentence.unansweredCure))
    return section
  }
  section.json = report.object ?? JSONObject()
  section.json["troubles"] = nil
  for device in report["devices"]?.array ?? [] { section.line("GPU", describe(device, report)) }
  let libraries = report["libraries"]?.object?.members ?? []
  let shown = libraries.filter { !["driver", "nvml", "nvrtc-builtins"].contains($0.key) }
  // Where there is nothing, one line says so.
  let isAnyFound = shown.contains { $0.value["found"]?.bool == true }
  if isAnyFound || report["libraries"]?["driver"]?["found"]?.bool == true {
    for (name, library) in shown {
      section.line(library["title"]?.string ?? name, describe(library))
    }
  }
  section.line(
    report["devices"]?.array?.isEmpty == false ? "so" : "GPU", report["statement"]?.string ?? "")
  for trouble in report["troubles"]?.array ?? [] {
    guard let message = Sentence(json: trouble["message"]),
      let cure = Sentence(json: trouble["cure"])
    else { continue }
    section.warn(trouble["code"]?.string ?? "", message, cure: cure)
  }
  if report["used"]?.bool == true { measure(&section) }
  return section
}

/// What the GPU reaches; a warning where it does not compute at all.
private func measure(_ section: inout DoctorSection) {
  do throws(KeeperError) {
    let ceilings = try EngineJob.run(JobRequest("ceilings", ["device": "cuda"])) { _ in }
    section.line("it reaches", reach(ceilings))
    section.json["ceilings"] = ceilings
  } catch {
    section.json["ceilings"] = .null
    section.warn(
      "gpu-fails", Sentence(GraphicsSentence.fails, error.sentence),
      cure: Sentence(GraphicsSentence.failsCure))
  }
}

/// `1750 GFLOP/s in matrix products, 41.2 GB/s in copies`.
func reach(_ ceilings: JSONValue) -> String {
  let flops = ceilings["flops_per_second"]?.double ?? 0
  let bytes = ceilings["bytes_per_second"]?.double ?? 0
  return "\(NumberText.fixed(flops / 1e9, 0)) GFLOP/s in matrix products, "
    + "\(NumberText.fixed(bytes / 1e9, 1)) GB/s in copies"
}

/// `NVIDIA H100 80GB HBM3, 79.6 GiB, compute capability 9.0, 132 multiprocessors, driver 580.95.05`.
private func describe(_ device: JSONValue, _ report: JSONValue) -> String {
  var parts = [
    device["name"]?.string ?? "", NumberText.bytes(device["memory"]?.int ?? 0),
    "compute capability \(device["compute_capability"]?.string ?? "")",
    "\(device["multiprocessors"]?.int ?? 0) multiprocessors",
  ]
  if let driver = report["driver"]?.string { parts.append("driver \(driver)") }
  if let cuda = report["cuda"]?.string { parts.append("CUDA \(cuda)") }
  return parts.joined(separator: ", ")
}

/// `13.0 at /opt/…/libnvrtc.so.13`, or why there is none.
private func describe(_ library: JSONValue) -> String {
  guard library["found"]?.bool == true, let file = library["file"]?.string else {
    return "no: \(library["reason"]?.string ?? "")"
  }
  return (library["version"]?.string.map { "\($0) at " } ?? "") + file
}
