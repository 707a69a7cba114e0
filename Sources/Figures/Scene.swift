import Imaging
import Pose
import Raster
import Support

/// Draws people on a ground and takes down their labels.
struct Scene {
  let width: Int
  let height: Int
  let backdrop: Backdrop
  let noise: CounterRandom

  func picture(_ people: [PlacedFigure], crowd: [PlacedFigure]) -> FigurePicture {
    var canvas = backdrop.canvas(width: width, height: height, noise: noise)
    for figure in crowd { figure.draw(on: &canvas) }
    for figure in people {
      shadow(of: figure, on: &canvas)
      figure.draw(on: &canvas)
    }
    backdrop.light(&canvas)
    let labels = people.indices.compactMap { person(people[$0], behind: people[($0 + 1)...]) }
    return FigurePicture(
      picture: ImageBuffer(width: width, height: height, pixels: canvas.bytes), people: labels,
      crowd: crowd.isEmpty ? nil : self.crowd(crowd, behind: people[...]))
  }

  private func shadow(of figure: PlacedFigure, on canvas: inout Canvas) {
    let bounds = figure.bounds
    let (wide, size) = (bounds.right - bounds.left, bounds.bottom - bounds.top)
    let black = Color(0, 0, 0, alpha: 0.32)
    canvas.draw(
      .ellipse(
        x: (bounds.left + bounds.right) / 2, y: bounds.bottom - size * 0.015,
        radiusX: wide * 0.42, radiusY: size * 0.035, angle: 0),
      .rim(inside: black, outside: black.opacity(0), depth: size * 0.03))
  }

  /// A person's labels; nil when nearly nothing of the person is in the picture.
  private func person(
    _ figure: PlacedFigure, behind nearer: ArraySlice<PlacedFigure>
  ) -> FigurePerson? {
    let mask = mask(of: [figure], behind: nearer)
    let bounds = figure.bounds
    let (left, top) = (max(bounds.left, -0.5), max(bounds.top, -0.5))
    let right = min(bounds.right, Double(width) - 0.5)
    let bottom = min(bounds.bottom, Double(height) - 0.5)
    guard right - left > 4, bottom - top > 4, mask.area > 16 else { return nil }
    let points = figure.joints.indices.map { index -> Keypoint in
      let point = figure.joints[index]
      guard point.x >= -0.5, point.y >= -0.5, point.x < Double(width) - 0.5,
        point.y < Double(height) - 0.5
      else { return Keypoint(x: 0, y: 0, visibility: .unlabelled) }
      let isSeen = figure.isVisible[index] && !nearer.contains { $0.covers(point) }
      return Keypoint(x: point.x, y: point.y, visibility: isSeen ? .visible : .hidden)
    }
    return FigurePerson(
      keypoints: points, box: Box(x: left, y: top, width: right - left, height: bottom - top),
      area: mask.area, outline: hull(of: mask))
  }

  private func mask(of figures: [PlacedFigure], behind nearer: ArraySlice<PlacedFigure>) -> Mask {
    var mask = Mask(width: width, height: height)
    for figure in figures { for shape in figure.shapes { mask.add(shape) } }
    for figure in nearer { for shape in figure.shapes { mask.remove(shape) } }
    return mask
  }

  /// The convex hull of the covered pixels (Andrew's monotone chain), x and y in turn.
  private func hull(of mask: Mask) -> [Double] {
    var points: [(x: Double, y: Double)] = []
    for x in 0..<width {
      // The first and last covered pixel of a column are all that a hull can need.
      let rows = (0..<height).filter { mask.values[$0 * width + x] >= 0.5 }
      guard let first = rows.first, let last = rows.last else { continue }
      points.append((Double(x), Double(first)))
      points.append((Double(x), Double(last)))
    }
    func chain(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
      var chain: [(x: Double, y: Double)] = []
      for point in points {
        while chain.count >= 2 {
          let (a, b) = (chain[chain.count - 2], chain[chain.count - 1])
          let turn = (b.x - a.x) * (point.y - a.y) - (b.y - a.y) * (point.x - a.x)
          if turn > 0 { break }
          chain.removeLast()
        }
        chain.append(point)
      }
      return Array(chain.dropLast())
    }
    return (chain(points) + chain(points.reversed())).flatMap { [$0.x, $0.y] }
  }

  private func crowd(
    _ figures: [PlacedFigure], behind nearer: ArraySlice<PlacedFigure>
  ) -> FigureCrowd? {
    let mask = mask(of: figures, behind: nearer)
    var runs: [Int] = [0]
    var isCovered = false
    var area = 0
    var (left, top, right, bottom) = (width, height, -1, -1)
    for x in 0..<width {
      for y in 0..<height {
        let covered = mask.values[y * width + x] >= 0.5
        if covered != isCovered {
          runs.append(0)
          isCovered = covered
        }
        runs[runs.count - 1] += 1
        guard covered else { continue }
        area += 1
        (left, right) = (min(left, x), max(right, x))
        (top, bottom) = (min(top, y), max(bottom, y))
      }
    }
    guard area > 0 else { return nil }
    return FigureCrowd(
      box: Box(
        x: Double(left), y: Double(top), width: Double(right - left + 1),
        height: Double(bottom - top + 1)), area: area, runs: runs)
  }
}
