import Keeper
import RunFiles

/// The process that keeps a run; `train` starts it, nobody types it.
let keepCommand = Command(
  name: KeeperStart.command, operands: "--run PATH", summary: "keep a run",
  options: [
    OptionSpec("run", nil, "PATH", "the run's folder"),
    OptionSpec("engine", nil, "PATH", "another engine"),
  ],
  isHidden: true,
  run: { (options) throws(UsageError) in
    guard let path = options.value("run") else {
      throw .operandMissing(command: KeeperStart.command, operand: "--run PATH")
    }
    let code = Keeper.keep(RunFolder(path), enginePath: options.value("engine"))
    return code == 0 ? .done : .failed
  })
