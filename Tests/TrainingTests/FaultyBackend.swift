import BackendCPU
import Execution
import Graph

/// A number that is none, put somewhere at an update.
struct Fault: Sendable, CustomStringConvertible {
  enum Place: Sendable, Equatable {
    /// Gradients before the update reads them, the others behind it.
    case slab(Slab)
    case learningRate
  }

  let place: Place
  let value: Float
  /// The update at which it is put there, counted from 1.
  let after: Int
  /// How often it is put there, each time after as many updates again.
  var times = 1

  /// What the recipe has besides: `ema`, `clip`, `accumulate`.
  var recipe: [String] = []

  var description: String {
    "\(value) in \(place) at update \(after), \(times) times, \(recipe.joined(separator: " "))"
  }

  /// Whether it is there before the update.
  var isBefore: Bool {
    place == .slab(.gradients) || place == .slab(.accumulatedGradients)
  }
}

/// A backend whose sessions break in a planned way.
struct FaultyBackend: Backend {
  let backend: CPUBackend
  let fault: Fault

  var deviceName: String { backend.deviceName }
  func arithmetic(in precision: Precision) -> String { backend.arithmetic(in: precision) }

  func supports(_ precision: Precision) -> Bool { backend.supports(precision) }

  func workspaceBytes(of node: Node, in graph: Graph) -> Int {
    backend.workspaceBytes(of: node, in: graph)
  }

  func measureCeilings() throws(ExecutionError) -> Ceilings { try backend.measureCeilings() }

  func makeSession(
    _ program: Program, _ options: SessionOptions
  ) throws(ExecutionError) -> any BackendSession {
    FaultySession(try backend.makeSession(program, options), fault)
  }
}

private final class FaultySession: BackendSession {
  private let session: any BackendSession
  private let fault: Fault
  private var updates = 0
  private var faults = 0

  init(_ session: any BackendSession, _ fault: Fault) {
    self.session = session
    self.fault = fault
  }

  private var isDue: Bool { faults < fault.times && updates + 1 >= fault.after }

  private func put() {
    updates = 0
    faults += 1
    guard case .slab(let slab) = fault.place else { return }
    withUnsafePointer(to: fault.value) {
      session.write(UnsafeBufferPointer(start: $0, count: 1), to: slab, from: 0)
    }
  }

  func update(_ settings: OptimizerUpdate) {
    var settings = settings
    let isDue = isDue
    if isDue, fault.place == .learningRate { settings.learningRate = Double(fault.value) }
    if isDue, fault.isBefore { put() }
    session.update(settings)
    if isDue, !fault.isBefore { put() } else if !isDue { updates += 1 }
  }

  func values(of slab: Slab) -> UnsafeBufferPointer<Float>? { session.values(of: slab) }

  func write(_ values: UnsafeBufferPointer<Float>, to tensor: TensorID, of pass: Pass) {
    session.write(values, to: tensor, of: pass)
  }

  func read(_ tensor: TensorID, of pass: Pass, into values: UnsafeMutableBufferPointer<Float>) {
    session.read(tensor, of: pass, into: values)
  }

  func accumulateGradients(weight: Double, isFirst: Bool) {
    session.accumulateGradients(weight: weight, isFirst: isFirst)
  }

  func gradientNorm() -> Double {
    if isDue, fault.isBefore { put() }
    return session.gradientNorm()
  }

  func nodeSeconds(_ pass: Pass, batch: Int) -> [Double] {
    session.nodeSeconds(pass, batch: batch)
  }

  func updateAverages(keep: Double) { session.updateAverages(keep: keep) }

  func exchangeAverages() { session.exchangeAverages() }

  func run(_ pass: Pass, batch: Int, nodes: Range<Int>) {
    session.run(pass, batch: batch, nodes: nodes)
  }

  func finish() { session.finish() }

  func nodeCount(_ pass: Pass) -> Int { session.nodeCount(pass) }

  func read(_ slab: Slab, from offset: Int, into values: UnsafeMutableBufferPointer<Float>) {
    session.read(slab, from: offset, into: values)
  }

  func write(_ values: UnsafeBufferPointer<Float>, to slab: Slab, from offset: Int) {
    session.write(values, to: slab, from: offset)
  }

  func firstNotFinite(_ pass: Pass, batch: Int) -> (scope: String, op: String)? {
    session.firstNotFinite(pass, batch: batch)
  }

  func count(of slab: Slab) -> Int { session.count(of: slab) }
}
