import TerminalUI

/// The panes that screens are made of; a new one is one file in `Views/Panes` and one line here.
enum PaneID: Sendable, CaseIterable {
  case progress, curves, metrics, rate, sample, keypoints, memory, events
  case sampleHeader, truth, prediction, errors
  case jointTable, jointCurve, jointSample
  case runTable, runDetail
  case memoryHistory, speed, dataWait, ops, machine
  case layers, log

  /// What draws it.
  var pane: any Pane.Type {
    switch self {
    case .progress: ProgressLine.self
    case .curves: CurvePane.self
    case .metrics: MetricsPane.self
    case .rate: RatePane.self
    case .sample: SamplePane.self
    case .keypoints: KeypointPane.self
    case .memory: MemoryPane.self
    case .events: EventsPane.self
    case .sampleHeader: SampleHeader.self
    case .truth: TruthPane.self
    case .prediction: PredictionPane.self
    case .errors: ErrorPane.self
    case .jointTable: JointTablePane.self
    case .jointCurve: JointCurvePane.self
    case .jointSample: JointSamplePane.self
    case .runTable: RunTablePane.self
    case .runDetail: RunDetailPane.self
    case .memoryHistory: MemoryHistoryPane.self
    case .speed: SpeedPane.self
    case .dataWait: DataWaitPane.self
    case .ops: OpsPane.self
    case .machine: MachinePane.self
    case .layers: LayerPane.self
    case .log: LogPane.self
    }
  }

  /// Whether it has a frame of its own, so that it can be chosen and enlarged.
  var hasFrame: Bool { self != .progress && self != .sampleHeader }
}

/// A part of a screen.
protocol Pane {
  /// Draws it; an empty rectangle leaves it out.
  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext)
}

/// A screen: which panes it has where, and nothing else. Everything between the tab line and the
/// key hints is its own.
protocol ScreenView {
  /// The panes with their places; `rect` has at least 40×7 cells. Places never overlap.
  static func panes(in rect: Rect, _ state: DashboardState) -> [PlacedPane]
}

/// A pane and its place.
struct PlacedPane: Sendable, Equatable {
  var pane: PaneID
  var rect: Rect

  init(_ pane: PaneID, _ rect: Rect) {
    self.pane = pane
    self.rect = rect
  }
}

extension DashboardState {
  /// What lies between the tab line and the lines at the bottom.
  var body: Rect { Rect(x: 0, y: 1, width: width, height: height - 3) }

  /// Whether there is room for more than a few lines.
  var hasScreens: Bool { width >= Self.smallest.width && height >= Self.smallest.height }

  /// The panes that are shown now; an enlarged one has the whole screen.
  var panes: [PlacedPane] {
    let all = screen.view.panes(in: body, self).filter { !$0.rect.isEmpty }
    guard isZoomed, let focus = focusedPane(of: all) else { return all }
    return [PlacedPane(focus, body)]
  }

  /// Whether a pane is on the screen.
  func shows(_ pane: PaneID) -> Bool { hasScreens && panes.contains { $0.pane == pane } }

  /// The pane that `z` enlarges: the chosen one, else the first with a frame.
  func focusedPane(of all: [PlacedPane]) -> PaneID? {
    let framed = all.map(\.pane).filter(\.hasFrame)
    return framed.first { $0 == focus } ?? framed.first
  }
}
