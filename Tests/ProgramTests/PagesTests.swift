import Glibc
import RunFiles
import Support
import Testing

/// Completions, man page and help: what is made of the catalogue of commands.
@Suite("Pages of the program", .serialized, .enabled(if: programsFolder != nil, skipReason))
struct PagesTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  private func call(_ arguments: String...) throws -> Invocation {
    let call = try Invocation(place, arguments)
    call.wait()
    return call
  }

  private func complete(_ words: String...) throws -> [String] {
    let call = try Invocation(place, ["complete", "--"] + words)
    call.wait()
    #expect(call.code == 0, "\(call.errors)")
    return call.output.split(separator: "\n").map { line in
      String(line.prefix { $0 != "\t" })
    }
  }

  @Test("completion knows commands, options, models, losses, themes, topics and runs")
  func completes() throws {
    #expect(try complete("").contains("predict"))
    #expect(!(try complete("").contains("keep")))
    #expect(try complete("pre") == ["predict", ":none"])
    #expect(try complete("train", "--mod") == ["--model", ":none"])
    let models = try complete("train", "--model", "")
    #expect(models.contains("resnet50") && models.contains("hrnet-w32"))
    #expect(try complete("train", "--loss", "w").contains("wing"))
    #expect(try complete("attach", "--theme", "def").contains("default"))
    #expect(try complete("train", "--head", "") == ["regression", "heatmap", "simcc", ":none"])
    #expect(try complete("export", "x", "--to", "o") == ["onnx", ":none"])
    #expect(try complete("help", "conv") == ["converge", ":none"])
    #expect(try complete("train", "") == [":files"])
    #expect(try complete("figures", "") == [":folders"])
    #expect(try complete("predict", "x", "a", "") == [":files"])
    #expect(try complete("attach", "x", "") == [":none"])
    #expect(try complete("nowhere", "") == [":none"])
    try Path.makeFolders(place.file("runs/first"))
    try DurableFile.commit(place.file("runs/first/recipe.json"), bytes: Array("{}".utf8))
    #expect(try complete("attach", "") == ["first", ":none"])
    #expect(try complete("predict", "f") == ["first", ":files"])
    #expect(try complete("tell", "first", "ro") == ["rollback", ":none"])
  }

  @Test("bash loads its script and completes with it")
  func bash() throws {
    let script = try call("completions", "bash")
    #expect(script.code == 0)
    try DurableFile.commit(place.file("posetop.bash"), bytes: Array(script.output.utf8))
    let program = Path.join(try #require(programsFolder), "posetop")
    let test = """
      source \(place.file("posetop.bash"))
      COMP_WORDS=(\(program) train --model resnet1); COMP_CWORD=3
      _posetop; echo "${COMPREPLY[*]}"
      """
    try DurableFile.commit(place.file("test.bash"), bytes: Array(test.utf8))
    let out = place.file("out")
    #expect(system("bash \(place.file("test.bash")) >\(out) 2>&1") == 0)
    let text = String(decoding: try FileReading.bytes(of: out, limit: 4096), as: UTF8.self)
    #expect(text == "resnet18\nresnet101\n" || text == "resnet18 resnet101\n", "\(text)")
    for (shell, check) in [("zsh", "zsh -n"), ("fish", "fish -n")] {
      let script = try call("completions", shell)
      #expect(script.code == 0 && script.output.contains("posetop complete") == false)
      guard system("command -v \(shell) >/dev/null") == 0 else {
        print("skipped: there is no \(shell) here to read its script")
        continue
      }
      let file = place.file("posetop.\(shell)")
      try DurableFile.commit(file, bytes: Array(script.output.utf8))
      #expect(system("\(check) \(file)") == 0)
    }
    #expect(try call("completions", "tcsh").code == 2)
  }

  @Test("the man page names every command and option, and roff reads it without a warning")
  func man() throws {
    let page = try call("man")
    #expect(page.code == 0)
    for word in ["predict", "doctor", "unfreeze\\-at", "SH MEMORY", "EXIT STATUS"] {
      #expect(page.output.contains(word), "\(word)")
    }
    try DurableFile.commit(place.file("posetop.1"), bytes: Array(page.output.utf8))
    guard system("command -v groff >/dev/null") == 0 else {
      print("skipped: there is no groff here to read the man page")
      return
    }
    let out = place.file("warnings")
    #expect(system("groff -man -Tutf8 -ww \(place.file("posetop.1")) >/dev/null 2>\(out)") == 0)
    #expect(try FileReading.bytes(of: out, limit: 4096).isEmpty)
  }

  @Test(
    "help answers topics, commands and the tutorial's questions",
    arguments: [
      (["rates"], "warmup"), (["it does not converge"], "overfit8"),
      (["predictions", "are", "off"], "convention"), (["export"], "--to onnx"),
      (["predict"], "--detections"), (["batch"], "--accumulate"), (["losses"], "ohkm"),
      (["gpu"], "POSETOP_CUDA_LIBS"), (["cuda"], "--device auto"),
    ] as [([String], String)])
  func topics(_ words: [String], _ content: String) throws {
    let page = try Invocation(place, ["help"] + words)
    page.wait()
    #expect(page.code == 0 && page.output.contains(content), "\(page.output)")
  }
}
