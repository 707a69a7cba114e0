import Execution
import Glibc
import Graph
import Support

/// The memory of one program, and its nodes compiled to work over that memory.
final class CPUSession: BackendSession {
  private let program: Program
  private let options: SessionOptions
  private let kernels: KernelTable
  private let crew: Crew
  private let arena: MemoryBlock
  private let inputs: MemoryBlock
  private let slabs: [Slab: MemoryBlock]
  private let slabMath: SlabMath
  private let optimizer: OptimizerKernel
  private var batch = 0
  private var addressTables: [Pass: [UnsafeMutableRawPointer]] = [:]
  private var trainingNodes: [[Phase]] = []
  private var evaluationNodes: [[Phase]] = []

  init(
    _ program: Program, _ options: SessionOptions, backend: CPUBackend
  ) throws(ExecutionError) {
    self.program = program
    self.options = options
    kernels = backend.kernels
    arena = try MemoryBlock(
      bytes: max(program.training.arenaBytes, program.evaluation.arenaBytes))
    inputs = try MemoryBlock(
      bytes: max(program.training.inputBytes, program.evaluation.inputBytes))
    var slabs: [Slab: MemoryBlock] = [:]
    for slab in Slab.allCases {
      let count = options.count(of: slab, program.parameters)
      if count > 0 { slabs[slab] = try MemoryBlock(bytes: 4 * count) }
    }
    self.slabs = slabs
    crew = Crew(size: backend.threads)
    optimizer = OptimizerKernel(slabs: slabs, kernels: backend.kernels)
    slabMath = SlabMath(
      slabs: slabs, parameters: program.parameters, kernels: backend.kernels, crew: crew,
      optimizer: optimizer)
    for pass in Pass.allCases { addressTables[pass] = program.places(of: pass).map(address) }
    trainingNodes = compile(.training, threads: backend.threads)
    evaluationNodes = compile(.evaluation, threads: backend.threads)
  }

  deinit { crew.stop() }

  private func compile(_ pass: Pass, threads: Int) -> [[Phase]] {
    let plan = plan(pass)
    let addresses = addressTables[pass] ?? []
    return plan.graph.nodes.enumerated().map { index, node in
      let compiler = Compiler.compiler(
        for: node, in: plan.graph, threads: threads, kernels)
      let workspace = (arena.base + plan.workspaceOffsets[index])
        .assumingMemoryBound(to: Float.self)
      return compiler.phases(
        CompileContext(
          node: node, kernels: kernels, workspace: workspace, optimizer: optimizer
        ) { addresses[$0.index] })
    }
  }

  private func address(_ place: TensorPlace) -> UnsafeMutableRawPointer {
    switch place {
    case .inputs(let byte): inputs.base + byte
    case .slab(let slab, let element): (slabs[slab]?.base ?? arena.base) + 4 * element
    case .arena(let byte): arena.base + byte
    }
  }

  private func plan(_ pass: Pass) -> Plan { program.plan(pass) }

  func write(_ values: UnsafeBufferPointer<Float>, to tensor: TensorID, of pass: Pass) {
    let info = plan(pass).graph[tensor]
    guard let source = values.baseAddress, let table = addressTables[pass] else { return }
    if info.elementBytes == 2 {
      precondition(values.count <= info.shape.count)
      kernels.halves.castFromFloat(
        source, values.count, false, table[tensor.index].assumingMemoryBound(to: UInt16.self))
    } else {
      precondition(values.count * 4 <= info.bytes)
      memcpy(table[tensor.index], source, values.count * 4)
    }
  }

  func read(_ tensor: TensorID, of pass: Pass, into values: UnsafeMutableBufferPointer<Float>) {
    let info = plan(pass).graph[tensor]
    guard let target = values.baseAddress, let table = addressTables[pass] else { return }
    if info.elementBytes == 2 {
      precondition(values.count <= info.shape.count)
      kernels.halves.castToFloat(
        table[tensor.index].assumingMemoryBound(to: UInt16.self), values.count, false, target)
    } else {
      precondition(values.count * 4 <= info.bytes)
      memcpy(target, table[tensor.index], values.count * 4)
    }
  }

  private func run(_ phase: Phase, batch: Int) {
    crew.run(phase.pieces(batch), batch: batch, descending: phase.descending, phase.run)
  }

  func run(_ pass: Pass, batch: Int, nodes: Range<Int>) {
    precondition(batch > 0 && batch <= plan(pass).graph[plan(pass).images].shape.n)
    let compiled = pass == .training ? trainingNodes : evaluationNodes
    if pass == .training { self.batch = batch }
    for phases in compiled[nodes] {
      for phase in phases { run(phase, batch: batch) }
    }
  }

  func nodeCount(_ pass: Pass) -> Int { plan(pass).graph.passCount }

  func nodeSeconds(_ pass: Pass, batch: Int) -> [Double] {
    if pass == .training { self.batch = batch }
    return (pass == .training ? trainingNodes : evaluationNodes)[..<nodeCount(pass)].map { phases in
      let start = Clock.monotonic()
      for phase in phases { run(phase, batch: batch) }
      return Clock.monotonic() - start
    }
  }

  func accumulateGradients(weight: Double, isFirst: Bool) {
    slabMath.accumulateGradients(weight: weight, isFirst: isFirst)
  }

  func gradientNorm() -> Double { slabMath.gradientNorm() }

  func update(_ settings: OptimizerUpdate) {
    slabMath.update(settings)
    let last = nodeCount(.training)..<program.training.graph.nodes.count
    if !last.isEmpty { run(.training, batch: batch, nodes: last) }
  }

  func updateAverages(keep: Double) { slabMath.updateAverages(keep: keep) }

  func exchangeAverages() { slabMath.exchangeAverages() }

  func read(_ slab: Slab, from offset: Int, into values: UnsafeMutableBufferPointer<Float>) {
    precondition(offset >= 0 && offset + values.count <= count(of: slab))
    guard let target = values.baseAddress, let source = slabs[slab]?.floats else { return }
    memcpy(target, source + offset, values.count * 4)
  }

  func values(of slab: Slab) -> UnsafeBufferPointer<Float>? {
    slabs[slab].map { UnsafeBufferPointer(start: $0.floats, count: count(of: slab)) }
  }

  func write(_ values: UnsafeBufferPointer<Float>, to slab: Slab, from offset: Int) {
    precondition(offset >= 0 && offset + values.count <= count(of: slab))
    guard let source = values.baseAddress, let target = slabs[slab]?.floats else { return }
    memcpy(target + offset, source, values.count * 4)
  }

  func firstNotFinite(_ pass: Pass, batch: Int) -> (scope: String, op: String)? {
    let addresses = addressTables[pass] ?? []
    let graph = plan(pass).graph
    return program.firstNotFinite(
      pass, batch: batch, run: { run(pass, batch: batch, nodes: $0..<$0 + 1) },
      isFinite: { tensor, count in
        isFinite(addresses[tensor.index], count, elementBytes: graph[tensor].elementBytes)
      })
  }

  private func isFinite(
    _ values: UnsafeMutableRawPointer, _ count: Int, elementBytes: Int
  ) -> Bool {
    if elementBytes == 2 {
      // All bits of the exponent set: infinite, or not a number.
      return UnsafeBufferPointer(
        start: values.assumingMemoryBound(to: UInt16.self), count: count
      ).allSatisfy { $0 & 0x7f80 != 0x7f80 }
    }
    return UnsafeBufferPointer(
      start: values.assumingMemoryBound(to: Float.self), count: count
    ).allSatisfy(\.isFinite)
  }

  /// Everything is done when its call returns.
  func finish() {}

  func count(of slab: Slab) -> Int { options.count(of: slab, program.parameters) }
}
