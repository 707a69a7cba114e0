import Glibc
public import Imaging
public import Pose
import Raster
import Support

/// One drawn person with its labels.
public struct FigurePerson: Sendable {
  /// The 17 keypoints of COCO in pixels: visible, hidden behind a part of the body or another
  /// person, or unlabelled outside the picture.
  public let keypoints: [Keypoint]
  /// The box around all that is drawn of the person, cut to the picture.
  public let box: Box
  /// Visible pixels of the person.
  public let area: Double
  /// The convex hull of what is drawn, cut to the picture: x, y, x, y, ...
  public let outline: [Double]
}

/// A group far away that is annotated as a whole.
public struct FigureCrowd: Sendable {
  /// The box around the group.
  public let box: Box
  /// Covered pixels.
  public let area: Int
  /// Lengths of uncovered and covered runs in turn, column by column from the top left.
  public let runs: [Int]
}

/// A drawn picture with its people.
public struct FigurePicture: Sendable {
  /// The picture.
  public let picture: ImageBuffer
  /// The people, from back to front.
  public let people: [FigurePerson]
  /// The group, if there is one.
  public let crowd: FigureCrowd?

  /// One person who fills most of a picture; a function of seed and index.
  public static func single(
    seed: Int, index: Int, width: Int, height: Int
  ) -> FigurePicture {
    let random = CounterRandom(seed: UInt64(bitPattern: Int64(seed)), name: "figure").stream(index)
    // What a picture looks like and what its people do have dice of their own.
    var dice = Dice(random)
    var looks = Dice(random.stream(2))
    let backdrop = Backdrop(&looks, width: width, height: height)
    let person = Person(&dice, &looks, backdrop: backdrop)
    let extent = person.placed(Placement(x: 0, y: 0, scale: 100)).bounds
    let fill = dice.uniform(0.86, 0.98)
    let scale =
      fill * 100
      * min(
        Double(width) / (extent.right - extent.left), Double(height) / (extent.bottom - extent.top))
    let reach = (
      x: Double(width) - (extent.right - extent.left) * scale / 100,
      y: Double(height) - (extent.bottom - extent.top) * scale / 100
    )
    let placement = Placement(
      x: reach.x * dice.uniform(0.1, 0.9) - extent.left * scale / 100 - 0.5,
      y: reach.y * dice.uniform(0.1, 0.9) - extent.top * scale / 100 - 0.5, scale: scale)
    return Scene(width: width, height: height, backdrop: backdrop, noise: random.stream(1))
      .picture([person.placed(placement)], crowd: [])
  }

  /// Several people, some behind others or cut off by the edge, and maybe a crowd far away.
  public static func group(
    seed: Int, index: Int, width: Int, height: Int, withCrowd: Bool
  ) -> FigurePicture {
    let random = CounterRandom(seed: UInt64(bitPattern: Int64(seed)), name: "group").stream(index)
    var dice = Dice(random)
    var looks = Dice(random.stream(2))
    let backdrop = Backdrop(&looks, width: width, height: height)
    let (w, h) = (Double(width), Double(height))
    let count = dice.whole(1...4)
    var places: [(x: Double, bottom: Double, scale: Double)] = []
    for number in 0..<count {
      let scale = h * dice.uniform(0.45, 0.85)
      let slot = (Double(number) + 0.5) / Double(count)
      places.append(
        (w * (slot + dice.uniform(-0.1, 0.1)), h * (0.55 + 0.45 * scale / h), scale))
    }
    places.sort { $0.scale < $1.scale }
    let people = places.map { place in
      let person = Person(&dice, &looks, backdrop: backdrop)
      let bottom = person.placed(Placement(x: 0, y: 0, scale: place.scale)).bounds.bottom
      return person.placed(
        Placement(x: place.x, y: place.bottom - bottom, scale: place.scale))
    }
    var crowd: [PlacedFigure] = []
    if withCrowd {
      let left = w * dice.uniform(0.05, 0.5)
      for number in 0..<7 {
        let person = Person(&dice, &looks, backdrop: backdrop)
        crowd.append(
          person.placed(
            Placement(
              x: left + Double(number) * h * 0.055, y: h * (0.36 + dice.uniform(0, 0.02)),
              scale: h * 0.2)))
      }
    }
    return Scene(width: width, height: height, backdrop: backdrop, noise: random.stream(1))
      .picture(people, crowd: crowd)
  }
}

/// A body in clothes, not yet placed.
struct Person {
  let body: Body
  let wardrobe: Wardrobe

  init(_ dice: inout Dice, _ looks: inout Dice, backdrop: Backdrop) {
    let pose = BodyPose.random(&dice)
    body = Body(pose: pose, proportions: .random(&dice))
    wardrobe = .random(&looks, background: backdrop.colors)
  }

  func placed(_ placement: Placement) -> PlacedFigure {
    FigurePainter(body: body, wardrobe: wardrobe, placement: placement).figure()
  }
}
