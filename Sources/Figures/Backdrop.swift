import Raster
import Support

/// A ground that is not plain: a studio, a place out of doors or within, or shapes; softened, and the
/// light that lies over the whole picture.
struct Backdrop {
  enum Place: CaseIterable { case studio, meadow, beach, street, room, shapes }

  let colors: [Color]
  private let blur: Int
  private let noise: Float
  private let layers: [(shape: Shape, paint: Paint)]
  private let fill: Paint
  private let lightFrom: Shape.Point
  private let warmth: Float
  private let size: (width: Double, height: Double)

  init(_ dice: inout Dice, width: Int, height: Int) {
    var painter = BackdropPainter(width: Double(width), height: Double(height))
    let place = Place.allCases[dice.weighted([3, 2, 1.5, 2, 2, 2])]
    painter.paint(place, &dice)
    (colors, fill, layers) = (painter.colors, painter.fill, painter.layers)
    size = (Double(width), Double(height))
    blur = dice.whole(0...2)
    noise = dice.chance(0.3) ? Float(dice.uniform(0.004, 0.016)) : 0
    lightFrom = Shape.Point(dice.uniform(0, 1), dice.uniform(-0.1, 0.3))
    warmth = Float(dice.uniform(-1, 1))
  }

  func canvas(width: Int, height: Int, noise random: CounterRandom) -> Canvas {
    var canvas = Canvas(width: width, height: height, colors[0])
    canvas.fill(fill)
    for (shape, paint) in layers { canvas.draw(shape, paint) }
    canvas.blur(radius: blur * max(width, height) / 160)
    if noise > 0 { canvas.addNoise(noise, random: random) }
    return canvas
  }

  /// Warm or cool light from above on one side, a little shade on the other.
  func light(_ canvas: inout Canvas) {
    let (x, y) = (lightFrom.x * size.width, lightFrom.y * size.height)
    let lit = Color(1, 0.96 + 0.02 * -warmth, 0.9 - 0.08 * warmth, alpha: 0.1)
    let shade = Color(0.08, 0.09, 0.16 - 0.04 * warmth, alpha: 0.14)
    canvas.fill(.linear(lit, x0: x, y0: y, shade, x1: size.width - x, y1: size.height * 1.1))
  }
}

/// Puts the layers of a place together.
private struct BackdropPainter {
  let width: Double
  let height: Double
  private(set) var colors: [Color] = []
  private(set) var fill = Paint.solid(Color(0.8, 0.8, 0.8))
  private(set) var layers: [(shape: Shape, paint: Paint)] = []

  init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  private mutating func add(_ shape: Shape, _ color: Color) {
    layers.append((shape, .solid(color)))
  }

  private mutating func floor(at y: Double, _ first: Color, _ second: Color) {
    layers.append(
      (
        .rectangle(x: -1, y: y * height, width: width + 2, height: height * (1 - y) + 2),
        .linear(first, x0: 0, y0: y * height, second, x1: 0, y1: height)
      ))
  }

  private mutating func sky(_ top: Color, _ bottom: Color, to y: Double) {
    colors = [top, bottom]
    fill = .linear(top, x0: 0, y0: 0, bottom, x1: 0, y1: height * y)
  }

  mutating func paint(_ place: Backdrop.Place, _ dice: inout Dice) {
    switch place {
    case .studio: studio(&dice)
    case .meadow: meadow(&dice)
    case .beach: beach(&dice)
    case .street: street(&dice)
    case .room: room(&dice)
    case .shapes: shapes(&dice)
    }
  }

  /// A seamless paper with a bright middle.
  private mutating func studio(_ dice: inout Dice) {
    let paper = Color(
      hue: dice.uniform(), saturation: dice.uniform(0.05, 0.5), lightness: dice.uniform(0.45, 0.88))
    sky(paper.scaled(0.9), paper, to: 1)
    layers.append(
      (
        .disc(
          x: width * dice.uniform(0.3, 0.7), y: height * 0.4, radius: max(width, height) * 0.7),
        .rim(
          inside: paper.mixed(Color(1, 1, 1), 0.3), outside: paper.opacity(0),
          depth: max(width, height) * 0.7)
      ))
    let edge = dice.uniform(0.74, 0.9)
    if dice.chance(0.7) { floor(at: edge, paper.scaled(0.82), paper.scaled(0.95)) }
  }

  private mutating func meadow(_ dice: inout Dice) {
    let blue = Color(
      hue: dice.uniform(0.53, 0.62), saturation: 0.5, lightness: dice.uniform(0.6, 0.75))
    sky(blue, Color(0.93, 0.95, 0.93), to: 0.7)
    if dice.chance(0.6) {
      add(
        .disc(
          x: width * dice.uniform(0.1, 0.9), y: height * dice.uniform(0.05, 0.25),
          radius: width * dice.uniform(0.05, 0.1)), Color(1, 0.93, 0.7, alpha: 0.9))
    }
    clouds(&dice)
    let green = Color(
      hue: dice.uniform(0.2, 0.36), saturation: dice.uniform(0.25, 0.45),
      lightness: dice.uniform(0.32, 0.5))
    let horizon = dice.uniform(0.55, 0.75)
    for (depth, shade) in [(0.0, 0.62), (0.05, 0.45)] {
      add(
        .ellipse(
          x: width * dice.uniform(0, 1), y: height * (horizon + 0.12 + depth),
          radiusX: width * dice.uniform(0.6, 1), radiusY: height * 0.24, angle: 0),
        green.mixed(blue, Float(shade) * 0.6))
    }
    for _ in 0..<dice.whole(0...4) {
      let (x, size) = (width * dice.uniform(0, 1), height * dice.uniform(0.06, 0.16))
      let foot = height * (horizon + 0.04)
      add(.line(x, foot, x, foot - size, width: size * 0.14), Color(0.35, 0.26, 0.2))
      add(
        .disc(x: x, y: foot - size * 1.15, radius: size * dice.uniform(0.4, 0.6)),
        green.scaled(0.75))
    }
    floor(at: horizon + 0.03, green, green.scaled(1.25))
  }

  private mutating func clouds(_ dice: inout Dice) {
    for _ in 0..<dice.whole(0...3) {
      let (x, y) = (width * dice.uniform(0, 1), height * dice.uniform(0.04, 0.35))
      let size = width * dice.uniform(0.08, 0.16)
      for (dx, scale) in [(-0.9, 0.6), (0.0, 1.0), (0.95, 0.7)] {
        add(
          .ellipse(
            x: x + dx * size, y: y + (1 - scale) * size * 0.3, radiusX: size * scale,
            radiusY: size * scale * 0.5, angle: 0), Color(1, 1, 1, alpha: 0.55))
      }
    }
  }

  private mutating func beach(_ dice: inout Dice) {
    let dusk = dice.chance(0.4)
    sky(
      dusk ? Color(0.45, 0.42, 0.66) : Color(0.5, 0.75, 0.92),
      dusk ? Color(0.98, 0.74, 0.55) : Color(0.88, 0.95, 0.97), to: 0.55)
    let sea = dusk ? Color(0.36, 0.42, 0.6) : Color(0.2, 0.55, 0.68)
    let horizon = dice.uniform(0.42, 0.56)
    if dusk {
      add(
        .disc(x: width * dice.uniform(0.15, 0.85), y: height * horizon, radius: width * 0.11),
        Color(1, 0.85, 0.6))
    } else {
      clouds(&dice)
    }
    floor(at: horizon, sea, sea.scaled(1.2))
    for _ in 0..<dice.whole(2...5) {
      let y = height * (horizon + dice.uniform(0.02, 0.2))
      let x = width * dice.uniform(0, 1)
      add(
        .line(x, y, x + width * dice.uniform(0.1, 0.3), y, width: height * 0.008),
        Color(1, 1, 1, alpha: 0.4))
    }
    let sand = Color(0.9, 0.81, 0.62).scaled(Float(dice.uniform(0.85, 1.05)))
    floor(at: horizon + dice.uniform(0.2, 0.3), sand, sand.scaled(0.9))
  }

  private mutating func street(_ dice: inout Dice) {
    let hour = dice.uniform()
    sky(
      Color(hue: 0.58, saturation: 0.35, lightness: 0.45 + 0.35 * hour),
      Color(hue: dice.uniform(0.05, 0.6), saturation: 0.3, lightness: 0.6 + 0.3 * hour), to: 0.8)
    let ground = dice.uniform(0.68, 0.82)
    var x = -width * 0.05
    while x < width {
      let (wide, tall) = (width * dice.uniform(0.14, 0.3), height * dice.uniform(0.3, 0.66))
      let wall = Color(
        hue: dice.uniform(0.02, 0.14), saturation: dice.uniform(0.08, 0.35),
        lightness: dice.uniform(0.35, 0.72))
      let top = height * ground - tall
      add(.rectangle(x: x, y: top, width: wide, height: tall + 2), wall)
      let glass = dice.chance(0.3) ? Color(0.98, 0.88, 0.6) : wall.scaled(0.7)
      let step = wide / 3.4
      var y = top + step * 0.6
      while y < height * ground - step {
        for column in 0..<3 {
          add(
            .rectangle(
              x: x + step * (0.45 + Double(column)), y: y, width: step * 0.5, height: step * 0.6),
            glass)
        }
        y += step * 1.25
      }
      x += wide + width * dice.uniform(0, 0.03)
    }
    let grey = Color(0.55, 0.55, 0.57).scaled(Float(dice.uniform(0.75, 1.25)))
    floor(at: ground, grey.scaled(0.85), grey)
    layers.append(
      (
        .line(0, height * (ground + 0.01), width, height * (ground + 0.01), width: height * 0.012),
        .solid(grey.scaled(1.3))
      ))
  }

  private mutating func room(_ dice: inout Dice) {
    let wall = Color(
      hue: dice.uniform(), saturation: dice.uniform(0.06, 0.3), lightness: dice.uniform(0.6, 0.88))
    sky(wall, wall.scaled(0.93), to: 1)
    let skirting = dice.uniform(0.72, 0.86)
    if dice.chance(0.6) {
      let (x, y) = (width * dice.uniform(0.02, 0.6), height * dice.uniform(0.06, 0.2))
      let (w, h) = (width * dice.uniform(0.25, 0.4), height * dice.uniform(0.25, 0.4))
      add(.rectangle(x: x - 2, y: y - 2, width: w + 4, height: h + 4), Color(0.97, 0.97, 0.95))
      layers.append(
        (
          .rectangle(x: x, y: y, width: w, height: h),
          .linear(
            Color(0.62, 0.8, 0.93), x0: 0, y0: y, Color(0.93, 0.95, 0.9), x1: 0, y1: y + h)
        ))
      add(.line(x + w / 2, y, x + w / 2, y + h, width: 1.6), Color(0.97, 0.97, 0.95))
      add(.line(x, y + h / 2, x + w, y + h / 2, width: 1.6), Color(0.97, 0.97, 0.95))
    }
    for _ in 0..<dice.whole(0...2) {
      let (x, y) = (width * dice.uniform(0.05, 0.8), height * dice.uniform(0.05, 0.35))
      let side = width * dice.uniform(0.08, 0.2)
      add(.rectangle(x: x, y: y, width: side, height: side * 1.25), wall.scaled(0.5))
      add(
        .rectangle(
          x: x + 1.5, y: y + 1.5, width: max(side - 3, 1), height: max(side * 1.25 - 3, 1)),
        Color(hue: dice.uniform(), saturation: 0.35, lightness: 0.65))
    }
    let wood = Color(
      hue: dice.uniform(0.05, 0.1), saturation: dice.uniform(0.15, 0.4),
      lightness: dice.uniform(0.4, 0.66))
    floor(at: skirting, wood.scaled(0.85), wood)
    add(
      .rectangle(
        x: -1, y: height * (skirting - 0.02), width: width + 2, height: height * 0.025),
      Color(0.96, 0.95, 0.93))
    if dice.chance(0.4) {
      let rug = Color(
        hue: dice.uniform(), saturation: dice.uniform(0.2, 0.45), lightness: dice.uniform(0.4, 0.6))
      add(
        .ellipse(
          x: width * dice.uniform(0.3, 0.7), y: height * 0.94, radiusX: width * 0.4,
          radiusY: height * 0.06, angle: 0), rug)
    }
  }

  /// Paper cuttings in colours that go together.
  private mutating func shapes(_ dice: inout Dice) {
    let hue = dice.uniform()
    let (saturation, lightness) = (dice.uniform(0.1, 0.45), dice.uniform(0.5, 0.85))
    func tone(_ dice: inout Dice) -> Color {
      let hue = (hue + dice.uniform(-0.1, 0.1) + 1).truncatingRemainder(dividingBy: 1)
      return Color(
        hue: hue, saturation: saturation, lightness: min(lightness * dice.uniform(0.7, 1.1), 0.92))
    }
    let (first, second) = (tone(&dice), tone(&dice))
    colors = [first, second]
    fill = .linear(first, x0: 0, y0: 0, second, x1: width * dice.uniform(0, 1), y1: height)
    let side = max(width, height)
    for _ in 0..<dice.whole(3...9) {
      let (x, y) = (dice.uniform(-0.1, 1.1) * width, dice.uniform(-0.1, 1.1) * height)
      let color = tone(&dice).opacity(Float(dice.uniform(0.35, 0.9)))
      switch dice.whole(0...3) {
      case 0: add(.disc(x: x, y: y, radius: side * dice.uniform(0.04, 0.22)), color)
      case 1:
        add(
          .rectangle(
            x: x, y: y, width: side * dice.uniform(0.05, 0.3),
            height: side * dice.uniform(0.1, 0.4), radius: 2), color)
      case 2:
        add(
          .line(
            x, y, dice.uniform(-0.1, 1.1) * width, dice.uniform(-0.1, 1.1) * height,
            width: side * dice.uniform(0.01, 0.05)), color)
      default:
        add(
          .ellipse(
            x: x, y: y, radiusX: side * dice.uniform(0.05, 0.25),
            radiusY: side * dice.uniform(0.04, 0.15), angle: dice.uniform(0, 3.14)), color)
      }
    }
    if dice.chance(0.5) {
      let ground = tone(&dice)
      floor(at: dice.uniform(0.7, 0.9), ground, ground.scaled(0.9))
    }
  }
}
