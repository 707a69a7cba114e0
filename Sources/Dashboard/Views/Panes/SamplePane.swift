import Pose
import RunFiles
import Support
import TerminalUI
import Wording

/// A sample on the screen of the training.
enum SamplePane: Pane {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let browser = context.state.samples
    let oks = browser.current.map(browser.oks) ?? .nan
    let inside = Frame(
      context.say(.paneSample),
      notes: oks.isFinite
        ? [(context.say(.similarity, NumberText.fixed(oks, 3)), .text)] : [],
      footer: browser.predictions.map { context.say(.fromEpoch, $0.epoch) } ?? ""
    ).draw(into: &surface, in: rect, context.look)
    guard let previews = browser.previews, let index = browser.current else {
      context.center(context.say(.noSamples), into: &surface, in: inside, .faint)
      return
    }
    let sample = previews.samples[index]
    let predicted = browser.predictions?.keypoints[index]
    let errors = browser.errors(of: index)
    let halves = Layout.columns(
      inside, [Layout.Part(minimum: 10, weight: 1), Layout.Part(minimum: 10, weight: 1)])
    let picture = PicturePane(previews: previews, index: index, context: context)
    picture.draw(
      Skeleton(labels: sample.keypoints, schema: previews.schema), into: &surface, in: halves[0])
    guard let predicted else { return }
    picture.draw(
      Skeleton(predicted: predicted, isWrong: errors?.isWrong ?? [], schema: previews.schema),
      into: &surface, in: halves[1])
  }
}

/// What is shown on the screen of samples: which sample, in which order, of which evaluation.
enum SampleHeader: Pane {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let browser = context.state.samples
    guard let previews = browser.previews, let index = browser.current else { return }
    let name = UntrustedText.clean(previews.samples[index].name, limit: 200)
    let place = place(browser, previews.schema, context)
    var epoch =
      browser.predictions.map { context.say(.predictionsFrom, $0.epoch, $0.step) }
      ?? context.say(.noPredictions)
    if let first = browser.epochs.first, let last = browser.epochs.last, last > first {
      epoch += " [\(first)..\(last)]"
    }
    let change = browser.change(of: index)
    if change.isFinite, abs(change) >= 0.0005 {
      epoch += " \(change > 0 ? "+" : "")\(NumberText.fixed(change, 3))"
    }
    let fixed = CharacterWidth.of(place) + CharacterWidth.of(epoch) + 8
    var x = rect.x + 1
    let room = rect.width - fixed
    if room >= 6 { x += surface.put(context.fit(name, room), x, rect.y, context.look[.text]) + 3 }
    x += surface.put(place, x, rect.y, context.look[.text], limit: max(0, rect.right - 1 - x)) + 3
    guard x + CharacterWidth.of(epoch) < rect.right else { return }
    surface.put(epoch, x, rect.y, context.look[.faint], limit: max(0, rect.right - 1 - x))
  }

  private static func place(
    _ browser: SampleBrowser, _ schema: KeypointSchema, _ context: DrawContext
  ) -> String {
    let (place, count) = (browser.position + 1, browser.count)
    switch browser.sorting {
    case .worst: return context.say(.placeWorst, place, count)
    case .changed: return context.say(.placeChanged, place, count)
    case .file: return context.say(.placeOrder, place, count)
    case .swapped: return context.say(.placeSwapped, place, count)
    case .joint(let joint):
      let name = schema.keypoints.indices.contains(joint) ? schema.keypoints[joint] : "?"
      return context.say(.placeJoint, place, count, DrawContext.short(name))
    }
  }
}
