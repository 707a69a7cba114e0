public import Support

/// A recipe that has a name: one file beside this one, and one line in the list.
public struct BuiltInRecipe: Sendable {
  /// Name for `--recipe`.
  public let name: String
  /// One line for lists.
  public let summary: String
  /// Its settings under the option names.
  public let settings: JSONValue

  /// All of them.
  public static let all: [BuiltInRecipe] = [.seed, .overfit8]
}
