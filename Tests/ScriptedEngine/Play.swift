import Glibc
import RunFiles
import RunLink
import Support
import TrainingAPI
import Wording

/// A made-up training that obeys commands as the real one does.
struct Play {
  let script: Script
  let folder: RunFolder
  let link: EngineLink
  let commands: CommandMailbox
  var rate = 1e-3
  var previousRate: Double?
  var step = 0
  var isPaused = false
  var wantsStop = false

  init(script: Script, folder: RunFolder, link: EngineLink, commands: CommandMailbox) {
    self.script = script
    self.folder = folder
    self.link = link
    self.commands = commands
  }

  mutating func run() -> Int32 {
    let epochs = (script.steps + script.epochSteps - 1) / script.epochSteps
    let saved = try? FileReading.json(of: statePath, limit: 4096)
    step = saved?["step"]?.int ?? 0
    guard link.cut(to: saved?["number"]?.int ?? 0) != nil else { return 1 }
    if step > 0 { link.publish(.resumed(step: step)) }
    link.publish(
      .planned(
        PlanReport(
          model: "scripted", recipe: ["lr": 0.001], parameters: 1234, trainableParameters: 1234,
          bytes: [("total", 4096)], epochs: epochs, stepsPerEpoch: script.epochSteps,
          totalSteps: script.steps, trainSamples: 320, validationSamples: 80,
          keypoints: ["nose"], device: "cpu", withoutGPU: nil, bestMetric: "AP")))
    link.publish(.state(.running))
    while step < script.steps, !wantsStop {
      takeCommands()
      if isPaused {
        commands.wait(seconds: 1)
        continue
      }
      if wantsStop { break }
      playStep()
    }
    return finish()
  }

  private mutating func playStep() {
    step += 1
    if script.rate > 0 { usleep(UInt32(1e6 / script.rate)) }
    let loss = 1 / Double(step)
    link.publish(
      .step(
        StepReport(
          step: step, epoch: epoch, loss: loss, learningRate: rate, imagesPerSecond: 512,
          dataWait: 0.01)))
    if step == script.crash { crash() }
    if script.badPictures.contains(step) { decode("bad-\(step).jpg") }
    if script.saveEvery > 0, step % script.saveEvery == 0 { save() }
    guard step % script.epochSteps == 0 else { return }
    link.publish(
      .epoch(
        EpochReport(
          epoch: epoch, step: step, trainLoss: loss, validationLoss: loss * 1.1,
          metrics: [("AP", 1 - loss)], keypointErrors: [loss], keypointPCK: [1 - loss],
          isBest: true, trainSeconds: 1, validationSeconds: 0.1)))
  }

  private var epoch: Int { (max(step, 1) - 1) / script.epochSteps + 1 }

  private var statePath: String { Path.join(folder.path, "scripted.json") }

  private func save() {
    guard let number = link.flush() else { return }
    let state: JSONValue = ["step": .integer(Int64(step)), "number": .integer(Int64(number))]
    try? DurableFile.commit(statePath, bytes: Array(state.text.utf8))
    link.publish(
      .checkpoint(CheckpointReport(step: step, kind: "state", file: "scripted.json", seconds: 0)))
  }

  /// Decodes a picture that kills the decoder, unless it is set aside.
  private func decode(_ name: String) {
    let path = Path.join(folder.path, name)
    if Quarantine(folder).files.contains(path) { return }
    // The crash reporter forks in a way that no sanitizer knows; the notes come before what is there.
    if getenv("TSAN_OPTIONS") != nil || getenv("ASAN_OPTIONS") != nil { signal(SIGSEGV, SIG_DFL) }
    CrashNotes.open(folder.notesPath, slots: 4)
    WorkerThread(name: "loader") {
      CrashNotes(slot: 2).noting(path) {
        UnsafeMutableRawPointer(bitPattern: 64)?.storeBytes(of: 1, as: UInt8.self)
      }
    }.join()
  }

  private func crash() {
    _ = link.flush()
    let path = Path.join(folder.path, "lives")
    let lives = (try? FileReading.json(of: path, limit: 64))?.int ?? 0
    if lives >= script.lives { return }
    try? DurableFile.commit(path, bytes: Array("\(lives + 1)".utf8))
    print("the script says: crash now")
    fflush(nil)
    if script.signal == 0 { _exit(9) }
    signal(Int32(script.signal), SIG_DFL)
    raise(Int32(script.signal))
    _exit(9)
  }

  private mutating func takeCommands() {
    for request in commands.drain() {
      var record = CommandRecord(
        id: request.id, by: request.by, command: request.command.text, status: .accepted)
      if request.command == .undoLearningRate, previousRate == nil {
        record.status = .rejected(Sentence(RunSentence.commandEmpty))
        link.publish(.command(record))
        continue
      }
      link.publish(.command(record))
      record.change = apply(request.command)
      record.status = .applied(step: step)
      link.publish(.command(record))
    }
  }

  private mutating func apply(_ command: EngineCommand) -> (from: Double, to: Double)? {
    let before = rate
    switch command {
    case .pause:
      isPaused = true
      link.publish(.state(.paused))
      return nil
    case .resume:
      isPaused = false
      link.publish(.state(.running))
      return nil
    case .step:
      if isPaused { playStep() }
      return nil
    case .stop:
      wantsStop = true
      return nil
    case .save, .evaluate, .rollBack, .freeze, .augment, .keypointWeight, .heatmap, .profile:
      return nil
    case .learningRate(.value(let value)), .learningRate(.hold(let value)),
      .learningRate(.anew(let value)):
      rate = value
    case .learningRate(.factor(let factor)): rate *= factor
    case .undoLearningRate: rate = previousRate ?? rate
    }
    previousRate = before
    return (before, rate)
  }

  private func finish() -> Int32 {
    link.publish(.state(.saving))
    link.publish(
      .checkpoint(
        CheckpointReport(step: step, kind: "last", file: "last.safetensors", seconds: 0.01)))
    link.publish(.state(.finished))
    link.publish(
      .finished(
        FinishReport(
          reason: wantsStop ? .stopped : .completed, step: step, epoch: epoch, bestEpoch: epoch)))
    return link.flush() == nil ? 1 : 0
  }
}
