import Execution
import Support
import Testing

@testable import Training

/// The part of a saved state that is no tensor.
@Suite struct SavedStateTests {
  private static let origin = SavedState.Origin(
    arithmetic: "cuda", data: "1", parameters: "lite 2")

  private static func state(_ scaling: LossScaling?) -> SavedState {
    var progress = TrainingProgress()
    progress.step = 40
    progress.optimizerStart = 10
    return SavedState(
      progress: progress, batch: 8, edits: [], freeze: "none", lossScaling: scaling,
      eventNumber: 7, origin: origin)
  }

  @Test func `the scale of gradients comes back, and steps left out are none of the optimiser's`()
    throws
  {
    let saved = Self.state(LossScaling(scale: 4096, goodSteps: 17, skippedSteps: 3))
    let found = try #require(SavedState(json: JSONValue(parsing: saved.json.text)))
    #expect(found.lossScaling == LossScaling(scale: 4096, goodSteps: 17, skippedSteps: 0))
    #expect(found.progress.optimizerStart == 13)
    #expect(found.progress == saved.progress)
    // Saved once more, nothing is counted twice.
    let again = SavedState(
      progress: found.progress, batch: 8, edits: [], freeze: "none",
      lossScaling: found.lossScaling, eventNumber: 8, origin: Self.origin)
    #expect(again.progress.optimizerStart == 13)
  }

  @Test(arguments: [
    nil, #"{"scale": 0, "good_steps": 1}"#, #"{"scale": -4, "good_steps": 1}"#,
    #"{"scale": 1e300, "good_steps": 1}"#, #"{"scale": 2, "good_steps": -1}"#, #"{"scale": 2}"#,
    #""much""#,
  ])
  func `states that do not say it, or say what cannot be, begin anew`(_ text: String?) throws {
    var object = try #require(Self.state(nil).json.object)
    #expect(object["loss_scaling"] == .null)
    object["loss_scaling"] = try text.map { try JSONValue(parsing: $0) }
    let found = try #require(SavedState(json: .object(object)))
    #expect(found.lossScaling == nil && found.progress.optimizerStart == 10)
  }
}
