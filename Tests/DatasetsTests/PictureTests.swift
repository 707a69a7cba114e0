import Figures
import Imaging
import Pose
import Raster
import Support
import Testing

@testable import Datasets

@Suite("Pictures for a model")
struct PictureTests {
  @Test(
    "the number that ends a name is the picture's id",
    arguments: [
      ("COCO_val2014_000000000139.jpg", 139), ("a/b/000000000785.png", 785), ("7", 7),
      ("person.jpg", nil), ("12 (copy).jpg", nil), (".hidden12", 12),
      ("99999999999999999999999.jpg", nil),
    ] as [(String, Int64?)])
  func number(_ name: String, _ id: Int64?) {
    #expect(PictureSearch.number(of: name) == id)
  }

  @Test("a source comes out of its JSON as it went in")
  func travels() throws {
    var source = PictureSource(
      path: "/a/b.png", name: "b.png", id: 12,
      boxes: [.init(box: Box(x: 1, y: 2.5, width: 30, height: 40), score: 0.25)])
    source.drawing = "/out/b.png"
    let text = source.json.text
    #expect(PictureSource(json: try JSONValue(parsing: text)) == source)
    let whole = PictureSource(path: "/a", name: "a")
    #expect(PictureSource(json: whole.json) == whole)
    #expect(PictureSource(json: ["name": "x"]) == nil)
  }

  @Test("skeletons are drawn where the points are, and points below the limit are not")
  func drawing() {
    let schema = KeypointSchema.coco17
    let picture = ImageBuffer(width: 200, height: 300, red: 90, green: 90, blue: 90)
    var points = schema.keypoints.indices.map { index in
      PredictedKeypoint(x: 40 + Double(index) * 7, y: 30 + Double(index) * 14, score: 0.9)
    }
    points[0].score = 0.05
    points[3].x = .nan
    let person = PredictionDrawing.Person(
      points, box: Box(x: 0, y: 0, width: 200, height: 300), leastScore: 0.1)
    let drawn = PredictionDrawing.draw(picture, people: [person], schema: schema)
    func isUntouched(_ point: PredictedKeypoint) -> Bool {
      drawn.color(x: Int(point.x), y: Int(point.y)) == picture.color(x: 0, y: 0)
    }
    #expect(isUntouched(points[0]))
    for point in points.dropFirst(5) { #expect(!isUntouched(point)) }
    // Nothing far from everybody is touched, and a person outside harms nothing.
    #expect(drawn.color(x: 190, y: 20) == picture.color(x: 0, y: 0))
    let outside = PredictionDrawing.Person(
      points.map { PredictedKeypoint(x: $0.x + 1e7, y: -1e9, score: 1) },
      box: Box(x: 0, y: 0, width: 1, height: 1), leastScore: 0)
    #expect(PredictionDrawing.draw(picture, people: [outside], schema: schema) == picture)
    let preview = PredictionDrawing.preview(
      picture, people: [person], schema: schema, width: 50, height: 40)
    #expect(preview.height == 40 && preview.width == 26)
  }
}
