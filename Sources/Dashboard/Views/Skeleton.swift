import Pose
import TerminalUI

/// Draws a person's keypoints and limbs, over a picture or as letters.
struct Skeleton {
  let schema: KeypointSchema
  /// A place for each keypoint, in pixels of the crop; nil for those that are not drawn.
  let points: [(x: Double, y: Double)?]
  /// Whether a keypoint lies beyond the limit.
  let isWrong: [Bool]
  let letters: [Unicode.Scalar]

  /// The labelled points.
  init(labels: [Keypoint], schema: KeypointSchema) {
    self.schema = schema
    points = labels.map { $0.isLabelled ? ($0.x, $0.y) : nil }
    isWrong = labels.map { _ in false }
    letters = Self.letters(of: schema)
  }

  /// The predicted points; those with next to no score are left out.
  init(predicted: [PredictedKeypoint], isWrong: [Bool], schema: KeypointSchema) {
    self.schema = schema
    points = predicted.map {
      $0.x.isFinite && $0.y.isFinite && $0.score >= 0.02 ? ($0.x, $0.y) : nil
    }
    self.isWrong = isWrong
    letters = Self.letters(of: schema)
  }

  /// A letter for each kind of joint: lower case for the left side, upper case for the others.
  static func letters(of schema: KeypointSchema) -> [Unicode.Scalar] {
    // The first letters of a body's joints are not all different, so these are agreed upon.
    let agreed: [String: Unicode.Scalar] = ["ear": "r", "elbow": "l", "ankle": "a"]
    var used = Set(agreed.values)
    var byPart: [String: Unicode.Scalar] = agreed
    return schema.keypoints.indices.map { index in
      let name = schema.keypoints[index]
      let part = name.split(separator: "_").last.map(String.init) ?? name
      var letter = byPart[part]
      if letter == nil {
        let candidates =
          Array(part.lowercased().unicodeScalars)
          + Array("abcdefghijklmnopqrstuvwxyz".unicodeScalars)
        letter = candidates.first { ("a"..."z").contains($0) && !used.contains($0) } ?? "x"
        byPart[part] = letter
        if let letter { used.insert(letter) }
      }
      let lower = letter ?? "x"
      if schema.side(of: index) == .left { return lower }
      return Unicode.Scalar(lower.value - 32) ?? lower
    }
  }

  func style(from: Int, to: Int) -> StyleKey {
    let sides = [schema.side(of: from), schema.side(of: to)]
    if sides.contains(.left) && !sides.contains(.right) { return .limbLeft }
    if sides.contains(.right) && !sides.contains(.left) { return .limbRight }
    return .limbMiddle
  }

  func style(of point: Int) -> StyleKey {
    if point < isWrong.count, isWrong[point] { return .bad }
    return style(from: point, to: point)
  }

  /// Pictures of so many rows of cells have wider limbs.
  private static let largeHeight = 22
  private static let layers: [StyleKey] = [.limbMiddle, .limbLeft, .limbRight, .bad]

  /// Draws lines of dots; on a picture each cell keeps the picture's mean colour behind them.
  func draw(
    into surface: inout Surface, at place: CellPicture.Placement,
    over image: CellPicture.Scaled, _ look: Look, isFaint: Bool = false
  ) {
    var canvas = DotCanvas(
      columns: place.rect.width, rows: place.rect.height, glyphs: look.capabilities.glyphs)
    let isLarge = place.rect.height >= Self.largeHeight
    func layer(_ style: StyleKey) -> UInt8 {
      UInt8((Self.layers.firstIndex(of: style) ?? 0) + 1)
    }
    for (from, to) in schema.skeleton {
      guard from < points.count, to < points.count, let a = points[from], let b = points[to],
        let start = place.dot(a.x, a.y, of: canvas), let end = place.dot(b.x, b.y, of: canvas)
      else { continue }
      let limb = layer(style(from: from, to: to))
      canvas.line(start.x, start.y, end.x, end.y, layer: limb)
      // In a large picture two dots wide, beside or below one another as the limb lies.
      guard isLarge else { continue }
      let isSteep = abs(end.y - start.y) > abs(end.x - start.x)
      let (dx, dy) = isSteep ? (1, 0) : (0, 1)
      canvas.line(start.x + dx, start.y + dy, end.x + dx, end.y + dy, layer: limb)
    }
    for (index, point) in points.enumerated() {
      guard let point, let dot = place.dot(point.x, point.y, of: canvas) else { continue }
      // A joint is a small square, so that a lone one can be seen.
      for (x, y) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
        canvas.set(dot.x + x, dot.y + y, layer: layer(style(of: index)))
      }
    }
    for row in 0..<canvas.rows {
      for column in 0..<canvas.columns {
        guard let cell = canvas.cell(column, row) else { continue }
        let key = isFaint ? .faint : Self.layers[Int(cell.layer) - 1]
        let style = look[key].on(image.cellColor(column, row, behind: look[key].foreground))
        surface.set(place.rect.x + column, place.rect.y + row, cell.scalar, style)
      }
    }
  }

  /// Draws limbs of `|`, `-`, `/` and `\` and joints as letters.
  func drawLetters(
    into surface: inout Surface, at place: CellPicture.Placement, _ look: Look,
    isFaint: Bool = false
  ) {
    func shown(_ key: StyleKey) -> Style { look[isFaint ? .faint : key] }
    func cell(_ point: (x: Double, y: Double)) -> (x: Int, y: Int)? {
      let x = (point.x + 0.5) * place.scale
      let y = (point.y + 0.5) * place.scale / 2
      guard abs(x) < 1e5, abs(y) < 1e5 else { return nil }
      let column = Int(x.rounded(.down))
      let row = Int(y.rounded(.down))
      return (place.rect.x + column, place.rect.y + row)
    }
    for (from, to) in schema.skeleton {
      guard from < points.count, to < points.count, let a = points[from].flatMap(cell),
        let b = points[to].flatMap(cell)
      else { continue }
      let (dx, dy) = (b.x - a.x, b.y - a.y)
      let glyph: Unicode.Scalar =
        abs(dx) > 2 * abs(dy)
        ? "-" : abs(dy) > 2 * abs(dx) ? "|" : (dx < 0) == (dy < 0) ? "\\" : "/"
      let steps = max(abs(dx), abs(dy))
      for step in 0...steps {
        let share = steps == 0 ? 0 : Double(step) / Double(steps)
        let x = a.x + Int((Double(dx) * share).rounded())
        let y = a.y + Int((Double(dy) * share).rounded())
        guard place.rect.contains(x, y) else { continue }
        surface.set(x, y, glyph, shown(style(from: from, to: to)))
      }
    }
    for (index, point) in points.enumerated() {
      guard let at = point.flatMap(cell), place.rect.contains(at.x, at.y) else { continue }
      surface.set(at.x, at.y, letters[index], shown(style(of: index)))
    }
  }
}
