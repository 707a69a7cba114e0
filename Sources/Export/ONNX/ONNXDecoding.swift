import Glibc
import Graph
import Nets
import Pose

/// Adds to a graph what turns a model's output into keypoints `[N, K, 3]`: x and y in pixels of the
/// input, and the score, as posetop's own decoders do.
struct ONNXDecoding {
  let interface: NetworkInterface
  let model: ModelProgram
  let refinement: HeatmapDecoder.Refinement

  private var keypoints: Int { interface.schema.count }

  func add(_ value: ONNXLayers.Value, to graph: inout ONNXGraph, output: String) {
    switch (model.variant.output, value) {
    case (.simcc(let bins), .axes(let x, let y)): axes(x, y, bins, &graph, output)
    case (.coordinates, .map(let name)): coordinates(name, &graph, output)
    case (_, .map(let name)), (_, .axes(let name, _)): heatmaps(name, &graph, output)
    }
  }

  // MARK: - SimCC

  private func axes(
    _ x: String, _ y: String, _ binsPerPixel: Int, _ graph: inout ONNXGraph, _ output: String
  ) {
    let step = graph.floats([1 / Float(binsPerPixel)], [1], named: "pixels_per_bin")
    func place(_ logits: String, _ name: String) -> (place: String, score: String) {
      let bin = graph.node(
        "ArgMax", [logits], [("axis", .int(2)), ("keepdims", .int(1))], named: "\(name).bin")
      let number = graph.node("Cast", [bin], [("to", .int(1))], named: "\(name).number")
      let share = graph.node("Softmax", [logits], [("axis", .int(2))], named: "\(name).share")
      return (
        graph.node("Mul", [number, step], named: "\(name).place"),
        graph.node(
          "ReduceMax", [share], [("axes", .ints([2])), ("keepdims", .int(1))],
          named: "\(name).score")
      )
    }
    let (columns, rows) = (place(x, "x"), place(y, "y"))
    let score = graph.node("Min", [columns.score, rows.score], named: "score")
    graph.add("Concat", [columns.place, rows.place, score], [output], [("axis", .int(2))])
  }

  // MARK: - Coordinates

  private func coordinates(_ x: String, _ graph: inout ONNXGraph, _ output: String) {
    let values = model.loss.valuesPerKeypoint
    let shape = graph.ints([0, keypoints, values], named: "points")
    let points = graph.node("Reshape", [x, shape], named: "by_keypoint")
    func part(_ range: Range<Int>, _ name: String) -> String {
      graph.node(
        "Slice",
        [
          points, graph.ints([range.lowerBound], named: "from"),
          graph.ints([range.upperBound], named: "to"), graph.ints([2], named: "axis"),
        ], named: name)
    }
    let size = graph.floats(
      [Float(interface.width), Float(interface.height)], [2], named: "input_size")
    let place = graph.node("Mul", [part(0..<2, "shares"), size], named: "place")
    let one = graph.floats([1], [1], named: "one")
    let score: String
    if values == 4 {
      let deviation = graph.node("Sigmoid", [part(2..<4, "logits")], named: "deviations")
      let mean = graph.node(
        "ReduceMean", [deviation], [("axes", .ints([2])), ("keepdims", .int(1))], named: "mean")
      score = graph.node("Sub", [one, mean], named: "score")
    } else {
      let first = part(0..<1, "first")
      let zero = graph.floats([0], [1], named: "zero")
      score = graph.node(
        "Add", [graph.node("Mul", [first, zero], named: "nothing"), one], named: "score")
    }
    graph.add("Concat", [place, score], [output], [("axis", .int(2))])
  }

  // MARK: - Heatmaps

  /// The peak of each map and its refinement, see `HeatmapDecoder`.
  private func heatmaps(_ x: String, _ graph: inout ONNXGraph, _ output: String) {
    let maps = model.geometry.prediction
    let (width, height) = (maps.w, maps.h)
    let single = graph.node(
      "Reshape", [x, graph.ints([-1, 1, height, width], named: "single")], named: "maps")
    let flat = graph.node(
      "Reshape", [x, graph.ints([-1, height * width], named: "flat")], named: "pixels")
    let peak = graph.node(
      "ReduceMax", [flat], [("axes", .ints([1])), ("keepdims", .int(1))], named: "peak")
    let place = graph.node(
      "ArgMax", [flat], [("axis", .int(1)), ("keepdims", .int(1))], named: "peak.place")
    let wide = graph.ints([width], named: "map_width")
    let column = number(graph.node("Mod", [place, wide], named: "column"), &graph)
    let row = number(graph.node("Div", [place, wide], named: "row"), &graph)
    var offset: (x: String, y: String)?
    switch refinement {
    case .none: break
    case .quarterOffset:
      offset = quarter(single, place, column, row, &graph)
    case .dark:
      let fallback = quarter(single, place, column, row, &graph)
      offset = dark(single, place, column, row, fallback, &graph)
    }
    let convention = interface.convention
    let scale = (
      x: Float(convention.ratio(interface.width, to: width)),
      y: Float(convention.ratio(interface.height, to: height))
    )
    let zero = graph.floats([0], [1], named: "zero")
    // A map without a positive value gives score 0 and the input's middle.
    let isFound = graph.node("Greater", [peak, zero], named: "found")
    func position(
      _ pixel: String, _ offset: String?, _ scale: Float, _ count: Int, _ name: String
    ) -> String {
      var sum = pixel
      if let offset { sum = graph.node("Add", [pixel, offset], named: "\(name).refined") }
      let scaled = graph.node(
        "Mul", [sum, graph.floats([scale], [1], named: "\(name).scale")], named: "\(name).px")
      let middle = graph.floats([scale * Float(count - 1) / 2], [1], named: "\(name).middle")
      return graph.node("Where", [isFound, scaled, middle], named: "\(name).place")
    }
    let parts = [
      position(column, offset?.x, scale.x, width, "x"),
      position(row, offset?.y, scale.y, height, "y"),
      graph.node("Max", [peak, zero], named: "score"),
    ]
    let rows = graph.node("Concat", parts, [("axis", .int(1))], named: "points")
    let shape = graph.ints([-1, keypoints, 3], named: "by_keypoint")
    graph.add("Reshape", [rows, shape], [output])
  }

  private func number(_ x: String, _ graph: inout ONNXGraph) -> String {
    graph.node("Cast", [x], [("to", .int(1))], named: "\(x).number")
  }

  /// Whether the peak keeps a distance from the border: `low <= value <= high` on both axes.
  private func isInside(
    _ column: String, _ row: String, margin: (low: Int, high: Int), _ graph: inout ONNXGraph,
    _ name: String
  ) -> String {
    let maps = model.geometry.prediction
    func between(_ value: String, _ count: Int, _ axis: String) -> String {
      let low = graph.floats([Float(margin.low) - 0.5], [1], named: "\(name).low")
      let high = graph.floats(
        [Float(count - 1 - margin.high) + 0.5], [1], named: "\(name).\(axis).high")
      return graph.node(
        "And",
        [
          graph.node("Greater", [value, low], named: "\(name).\(axis).above"),
          graph.node("Less", [value, high], named: "\(name).\(axis).below"),
        ], named: "\(name).\(axis)")
    }
    return graph.node(
      "And", [between(column, maps.w, "x"), between(row, maps.h, "y")], named: name)
  }

  /// The values at the peaks of maps that small kernels make of each map: `[N · K, 1]` each.
  private func atPeak(
    _ maps: String, _ place: String, kernels: [[Float]], size: Int, _ graph: inout ONNXGraph,
    _ name: String
  ) -> [String] {
    let weights = graph.floats(
      kernels.flatMap { $0 }, [kernels.count, 1, size, size], named: "\(name).kernels")
    let result = graph.node(
      "Conv", [maps, weights],
      [
        ("kernel_shape", .ints([size, size])),
        ("pads", .ints([Int](repeating: size / 2, count: 4))),
      ], named: "\(name).maps")
    let flat = graph.node(
      "Reshape", [result, graph.ints([0, 0, -1], named: "flat_maps")], named: "\(name).flat")
    let index = graph.node(
      "Unsqueeze", [place, graph.ints([1], named: "axis")], named: "\(name).index")
    let indices = graph.node(
      "Concat", [String](repeating: index, count: kernels.count), [("axis", .int(1))],
      named: "\(name).indices")
    let found = graph.node(
      "GatherElements", [flat, indices], [("axis", .int(2))], named: "\(name).values")
    let values = graph.node(
      "Squeeze", [found, graph.ints([2], named: "axis")], named: "\(name).row")
    return kernels.indices.map { place in
      graph.node(
        "Slice",
        [
          values, graph.ints([place], named: "from"), graph.ints([place + 1], named: "to"),
          graph.ints([1], named: "axis"),
        ], named: "\(name).\(place)")
    }
  }

  private func quarter(
    _ maps: String, _ place: String, _ column: String, _ row: String, _ graph: inout ONNXGraph
  ) -> (x: String, y: String) {
    let steps = atPeak(
      maps, place, kernels: [[0, 0, 0, -1, 0, 1, 0, 0, 0], [0, -1, 0, 0, 0, 0, 0, 1, 0]], size: 3,
      &graph, "steps")
    let inside = isInside(column, row, margin: (2, 1), &graph, "quarter.inside")
    let (quarter, zero) = (
      graph.floats([0.25], [1], named: "quarter"), graph.floats([0], [1], named: "zero")
    )
    func offset(_ step: String, _ name: String) -> String {
      let sign = graph.node("Sign", [step], named: "\(name).sign")
      let length = graph.node("Mul", [sign, quarter], named: "\(name).length")
      return graph.node("Where", [inside, length, zero], named: "\(name).quarter")
    }
    return (offset(steps[0], "x"), offset(steps[1], "y"))
  }

  private func dark(
    _ maps: String, _ place: String, _ column: String, _ row: String,
    _ fallback: (x: String, y: String), _ graph: inout ONNXGraph
  ) -> (x: String, y: String) {
    let radius = HeatmapDecoder.smoothingRadius(sigma: Double(model.geometry.heatmapSigma))
    let taps = HeatmapDecoder.smoothingKernel(radius: radius).map { Float($0) }
    let count = taps.count
    func smooth(_ x: String, _ shape: [Int], _ pads: [Int], _ name: String) -> String {
      graph.node(
        "Conv", [x, graph.floats(taps, shape, named: "\(name).taps")],
        [("kernel_shape", .ints(Array(shape[2...]))), ("pads", .ints(pads))], named: name)
    }
    let rows = smooth(maps, [1, 1, 1, count], [0, radius, 0, radius], "smooth.x")
    let both = smooth(rows, [1, 1, count, 1], [radius, 0, radius, 0], "smooth.y")
    let least = graph.floats([1e-10], [1], named: "least")
    let logs = graph.node(
      "Log", [graph.node("Max", [both, least], named: "clipped")], named: "log")
    func kernel(_ entries: [(x: Int, y: Int, weight: Float)]) -> [Float] {
      var values = [Float](repeating: 0, count: 25)
      for entry in entries { values[(entry.y + 2) * 5 + entry.x + 2] = entry.weight }
      return values
    }
    let derivatives = atPeak(
      logs, place,
      kernels: [
        kernel([(1, 0, 0.5), (-1, 0, -0.5)]), kernel([(0, 1, 0.5), (0, -1, -0.5)]),
        kernel([(2, 0, 0.25), (0, 0, -0.5), (-2, 0, 0.25)]),
        kernel([(0, 2, 0.25), (0, 0, -0.5), (0, -2, 0.25)]),
        kernel([(1, 1, 0.25), (-1, 1, -0.25), (1, -1, -0.25), (-1, -1, 0.25)]),
      ], size: 5, &graph, "derivatives")
    func product(_ a: String, _ b: String, _ name: String) -> String {
      graph.node("Mul", [a, b], named: name)
    }
    func difference(_ a: String, _ b: String, _ name: String) -> String {
      graph.node("Sub", [a, b], named: name)
    }
    let (dx, dy, xx, yy, xy) = (
      derivatives[0], derivatives[1], derivatives[2], derivatives[3], derivatives[4]
    )
    let determinant = difference(
      product(xx, yy, "xx_yy"), product(xy, xy, "xy_xy"), "determinant")
    let zero = graph.floats([0], [1], named: "zero")
    let positive = graph.node(
      "Greater", [determinant, graph.floats([1e-12], [1], named: "least_determinant")],
      named: "is_positive")
    let isMaximum = graph.node(
      "And", [positive, graph.node("Less", [xx, zero], named: "falls")], named: "is_maximum")
    // Where there is no maximum nothing is divided by what may be 0.
    let safe = graph.node(
      "Where", [isMaximum, determinant, graph.floats([1], [1], named: "one")], named: "divisor")
    func step(_ a: String, _ b: String, _ name: String) -> String {
      graph.node("Div", [difference(b, a, "\(name).numerator"), safe], named: "\(name).step")
    }
    let stepX = step(product(yy, dx, "yy_dx"), product(xy, dy, "xy_dy"), "x")
    let stepY = step(product(xx, dy, "xx_dy"), product(xy, dx, "xy_dx"), "y")
    let limit = graph.floats([1.5], [1], named: "longest")
    func isShort(_ step: String, _ name: String) -> String {
      let length = graph.node("Abs", [step], named: "\(name).distance")
      return graph.node(
        "Not", [graph.node("Greater", [length, limit], named: "\(name).far")],
        named: "\(name).near")
    }
    let near = graph.node("And", [isShort(stepX, "x"), isShort(stepY, "y")], named: "near")
    let inside = isInside(column, row, margin: (2, 2), &graph, "dark.inside")
    let counts = graph.node(
      "And", [graph.node("And", [isMaximum, near], named: "is_bump"), inside], named: "is_refined")
    return (
      graph.node("Where", [counts, stepX, fallback.x], named: "x.offset"),
      graph.node("Where", [counts, stepY, fallback.y], named: "y.offset")
    )
  }
}
