import Support
import TerminalUI
import TrainingAPI
import Wording

extension LauncherState {
  /// Takes in what happened; returns what must be done about it.
  public mutating func update(_ message: LauncherMessage) -> [LauncherEffect] {
    switch message {
    case .choices(let datasets, let recipes):
      self.datasets = datasets
      self.recipes = recipes
      // What the command line asked for is a recipe of its own.
      if asked != RunRecipe(), !recipes.contains(where: { $0.recipe == asked }) {
        self.recipes.insert(
          RecipeChoice(name: Sentence(LauncherSentence.asTyped).text(in: language), recipe: asked),
          at: 0)
      }
      return lookAtDataset() + lookAtSettings()
    case .engine(let choices): engine = choices
    case .runs(let rows): runs = rows
    case .key(let key): return press(key)
    case .resize(let width, let height):
      self.width = max(0, width)
      self.height = max(0, height)
    case .tick(let now):
      self.now = now
      if let reply, reply.until < now { self.reply = nil }
    case .host(let report): host = report
    case .checking(let path, let done, let total): progress = (path, done, total)
    case .checked(let path, let summary, let findings):
      return takeReport(path, DatasetReport(summary: summary, findings: findings))
    case .samples(let recipe, let previews):
      let key = Self.sampleKey(recipe)
      samples[key] = previews
      if let path = recipe.dataset { sampleKeys[path] = key }
    case .planned(let recipe, let json):
      guard recipe == asked, let plan = LaunchPlan(json: json) else { break }
      self.plan = plan
      planned = recipe
      planProblem = nil
      return measure() + askForSamples()
    case .measured(let seconds):
      guard let measured = measuring else { break }
      measuring = nil
      guard seconds > 0 else { break }
      timings[measured.key] = seconds
      speed = measured.work / seconds
      // What was chosen meanwhile can be estimated now, or is measured next.
      return measure()
    case .failed(let job, let sentence): fail(job, sentence)
    case .paths(let paths):
      guard case .prompt(var prompt) = overlay, prompt.kind == .path else { break }
      prompt.completeWhole(paths)
      overlay = .prompt(prompt)
    }
    return []
  }

  private mutating func takeReport(_ path: String, _ report: DatasetReport) -> [LauncherEffect] {
    let isFirst = reports[path] == nil
    reports[path] = report
    problems[path] = nil
    if progress?.path == path { progress = nil }
    guard isFirst, path == dataset else { return [] }
    var effects = askForSamples()
    if report.images <= Self.checkedPictures {
      effects.append(.ask(.check(path: path, isQuick: false)))
    }
    return effects
  }

  private mutating func fail(_ job: LauncherJob, _ sentence: Sentence) {
    switch job {
    case .check(let path, _):
      if progress?.path == path { progress = nil }
      // A report of the annotations alone is better than none.
      if reports[path] == nil { problems[path] = sentence }
    case .samples: break
    case .plan(let recipe):
      guard recipe == asked else { break }
      plan = nil
      planned = nil
      planProblem = sentence
    case .measure: measuring = nil
    case .choices: break
    }
  }

  // MARK: - What is asked of engines

  /// Another data set is chosen: have it looked at, unless that was done.
  mutating func lookAtDataset() -> [LauncherEffect] {
    isWarned = false
    guard let path = dataset, problems[path] == nil else { return [] }
    if reports[path] != nil { return askForSamples() }
    return [.ask(.check(path: path, isQuick: true))]
  }

  /// Has samples loaded as the settings have them, once the data set was read.
  private func askForSamples() -> [LauncherEffect] {
    guard let path = dataset, reports[path] != nil, planProblem == nil,
      samples[Self.sampleKey(recipe)] == nil
    else { return [] }
    return [.ask(.samples(recipe))]
  }

  /// The settings have changed: have them planned.
  mutating func lookAtSettings() -> [LauncherEffect] {
    isWarned = false
    if planned == asked { return [] }
    planProblem = nil
    return [.ask(.plan(asked))]
  }

  /// Has a step measured where that is cheap and nothing is known of it.
  private mutating func measure() -> [LauncherEffect] {
    guard let plan, timings[Self.timingKey(plan.recipe)] == nil, !exceedsMemory, let planned
    else { return [] }
    // The first measurement goes on to its end: all others are estimated from it.
    if measuring != nil, speed == nil { return [] }
    if let seconds = stepSeconds?.value, seconds > Self.measuredStep { return [] }
    // Nothing is known yet: only what is small.
    if speed == nil, Self.work(plan) > 2e11 { return [] }
    measuring = (Self.timingKey(plan.recipe), Self.work(plan))
    return [.ask(.measure(planned))]
  }

  // MARK: - Keys

  private mutating func press(_ key: Key) -> [LauncherEffect] {
    if case .prompt(var prompt) = overlay, case .character(let scalar) = key {
      prompt.type(scalar)
      overlay = .prompt(prompt)
      return []
    }
    if case .mouse(let action, _, _) = key {
      switch action {
      case .wheelUp: return move(-1)
      case .wheelDown: return move(1)
      case .click: return []
      }
    }
    if let action = Keymap.binding(for: key, in: scopes)?.action { return perform(action) }
    // A digit begins to type a number where there is one.
    if overlay == nil, part == .settings, case .character(let scalar) = key,
      ("0"..."9").contains(scalar), case .ladder = setting.steps
    {
      var prompt = Prompt(.setting(setting.name))
      prompt.type(scalar)
      overlay = .prompt(prompt)
    }
    return []
  }

  private mutating func perform(_ action: Action) -> [LauncherEffect] {
    switch action {
    case .help: overlay = .help(scroll: 0)
    case .closeOverlay: overlay = nil
    case .scrollHelp(let offset):
      if case .help(let scroll) = overlay { overlay = .help(scroll: max(0, scroll + offset)) }
    case .focus(let offset):
      let all = Part.allCases.filter { $0 != .runs || !runs.isEmpty }
      let index = all.firstIndex(of: part) ?? 0
      part = all[(index + offset + all.count) % all.count]
    case .moveRow(let offset): return move(offset)
    case .firstRow: return move(-Int.max)
    case .lastRow: return move(Int.max)
    case .changeSetting(let direction):
      guard part == .settings else {
        part = .settings
        return []
      }
      if changeSetting(direction) { return lookAtSettings() }
      if setting.steps == .typed { return perform(.editSetting) }
    case .editSetting:
      guard part == .settings else { return perform(.typePath) }
      guard setting.name != LauncherSetting.recipeName else { return [] }
      let value = value(of: setting).text
      overlay = .prompt(Prompt(.setting(setting.name), text: value, isSuggestion: true))
    case .resetSetting:
      guard part == .settings else { return [] }
      resetSetting()
      return lookAtSettings()
    case .typePath: overlay = .prompt(Prompt(.path))
    case .accept: return acceptPrompt()
    case .erase: editPrompt { $0.erase() }
    case .eraseWord: editPrompt { $0.eraseWord() }
    case .clearPrompt: editPrompt { $0.clear() }
    case .complete:
      guard case .prompt(let prompt) = overlay, prompt.kind == .path else { return [] }
      return [.completePath(prompt.text)]
    case .launch: return launch()
    case .resumeRun:
      guard let run = selectedRun else { return [] }
      return [.resume(path: run.path)]
    case .quitMenu: return [.quit]
    default: break
    }
    return []
  }

  private mutating func editPrompt(_ change: (inout Prompt) -> Void) {
    guard case .prompt(var prompt) = overlay else { return }
    change(&prompt)
    overlay = .prompt(prompt)
  }

  private mutating func move(_ offset: Int) -> [LauncherEffect] {
    if case .help = overlay { return perform(.scrollHelp(offset)) }
    switch part {
    case .datasets:
      // The last row is for typing a path.
      let before = datasetList.selected
      datasetList.move(by: offset, of: datasets.count + 1)
      return datasetList.selected == before ? [] : lookAtDataset()
    case .settings: settingList.move(by: offset, of: LauncherSetting.all.count)
    case .runs: runList.move(by: offset, of: runs.count)
    }
    return []
  }

  private mutating func acceptPrompt() -> [LauncherEffect] {
    guard case .prompt(let prompt) = overlay else { return [] }
    let text = Self.trimmed(prompt.text)
    overlay = nil
    switch prompt.kind {
    case .path:
      guard !text.isEmpty else { return [] }
      part = .datasets
      if !datasets.contains(where: { $0.path == text }) {
        datasets.insert(DatasetChoice(path: text, isRecent: false), at: 0)
      }
      let place = datasets.firstIndex { $0.path == text } ?? 0
      problems[text] = nil
      datasetList.select(place, of: datasets.count + 1)
      return lookAtDataset()
    case .setting(let name):
      if text.isEmpty {
        resetSetting()
      } else if let error = set(name, text) {
        say(error.sentence, .bad)
        return []
      }
      return lookAtSettings()
    case .command, .search: return []
    }
  }

  private static func trimmed(_ text: String) -> String {
    var rest = Substring(text)
    while rest.first == " " { rest.removeFirst() }
    while rest.last == " " { rest.removeLast() }
    return String(rest)
  }

  /// Enter: opens the chosen run, or starts a training.
  private mutating func launch() -> [LauncherEffect] {
    if part == .runs, let run = selectedRun { return [.attach(path: run.path)] }
    guard let path = dataset else { return perform(.typePath) }
    if let problem = problems[path] {
      say(problem, .bad)
      return []
    }
    if let report = reports[path], report.samples == 0 {
      say(Sentence(LauncherSentence.nothingUsable), .bad)
      return []
    }
    if let planProblem {
      say(planProblem, .bad)
      return []
    }
    if exceedsMemory, !isWarned {
      isWarned = true
      say(Sentence(LauncherSentence.startAnyway))
      return []
    }
    return [.start(recipe)]
  }
}
