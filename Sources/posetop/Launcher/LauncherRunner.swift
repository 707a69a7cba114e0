import Dashboard
import Keeper
import RunFiles
import RunLink
import Support
import TerminalNcurses
import TerminalUI
import TrainingAPI
import Wording

/// What was chosen in the launcher.
enum LauncherChoice {
  case start(RunRecipe)
  case attach(RunFolder)
  case resume(RunFolder)
  case quit
  /// The terminal or the theme cannot be used.
  case terminal(Sentence)
}

/// Shows the launcher on this terminal, and has engines answer its questions.
final class LauncherRunner {
  private let screen: NcursesScreen
  private let program: LauncherProgram
  private let look: ScreenOptions
  private let engine: String?
  /// The jobs that are running, at most one of a kind.
  private var jobs: [String: (job: LauncherJob, running: RunningJob)] = [:]
  /// The findings of the check that is running, and the samples that have come.
  private var findings: [JSONValue] = []
  private var samples: [JSONValue] = []
  private var choice: LauncherChoice?
  /// Runs that are not read yet.
  private var unread: [RunFolder] = []
  private var rows: [RunRow] = []

  /// Runs that are listed: the newest.
  private static let runLimit = 30

  /// Opens the screen.
  private init(
    asked: RunRecipe, screen: NcursesScreen, theme: Theme, look: ScreenOptions, engine: String?
  ) {
    self.screen = screen
    self.look = look
    self.engine = engine
    program = LauncherProgram(
      asked: asked, capabilities: screen.capabilities, theme: theme, language: look.language)
  }

  /// Lets the user choose.
  ///
  /// - Parameter asked: settings that were given on the command line.
  static func run(
    asked: RunRecipe, look: ScreenOptions, engine: String?
  ) -> LauncherChoice {
    let theme: Theme
    do throws(ThemeError) { theme = try look.themes().found.theme } catch {
      return .terminal(error.sentence)
    }
    let screen: NcursesScreen
    do throws(TerminalError) {
      screen = try NcursesScreen(colors: look.colors, pictures: look.pictures)
    } catch {
      return .terminal(error.sentence)
    }
    defer { screen.close() }
    let runner = LauncherRunner(
      asked: asked, screen: screen, theme: theme, look: look, engine: engine)
    return runner.loop()
  }

  private func loop() -> LauncherChoice {
    send(.resize(width: screen.size.width, height: screen.size.height))
    tick()
    carryOut(.ask(.choices))
    unread = Self.newestRuns()
    var lastTick = Clock.monotonic()
    var isFirst = true
    while choice == nil {
      // The first frame is there at once; then the runs are read one by one, between keys.
      if !isFirst { readRun() }
      for entry in jobs.values { receive(entry) }
      if Clock.monotonic() - lastTick >= 1 {
        lastTick = Clock.monotonic()
        tick()
      }
      if let surface = program.frame() { screen.present(surface) }
      let wakeup = screen.wait(
        for: jobs.values.map(\.running.descriptor),
        seconds: isFirst || !unread.isEmpty ? 0 : 1)
      isFirst = false
      if wakeup.isOver { choice = .quit }
      if wakeup.hasAnswered || wakeup.isResized {
        program.use(screen.capabilities, theme: look.theme(suiting: screen.capabilities))
      }
      if wakeup.isResized {
        send(.resize(width: screen.size.width, height: screen.size.height))
      }
      for key in wakeup.keys where choice == nil { send(.key(key)) }
    }
    return choice ?? .quit
  }

  private func tick() {
    send(.tick(now: Clock.wall()))
    if let host = LauncherProgram.host() { send(host) }
  }

  private func send(_ message: LauncherMessage) {
    for effect in program.send(message) { carryOut(effect) }
  }

  // MARK: - What there is

  private static func newestRuns() -> [RunFolder] {
    let known = RunLookup(liveRuns: liveRuns()).knownRuns()
    return known.map { (run: $0, time: RunLookup.changed($0)) }
      .sorted { $0.time > $1.time }.prefix(runLimit).map(\.run)
  }

  private var hasOffered = false

  /// Reads the next run; when all are read, says what can be chosen.
  private func readRun() {
    if let next = unread.first {
      unread.removeFirst()
      rows.append(LauncherProgram.row(of: next))
      send(.runs(rows))
    }
    guard unread.isEmpty, !hasOffered else { return }
    hasOffered = true
    send(.choices(datasets: DatasetFinder.find(runs: rows), recipes: recipes()))
  }

  /// The recipes to begin with: the defaults, those with a name, the recipe files here, what recent
  /// runs were asked for.
  private func recipes() -> [RecipeChoice] {
    var recipes = [RecipeChoice(name: "default", recipe: RunRecipe())]
    for known in BuiltInRecipe.all {
      var recipe = RunRecipe()
      guard (try? recipe.merge(known.settings)) != nil else { continue }
      recipes.append(RecipeChoice(name: known.name, recipe: recipe))
    }
    for name in Path.names(in: ".") ?? [] where name.hasSuffix(".json") {
      var recipe = RunRecipe()
      guard let json = try? FileReading.json(of: name, limit: 1 << 20),
        (try? recipe.merge(json)) != nil
      else { continue }
      recipe.dataset = nil
      recipes.append(RecipeChoice(name: UntrustedText.clean(name, limit: 40), recipe: recipe))
    }
    for row in rows.prefix(5) {
      guard var recipe = RunFolder(row.path).asked else { continue }
      recipe.dataset = nil
      recipe.images = nil
      if recipes.contains(where: { $0.recipe == recipe }) { continue }
      recipes.append(
        RecipeChoice(name: "= \(UntrustedText.clean(row.name, limit: 40))", recipe: recipe))
    }
    return recipes
  }

  // MARK: - Effects

  private func carryOut(_ effect: LauncherEffect) {
    switch effect {
    case .ask(let job): ask(job)
    case .completePath(let text): send(.paths(DatasetFinder.paths(beginningWith: text)))
    case .start(let recipe): choice = .start(recipe)
    case .attach(let path): choice = .attach(RunFolder(path))
    case .resume(let path): choice = .resume(RunFolder(path))
    case .quit: choice = .quit
    }
  }

  private func ask(_ job: LauncherJob) {
    let request: JobRequest
    switch job {
    case .choices: request = JobRequest("choices", [:])
    case .check(let path, let isQuick):
      findings = []
      request = JobRequest("check", ["dataset": .string(path), "quick": .bool(isQuick)])
    case .samples(let recipe):
      samples = []
      request = JobRequest("samples", ["recipe": recipe.json, "count": 9])
    case .plan(let recipe):
      request = JobRequest("plan", ["recipe": recipe.json])
    case .measure(let recipe):
      request = JobRequest("bench", ["recipe": recipe.json, "steps": 3])
    }
    // The one that runs is ended before the next begins.
    jobs[request.name] = nil
    do throws(KeeperError) {
      jobs[request.name] = (job, try RunningJob(request, engine: engine))
    } catch {
      send(.failed(job, error.sentence))
    }
  }

  private func receive(_ entry: (job: LauncherJob, running: RunningJob)) {
    for message in entry.running.receive() {
      switch message {
      case .progress(let done, let total, _):
        if case .check(let path, _) = entry.job {
          send(.checking(path: path, done: done, total: total))
        }
      case .item(let item):
        if case .samples = entry.job { samples.append(item) } else { findings.append(item) }
      case .notice: break
      case .result(let value):
        jobs[entry.running.request.name] = nil
        finish(entry.job, value)
      case .failed(let sentence):
        jobs[entry.running.request.name] = nil
        send(.failed(entry.job, sentence))
      }
    }
  }

  private func finish(_ job: LauncherJob, _ value: JSONValue) {
    switch job {
    case .choices: send(.engine(EngineChoices(json: value)))
    case .check(let path, _): send(.checked(path: path, summary: value, findings: findings))
    case .samples(let recipe):
      if let previews = SamplePreviews(schema: value["schema"], samples: samples) {
        send(.samples(recipe: recipe, previews))
      }
    case .plan(let recipe): send(.planned(recipe: recipe, plan: value))
    case .measure:
      send(.measured(secondsPerStep: value["median_seconds"]?.double ?? 0))
    }
  }
}
