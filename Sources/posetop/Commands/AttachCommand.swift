import RunFiles
import RunLink
import TrainingAPI
import Wording

let attachCommand = Command(
  name: "attach", operands: "[RUN]", summary: "open the dashboard on a live or ended training",
  options: [OptionSpec("readonly", "r", nil, "watch only: send no commands")] + viewOptions,
  run: { (options) throws(UsageError) in
    if options.operands.count > 1 {
      throw .tooManyOperands(command: "attach", word: options.operands[1])
    }
    useSafeBacktraces(options)
    do throws(RunError) {
      let folder = try RunLookup(liveRuns: liveRuns()).find(options.operands.first)
      return watch(folder, options)
    } catch {
      Output.sayError(error.sentence)
      return .failed
    }
  })
