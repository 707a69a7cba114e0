import RunFiles
import Support
import Wording

let runsCommand = Command(
  name: "runs", operands: "[FOLDER]", summary: "list runs",
  options: [OptionSpec("json", nil, nil, "one JSON document on stdout")],
  run: { (options) throws(UsageError) in
    if options.operands.count > 1 {
      throw .tooManyOperands(command: "runs", word: options.operands[1])
    }
    let folder = options.operands.first ?? RunNaming.runsFolder
    var runs = RunLookup.runs(in: folder)
    if options.operands.isEmpty {
      runs = RunLookup(liveRuns: liveRuns()).knownRuns()
    } else if !Path.isFolder(folder) {
      Output.sayError(RunError.noRuns(folder: folder).sentence)
      return .failed
    }
    let summaries = runs.map { RunSummary($0) }
    if options.has("json") {
      Output.print(JSONValue.array(summaries.map(\.json)).text)
    } else if summaries.isEmpty {
      Output.say(Sentence(CommandLineSentence.noRunsListed, folder))
    } else {
      Output.print(table(summaries))
    }
    return .done
  })

private func table(_ summaries: [RunSummary]) -> String {
  var rows = [["RUN", "STATE", "MODEL", "EPOCH", "STEP", "BEST", "CHANGED"]]
  for run in summaries {
    let best = run.best.map {
      $0.value.isFinite ? "\($0.name) \(NumberText.significant($0.value, 4))" : "-"
    }
    let age = run.changed.map { NumberText.duration(max(0, Clock.wall() - $0)) + " ago" }
    rows.append([
      UntrustedText.clean(run.folder.name), run.standing.rawValue, UntrustedText.clean(run.model),
      "\(run.epochs.done)/\(run.epochs.planned)", "\(run.step)", UntrustedText.clean(best ?? "-"),
      age ?? "-",
    ])
  }
  let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
  return rows.map { row in
    zip(row, widths).map { $0.padded(to: $1) }.joined(separator: "  ").trimmedRight
  }.joined(separator: "\n")
}

/// The live runs of this user; none when the registry cannot be used.
func liveRuns() -> [RunFolder] { (try? RunRegistry.open())?.liveRuns() ?? [] }
