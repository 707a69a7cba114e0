import RunLink
import Support
import Testing
import TrainingAPI
import Wording

@Suite("Events and commands")
struct EventTests {
  static let reason = Sentence(RunSentence.runIsOver)

  static let plan: PlanReport = {
    var plan = PlanReport(
      model: "lite", recipe: ["lr": 0.001, "shuffle": true], parameters: 123_456,
      trainableParameters: 123_000, bytes: [("weights", 1), ("total", 1 << 40)], epochs: 50,
      stepsPerEpoch: 7, totalSteps: 350, trainSamples: 224, validationSamples: 56,
      keypoints: ["nose", "left eye"], device: "cpu, 2 threads", withoutGPU: reason,
      bestMetric: "AP")
    plan.schema = 1
    return plan
  }()

  static let planOnGPU: PlanReport = {
    var plan = EventTests.plan
    plan.withoutGPU = nil
    plan.bytes.append(("driver", 500 << 20))
    plan.gpu = GraphicsPlacement(
      pciBusID: "0000:65:00.0", capacity: 80 << 30, hostBytes: [("input", 7), ("workspace", 9)])
    return plan
  }()

  static let events: [TrainingEvent] = [
    .planned(plan), .planned(planOnGPU), .state(.running), step(3),
    .step(
      StepReport(
        step: 60, epoch: 2, loss: 0.5, learningRate: 1e-4, imagesPerSecond: 99.5, dataWait: 0.25,
        count: 10, range: 0.25...0.75)),
    .epoch(
      EpochReport(
        epoch: 3, step: 21, trainLoss: 0.1, validationLoss: 0.2,
        metrics: [("AP", 0.5), ("PCK@0.1", 0.75)], keypointErrors: [0.1, .nan],
        keypointPCK: [0.9, .nan], isBest: true, trainSeconds: 2.5, validationSeconds: 0.5,
        errorKinds: [[5, 4, 3, 2, 1], [0, 0, 0, 0, 9]], meanPoseMetrics: [("AP", 0.125)])),
    .command(CommandRecord(id: "a-1", by: "x (pid 1)", command: "pause", status: .accepted)),
    .command(
      CommandRecord(id: "a-2", by: "x (pid 1)", command: "undo", status: .rejected(reason))),
    .command(
      CommandRecord(
        id: "a-3", by: "x (pid 1)", command: "lr 0.1", status: .applied(step: 9),
        change: (0.2, 0.1))),
    .checkpoint(CheckpointReport(step: 9, kind: "best", file: "best.safetensors", seconds: 0.1)),
    .notice(Notice(.warning, reason)), .resumed(step: 8), .restarted(reason: reason),
    .finished(FinishReport(reason: .stopped, step: 9, epoch: 2, bestEpoch: 1)), .failed(reason),
  ]

  @Test("every event comes back from its line as it was", arguments: events)
  func roundTrip(event: TrainingEvent) throws {
    let logged = LoggedEvent(number: 17, time: 1_700_000_000.125, event: event)
    let line = logged.json.text
    let back = LoggedEvent(json: try JSONValue(parsing: line))
    #expect(back?.number == 17)
    #expect(back?.time == logged.time)
    // NaN is null in JSON and unequal to itself, so the texts are compared.
    #expect(back?.json.text == line)
  }

  @Test("an event of a newer version is kept by its name")
  func unknownEvent() throws {
    let json = try JSONValue(parsing: "{\"time\":1,\"event\":\"telepathy\",\"number\":4}")
    #expect(LoggedEvent(json: json)?.event == .unknown(name: "telepathy"))
  }

  @Test("a line without its fields is no known event and no trap")
  func missingFields() throws {
    for name in Set(Self.events.map(\.name)) {
      let json = try JSONValue(parsing: "{\"time\":1,\"event\":\"\(name)\"}")
      #expect(LoggedEvent(json: json)?.event == .unknown(name: name))
    }
  }

  @Test("commands read back from their own words", arguments: EngineCommand.words)
  func commandWords(word: String) throws {
    let arguments = [
      "lr": ["3e-4"], "freeze": ["stages:2"], "augment": ["x1.5"], "weight": ["wrist", "2"],
    ]
    let words = [word] + (arguments[word] ?? [])
    let command = try EngineCommand(words: words)
    let again = command.text.split(separator: " ").map(String.init)
    #expect(try EngineCommand(words: again) == command)
  }

  @Test("the rate is a value or a factor, and nothing else")
  func learningRates() throws {
    #expect(try EngineCommand(words: ["lr", "3e-4"]) == .learningRate(.value(3e-4)))
    #expect(try EngineCommand(words: ["lr", "x0.5"]) == .learningRate(.factor(0.5)))
    for (words, change) in [
      (["lr", "3e-4", "hold"], LearningRateChange.hold(3e-4)),
      (["lr", "3e-4", "anew"], .anew(3e-4)), (["lr", "3e-4", "scale"], .value(3e-4)),
    ] {
      let command = EngineCommand.learningRate(change)
      #expect(try EngineCommand(words: words) == command)
      #expect(
        try EngineCommand(words: command.text.split(separator: " ").map(String.init)) == command)
    }
    #expect(throws: CommandError.self) { try EngineCommand(words: ["lr", "x0.5", "hold"]) }
    for text in ["0", "-1", "nan", "inf", "x0", "x", "1e999", "3 e-4", "٣"] {
      #expect(throws: CommandError.self) { try EngineCommand(words: ["lr", text]) }
    }
    #expect(throws: CommandError.self) { try EngineCommand(words: ["lr"]) }
    #expect(throws: CommandError.self) { try EngineCommand(words: ["lr", "1", "2"]) }
    #expect(throws: CommandError.nothingExpected(command: "pause")) {
      try EngineCommand(words: ["pause", "now"])
    }
  }

  @Test("an augmentation is a preset, or its strength with or without an x")
  func augmentations() throws {
    #expect(try EngineCommand(words: ["augment", "light"]) == .augment(.preset("light")))
    for text in ["x0.5", "0.5"] {
      #expect(try EngineCommand(words: ["augment", text]) == .augment(.strength(0.5)))
    }
    for text in ["x", "-1", "nan", "inf", "1e9", "xlight"] {
      #expect(throws: CommandError.self) { try EngineCommand(words: ["augment", text]) }
    }
  }

  @Test("an unknown command names the nearest one")
  func nearestCommand() {
    #expect(throws: CommandError.unknown(word: "puase", nearest: "pause")) {
      try EngineCommand(words: ["puase"])
    }
    #expect(throws: CommandError.empty) { try EngineCommand(words: []) }
  }

  @Test("a request from another process is cut and made harmless")
  func hostileRequest() throws {
    let by = "\u{1B}[2Jevil" + String(repeating: "x", count: 5000)
    let json: JSONValue = ["command": "pause", "id": "1", "by": .string(by)]
    let request = try #require(CommandRequest(json: json))
    #expect(request.by.unicodeScalars.count <= 101)
    #expect(!request.by.unicodeScalars.contains("\u{1B}"))
    #expect(CommandRequest(json: ["command": "explode", "id": "1", "by": "x"]) == nil)
    #expect(CommandRequest(json: ["command": "pause"]) == nil)
    #expect(CommandRequest(json: []) == nil)
  }
}

@Suite("Recipes")
struct RecipeTests {
  @Test("a recipe comes back from its JSON as it was")
  func roundTrip() throws {
    var recipe = RunRecipe()
    let texts = [
      "dataset": "/d", "model": "lite", "input": "96x128", "lr": "0.001", "shuffle": "false",
      "split": "file-order", "val-fraction": "0.25", "threads": "3", "weight-decay": "0",
    ]
    for (name, text) in texts { try recipe.set(name, text: text) }
    var back = RunRecipe()
    try back.merge(try JSONValue(parsing: recipe.json.prettyText))
    #expect(back == recipe)
    #expect(back.inputWidth == 96 && back.inputHeight == 128 && back.shuffle == false)
  }

  @Test("an unknown key names the nearest one")
  func unknownKey() throws {
    var recipe = RunRecipe()
    #expect(throws: RecipeError.unknownKey(name: "epocs", nearest: "epochs")) {
      try recipe.merge(["epocs": 3])
    }
    #expect(throws: RecipeError.notAnObject) { try recipe.merge([1]) }
  }

  @Test("a value out of range says what it must be")
  func badValues() {
    let wrong = [
      ("epochs", "0"), ("lr", "nan"), ("lr", "-1"), ("input", "96"), ("input", "1x1"),
      ("batch", "1e3"), ("val-fraction", "1"), ("shuffle", "perhaps"), ("device", "tpu"),
      ("seed", "99999999999999999999"), ("input", "96x99999999999999999999"),
    ]
    for (name, text) in wrong {
      var recipe = RunRecipe()
      #expect(throws: RecipeError.self, "\(name) \(text)") { try recipe.set(name, text: text) }
    }
  }
}
