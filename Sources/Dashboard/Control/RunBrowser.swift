public import Support
import TerminalUI
import Wording

/// A run in the list of runs.
public struct RunRow: Sendable, Equatable {
  /// The folder from the root.
  public var path: String
  /// The run's name; comes from outside.
  public var name: String
  /// How it stands, in one English word as `posetop runs` has it.
  public var state: String
  /// The model's name.
  public var model: String
  /// Epochs done and planned.
  public var epochs: (done: Int, planned: Int)
  /// The deciding metric of the best epoch.
  public var best: (name: String, value: Double)?
  /// Seconds since 1970 of its last change.
  public var changed: Double?
  /// Its settings.
  public var recipe: JSONValue

  /// A run.
  public init(
    path: String, name: String, state: String, model: String, epochs: (done: Int, planned: Int),
    best: (name: String, value: Double)?, changed: Double?, recipe: JSONValue
  ) {
    self.path = path
    self.name = name
    self.state = state
    self.model = model
    self.epochs = epochs
    self.best = best
    self.changed = changed
    self.recipe = recipe
  }

  public static func == (left: RunRow, right: RunRow) -> Bool {
    left.path == right.path && left.state == right.state && left.epochs == right.epochs
      && left.best?.value == right.best?.value && left.changed == right.changed
  }

  /// Whether the run fits a filter: every word is part of its name, model or state, or compares a
  /// setting with a value (`lr>1e-4`, `model=lite`).
  func fits(_ filter: String) -> Bool {
    filter.split(separator: " ").allSatisfy { word in
      for sign in ["<", ">", "="] {
        let parts = word.split(separator: Character(sign), maxSplits: 1)
        guard parts.count == 2 else { continue }
        let setting = parts[0] == "model" ? .string(model) : recipe[String(parts[0])]
        guard let setting else { return false }
        if let value = setting.double, let wanted = Double(parts[1]) {
          return sign == "<" ? value < wanted : sign == ">" ? value > wanted : value == wanted
        }
        return sign == "=" && (setting.string ?? setting.text).contains(parts[1])
      }
      let text = "\(name) \(model) \(state)".lowercased()
      return text.contains(word.lowercased())
    }
  }
}

/// An earlier run whose curves are laid over those of this one.
public struct OverlaidRun: Sendable {
  /// The folder from the root.
  var path: String
  var name: String
  var history = RunHistory()
  /// The letter at its curves.
  var letter: Unicode.Scalar
  /// Which of the colours for other runs it has.
  var color: Int
}

/// The list of runs.
struct RunBrowser: Sendable {
  static let overlayLimit = 6
  var rows: [RunRow] = []
  /// Whether the list was asked for.
  var isLoaded = false
  var filter = ""
  var list = ListState()

  var shown: [RunRow] { rows.filter { $0.fits(filter) } }

  var selected: RunRow? {
    let shown = shown
    return shown.indices.contains(list.selected) ? shown[list.selected] : nil
  }
}

extension DashboardState {
  /// Lays the chosen run's curves over these, or takes them away again.
  mutating func toggleOverlay() -> [Effect] {
    guard let row = runs.selected, row.path != runPath else { return [] }
    if let index = overlays.firstIndex(where: { $0.path == row.path }) {
      overlays.remove(at: index)
      return [.dropOverlay(path: row.path)]
    }
    guard overlays.count < RunBrowser.overlayLimit else {
      say(.replyOverlays, [RunBrowser.overlayLimit], .warning)
      return []
    }
    let free = (0..<RunBrowser.overlayLimit).first { color in
      !overlays.contains { $0.color == color }
    }
    let color = free ?? 0
    overlays.append(
      OverlaidRun(
        path: row.path, name: row.name, letter: Unicode.Scalar(UInt8(0x61 + color)), color: color))
    return [.loadOverlay(path: row.path)]
  }
}
