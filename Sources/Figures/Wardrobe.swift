import Raster

/// What a figure looks like; both sides of the body always look alike.
struct Wardrobe {
  enum Sleeves { case none, short, long }
  enum Legs { case shorts, trousers, skirt }
  enum Hair { case bald, short, long, bun, cap }

  let skin: Color
  let shirt: Color
  let bottom: Color
  let shoes: Color
  let hairColor: Color
  let cap: Color
  let sleeves: Sleeves
  let legs: Legs
  let hair: Hair
  let eyes: Color
  /// Width of the drawn edges: 0 for a flat style, 1 usual, more for a comic's.
  let outline: Double
  /// What is woven into the shirt and into what is worn below, and in which colour.
  let shirtPattern: (kind: Paint.Pattern.Kind, color: Color, period: Double)?
  let bottomPattern: (kind: Paint.Pattern.Kind, color: Color, period: Double)?

  private static let skins: [Color] = [
    Color(0.98, 0.85, 0.75), Color(0.95, 0.78, 0.64), Color(0.88, 0.68, 0.52),
    Color(0.78, 0.57, 0.41), Color(0.64, 0.44, 0.31), Color(0.49, 0.33, 0.23),
    Color(0.37, 0.25, 0.19),
  ]

  private static let hairs: [Color] = [
    Color(0.12, 0.1, 0.1), Color(0.22, 0.15, 0.11), Color(0.36, 0.23, 0.14),
    Color(0.55, 0.35, 0.18), Color(0.82, 0.66, 0.38), Color(0.62, 0.26, 0.12),
    Color(0.66, 0.66, 0.68),
  ]

  /// Dyes: denim, wool, cotton, linen, and some that shine.
  private static let dyes: [Color] = [
    Color(0.16, 0.22, 0.36), Color(0.27, 0.4, 0.58), Color(0.55, 0.68, 0.82),
    Color(0.13, 0.14, 0.16), Color(0.33, 0.35, 0.38), Color(0.64, 0.66, 0.67),
    Color(0.95, 0.94, 0.9), Color(0.89, 0.83, 0.7), Color(0.74, 0.6, 0.43),
    Color(0.45, 0.32, 0.23), Color(0.84, 0.62, 0.2), Color(0.78, 0.42, 0.26),
    Color(0.72, 0.2, 0.2), Color(0.45, 0.12, 0.19), Color(0.92, 0.53, 0.46),
    Color(0.93, 0.73, 0.75), Color(0.66, 0.55, 0.75), Color(0.42, 0.28, 0.5),
    Color(0.2, 0.46, 0.46), Color(0.45, 0.68, 0.62), Color(0.2, 0.36, 0.25),
    Color(0.5, 0.56, 0.33), Color(0.95, 0.85, 0.42), Color(0.15, 0.5, 0.72),
  ]

  /// Clothes that differ from `background` and from each other.
  static func random(_ dice: inout Dice, background: [Color]) -> Wardrobe {
    let skin = dice.pick(skins)
    let shirt = cloth(&dice, apartFrom: background + [skin])
    let bottom = cloth(&dice, apartFrom: background + [shirt, skin])
    let isOld = dice.chance(0.15)
    return Wardrobe(
      skin: skin, shirt: shirt, bottom: bottom,
      shoes: dice.pick([
        Color(0.15, 0.14, 0.16), Color(0.93, 0.92, 0.9), Color(0.42, 0.28, 0.19),
        cloth(&dice, apartFrom: [bottom, skin]),
      ]),
      hairColor: isOld ? dice.pick(greys) : dice.pick(hairs),
      cap: cloth(&dice, apartFrom: [skin, shirt]),
      sleeves: [.none, .short, .long][dice.weighted([1, 4, 4])],
      legs: [.shorts, .trousers, .skirt][dice.weighted([3, 6, 1.5])],
      hair: [.bald, .short, .long, .bun, .cap][dice.weighted([0.7, 4, 3, 1.2, 1.2])],
      eyes: Color(0.14, 0.1, 0.09), outline: [0.35, 1, 1.8][dice.weighted([3, 5, 2])],
      shirtPattern: pattern(&dice, of: shirt, likelihood: 0.5),
      bottomPattern: pattern(&dice, of: bottom, likelihood: 0.2))
  }

  /// A pattern in a dye that is seen on a cloth.
  private static func pattern(
    _ dice: inout Dice, of cloth: Color, likelihood: Double
  ) -> (kind: Paint.Pattern.Kind, color: Color, period: Double)? {
    let kind = dice.pick(Paint.Pattern.Kind.allCases)
    let light = cloth.red + cloth.green + cloth.blue > 1.5
    let color =
      dice.chance(0.5) ? cloth.scaled(light ? 0.72 : 1.5) : dice.pick(dyes)
    let period = dice.uniform(0.032, 0.06)
    return dice.chance(likelihood) ? (kind, color, period) : nil
  }

  private static let greys: [Color] = [
    Color(0.72, 0.72, 0.74), Color(0.86, 0.86, 0.87), Color(0.5, 0.5, 0.53),
  ]

  /// The best of a few dyes, no two pieces of quite the same.
  private static func cloth(_ dice: inout Dice, apartFrom others: [Color]) -> Color {
    var best = Color(0.5, 0.5, 0.5)
    var distance: Float = -1
    for _ in 0..<5 {
      let color = dice.pick(dyes).scaled(Float(dice.uniform(0.85, 1.12)))
        .mixed(
          Color(hue: dice.uniform(), saturation: 0.5, lightness: 0.5), Float(dice.uniform(0, 0.12)))
      let nearest = others.map { $0.distance(to: color) }.min() ?? 1
      if nearest > distance { (best, distance) = (color, nearest) }
      if distance > 0.45 { break }
    }
    return best
  }
}
