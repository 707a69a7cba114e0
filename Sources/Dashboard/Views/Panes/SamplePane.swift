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
    let halves = PicturePane.halves(of: inside)
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
    var pieces: [(text: String, style: StyleKey)] = [
      (place, .text), (epoch(browser, context), .faint),
    ]
    let change = browser.change(of: index)
    if change.isFinite, abs(change) >= 0.0005 {
      let text = (change > 0 ? "+" : "") + NumberText.fixed(change, 3)
      let words =
        rect.width >= 120
        ? context.say(.similarityChange, text) : context.say(.similarity, text)
      pieces.append((words, change > 0 ? .good : .warning))
    }
    // The name has what the others leave; without room for it the last ones go.
    let gap = 3
    func length() -> Int {
      pieces.reduce(2) { $0 + CharacterWidth.of($1.text) } + gap * (pieces.count - 1)
    }
    while pieces.count > 1, length() > rect.width { pieces.removeLast() }
    let room = rect.width - length() - gap
    var x = rect.x + 1
    if room >= 6 {
      x += surface.put(context.fit(name, room), x, rect.y, context.look[.title]) + gap
    }
    for piece in pieces {
      let limit = max(0, rect.right - 1 - x)
      x += surface.put(piece.text, x, rect.y, context.look[piece.style], limit: limit) + gap
    }
  }

  /// Whose predictions are shown, and which others there are.
  private static func epoch(_ browser: SampleBrowser, _ context: DrawContext) -> String {
    guard let shown = browser.predictions else { return context.say(.noPredictions) }
    guard let first = browser.epochs.first, let last = browser.epochs.last, last > first else {
      return context.say(.fromEpoch, shown.epoch)
    }
    return context.say(.predictionsFromOf, shown.epoch, first, last)
  }

  private static func place(
    _ browser: SampleBrowser, _ schema: KeypointSchema, _ context: DrawContext
  ) -> String {
    let (place, count) = (browser.position + 1, browser.count)
    switch browser.sorting {
    case .worst: return context.say(.placeWorst, place, count)
    case .changed: return context.say(.placeChanged, place, count)
    case .file: return context.say(.placeOrder, place, count)
    case .kind(.jitter), .kind(.good): return context.say(.placeJitter, place, count)
    case .kind(.inversion): return context.say(.placeSwapped, place, count)
    case .kind(.miss), .kind(.swap): return context.say(.placeMissed, place, count)
    case .joint(let joint):
      let name = schema.keypoints.indices.contains(joint) ? schema.keypoints[joint] : "?"
      return context.say(.placeJoint, place, count, DrawContext.short(name))
    }
  }
}
