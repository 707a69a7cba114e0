public import Support
import Wording

/// What the search for one library came to.
public struct LibraryFinding: Sendable, Hashable {
  /// One path that the loader was given.
  public struct Attempt: Sendable, Hashable {
    /// A path, or a bare name for the loader's own search.
    public let path: String
    /// Why it was not taken; nil for the one that was.
    public let reason: String?
  }

  /// What was looked for.
  public let library: NVIDIALibrary
  /// The file in use.
  public internal(set) var file: String?
  /// Its version, where it tells.
  public internal(set) var version: LibraryVersion?
  /// Why the library is not in use.
  public internal(set) var problem: NVIDIAError?
  /// Every path tried, in order.
  public internal(set) var attempts: [Attempt] = []

  /// Whether it is open and fit for use.
  public var isUsable: Bool { file != nil && problem == nil }

  init(_ library: NVIDIALibrary) { self.library = library }

  mutating func tried(_ path: String, _ reason: String?) {
    attempts.append(Attempt(path: UntrustedText.clean(path), reason: reason))
  }

  /// For programs: `title`, `found`, `file`, `version`, `reason`, `tried`.
  public var json: JSONValue {
    let tried = attempts.map { attempt -> JSONValue in
      ["path": .string(attempt.path), "reason": attempt.reason.map { .string($0) } ?? .null]
    }
    return [
      "title": .string(library.title), "found": .bool(isUsable),
      "file": file.map { .string($0) } ?? .null,
      "version": version.map { .string("\($0)") } ?? .null,
      "reason": problem.map { .string($0.reason.text()) } ?? .null, "tried": .array(tried),
    ]
  }
}
