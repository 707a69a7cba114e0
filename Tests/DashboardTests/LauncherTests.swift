import Pose
import Support
import TerminalUI
import TestSupport
import Testing
import TrainingAPI
import Wording

@testable import Dashboard

/// A launcher that has been told everything.
enum LauncherFixtures {
  static let plan: JSONValue = [
    "model": "lite", "device": "cpu, 2 threads, AVX-512", "parameters": 2_186_993,
    "trainable_parameters": 2_186_993, "flops_forward": 1_210_000_000,
    "bytes": [
      "weights": 8_800_000, "gradients": 8_700_000, "optimizer": 17_500_000,
      "activations": 318_000_000, "workspace": 42_000_000, "input": 9_400_000,
      "checkpoint": 26_300_000, "total": 404_400_000,
    ],
    "recipe": [
      "model": "lite", "head": "heatmap", "loss": "heatmap-mse", "input": "96x128", "batch": 32,
      "epochs": 60, "lr": 0.002, "optimizer": "adamw", "schedule": "cosine", "augment": "light",
      "val-fraction": 0.2, "threads": 2,
    ],
  ]
  static let choices: JSONValue = [
    "model": ["lite", "cnn", "resnet18"], "head lite": ["heatmap"],
    "head resnet18": ["heatmap", "regression", "simcc"], "head cnn": ["regression"],
    "loss heatmap": ["heatmap-mse", "ohkm"], "loss regression": ["mse", "wing"],
    "input": ["96x128", "192x256"], "optimizer": ["sgd", "adam", "adamw"],
    "schedule": ["constant", "cosine"], "augment": ["none", "light", "standard"],
  ]
  static let finding: JSONValue = [
    "severity": "warning", "code": "pointOutsideImage", "file": "annotations.json",
    "message": "left_wrist lies at (130, 44), outside the picture of 96 x 128 pixels.",
  ]

  /// A launcher with two data sets, of which the first was looked at.
  static func state(width: Int = 80, height: Int = 24, memory: Int = 17 << 30) -> LauncherState {
    var state = LauncherState()
    _ = state.update(.resize(width: width, height: height))
    _ = state.update(.tick(now: 1_760_000_000))
    _ = state.update(
      .host(HostReport(memory: (25 << 30, memory), load: 0.4, processors: 2)))
    _ = state.update(.engine(EngineChoices(json: choices)))
    var seed = RunRecipe()
    seed.model = "cnn"
    seed.learningRate = 0.001
    _ = state.update(
      .choices(
        datasets: [
          DatasetChoice(path: "datasets.example/seed", isRecent: true),
          DatasetChoice(path: "datasets.example/coco", isRecent: false),
        ],
        recipes: [
          RecipeChoice(name: "default", recipe: RunRecipe()),
          RecipeChoice(name: "= cnn-0312-0700", recipe: seed),
        ]))
    _ = state.update(
      .runs(
        ["lite-0314-0912", "cnn-0312-0700"].enumerated().map { index, name in
          RunRow(
            path: "/runs/\(name)", name: name, state: ["live", "interrupted"][index],
            model: index == 0 ? "lite" : "cnn", epochs: (8 - index, 12),
            best: ("AP", 0.7 - 0.1 * Double(index)),
            changed: 1_760_000_000 - 3000 * Double(index + 1), recipe: [:])
        }))
    _ = state.update(
      .checked(
        path: "datasets.example/seed",
        summary: ["format": "seed", "records": 1000, "samples": 998, "images": 1000],
        findings: [finding, finding]))
    _ = state.update(.planned(recipe: RunRecipe(), plan: plan))
    _ = state.update(.samples(recipe: state.recipe, Fixtures.previews))
    _ = state.update(.measured(secondsPerStep: 0.31))
    return state
  }

  static func press(_ state: inout LauncherState, _ keys: Key...) -> [LauncherEffect] {
    keys.flatMap { state.update(.key($0)) }
  }
}

@Suite("The launcher")
struct LauncherTests {
  private func press(_ state: inout LauncherState, _ keys: Key...) -> [LauncherEffect] {
    keys.flatMap { state.update(.key($0)) }
  }

  @Test("It looks as recorded", arguments: GoldenTests.sizes)
  func golden(_ width: Int, _ height: Int) throws {
    for (suffix, glyphs) in GoldenTests.looks {
      let state = LauncherFixtures.state(width: width, height: height)
      let surfaces = GoldenTests.depths.map { depth in
        state.render(
          Look(theme: .standard, capabilities: Capabilities(glyphs: glyphs, depth: depth)))
      }
      let digests = zip(GoldenTests.depths, surfaces).map { depth, surface in
        "\(depth) \(Golden.digest(surface))"
      }
      try Golden.expect(
        glyphs == .ascii ? surfaces[0] : surfaces[2], digests,
        "launcher-\(width)x\(height)-\(suffix)")
    }
  }

  @Test("What is typed takes the place of a suggested value; erasing changes the suggestion")
  func suggestion() throws {
    var state = LauncherFixtures.state(width: 80, height: 24)
    let row = try #require(LauncherSetting.all.firstIndex { $0.name == "epochs" })
    _ = press(&state, .tab)
    for _ in 0..<row { _ = press(&state, .down) }
    _ = press(&state, .character("e"), .character("1"), .character("4"), .enter)
    #expect(state.asked.epochs == 14)
    _ = press(&state, .character("e"), .backspace, .character("5"), .enter)
    #expect(state.asked.epochs == 15)
    _ = press(&state, .character("e"), .enter)
    #expect(state.asked.epochs == 15)
  }

  @Test("300 seeded sizes are drawn, each row exactly as wide as the screen")
  func sizes() {
    let random = CounterRandom(seed: 5, name: "launcher")
    for index in 0..<300 {
      let share = random.uniform(2 * index)
      let width = index == 0 ? 1 : 1 + Int(share * share * 250)
      let height = index == 0 ? 1 : 1 + Int(random.uniform(2 * index + 1) * 80)
      var state =
        index % 4 == 0
        ? LauncherState() : LauncherFixtures.state(width: width, height: height)
      _ = state.update(.resize(width: width, height: height))
      state.language = index % 3 == 0 ? .chinese : .english
      if index % 5 == 0 { _ = press(&state, .tab, .character("e")) }
      if index % 7 == 0 { _ = press(&state, .character("?")) }
      for row in state.render(index % 2 == 0 ? Fixtures.unicode : Fixtures.ascii).rows {
        #expect(CharacterWidth.of(row) == width, "\(width)x\(height): \(row)")
      }
    }
  }

  @Test("A chosen data set is looked at quickly, then sampled, then looked at whole")
  func looking() {
    var state = LauncherState()
    let first = state.update(
      .choices(
        datasets: [DatasetChoice(path: "a", isRecent: false)],
        recipes: [RecipeChoice(name: "default", recipe: RunRecipe())]))
    #expect(first == [.ask(.check(path: "a", isQuick: true)), .ask(.plan(RunRecipe()))])
    let report: JSONValue = ["format": "seed", "records": 9, "samples": 9, "images": 9]
    let second = state.update(.checked(path: "a", summary: report, findings: []))
    #expect(
      second == [
        .ask(.samples(state.recipe)),
        .ask(.check(path: "a", isQuick: false)),
      ])
    #expect(state.update(.checked(path: "a", summary: report, findings: [])).isEmpty)
    // A large one is not looked at picture by picture.
    var large = LauncherState()
    _ = large.update(
      .choices(datasets: [DatasetChoice(path: "b", isRecent: false)], recipes: []))
    let many: JSONValue = ["format": "coco", "records": 9, "samples": 9, "images": 118_000]
    #expect(
      large.update(.checked(path: "b", summary: many, findings: []))
        == [.ask(.samples(large.recipe))])
  }

  @Test("Changing a setting has the new settings planned; memory and time follow")
  func following() {
    var state = LauncherFixtures.state()
    #expect(state.epochSeconds?.isMeasured == true)
    // 799 samples in steps of 32, and a third of the work for 200 more.
    #expect(abs((state.epochSeconds?.value ?? 0) - (25 * 0.31 + 200 * 0.31 / 32 / 3)) < 0.01)
    _ = press(&state, .tab, .down)
    let effects = press(&state, .right)
    #expect(state.asked.model == "cnn")
    #expect(effects == [.ask(.plan(state.asked))])
    // The old plan is not taken for the new settings'.
    #expect(state.update(.planned(recipe: RunRecipe(), plan: LauncherFixtures.plan)).isEmpty)
    #expect(state.planned != state.asked)
    // A step of four times the work takes about four times as long.
    var plan = LauncherFixtures.plan.object ?? JSONObject()
    plan["flops_forward"] = 4_840_000_000
    var settled = plan["recipe"]?.object ?? JSONObject()
    settled["model"] = "cnn"
    plan["recipe"] = .object(settled)
    let asked = state.update(.planned(recipe: state.asked, plan: .object(plan)))
    #expect(asked == [.ask(.measure(state.asked)), .ask(.samples(state.recipe))])
    #expect(state.epochSeconds?.isMeasured == false)
    #expect(abs((state.stepSeconds?.value ?? 0) - 4 * 0.31) < 1e-9)
    #expect(press(&state, .backspace) == [.ask(.plan(RunRecipe()))])
  }

  @Test("Enter starts what the command line says")
  func start() {
    var state = LauncherFixtures.state()
    _ = press(&state, .tab)
    for _ in 0..<6 { _ = press(&state, .down) }
    #expect(state.setting.name == "epochs")
    _ = press(&state, .character("7"))
    #expect(press(&state, .enter) == [.ask(.plan(state.asked))])
    #expect(state.commandLine == "posetop train datasets.example/seed --epochs 7")
    var wanted = RunRecipe()
    wanted.dataset = "datasets.example/seed"
    wanted.epochs = 7
    #expect(press(&state, .enter) == [.start(wanted)])
  }

  @Test("A value that is none is refused with what is expected")
  func badValue() {
    var state = LauncherFixtures.state()
    _ = press(&state, .tab)
    for _ in 0..<5 { _ = press(&state, .down) }
    _ = press(&state, .character("0"))
    #expect(press(&state, .enter).isEmpty)
    #expect(state.asked == RunRecipe())
    #expect(state.reply?.style == .bad)
  }

  @Test("More memory than is free is started only after a second Enter")
  func tooLarge() {
    var state = LauncherFixtures.state(memory: 1 << 28)
    #expect(press(&state, .enter).isEmpty)
    #expect(state.reply?.sentence == Sentence(LauncherSentence.startAnyway))
    #expect(press(&state, .enter).count == 1)
  }

  @Test("A data set that cannot be used is not started, and says why")
  func broken() {
    var state = LauncherFixtures.state()
    _ = press(&state, .down)
    let why = Sentence(DatasetSentence.formatUnknown, "datasets.example/coco")
    _ = state.update(.failed(.check(path: "datasets.example/coco", isQuick: true), why))
    #expect(press(&state, .enter).isEmpty)
    #expect(state.reply?.sentence == why)
  }

  @Test("A data set in which nobody can be trained on is not started")
  func empty() {
    var state = LauncherFixtures.state()
    let finding: JSONValue = [
      "severity": "error", "code": "no-usable-record", "file": "a", "message": "Nobody.",
    ]
    _ = state.update(
      .checked(
        path: "datasets.example/seed",
        summary: ["format": "seed", "records": 3, "samples": 0, "images": 3], findings: [finding]))
    #expect(press(&state, .enter).isEmpty)
    #expect(state.reply?.sentence == Sentence(LauncherSentence.nothingUsable))
    #expect(!state.render(Fixtures.unicode).rows.contains { $0.contains("nothing wrong") })
  }

  @Test("On the last row, or without any data set, Enter asks for a path, which Tab completes")
  func path() {
    var state = LauncherState()
    _ = state.update(.choices(datasets: [], recipes: []))
    _ = press(&state, .enter)
    for scalar in "da".unicodeScalars { _ = press(&state, .character(scalar)) }
    #expect(press(&state, .tab) == [.completePath("da")])
    _ = state.update(.paths(["data/"]))
    for scalar in "x".unicodeScalars { _ = press(&state, .character(scalar)) }
    #expect(press(&state, .enter) == [.ask(.check(path: "data/x", isQuick: true))])
    #expect(state.dataset == "data/x")
  }

  @Test("Runs are opened with Enter and gone on with r")
  func runs() {
    var state = LauncherFixtures.state()
    _ = press(&state, .tab, .tab, .down)
    #expect(press(&state, .enter) == [.attach(path: "/runs/cnn-0312-0700")])
    #expect(press(&state, .character("r")) == [.resume(path: "/runs/cnn-0312-0700")])
    #expect(press(&state, .character("q")) == [.quit])
  }

  @Test("A head that another model does not have goes back to the default")
  func dependents() {
    var state = LauncherFixtures.state()
    #expect(state.set("model", "resnet18") == nil)
    #expect(state.set("head", "simcc") == nil)
    #expect(state.set("model", "lite") == nil)
    #expect(state.asked.head == nil)
  }

  @Test("Words that the shell would break are quoted in the command line")
  func quoting() {
    var state = LauncherState()
    _ = state.update(
      .choices(datasets: [DatasetChoice(path: "my people's", isRecent: false)], recipes: []))
    _ = state.set("price", "$2.50")
    #expect(state.commandLine == "posetop train 'my people'\\''s' --price '$2.50'")
  }
}
