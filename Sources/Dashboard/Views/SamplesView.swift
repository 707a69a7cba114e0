import Pose
import RunFiles
import Support
import TerminalUI
import Wording

/// The screen of samples: label and prediction on the validation crops, with each joint's error.
enum SamplesView: ScreenView {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let browser = context.state.samples
    header(into: &surface, in: rect.row(0), context)
    let body = Rect(x: rect.x, y: rect.y + 1, width: rect.width, height: rect.height - 1)
    guard let previews = browser.previews, let index = browser.current else {
      let inside = Frame(context.say(.tabSamples)).draw(into: &surface, in: body, context.look)
      let text = browser.problem.map { context.say($0.sentence) } ?? context.say(.noSamples)
      context.center(text, into: &surface, in: inside, browser.problem == nil ? .faint : .bad)
      return
    }
    let sample = previews.samples[index]
    let predicted = browser.predictions?.keypoints[index]
    let errors = SampleErrors(sample: sample, predicted: predicted, schema: previews.schema)
    // In a narrow window the prediction alone; the table is the first to go.
    let columns = Layout.columns(
      body,
      [
        Layout.Part(minimum: 24, weight: 1, priority: 1),
        Layout.Part(minimum: 24, weight: 1, priority: 2),
        Layout.Part(minimum: 25, priority: 0),
      ])
    let picture = PicturePane(previews: previews, index: index, context: context)
    picture.draw(
      Skeleton(labels: sample.keypoints, schema: previews.schema), title: context.say(.paneTruth),
      into: &surface, in: columns[0])
    let skeleton = predicted.map {
      Skeleton(predicted: $0, isWrong: errors.isWrong, schema: previews.schema)
    }
    let oks = browser.oks(of: index)
    picture.draw(
      skeleton, title: context.say(.panePrediction),
      note: oks.isFinite ? context.say(.similarity, NumberText.fixed(oks, 3)) : "",
      into: &surface, in: columns[1])
    ErrorPane.draw(errors, previews.schema, into: &surface, in: columns[2], context)
  }

  private static func header(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let browser = context.state.samples
    guard let previews = browser.previews, let index = browser.current else { return }
    let name = UntrustedText.clean(previews.samples[index].name, limit: 200)
    let place = context.say(
      browser.isWorstFirst ? .placeWorst : .placeOrder, browser.position + 1, browser.count)
    let epoch =
      browser.predictions.map { context.say(.predictionsFrom, $0.epoch, $0.step) }
      ?? context.say(.noPredictions)
    let fixed = CharacterWidth.of(place) + CharacterWidth.of(epoch) + 8
    var x = rect.x + 1
    let room = rect.width - fixed
    if room >= 6 { x += surface.put(context.fit(name, room), x, rect.y, context.look[.text]) + 3 }
    x += surface.put(place, x, rect.y, context.look[.text], limit: max(0, rect.right - 1 - x)) + 3
    guard x + CharacterWidth.of(epoch) < rect.right else { return }
    surface.put(epoch, x, rect.y, context.look[.faint], limit: max(0, rect.right - 1 - x))
  }
}

/// A crop with a skeleton in a frame.
struct PicturePane {
  let previews: SamplePreviews
  let index: Int
  let context: DrawContext

  /// How dark the picture is behind the skeleton.
  private static let dimming = 0.8

  func draw(
    _ skeleton: Skeleton?, title: String, note: String = "", into surface: inout Surface,
    in rect: Rect
  ) {
    guard !rect.isEmpty else { return }
    let inside = Frame(title, notes: note.isEmpty ? [] : [(note, .text)]).draw(
      into: &surface, in: rect, context.look)
    guard !inside.isEmpty else { return }
    draw(skeleton, into: &surface, in: inside)
    if skeleton == nil {
      context.center(context.say(.waitingForEpoch), into: &surface, in: inside, .faint)
    }
  }

  /// Without a frame.
  func draw(_ skeleton: Skeleton?, into surface: inout Surface, in rect: Rect) {
    let place = HalfBlockImage.Placement(
      width: previews.width, height: previews.height, in: rect)
    let showsPicture = context.look.capabilities.hasPictures && !context.state.samples.showsLetters
    guard showsPicture,
      let image = HalfBlockImage(
        width: previews.width, height: previews.height, pixels: previews.pixels(of: index))
    else {
      skeleton?.drawLetters(into: &surface, at: place, context.look)
      return
    }
    let scaled = image.scaled(to: place, dimming: Self.dimming)
    scaled.draw(into: &surface)
    skeleton?.draw(into: &surface, at: place, over: scaled, context.look)
  }
}

/// A table of each joint's error.
enum ErrorPane {
  static func draw(
    _ errors: SampleErrors, _ schema: KeypointSchema, into surface: inout Surface, in rect: Rect,
    _ context: DrawContext
  ) {
    guard !rect.isEmpty else { return }
    let inside = Frame(
      context.say(.paneErrors),
      footer: errors.mean.isFinite
        ? context.say(.meanError, NumberText.fixed(errors.mean, 1)) : ""
    ).draw(into: &surface, in: rect, context.look)
    let letters = Skeleton.letters(of: schema)
    let rows = schema.keypoints.indices.map { index -> [Table.Field] in
      let distance = errors.distances[index]
      let isWrong = errors.isWrong[index]
      let score = errors.scores[index]
      let side: StyleKey =
        switch schema.side(of: index) {
        case .left: .limbLeft
        case .right: .limbRight
        case .middle: .limbMiddle
        }
      return [
        Table.Field(String(letters[index]), side),
        Table.Field(DrawContext.short(schema.keypoints[index])),
        Table.Field(
          (isWrong ? "!" : "") + (distance.isFinite ? NumberText.fixed(distance, 1) : "-"),
          isWrong ? .bad : .text),
        Table.Field(score.isFinite ? NumberText.fixed(min(max(score, 0), 9), 2) : "-", .faint),
      ]
    }
    let columns = [
      Table.Column("", width: 1), Table.Column(context.say(.columnJoint)),
      Table.Column(context.say(.columnError), width: 5, alignsRight: true),
      Table.Column(context.say(.columnScore), width: 4, alignsRight: true),
    ]
    let notes = notes(errors, letters, inside.width, context)
    // The notes take what the table leaves; its rows come first.
    let tableHeight = min(rows.count + 1, inside.height)
    Table(columns: columns, rows: rows).draw(
      into: &surface, in: Rect(x: inside.x, y: inside.y, width: inside.width, height: tableHeight),
      context.look)
    for (row, note) in notes.prefix(max(0, inside.height - tableHeight)).enumerated() {
      surface.put(note, inside.x, inside.y + tableHeight + row, context.look[.faint])
    }
  }

  private static func notes(
    _ errors: SampleErrors, _ letters: [Unicode.Scalar], _ width: Int, _ context: DrawContext
  ) -> [String] {
    var notes: [String] = []
    for swap in errors.swaps.prefix(3) {
      notes += context.wrap(
        context.say(.swapHint, String(letters[swap.left]), String(letters[swap.right])), width)
    }
    notes += context.wrap(context.say(.limitHint, NumberText.fixed(errors.limit, 1)), width)
    notes += context.wrap(context.say(.caseHint), width)
    return notes
  }
}

/// A sample on the screen of the training.
enum SamplePane {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    guard !rect.isEmpty else { return }
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
    let errors = SampleErrors(sample: sample, predicted: predicted, schema: previews.schema)
    let halves = Layout.columns(
      inside, [Layout.Part(minimum: 10, weight: 1), Layout.Part(minimum: 10, weight: 1)])
    let picture = PicturePane(previews: previews, index: index, context: context)
    picture.draw(
      Skeleton(labels: sample.keypoints, schema: previews.schema), into: &surface, in: halves[0])
    guard let predicted else { return }
    picture.draw(
      Skeleton(predicted: predicted, isWrong: errors.isWrong, schema: previews.schema),
      into: &surface, in: halves[1])
  }
}
