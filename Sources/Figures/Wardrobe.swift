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

  /// Clothes that differ from `background` and from each other.
  static func random(_ dice: inout Dice, background: [Color]) -> Wardrobe {
    let skin = dice.pick(skins)
    let shirt = cloth(&dice, apartFrom: background + [skin])
    let bottom = cloth(&dice, apartFrom: background + [shirt, skin])
    return Wardrobe(
      skin: skin, shirt: shirt, bottom: bottom,
      shoes: dice.chance(0.5)
        ? Color(0.15, 0.14, 0.16) : cloth(&dice, apartFrom: [bottom, skin]),
      hairColor: dice.pick(hairs), cap: cloth(&dice, apartFrom: [skin, shirt]),
      sleeves: [.none, .short, .long][dice.weighted([1, 4, 4])],
      legs: [.shorts, .trousers, .skirt][dice.weighted([3, 6, 1.5])],
      hair: [.bald, .short, .long, .bun, .cap][dice.weighted([0.7, 4, 3, 1.2, 1.2])],
      eyes: Color(0.14, 0.1, 0.09))
  }

  /// The best of a few random colours.
  private static func cloth(_ dice: inout Dice, apartFrom others: [Color]) -> Color {
    var best = Color(0.5, 0.5, 0.5)
    var distance: Float = -1
    for _ in 0..<5 {
      let color = Color(
        hue: dice.uniform(), saturation: dice.uniform(0.1, 0.7),
        lightness: dice.uniform(0.2, 0.8))
      let nearest = others.map { $0.distance(to: color) }.min() ?? 1
      if nearest > distance { (best, distance) = (color, nearest) }
      if distance > 0.45 { break }
    }
    return best
  }
}
