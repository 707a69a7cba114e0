import Raster
import Support

/// A simple ground that is not plain: a gradient with shapes, softened.
struct Backdrop {
  let colors: [Color]
  private let blur: Int
  private let noise: Float
  private let shapes: [(shape: Shape, color: Color)]
  private let floor: (y: Double, color: Color)?
  private let end: Shape.Point

  init(_ dice: inout Dice, width: Int, height: Int) {
    let (w, h) = (Double(width), Double(height))
    let hue = dice.uniform()
    func shade(_ dice: inout Dice) -> Color {
      Color(
        hue: (hue + dice.uniform(-0.12, 0.12) + 1).truncatingRemainder(dividingBy: 1),
        saturation: dice.uniform(0.04, 0.42), lightness: dice.uniform(0.22, 0.9))
    }
    let first = shade(&dice)
    let second = shade(&dice)
    colors = [first, second]
    end = Shape.Point(dice.uniform(-0.3, 1.3) * w, dice.uniform(0.5, 1.2) * h)
    if dice.chance(0.6) {
      floor = (h * dice.uniform(0.6, 0.9), shade(&dice))
    } else {
      floor = nil
    }
    let side = max(w, h)
    shapes = (0..<dice.whole(2...9)).map { _ in
      let (x, y) = (dice.uniform(-0.1, 1.1) * w, dice.uniform(-0.1, 1.1) * h)
      let color = (dice.chance(0.7) ? first.mixed(second, Float(dice.uniform())) : shade(&dice))
        .scaled(Float(dice.uniform(0.7, 1.3))).opacity(Float(dice.uniform(0.25, 0.9)))
      switch dice.whole(0...3) {
      case 0: return (.disc(x: x, y: y, radius: side * dice.uniform(0.04, 0.22)), color)
      case 1:
        return (
          .rectangle(
            x: x, y: y, width: side * dice.uniform(0.05, 0.4),
            height: side * dice.uniform(0.1, 0.5), radius: 1), color
        )
      case 2:
        return (
          .line(
            x, y, dice.uniform(-0.1, 1.1) * w, dice.uniform(-0.1, 1.1) * h,
            width: side * dice.uniform(0.01, 0.06)), color
        )
      default:
        return (
          .ellipse(
            x: x, y: y, radiusX: side * dice.uniform(0.04, 0.3),
            radiusY: side * dice.uniform(0.03, 0.15), angle: dice.uniform(0, 3.14)), color
        )
      }
    }
    blur = dice.whole(0...3)
    noise = dice.chance(0.3) ? Float(dice.uniform(0.005, 0.02)) : 0
  }

  func canvas(width: Int, height: Int, noise random: CounterRandom) -> Canvas {
    var canvas = Canvas(width: width, height: height, colors[0])
    canvas.fill(.linear(colors[0], x0: 0, y0: 0, colors[1], x1: end.x, y1: end.y))
    if let floor {
      canvas.draw(
        .rectangle(
          x: -1, y: floor.y, width: Double(width) + 2, height: Double(height)), floor.color)
    }
    for (shape, color) in shapes { canvas.draw(shape, color) }
    canvas.blur(radius: blur * max(width, height) / 160)
    if noise > 0 { canvas.addNoise(noise, random: random) }
    return canvas
  }
}
