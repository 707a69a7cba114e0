import CPosix
import Glibc
import RunFiles
import RunLink
import Support
import TrainingAPI
import Wording

// The engine of one run, started by its keeper; people start `posetop`.

posetop_name_process("posetop-engine")
if let task = TaskArguments(Array(CommandLine.arguments.dropFirst())) {
  exit(runTask(task.name, TaskChannel(task.channel)) ? 0 : 1)
}
guard let arguments = EngineArguments(Array(CommandLine.arguments.dropFirst())) else {
  print(Sentence(RunSentence.engineByHand).text())
  exit(2)
}
let commands = CommandMailbox()
EngineSignals.install(commands: commands)
let link = EngineLink(descriptor: arguments.channel, commands: commands) {
  // Without a keeper nobody holds the log: another process may own the run by now, so nothing may
  // be written any more, not even by a thread that is in the middle of it.
  _exit(70)
}
let succeeded = runEngine(folder: RunFolder(arguments.run), link: link, mailbox: commands)
link.close()
exit(succeeded ? 0 : 1)
