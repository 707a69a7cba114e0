import Glibc
import RunFiles
import RunLink
import Support
import TrainingAPI

// Plays a training by the script in the variable SCRIPT, such as `steps=200 rate=100 crash=50`.

guard let arguments = EngineArguments(Array(CommandLine.arguments.dropFirst())) else { exit(2) }
let commands = CommandMailbox()
EngineSignals.install(commands: commands)
let link = EngineLink(descriptor: arguments.channel, commands: commands) { _exit(70) }
let script = Script(Environment.value("SCRIPT") ?? "")
var play = Play(
  script: script, folder: RunFolder(arguments.run), link: link, commands: commands)
let code = play.run()
link.close()
exit(code)
