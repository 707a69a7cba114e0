/// COCO's visibility flag of a labelled point.
public enum Visibility: Int, Sendable {
  /// Not labelled; the position means nothing.
  case unlabelled = 0
  /// Labelled, but hidden in the picture.
  case hidden = 1
  /// Labelled and visible.
  case visible = 2
}

/// A labelled point in pixels; pixel centre i is at i.
public struct Keypoint: Sendable, Hashable {
  /// Pixels from the left.
  public var x: Double
  /// Pixels from the top.
  public var y: Double
  /// Whether it is labelled and visible.
  public var visibility: Visibility

  /// A point.
  public init(x: Double, y: Double, visibility: Visibility) {
    self.x = x
    self.y = y
    self.visibility = visibility
  }

  /// Whether the position counts.
  public var isLabelled: Bool { visibility != .unlabelled }
}

/// A predicted point in pixels with its score.
public struct PredictedKeypoint: Sendable, Hashable {
  /// Pixels from the left.
  public var x: Double
  /// Pixels from the top.
  public var y: Double
  /// The height of the heatmap's peak, or 1 for regression.
  public var score: Double

  /// A prediction.
  public init(x: Double, y: Double, score: Double) {
    self.x = x
    self.y = y
    self.score = score
  }
}

/// A box in pixels: left, top, width, height (COCO's `bbox`).
public struct Box: Sendable, Hashable {
  /// Left edge, px.
  public var x: Double
  /// Top edge, px.
  public var y: Double
  /// Width, px.
  public var width: Double
  /// Height, px.
  public var height: Double

  /// A box.
  public init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// The smallest box around the labelled points, or nil when none is labelled.
  public init?(around points: [Keypoint]) {
    let labelled = points.filter(\.isLabelled)
    guard let first = labelled.first else { return nil }
    var (left, top, right, bottom) = (first.x, first.y, first.x, first.y)
    for point in labelled {
      left = min(left, point.x)
      right = max(right, point.x)
      top = min(top, point.y)
      bottom = max(bottom, point.y)
    }
    self.init(x: left, y: top, width: right - left, height: bottom - top)
  }
}
