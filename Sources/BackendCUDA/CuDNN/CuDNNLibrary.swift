import CNVIDIA

/// cuDNN for one device: finds ways to compute a convolution, and runs them.
final class CuDNNLibrary {
  let library: posetop_cudnn
  let handle: cudnnHandle_t?
  /// The most scratch memory that one convolution may take, bytes.
  static let workspaceLimit = 64 << 20
  /// How many ways are kept to be timed.
  private static let candidateLimit = 8
  private var found: [ConvolutionProblem: [ConvolutionPlan]] = [:]
  /// The choice for each problem that was timed, here or by an earlier process: a training that goes on
  /// computes as it did before.
  private var chosen: ConvolutionChoices

  init(_ library: posetop_cudnn, choices: ConvolutionChoices) throws(CuDNNFailure) {
    self.library = library
    chosen = choices
    var handle: cudnnHandle_t?
    let code = library.cudnnCreate?(&handle)
    guard code == 0 else { throw CuDNNFailure(function: "cudnnCreate", code: code ?? -1) }
    self.handle = handle
  }

  deinit { if let handle { _ = library.cudnnDestroy?(handle) } }

  /// Enqueues everything on this stream from now on.
  func use(_ stream: DeviceStream) { _ = library.cudnnSetStream?(handle, stream.handle) }

  func descriptor(_ kind: Int) throws(CuDNNFailure) -> CuDNNDescriptor {
    try CuDNNDescriptor(library, kind)
  }

  /// The words for a code.
  func message(_ failure: CuDNNFailure) -> String {
    let words = library.cudnnGetErrorString?(failure.code).map { String(cString: $0) } ?? "?"
    var detail = [CChar](repeating: 0, count: 512)
    library.cudnnGetLastErrorString?(&detail, detail.count)
    let more = String(
      decoding: detail.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return "\(failure.function): \(words) \(more)"
  }

  /// Ways to compute it, as cuDNN's heuristics order them; empty where it has none.
  func plans(_ problem: ConvolutionProblem) -> [ConvolutionPlan] {
    if let plans = found[problem] { return plans }
    var plans: [ConvolutionPlan] = []
    if let graph = try? graph(problem) {
      for mode in [Int(CUDNN_HEUR_MODE_A), Int(CUDNN_HEUR_MODE_FALLBACK)] {
        for configuration in (try? configurations(graph, mode)) ?? [] {
          guard plans.count < Self.candidateLimit else { break }
          guard (try? isAllowed(configuration, problem)) == true,
            let plan = try? ConvolutionPlan(configuration, self),
            plan.workspaceBytes <= Self.workspaceLimit
          else { continue }
          plans.append(plan)
        }
        // The fallbacks promise nothing about speed.
        if !plans.isEmpty { break }
      }
    }
    found[problem] = plans
    return plans
  }

  /// Keeps what was chosen for later processes.
  func keepChoices() { chosen.keep() }

  /// Scratch memory of the greediest of its plans.
  func workspaceBytes(_ problem: ConvolutionProblem) -> Int {
    plans(problem).reduce(0) { max($0, $1.workspaceBytes) }
  }

  private func configurations(
    _ graph: CuDNNDescriptor, _ mode: Int
  ) throws(CuDNNFailure) -> [CuDNNDescriptor] {
    let heuristics = try descriptor(Int(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR))
    try heuristics.set(Int(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH), [graph])
    try heuristics.set(
      Int(CUDNN_ATTR_ENGINEHEUR_MODE), choice: mode, as: Int(CUDNN_TYPE_HEUR_MODE))
    try heuristics.finalize()
    return try heuristics.descriptors(
      Int(CUDNN_ATTR_ENGINEHEUR_RESULTS), kind: Int(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR), most: 24)
  }

  /// Whether an engine gives the same bits every time, in the precision that is asked for.
  private func isAllowed(
    _ configuration: CuDNNDescriptor, _ problem: ConvolutionProblem
  ) throws(CuDNNFailure) -> Bool {
    let engines = try configuration.descriptors(
      Int(CUDNN_ATTR_ENGINECFG_ENGINE), kind: Int(CUDNN_BACKEND_ENGINE_DESCRIPTOR), most: 1)
    guard let engine = engines.first else { return false }
    let notes = try engine.choices(
      Int(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE), as: Int(CUDNN_TYPE_NUMERICAL_NOTE), most: 10)
    func has(_ note: CUDNNNote) -> Bool { notes.contains(note.rawValue) }
    if has(.nondeterministic), !problem.allowsNondeterministic { return false }
    if has(.reducedPrecisionReduction) { return false }
    if problem.x == .float, !problem.allowsTensorFloat {
      return !has(.tensorCore) && !has(.downConvertInputs) && !has(.winograd) && !has(.fft)
    }
    return true
  }

  /// What cuDNN notes on an engine's numbers.
  private enum CUDNNNote {
    case tensorCore, downConvertInputs, reducedPrecisionReduction, fft, nondeterministic, winograd

    var rawValue: Int {
      switch self {
      case .tensorCore: Int(CUDNN_NUMERICAL_NOTE_TENSOR_CORE)
      case .downConvertInputs: Int(CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS)
      case .reducedPrecisionReduction: Int(CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION)
      case .fft: Int(CUDNN_NUMERICAL_NOTE_FFT)
      case .nondeterministic: Int(CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC)
      case .winograd: Int(CUDNN_NUMERICAL_NOTE_WINOGRAD)
      }
    }
  }

  /// What to compute it with: the fastest of three runs each that fits the workspace; nil where nothing
  /// does. What the addresses hold is overwritten.
  ///
  /// - Parameter product: the same as a product of matrices, where it is one.
  func choose(
    _ problem: ConvolutionProblem, _ operands: ConvolutionOperands, workspaceBytes: Int,
    product: DeviceWork?, on stream: DeviceStream
  ) -> DeviceWork? {
    let plans = plans(problem)
    func work(_ choice: ConvolutionChoices.Choice) -> DeviceWork? {
      switch choice {
      case .product: return product
      case .plan(let index):
        guard index < plans.count, plans[index].workspaceBytes <= workspaceBytes else { return nil }
        return execution(of: plans[index], problem, operands)
      }
    }
    if let choice = chosen[problem], let work = work(choice) { return work }
    var best: (choice: ConvolutionChoices.Choice, seconds: Double)?
    func race(_ choice: ConvolutionChoices.Choice, _ body: () -> Bool) {
      var times: [Double] = []
      for run in 0..<4 {
        var isDone = true
        let seconds = stream.seconds { isDone = body() }
        if !isDone { return }
        // The first run loads the kernel.
        if run > 0 { times.append(seconds) }
      }
      times.sort()
      if times[1] < best?.seconds ?? .infinity { best = (choice, times[1]) }
    }
    for (index, plan) in plans.enumerated() where plan.workspaceBytes <= workspaceBytes {
      race(.plan(index)) { plan.run(operands, self) }
    }
    if let product {
      race(.product) {
        stream.enqueue([product])
        return true
      }
    }
    guard let best else { return nil }
    chosen[problem] = best.choice
    return work(best.choice)
  }

  private func execution(
    of plan: ConvolutionPlan, _ problem: ConvolutionProblem, _ operands: ConvolutionOperands
  ) -> DeviceWork {
    .library("convolution") { stream in
      if !plan.run(operands, self) {
        stream.failed("cudnnBackendExecute", problem.description)
      }
    }
  }
}

/// Where a convolution's tensors lie.
struct ConvolutionOperands {
  var x: DeviceAddress
  var filter: DeviceAddress
  var y: DeviceAddress
  var workspace: DeviceAddress
}

/// One way to compute a convolution.
final class ConvolutionPlan {
  let workspaceBytes: Int
  private let plan: CuDNNDescriptor
  /// The addresses of the last run; graphs keep what they were recorded with.
  private var pack: CuDNNDescriptor?

  init(_ configuration: CuDNNDescriptor, _ library: CuDNNLibrary) throws(CuDNNFailure) {
    plan = try library.descriptor(Int(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR))
    try plan.set(Int(CUDNN_ATTR_EXECUTION_PLAN_HANDLE), handle: library.handle)
    try plan.set(Int(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG), [configuration])
    try plan.finalize()
    workspaceBytes = try plan.number(Int(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE))
  }

  /// Enqueues it; false where cuDNN refuses.
  func run(_ operands: ConvolutionOperands, _ library: CuDNNLibrary) -> Bool {
    do {
      let pack = try library.descriptor(Int(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR))
      try pack.set(
        Int(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS),
        pointers: [operands.x, operands.filter, operands.y].map {
          UnsafeMutableRawPointer(bitPattern: UInt($0))
        })
      try pack.set(Int(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS), [1, 2, 3])
      try pack.set(
        Int(CUDNN_ATTR_VARIANT_PACK_WORKSPACE),
        pointers: [UnsafeMutableRawPointer(bitPattern: UInt(operands.workspace))])
      try pack.finalize()
      self.pack = pack
      return library.library.cudnnBackendExecute?(library.handle, plan.handle, pack.handle) == 0
    } catch {
      return false
    }
  }
}
