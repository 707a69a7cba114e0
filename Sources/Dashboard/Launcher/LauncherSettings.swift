import Support
import TrainingAPI

/// A row of the launcher's settings.
struct LauncherSetting: Sendable, Equatable {
  /// How the arrow keys change it.
  enum Steps: Sendable, Equatable {
    /// Through the recipes to begin with.
    case recipes
    /// Through the values that the engine names.
    case values
    /// To the next value of a ladder.
    case ladder([Double])
    /// Not at all: it is typed.
    case typed
  }

  /// The option's name; `recipe` for the first row.
  let name: String
  let steps: Steps

  static let recipeName = "recipe"
  private static let counts: [Double] = [
    1, 2, 3, 5, 8, 10, 15, 20, 30, 50, 75, 100, 140, 210, 300, 500,
  ]
  private static let sizes: [Double] = (0...10).map { Double(1 << $0) }
  private static let rates: [Double] = [
    1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1,
  ]

  /// The rows from the top; what this build's recipes do not have is left out.
  static let all: [LauncherSetting] = [
    LauncherSetting(name: recipeName, steps: .recipes),
    LauncherSetting(name: "model", steps: .values),
    LauncherSetting(name: "head", steps: .values),
    LauncherSetting(name: "loss", steps: .values),
    LauncherSetting(name: "input", steps: .values),
    LauncherSetting(name: "batch", steps: .ladder(sizes)),
    LauncherSetting(name: "epochs", steps: .ladder(counts)),
    LauncherSetting(name: "lr", steps: .ladder(rates)),
    LauncherSetting(name: "optimizer", steps: .values),
    LauncherSetting(name: "schedule", steps: .values),
    LauncherSetting(name: "augment", steps: .values),
    LauncherSetting(name: "precision", steps: .values),
    LauncherSetting(name: "init", steps: .typed),
    LauncherSetting(name: "freeze", steps: .typed),
    LauncherSetting(name: "val", steps: .typed),
    LauncherSetting(name: "price", steps: .typed),
    LauncherSetting(name: "budget", steps: .typed),
  ].filter { setting in
    setting.name == recipeName || RunRecipe.options.contains { $0.name == setting.name }
  }
}

extension LauncherState {
  var setting: LauncherSetting {
    LauncherSetting.all[min(settingList.selected, LauncherSetting.all.count - 1)]
  }

  /// The value of a row, and whether it was asked for; empty when it has none.
  func value(of setting: LauncherSetting) -> (text: String, isAsked: Bool) {
    if setting.name == LauncherSetting.recipeName {
      guard recipes.indices.contains(recipeIndex) else { return ("", false) }
      let choice = recipes[recipeIndex]
      // Changed by hand since it was chosen.
      return (choice.name + (choice.recipe.json == asked.json ? "" : " *"), recipeIndex > 0)
    }
    func text(_ json: JSONValue?) -> String? { json.map { $0.string ?? $0.text } }
    if let own = text(asked.json[setting.name]) { return (own, true) }
    return (text(plan?.recipe.json[setting.name]) ?? "", false)
  }

  /// The values that a row may have now.
  func values(of setting: LauncherSetting) -> [String] {
    let model = value(of: LauncherSetting(name: "model", steps: .values)).text
    let head = value(of: LauncherSetting(name: "head", steps: .values)).text
    switch setting.name {
    case "head": return engine.values["head \(model)"] ?? []
    case "loss": return engine.values["loss \(head)"] ?? []
    default: return engine.values[setting.name] ?? []
    }
  }

  /// Changes the chosen row by one step; false when it cannot be changed that way.
  mutating func changeSetting(_ direction: Int) -> Bool {
    let setting = setting
    switch setting.steps {
    case .recipes:
      guard recipes.count > 1 else { return false }
      recipeIndex = (recipeIndex + direction + recipes.count) % recipes.count
      asked = recipes[recipeIndex].recipe
    case .values:
      let values = values(of: setting)
      guard !values.isEmpty else { return false }
      let index = values.firstIndex(of: value(of: setting).text)
      let next =
        index.map { ($0 + direction + values.count) % values.count }
        ?? (direction > 0 ? 0 : values.count - 1)
      return set(setting.name, values[next]) == nil
    case .ladder(let rungs):
      let now = Double(value(of: setting).text) ?? rungs[0]
      let next =
        direction > 0
        ? rungs.first { $0 > now * 1.0001 } : rungs.last { $0 < now * 0.9999 }
      guard let next else { return false }
      let text = next >= 1 ? NumberText.fixed(next, 0) : NumberText.significant(next, 3)
      return set(setting.name, text) == nil
    case .typed: return false
    }
    return true
  }

  /// Asks for a value; what is wrong with it, if anything is.
  mutating func set(_ name: String, _ text: String) -> RecipeError? {
    do throws(RecipeError) {
      try asked.set(name, text: text)
    } catch {
      return error
    }
    // What depends on the value goes back to its default where it no longer fits.
    switch name {
    case "model":
      if let head = asked.head, engine.values["head \(text)"]?.contains(head) == false {
        asked.head = nil
        asked.loss = nil
      }
    case "head": asked.loss = nil
    default: break
    }
    return nil
  }

  /// Leaves a row to the default again.
  mutating func resetSetting() {
    guard setting.name != LauncherSetting.recipeName else {
      recipeIndex = 0
      asked = recipes.first?.recipe ?? RunRecipe()
      return
    }
    var object = JSONObject()
    for member in asked.json.object?.members ?? [] where member.key != setting.name {
      object[member.key] = member.value
    }
    var rest = RunRecipe()
    if (try? rest.merge(.object(object))) != nil { asked = rest }
  }
}
