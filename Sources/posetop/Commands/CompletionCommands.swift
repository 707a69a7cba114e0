import Wording

/// `posetop completions SHELL`: the script that `make install` puts where the shell looks.
let completionsCommand = Command(
  name: "completions", operands: "SHELL", summary: "the completion script of bash, zsh or fish",
  isHidden: true,
  run: { (options) throws(UsageError) in
    guard let shell = options.operands.first else {
      throw .operandMissing(
        command: "completions", operand: "a shell: \(ShellScripts.names.joined(separator: ", "))")
    }
    guard let text = ShellScripts.text(shell) else {
      throw .badValue(
        option: "SHELL", value: shell, expected: ShellScripts.names.joined(separator: ", "))
    }
    Output.print(text)
    return .done
  })

/// `posetop complete WORDS`: what those scripts ask.
let completeCommand = Command(
  name: "complete", operands: "WORD...", summary: "what may come next on a command line",
  stopsAtOperand: true, isHidden: true,
  run: { (options) throws(UsageError) in
    Output.print(Completion(options.operands, .ofThisMachine).text)
    return .done
  })

/// `posetop man`: the man page.
let manCommand = Command(
  name: "man", operands: "", summary: "the man page", isHidden: true,
  run: { (_) throws(UsageError) in
    Output.print(ManPage.text)
    return .done
  })
