import Pose
import Raster
import RunFiles
import Support
import TerminalUI
import Wording

/// A crop with a skeleton in a frame.
struct PicturePane {
  let previews: SamplePreviews
  let index: Int
  let context: any ScreenContext
  /// A heatmap to lay over the crop.
  var heat: (maps: SampleHeatmaps, joint: Int)?

  /// Places for two pictures of the same size beside one another.
  static func halves(of rect: Rect) -> [Rect] {
    let width = (rect.width - 1) / 2
    return [
      Rect(x: rect.x, y: rect.y, width: width, height: rect.height),
      Rect(x: rect.right - width, y: rect.y, width: width, height: rect.height),
    ]
  }

  /// How dark the picture is behind the skeleton.
  private static let dimming = 0.8

  func draw(
    _ skeleton: Skeleton?, behind: Skeleton? = nil, title: String, note: String = "",
    into surface: inout Surface, in rect: Rect
  ) {
    guard !rect.isEmpty else { return }
    let inside = Frame(title, notes: note.isEmpty ? [] : [(note, .text)]).draw(
      into: &surface, in: rect, context.look)
    guard !inside.isEmpty else { return }
    draw(skeleton, behind: behind, into: &surface, in: inside)
    if skeleton == nil {
      context.center(context.say(.waitingForEpoch), into: &surface, in: inside, .faint)
    }
  }

  /// Without a frame; `behind` is drawn first, fainter.
  func draw(
    _ skeleton: Skeleton?, behind: Skeleton? = nil, into surface: inout Surface, in rect: Rect
  ) {
    let place = CellPicture.Placement(
      width: previews.width, height: previews.height, in: rect)
    let mode = context.pictureMode
    if mode == .pixels {
      drawPixels(skeleton, behind: behind, into: &surface, in: rect)
      return
    }
    let image =
      mode == .letters
      ? nil
      : CellPicture(
        width: previews.width, height: previews.height, pixels: pixels)
    let scaled = image?.scaled(
      to: place, dimming: Self.dimming, mode: mode, depth: context.look.capabilities.depth)
    scaled?.draw(into: &surface, faint: context.look[.track])
    if let heat, mode == .letters { HeatLayer.drawDigits(heat, into: &surface, at: place, context) }
    guard let scaled, mode == .halfBlocks || mode == .quadrants else {
      behind?.drawLetters(into: &surface, at: place, context.look, isFaint: true)
      skeleton?.drawLetters(into: &surface, at: place, context.look)
      return
    }
    behind?.draw(into: &surface, at: place, over: scaled, context.look, isFaint: true)
    skeleton?.draw(into: &surface, at: place, over: scaled, context.look)
  }
}

extension PicturePane {
  /// The crop's pixels, under the heatmap where there is one.
  private var pixels: ArraySlice<UInt8> {
    let crop = previews.pixels(of: index)
    guard let heat else { return crop }
    return HeatLayer.blended(heat, over: crop, width: previews.width, height: previews.height)
  }

  /// In the terminal's own pixels, in the middle of the place.
  private func drawPixels(
    _ skeleton: Skeleton?, behind: Skeleton?, into surface: inout Surface, in rect: Rect
  ) {
    guard let way = context.look.capabilities.pixels else { return }
    let cell = context.look.capabilities.cellSize ?? .init(width: 8, height: 16)
    let (width, height) = (previews.width, previews.height)
    let whole = EnlargedCrop.scale(
      width: width, height: height, in: rect, cell: cell, isExact: true)
    let columns = Int((Double(width) * whole / Double(cell.width)).rounded(.up))
    let rows = Int((Double(height) * whole / Double(cell.height)).rounded(.up))
    let place = rect.centered(width: max(1, columns), height: max(1, rows))
    let scale = EnlargedCrop.scale(
      width: width, height: height, in: rect, cell: cell, isExact: way == .sixel)
    let enlarged = EnlargedCrop.pixels(
      pixels, width: width, height: height, scale: scale,
      dimming: Self.dimming)
    var canvas = Canvas(
      width: enlarged.width, height: enlarged.height, pixels: enlarged.pixels)
    behind?.draw(on: &canvas, scale: scale, context.look, isFaint: true)
    skeleton?.draw(on: &canvas, scale: scale, context.look)
    surface.place(
      PixelPicture(
        rect: place, width: canvas.width, height: canvas.height, pixels: canvas.bytes), way)
  }
}

extension PaneID {
  /// Whether it needs the validation crops.
  var showsPictures: Bool {
    switch self {
    case .sample, .sampleHeader, .truth, .prediction, .errors, .jointSample: true
    default: false
    }
  }
}

/// The sample with its labels.
enum TruthPane: Pane {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    SamplePicture(context).draw(truth: true, into: &surface, in: rect)
  }
}

/// The sample with the prediction, alone or over the labels.
enum PredictionPane: Pane {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    SamplePicture(context).draw(truth: false, into: &surface, in: rect)
  }
}

/// The sample that is shown, ready to be drawn.
private struct SamplePicture {
  let context: DrawContext

  init(_ context: DrawContext) { self.context = context }

  func draw(truth isTruth: Bool, into surface: inout Surface, in rect: Rect) {
    let browser = context.state.samples
    let title = context.say(isTruth ? .paneTruth : .panePrediction)
    guard let previews = browser.previews, let index = browser.current else {
      let inside = Frame(title).draw(into: &surface, in: rect, context.look)
      let text = browser.problem.map { context.say($0.sentence) } ?? context.say(.noSamples)
      context.center(text, into: &surface, in: inside, browser.problem == nil ? .faint : .bad)
      return
    }
    let sample = previews.samples[index]
    let labels = Skeleton(labels: sample.keypoints, schema: previews.schema)
    var picture = PicturePane(previews: previews, index: index, context: context)
    if isTruth {
      picture.draw(labels, title: title, into: &surface, in: rect)
      return
    }
    let errors = browser.errors(of: index)
    let predicted = browser.predictions.map {
      Skeleton(
        predicted: $0.keypoints[index], isWrong: errors?.isWrong ?? [], schema: previews.schema)
    }
    if let joint = browser.heatJoint, previews.schema.keypoints.indices.contains(joint) {
      // Over the prediction, whose place the heatmap explains.
      picture.heat = browser.heat
      let name = DrawContext.short(previews.schema.keypoints[joint])
      picture.draw(
        predicted, title: context.say(.paneHeatmap, name),
        note: browser.heat.map { context.say(.atStep, $0.maps.step) }
          ?? context.say(.heatmapAwaited), into: &surface, in: rect)
      return
    }
    let oks = browser.oks(of: index)
    let note = oks.isFinite ? context.say(.similarity, NumberText.fixed(oks, 3)) : ""
    switch browser.view {
    case .overlaid:
      picture.draw(
        predicted, behind: labels, title: context.say(.paneOverlaid), note: note, into: &surface,
        in: rect)
    case .blink:
      // One second each.
      let showsTruth = Int(context.state.now) % 2 == 0
      picture.draw(
        showsTruth ? labels : predicted, title: showsTruth ? context.say(.paneTruth) : title,
        note: note, into: &surface, in: rect)
    case .both, .truth, .prediction:
      picture.draw(predicted, title: title, note: note, into: &surface, in: rect)
    }
  }
}
