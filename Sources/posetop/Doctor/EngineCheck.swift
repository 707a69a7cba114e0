import Keeper
import RunLink
import Support
import Wording

/// The engine: whether it starts, and what it reaches.
let engineCheck = DoctorCheck(name: "engine") {
  var section = DoctorSection()
  do throws(KeeperError) {
    let report = try EngineJob.run(JobRequest("ceilings", [:])) { _ in }
    let flops = report["flops_per_second"]?.double ?? 0
    section.line("engine", report["device"]?.string ?? "")
    section.line("it reaches", reach(report))
    section.json = report.object ?? JSONObject()
    // A core with AVX2 reaches several times as much when nothing else runs.
    if flops / Double(HostProcessors.usable) < 8e9 {
      section.warn(
        "busy", Sentence(MachineSentence.slowProducts, NumberText.fixed(flops / 1e9, 0)),
        .slowProductsCure)
    }
  } catch {
    section.fail(
      "no-engine", Sentence(MachineSentence.noEngine, error.sentence), .noEngineCure)
  }
  return section
}
