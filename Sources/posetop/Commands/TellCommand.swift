import Glibc
import RunFiles
import RunLink
import Support
import TrainingAPI
import Wording

let tellCommand = Command(
  name: "tell", operands: "RUN COMMAND...",
  summary: "a command for a live training: lr 3e-4, pause, resume, save, evaluate, undo, stop",
  options: [OptionSpec("json", nil, nil, "the command's record as one JSON document")],
  stopsAtOperand: true,
  run: { (options) throws(UsageError) in
    guard let word = options.operands.first else {
      throw .operandMissing(command: "tell", operand: "RUN COMMAND")
    }
    let command: EngineCommand
    do throws(CommandError) {
      command = try EngineCommand(words: Array(options.operands.dropFirst()))
    } catch {
      throw .said(error.sentence)
    }
    let folder: RunFolder
    do throws(RunError) {
      folder = try RunLookup(liveRuns: liveRuns()).find(word, preferringLive: true)
    } catch {
      Output.sayError(error.sentence)
      return .failed
    }
    return tell(folder, command, asJSON: options.has("json"))
  })

/// Seconds to wait for the engine to take a command, and then to apply it.
private let (patienceForAnswer, patienceForStep) = (60.0, 10.0)

private func tell(_ folder: RunFolder, _ command: EngineCommand, asJSON: Bool) -> ExitCode {
  guard RunLock.isHeld(folder) else {
    Output.sayError(Sentence(CommandLineSentence.runNotLive, folder.name))
    return .failed
  }
  let link: ViewerLink
  do throws(LinkError) {
    link = try ViewerLink(folder, skippingHistory: true)
  } catch {
    Output.sayError(error.sentence)
    return .failed
  }
  let id = "tell-\(getpid())-\(Int(Clock.wall() * 1000))"
  let request = CommandRequest(id: id, by: requester("tell"), command: command)
  guard link.send(request) else {
    Output.sayError(LinkError.noAnswer(run: folder.name).sentence)
    return .failed
  }
  var accepted: CommandRecord?
  var end = Clock.monotonic() + patienceForAnswer
  while link.descriptor >= 0 {
    for case .command(let record) in link.drain().map(\.event) where record.id == id {
      if case .accepted = record.status {
        accepted = record
        end = Clock.monotonic() + patienceForStep
      } else {
        return show(record, asJSON)
      }
    }
    let left = end - Clock.monotonic()
    if left <= 0 || link.descriptor < 0 { break }
    var item = pollfd(fd: link.descriptor, events: Int16(POLLIN), revents: 0)
    poll(&item, 1, Int32(min(left, 5) * 1000))
  }
  if let accepted { return show(accepted, asJSON) }
  Output.sayError(Sentence(CommandLineSentence.commandPending, command.text))
  return .failed
}

private func show(_ record: CommandRecord, _ asJSON: Bool) -> ExitCode {
  let isRejected = if case .rejected = record.status { true } else { false }
  if asJSON {
    Output.print(TrainingEvent.command(record).fields.text)
  } else if isRejected {
    Output.sayError(sentence(of: record))
  } else {
    Output.say(sentence(of: record))
  }
  return isRejected ? .failed : .done
}

/// A command's fate in words.
func sentence(of record: CommandRecord) -> Sentence {
  switch record.status {
  case .accepted: Sentence(CommandLineSentence.commandAccepted, record.command, record.by)
  case .rejected(let reason):
    Sentence(CommandLineSentence.commandRejected, record.command, record.by, reason)
  case .applied(let step):
    if let change = record.change {
      Sentence(
        CommandLineSentence.commandChanged, record.command, record.by, step,
        NumberText.significant(change.from, 4), NumberText.significant(change.to, 4))
    } else {
      Sentence(CommandLineSentence.commandApplied, record.command, record.by, step)
    }
  }
}

/// Who asks, as the log shall say it: the role, the user and the process.
func requester(_ role: String) -> String {
  let user = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "\(getuid())"
  return "\(role) of \(user) (pid \(getpid()))"
}
