import Report
import RunFiles
import Support
import Wording

let reportCommand = Command(
  name: "report", operands: "[RUN] -o FILE",
  summary: "a run as one self-contained page: curves, keypoints, worst samples, settings",
  options: [
    OptionSpec("output", "o", "FILE", "where to write the page (default: RUN's name.html)")
  ],
  run: { (options) throws(UsageError) in
    if options.operands.count > 1 {
      throw .tooManyOperands(command: "report", word: options.operands[1])
    }
    do throws(RunError) {
      let run = try RunLookup(liveRuns: liveRuns()).find(options.operands.first)
      let page = try RunPage(run)
      let output = options.value("output") ?? "\(run.name).html"
      do throws(FileError) {
        try DurableFile.commit(Path.absolute(output), bytes: Array(page.html.utf8))
      } catch {
        Output.sayError(error.sentence)
        return .failed
      }
      Output.say(Sentence(CommandLineSentence.pageWritten, output, page.epochs))
      return .done
    } catch {
      Output.sayError(error.sentence)
      return .failed
    }
  })
