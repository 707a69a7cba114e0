import Datasets
import Figures
import Imaging
import Pose
import Raster
import Support
import TestSupport
import Testing
import Wording

@Suite("Drawn people")
struct FigureTests {
  @Test("The same seed gives the same bytes in both layouts, another seed others")
  func determinism() throws {
    for layout in FigureLayout.allCases {
      let folders = (0..<3).map { _ in TemporaryFolder() }
      for (index, folder) in folders.enumerated() {
        try FigureSet.write(
          folder: folder.path, count: 6, seed: index == 2 ? 1 : 0, format: layout)
      }
      let names = try #require(Path.names(in: Path.join(folders[0].path, "images")))
      #expect(names.count == 6)
      for name in names + [layout == .seed ? "../annotations.json" : names[0]] {
        let files = try folders.map {
          try FileReading.bytes(of: Path.join($0.path, "images/" + name), limit: 1 << 20)
        }
        #expect(files[0] == files[1] && files[0] != files[2])
      }
    }
  }

  @Test("The seed layout reads back with every keypoint inside its picture")
  func seed() throws {
    let folder = TemporaryFolder()
    try FigureSet.write(folder: folder.path, count: 12, seed: 3, format: .seed)
    let set = try DatasetCatalog.open(path: folder.path)
    #expect(set.format == "seed" && set.samples.count == 12 && set.notices.isEmpty)
    for sample in set.samples {
      let size = try ImageDecoder.size(of: sample.imagePath)
      #expect((96...144).contains(size.width) && (128...192).contains(size.height))
      #expect(
        sample.keypoints.allSatisfy {
          $0.isLabelled && $0.x >= -0.5 && $0.y >= -0.5 && $0.x <= Double(size.width)
            && $0.y <= Double(size.height)
        })
    }
  }

  @Test("COCO's layout reads back with boxes, areas and a crowd")
  func coco() throws {
    let folder = TemporaryFolder()
    try FigureSet.write(folder: folder.path, count: 5, seed: 3, format: .coco)
    let set = try DatasetCatalog.open(path: folder.path)
    #expect(set.format == "coco" && set.imageCount == 5 && set.samples.count > 5)
    #expect(
      set.notices.map { $0.arguments.count > 3 ? words($0.arguments[3]) : "" }
        == ["it stands for a crowd"])
    for sample in set.samples {
      let box = try #require(sample.box)
      let area = try #require(sample.area)
      #expect(area > 16 && area < box.width * box.height)
    }
  }

  @Test("A folder with something in it is left alone")
  func occupied() throws {
    let folder = TemporaryFolder()
    try folder.write("mine", "text")
    #expect(throws: FigureError.folderNotEmpty(path: folder.path)) {
      try FigureSet.write(folder: folder.path, count: 1, seed: 0, format: .seed)
    }
  }

  @Test("Poses vary: the mean pose in the true box finds between .30 and .48 of the keypoints")
  func meanPose() throws {
    let people = (0..<400).map { index -> [Keypoint] in
      FigurePicture.single(seed: 0, index: index, width: 48, height: 64).people[0].keypoints
    }
    let boxes = try people.map { try #require(Box(around: $0)) }
    var mean = [(x: Double, y: Double)](repeating: (0, 0), count: 17)
    for (points, box) in zip(people, boxes).prefix(300) {
      for (index, point) in points.enumerated() {
        mean[index].x += (point.x - box.x) / box.width / 300
        mean[index].y += (point.y - box.y) / box.height / 300
      }
    }
    let evaluated = zip(people, boxes).dropFirst(300).map { points, box in
      EvaluatedPerson(
        image: 0, truth: points,
        predicted: mean.map {
          PredictedKeypoint(
            x: box.x + $0.x * box.width, y: box.y + $0.y * box.height, score: 1)
        }, box: nil, area: nil)
    }
    let share = KeypointEvaluation(Array(evaluated), schema: .coco17).pck.values[1]
    #expect(share > 0.30 && share < 0.48, "\(share)")
  }

  @Test("Joints are hidden as often as in photographs, and faces only from behind or when covered")
  func visibility() {
    let people = (0..<200).map {
      FigurePicture.single(seed: 5, index: $0, width: 96, height: 128).people[0].keypoints
    }
    func hidden(_ joints: ClosedRange<Int>) -> Double {
      let points = people.flatMap { $0[joints] }
      return Double(points.count { $0.visibility == .hidden }) / Double(points.count)
    }
    #expect(hidden(0...2) > 0.2 && hidden(0...2) < 0.5)
    #expect(hidden(5...16) > 0.02 && hidden(5...16) < 0.25)
  }

  @Test("The sides of a drawn skeleton differ without colour: the right one has a dark core")
  func sides() throws {
    let schema = KeypointSchema.coco17
    var points = [Keypoint](repeating: Keypoint(x: 0, y: 0, visibility: .unlabelled), count: 17)
    func place(_ name: String, _ x: Double, _ y: Double) throws {
      let index = try #require(schema.keypoints.firstIndex(of: name))
      points[index] = Keypoint(x: x, y: y, visibility: .visible)
    }
    for (side, x) in [("left", 30.0), ("right", 70.0)] {
      try place("\(side)_elbow", x, 20)
      try place("\(side)_wrist", x, 80)
    }
    var canvas = Canvas(width: 100, height: 100, Color(0.5, 0.5, 0.5))
    SkeletonPainter(schema: schema).draw(points, on: &canvas, width: 6)
    func grey(_ x: Int, _ y: Int) -> Float {
      let pixel = (y * canvas.width + x) * 3
      return 0.21 * canvas.values[pixel] + 0.72 * canvas.values[pixel + 1] + 0.07
        * canvas.values[pixel + 2]
    }
    for y in [20, 50, 80] {
      #expect(grey(30, y) > 0.5 && grey(70, y) < 0.35, "\(grey(30, y)) \(grey(70, y))")
    }
  }
}

@Suite("The rasteriser")
struct RasterTests {
  @Test("A shape covers its area, wherever it lies between the pixels")
  func area() {
    let shapes: [(Shape, Double)] = [
      (.disc(x: 20.3, y: 19.8, radius: 8), .pi * 64),
      (.ellipse(x: 20.1, y: 20.4, radiusX: 12, radiusY: 6, angle: 0.7), .pi * 72),
      (.line(10.2, 12, 30, 25.5, width: 4), 4 * 23.956 + .pi * 4),
      (.rectangle(x: 5.25, y: 6.5, width: 20, height: 11), 220),
      (
        .capsule(x0: 20, y0: 20, radius0: 9, x1: 21, y1: 20, radius1: 2), .pi * 81
      ),
      (.polygon([.init(5, 5), .init(35, 5), .init(5, 30)], radius: 0), 375),
    ]
    for (shape, wanted) in shapes {
      var mask = Mask(width: 40, height: 40)
      mask.add(shape)
      #expect(abs(mask.area - wanted) < 0.015 * wanted + 1, "\(shape): \(mask.area), \(wanted)")
    }
  }

  @Test("Drawing outside the canvas, with odd numbers or of nothing changes nothing")
  func outside() {
    var canvas = Canvas(width: 8, height: 8, Color(0.5, 0.5, 0.5))
    let before = canvas.bytes
    canvas.draw(.disc(x: -50, y: 4, radius: 8), Color(1, 0, 0))
    canvas.draw(.polygon([], radius: 3), Color(1, 0, 0))
    canvas.draw(.disc(x: .nan, y: .infinity, radius: 3), Color(1, 0, 0))
    canvas.draw(.disc(x: 4, y: 4, radius: -1), Color(1, 0, 0))
    canvas.blur(radius: 2)
    #expect(canvas.bytes == before)
  }
}
