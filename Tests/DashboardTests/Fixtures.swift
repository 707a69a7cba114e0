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

  /// The same on a GPU of which another process holds a part.
  static func stateOnGPU(width: Int, height: Int, _ screen: ScreenID) -> DashboardState {
    var run = run
    run.isOnGPU = true
    var state = DashboardState(runName: "resnet50-0314-0912")
    _ = state.update(.events(run.events(through: 775)))
    _ = state.update(.resize(width: width, height: height))
    fill(&state, screen)
    var host = HostReport(memory: (128 << 30, 101 << 30), load: 5.2, processors: 16)
    host.gpu = HostReport.Graphics(
      name: "NVIDIA H100 80GB HBM3", memory: 18_253_611_008..<85_520_809_984, utilisation: 97,
      temperature: 61, power: 642)
    _ = state.update(.host(host))
    return state
  }

  /// Shows a screen with everything that it asks for.
  static func fill(_ state: inout DashboardState, _ screen: ScreenID) {
    _ = state.update(.key(.character(screen.digit)))
    _ = state.update(.host(HostReport(memory: (25 << 30, 17 << 30), load: 1.7, processors: 2)))
    _ = state.update(
      .runs(
        ["lite-0314-0912", "lite-0313-1801", "cnn-0312-0700"].enumerated().map { index, name in
          RunRow(
            path: "/runs/\(name)", name: name, state: ["live", "completed", "failed"][index],
            model: index == 2 ? "cnn-pooled" : "lite", epochs: (8 - index, 12),
            best: ("AP", 0.7 - 0.1 * Double(index)), changed: state.now - 3000 * Double(index),
            recipe: ["model": "lite", "lr": .number(0.001 * Double(index + 1)), "batch": 32])
        }))
    _ = state.update(.engineOutput(["OpenBLAS: 1 thread", "warming up"]))
    _ = state.update(.key(.down))
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
    _ surface: Surface, _ digests: [String], _ name: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let text = (surface.rows.map { "\($0)|" } + digests.map { "# \($0)" }).joined(separator: "\n")
    let path = Path.join(folder, "\(name).screen")
    if getenv("UPDATE_GOLDEN") != nil {
      try DurableFile.commit(path, bytes: Array("\(text)\n".utf8))
      return
    }
    let known = try String(decoding: FileReading.bytes(of: path, limit: 1 << 20), as: UTF8.self)
    #expect(
      "\(text)\n" == known, "\(name) looks different:\n\(text)\nexpected:\n\(known)",
      sourceLocation: sourceLocation)
  }

  /// A number that changes with any character or style of a screen.
  static func digest(_ surface: Surface) -> String {
    var value: UInt64 = 0xCBF2_9CE4_8422_2325
    func add(_ number: UInt32) {
      value = (value ^ UInt64(number)) &* 0x100_0000_01B3
    }
    func add(_ color: Color) {
      guard let parts = color.exact else { return add(UInt32.max) }
      add(UInt32(parts.red) << 16 | UInt32(parts.green) << 8 | UInt32(parts.blue))
    }
    for cell in surface.cells {
      add(cell.scalar.value)
      add(cell.mark?.value ?? 0)
      add(cell.style.foreground)
      add(cell.style.background)
      add(UInt32(cell.style.attributes.rawValue))
    }
    return String(value, radix: 16)
  }
}
