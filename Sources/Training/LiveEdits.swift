import Datasets
import Pose
import Support
import TrainingAPI

/// What was changed by hand in mid-run besides the rate: how pictures are varied, how much each
/// keypoint counts, and which layers keep their values.
///
/// The setting at a step is what all edits up to it make of the recipe's (what is frozen, a saved state
/// says itself); the list is part of every saved state.
struct LiveEdits: Sendable, Hashable {
  /// A change that holds from a step on.
  struct Edit: Sendable, Hashable {
    var step: Int
    var command: EngineCommand
    /// What was frozen before, where the command changes that.
    var frozenBefore: String?
  }

  /// All edits, oldest first.
  private(set) var edits: [Edit] = []

  /// Nothing was changed.
  init() {}

  /// The step of the newest edit.
  var lastStep: Int? { edits.last?.step }

  mutating func add(_ command: EngineCommand, step: Int, frozenBefore: String? = nil) {
    edits.append(Edit(step: step, command: command, frozenBefore: frozenBefore))
  }

  /// Takes back the newest edit.
  mutating func removeLast() { edits.removeLast() }

  /// How pictures are varied.
  func augmentation(_ base: Augmentation) -> Augmentation {
    edits.reduce(base) { result, edit in
      switch edit.command {
      case .augment(.preset(let name)): Augmentation.named(name) ?? result
      case .augment(.strength(let factor)): base.scaled(by: factor)
      default: result
      }
    }
  }

  /// The factor of each keypoint's loss; nil where all are 1.
  func weights(_ schema: KeypointSchema) -> [Float]? {
    var weights = [Float](repeating: 1, count: schema.count)
    for edit in edits {
      guard case .keypointWeight(let name, let weight) = edit.command else { continue }
      for index in Self.keypoints(named: name, schema) { weights[index] = Float(weight) }
    }
    return weights.allSatisfy { $0 == 1 } ? nil : weights
  }

  /// The keypoints that a word means: one by its name or as the screens write it (`l_wrist`),
  /// `wrist` for both of them, `all`.
  static func keypoints(named word: String, _ schema: KeypointSchema) -> [Int] {
    if word == "all" { return Array(schema.keypoints.indices) }
    if let index = schema.keypoints.firstIndex(of: word)
      ?? schema.keypoints.firstIndex(where: { KeypointSchema.shortName($0) == word })
    {
      return [index]
    }
    return schema.keypoints.indices.filter { index in
      let own = schema.keypoints[index]
      return own == "left_\(word)" || own == "right_\(word)"
    }
  }

  var json: JSONValue {
    .array(
      edits.map { edit in
        var object = JSONObject([
          ("step", .integer(Int64(edit.step))), ("command", .string(edit.command.text)),
        ])
        if let before = edit.frozenBefore { object["frozen_before"] = .string(before) }
        return .object(object)
      })
  }

  init(json: JSONValue?) {
    for edit in json?.array ?? [] {
      guard let step = edit["step"]?.int, let text = edit["command"]?.string,
        let command = try? EngineCommand(words: text.split(separator: " ").map(String.init))
      else { continue }
      edits.append(
        Edit(step: step, command: command, frozenBefore: edit["frozen_before"]?.string))
    }
  }
}
