import BackendCPU
import Datasets
import Figures
import Imaging
import Nets
import Pose
import RunFiles
import Support
import Testing
import TrainingAPI
import TrainingSupport
import Wording

@testable import Training

private func evaluate(
  _ folder: RunFolder, _ change: (inout EvaluationRequest) -> Void = { _ in }
) throws -> JSONValue {
  var request = EvaluationRequest(weights: folder.bestPath)
  request.run = try folder.recipe()
  change(&request)
  // As it travels.
  return try evaluateDocument(
    EvaluationRequest(json: request.json),
    makeBackend: { CPUBackend(threads: $0.threads ?? 2) }, onProgress: { _, _ in },
    onNotice: { _ in })
}

@Suite struct EvaluateTests {
  @Test func `a run's best weights give the figures of its best epoch, and the mean pose's`() throws
  {
    let ground = try Ground()
    let recorder = Recorder()
    let (succeeded, folder) = try ground.train("run", sink: recorder) { $0.epochs = 3 }
    #expect(succeeded)
    let best = recorder.events.compactMap { event -> EpochReport? in
      if case .epoch(let report) = event, report.isBest { report } else { nil }
    }.last
    let report = try #require(best)
    let document = try evaluate(folder)
    for (name, value) in report.metrics where value != -1 && value.isFinite {
      #expect(document[name]?.double == value, "\(name)")
    }
    // The pose is kept in thousandths of a pixel.
    for (name, value) in report.meanPoseMetrics where name == "EPE" || name == "NME" {
      let kept = try #require(document["mean_pose"]?[name]?.double)
      #expect(abs(kept - value) < 1e-3 * value, "\(name)")
    }
    #expect(document["persons"]?.int == 5 && document["model"]?.string == "lite")
    // The whole set, which the run has seen most of.
    let whole = try evaluate(folder) { $0.dataset = Path.join(ground.path, "people") }
    #expect(whole["persons"]?.int == 24)
    // Refinement and mirror change the figures, and leave them sensible.
    for change in [
      { $0.decode = "none" }, { $0.decode = "quarter" }, { $0.flipTest = true },
    ] as [(inout EvaluationRequest) -> Void] {
      let other = try evaluate(folder, change)
      #expect(other["EPE"] != document["EPE"])
      let ratio = (other["EPE"]?.double ?? 0) / (document["EPE"]?.double ?? 1)
      #expect(ratio > 0.5 && ratio < 2, "\(ratio)")
    }
  }

  @Test func `boxes of a file equal the true ones that they are, and what was found can be scored`()
    throws
  {
    let ground = try Ground()
    let set = Path.join(ground.path, "coco")
    try FigureSet.write(folder: set, count: 16, seed: 2, format: .coco)
    let (_, folder) = try ground.train("run") { recipe in
      recipe.dataset = set
      recipe.epochs = 1
    }
    let dataset = try DatasetCatalog.open(path: set)
    let boxes = dataset.samples.map { sample -> JSONValue in
      let box = sample.box ?? Box(x: 0, y: 0, width: 1, height: 1)
      return [
        "image_id": .integer(sample.imageID ?? 0), "category_id": 1, "score": 1,
        "bbox": .array([box.x, box.y, box.width, box.height].map { .number($0) }),
      ]
    }
    let file = Path.join(ground.path, "boxes.json")
    let results = Path.join(ground.path, "found.json")
    let foreign: JSONValue = [
      "image_id": 999, "category_id": 1, "score": 1, "bbox": [1, 2, 30, 40],
    ]
    try DurableFile.commit(file, bytes: Array(JSONValue.array(boxes + [foreign]).text.utf8))
    let truth = try evaluate(folder) { $0.dataset = set }
    let found = try evaluate(folder) { request in
      request.dataset = set
      request.detections = file
      request.results = results
    }
    #expect(found["persons"]?.int == dataset.samples.count)
    // The same people in the same boxes: only those that look like one person twice are left out.
    let difference = abs((found["AR"]?.double ?? -1) - (truth["AR"]?.double ?? 1))
    #expect(difference < 0.05, "\(found["AR"]?.double ?? -1)")
    let scoring = try COCOScoring(
      annotations: Path.join(set, "annotations/person_keypoints.json"), detections: results)
    #expect(scoring.evaluation.coco.ap == found["AP"]?.double)
    #expect(scoring.detections == found["detections"]?.int)
    // A set without picture ids cannot be matched.
    #expect(throws: TrainingError.self) {
      try evaluate(folder) { request in
        request.dataset = Path.join(ground.path, "people")
        request.detections = file
      }
    }
  }

  @Test func `weights that do not say or hold their model are refused in a sentence`() throws {
    let ground = try Ground()
    let (_, folder) = try ground.train("run") { $0.epochs = 1 }
    func message(_ change: (inout EvaluationRequest) -> Void) -> String {
      do {
        _ = try evaluate(folder, change)
        return "none"
      } catch {
        return (error as? any Sayable)?.sentence.text() ?? "\(error)"
      }
    }
    let other = message { request in
      request.settings.model = "resnet18"
      (request.settings.inputWidth, request.settings.inputHeight) = (64, 64)
    }
    #expect(other.contains("does not hold a whole resnet18"))
    #expect(message { $0.settings.model = "litte" }.contains("did you mean lite"))
    #expect(message { $0.weights = "/nowhere.safetensors" }.contains("/nowhere.safetensors"))
    #expect(
      message { request in
        request.run = nil
        request.dataset = nil
      }.contains("No data set"))
  }
}

@Suite struct FlipTests {
  /// The output for a mirrored picture of which the output for the straight one is known.
  private func check(_ head: Head, convention: CoordinateConvention) throws {
    let schema = KeypointSchema.coco17
    let (width, height) = (64, 64)
    let definition = try Catalog.model("resnet18")
    let variant = try definition.variant(head)
    let model = try ModelProgram(
      definition: definition, head: head, loss: try Catalog.loss(variant.defaults.loss), batch: 1,
      width: width, height: height,
      keypoints: schema.sigmas.map { KeypointFacts(sigma: $0) },
      isUnbiased: convention == .unbiased, workspace: { _, _ in 0 })
    let decoder = OutputDecoder(
      model, input: InputSpec(width: width, height: height, convention: convention),
      schema: schema)
    // Points on pixels of the maps, and where a mirrored picture shows them.
    let span = convention == .unbiased ? 63.0 / 15 : 4
    let columns = (0..<17).map { Double(2 + $0 * 5 % 11) * (head == .heatmap ? span : 4) }
    let rows = (0..<17).map { Double(3 + $0 * 7 % 9) * (head == .heatmap ? span : 4) }
    var straight = output(head, columns, rows, width: width, convention: convention)
    let mirrored = output(
      head, schema.flipPairs.map { mirror(columns[$0], head, convention, width) },
      schema.flipPairs.map { rows[$0] }, width: width, convention: convention)
    let before = straight
    straight.withUnsafeMutableBufferPointer { row in
      mirrored.withUnsafeBufferPointer { other in
        if let row = row.baseAddress, let other = other.baseAddress {
          decoder.average(row, mirrored: other)
        }
      }
    }
    for (index, (one, other)) in zip(straight, before).enumerated() {
      // The mirror image of SimCC's last bin lies outside.
      if head == .simcc, index % 256 == 127 { continue }
      #expect(abs(one - other) < 1e-5, "\(head) \(convention) \(index)")
    }
    let points = straight.withUnsafeBufferPointer { row in
      row.baseAddress.map { decoder.decode($0) } ?? []
    }
    for (index, point) in points.enumerated() {
      #expect(abs(point.x - columns[index]) < 0.3 && abs(point.y - rows[index]) < 0.3)
    }
  }

  private func mirror(
    _ x: Double, _ head: Head, _ convention: CoordinateConvention, _ width: Int
  ) -> Double {
    // HRNet's shift by a column: the classic maps' mirror image of column c is c' = 16 - c.
    if head == .heatmap, convention == .classic { return 4 * 16 - x }
    return Double(width - 1) - x
  }

  private func output(
    _ head: Head, _ columns: [Double], _ rows: [Double], width: Int,
    convention: CoordinateConvention
  ) -> [Float] {
    switch head {
    case .regression:
      return zip(columns, rows).flatMap { [Float($0 / 64), Float($1 / 64)] }
    case .simcc:
      return zip(columns, rows).flatMap { x, y in
        [x, y].flatMap { place in
          (0..<128).map { bin -> Float in Float(-abs(Double(bin) / 2 - place)) }
        }
      }
    case .heatmap:
      let span = convention == .unbiased ? 63.0 / 15 : 4
      var maps = [Float](repeating: 0, count: 16 * 16 * 17)
      for (point, place) in zip(columns, rows).enumerated() {
        let (column, row) = (Int((place.0 / span).rounded()), Int((place.1 / span).rounded()))
        maps[(row * 16 + column) * 17 + point] = 1
      }
      return maps
    }
  }

  @Test func `the mean with the mirror image's output is the output itself where both agree`()
    throws
  {
    for convention in CoordinateConvention.allCases {
      try check(.heatmap, convention: convention)
      try check(.regression, convention: convention)
      try check(.simcc, convention: convention)
    }
  }
}
