import CPosix
import Glibc
import RunFiles
import RunLink
import Support
import TrainingAPI
import Wording

// The engine: of one run, started by its keeper, or for one answer, started by a command; people
// start `posetop`.

posetop_name_process("posetop-engine")
let words = Array(CommandLine.arguments.dropFirst())
if let job = JobArguments(words) {
  let channel = JobChannel(descriptor: job.channel)
  guard let request = channel.request() else { exit(EngineExit.failure) }
  exit(runJob(request, channel) ? 0 : 1)
}
guard let arguments = EngineArguments(words) else {
  print(Sentence(RunSentence.engineByHand).text())
  exit(2)
}
let commands = CommandMailbox()
EngineSignals.install(commands: commands)
let link = EngineLink(descriptor: arguments.channel, commands: commands) {
  // Without a keeper nobody holds the log: another process may own the run by now, so nothing may
  // be written any more, not even by a thread that is in the middle of it.
  _exit(EngineExit.failure)
}
let succeeded = runEngine(
  folder: RunFolder(arguments.run), halvesBatch: arguments.halvesBatch, link: link,
  mailbox: commands)
link.close()
exit(succeeded ? 0 : 1)
