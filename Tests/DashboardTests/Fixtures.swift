import Glibc
import Pose
import RunFiles
import Support
import TerminalUI
import TestSupport
import Testing
import TrainingAPI

@testable import Dashboard

/// States of the dashboard that several tests look at.
enum Fixtures {
  static let unicode = Look(
    theme: .standard, capabilities: Capabilities(glyphs: .unicode, depth: .colors256))
  static let ascii = Look(
    theme: .standard, capabilities: Capabilities(glyphs: .ascii, depth: .mono))

  static let previews = ScriptedPreviews.make(count: 12)

  /// A run of 12 epochs of 100 steps in which the rate was halved once.
  static var run: ScriptedRun {
    var run = ScriptedRun(epochs: 12, stepsPerEpoch: 100)
    run.edits = [(step: 420, factor: 0.5)]
    return run
  }

  /// The dashboard after so many steps of `run`.
  static func state(
    width: Int = 80, height: Int = 24, through step: Int? = 775, ended: Bool = false,
    screen: ScreenID = .train, isReadOnly: Bool = false
  ) -> DashboardState {
    var state = DashboardState(runName: "lite-0314-0912", isReadOnly: isReadOnly)
    _ = state.update(.events(run.events(through: step, ended: ended)))
    _ = state.update(.resize(width: width, height: height))
    _ = state.update(
      .samples(
        SampleLoad(
          previews: previews,
          predictions: ScriptedPreviews.predictions(for: previews, epoch: 7, step: 700),
          problem: nil)))
    state.screen = screen
    return state
  }

  /// A new folder that the caller removes.
  static func folder() throws -> String {
    var template = Array("/tmp/posetop-test-XXXXXX".utf8CString)
    guard let path = mkdtemp(&template) else { throw FixtureError.noFolder }
    return String(cString: path)
  }

  static func remove(_ folder: String) { removeTree(folder) }
}

enum FixtureError: Error { case noFolder }

/// Screens as text files in `Goldens`; with `UPDATE_GOLDEN=1` they are written anew.
enum Golden {
  private static let folder = Path.join(Path.parent(of: #filePath), "Goldens")

  static func expect(
    _ surface: Surface, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let text = surface.rows.map { "\($0)|\n" }.joined()
    let path = Path.join(folder, "\(name).screen")
    if getenv("UPDATE_GOLDEN") != nil {
      try DurableFile.commit(path, bytes: Array(text.utf8))
      return
    }
    let known = try String(decoding: FileReading.bytes(of: path, limit: 1 << 20), as: UTF8.self)
    #expect(
      text == known, "\(name) looks different:\n\(text)\nexpected:\n\(known)",
      sourceLocation: sourceLocation)
  }
}
