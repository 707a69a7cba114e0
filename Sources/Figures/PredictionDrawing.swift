public import Imaging
public import Pose
import Raster

/// Pictures with the skeletons of the people that a model has found in them.
public enum PredictionDrawing {
  /// A person in pixels of the picture.
  public struct Person: Sendable {
    /// One for each keypoint of the schema; those that are not labelled are not drawn.
    public var keypoints: [Keypoint]
    /// Where it was looked for.
    public var box: Box

    /// A person with the points whose score is at least `leastScore`.
    public init(_ predicted: [PredictedKeypoint], box: Box, leastScore: Double) {
      self.box = box
      keypoints = predicted.map { point in
        let isDrawn = point.score >= leastScore && point.x.isFinite && point.y.isFinite
        return Keypoint(x: point.x, y: point.y, visibility: isDrawn ? .visible : .unlabelled)
      }
    }

    /// Width of the limbs, px: a person of 200 px has limbs of 3.
    var limbWidth: Double {
      let extent = Box(around: keypoints) ?? box
      return min(max(max(extent.width, extent.height) / 66, 1.5), 24)
    }
  }

  /// The picture in its own size with everybody drawn over it.
  public static func draw(
    _ picture: ImageBuffer, people: [Person], schema: KeypointSchema
  ) -> ImageBuffer {
    var canvas = Canvas(width: picture.width, height: picture.height, pixels: picture.pixels)
    let painter = SkeletonPainter(schema: schema)
    // Small people last: a large one in front of them would hide them.
    for person in people.sorted(by: { $0.limbWidth > $1.limbWidth })
    where person.keypoints.count == schema.count {
      painter.draw(person.keypoints, on: &canvas, width: person.limbWidth)
    }
    return ImageBuffer(width: picture.width, height: picture.height, pixels: canvas.bytes)
  }

  /// The picture scaled to fit a size, with the skeletons drawn at that size.
  public static func preview(
    _ picture: ImageBuffer, people: [Person], schema: KeypointSchema, width: Int, height: Int
  ) -> ImageBuffer {
    let scaled = ContactSheet.skeleton(
      .init(picture: picture, keypoints: []), schema: schema, width: width, height: height,
      limbWidth: 1)
    let scale = Double(scaled.width) / Double(max(1, picture.width))
    let moved = people.map { person in
      var person = person
      for index in person.keypoints.indices {
        person.keypoints[index].x = (person.keypoints[index].x + 0.5) * scale - 0.5
        person.keypoints[index].y = (person.keypoints[index].y + 0.5) * scale - 0.5
      }
      return person
    }
    var canvas = Canvas(width: scaled.width, height: scaled.height, pixels: scaled.pixels)
    let painter = SkeletonPainter(schema: schema)
    for person in moved where person.keypoints.count == schema.count {
      painter.draw(person.keypoints, on: &canvas, width: max(1, person.limbWidth * 0.8))
    }
    return ImageBuffer(width: scaled.width, height: scaled.height, pixels: canvas.bytes)
  }
}
