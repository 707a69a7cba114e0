import CNVIDIA
import Cropping
import Execution
import Glibc
import Graph
import NVIDIA
import Support

/// The GPU memory of one program, and its nodes compiled to work over that memory.
final class CUDASession: BackendSession {
  let program: Program
  private let options: SessionOptions
  private let backend: CUDABackend
  private let stream: DeviceStream
  let memory: DeviceMemory
  let slabWork: SlabWork
  private let stage: PictureStage
  private var addresses: [Pass: [DeviceAddress]] = [:]
  private var filters: [Pass: [Int: FilterArrangement]] = [:]
  private let slabFilters: [Slab: [FilterArrangement]]
  private var batch = 0
  /// The filter that was read last, in the slab's order, and what had been enqueued by then.
  private var lastTurned: (slab: Slab, first: Int, enqueued: Int, values: [Float])?
  private var compiled: [Key: [[DeviceWork]]] = [:]
  private var graphs: [GraphKey: Recording] = [:]

  /// What work is compiled for.
  private struct Key: Hashable {
    let pass: Pass
    let batch: Int
  }

  /// What a graph is recorded for.
  private struct GraphKey: Hashable {
    let key: Key
    let nodes: Range<Int>
  }

  /// A graph is recorded when the work has run once, because a library's first call may do more than
  /// enqueue.
  private enum Recording {
    case ranOnce
    case recorded(CUgraphExec)
  }

  init(
    _ program: Program, _ options: SessionOptions, backend: CUDABackend
  ) throws(ExecutionError) {
    self.program = program
    self.options = options
    self.backend = backend
    stream = backend.stream
    memory = try DeviceMemory(allocating: program, options, backend.kind, stream)
    let parameters = program.parameters
    let whole = FilterArrangement.filters(parameters.parameters, at: parameters.offsets)
    let trained = zip(parameters.parameters, parameters.offsets).filter(\.0.isTrained)
    let moments = FilterArrangement.filters(trained.map(\.0), at: trained.map(\.1))
    let kept = parameters.parameters.indices.filter {
      parameters.parameters[$0].isTrained && !parameters.updatedWithGradient.contains($0)
    }
    let gradientOffsets = parameters.gradientOffsets
    let gradients = FilterArrangement.filters(
      kept.map { parameters.parameters[$0] }, at: kept.map { gradientOffsets[$0] })
    slabFilters = [
      .weights: whole, .averagedWeights: whole, .firstMoments: moments, .secondMoments: moments,
      .gradients: gradients, .accumulatedGradients: gradients,
    ]
    slabWork = SlabWork(program.parameters, options, memory, stream, kind: backend.kind)
    stage = PictureStage(stream, at: memory.stage, recipes: memory.recipes)
    for pass in Pass.allCases {
      addresses[pass] = program.places(of: pass).map(address)
      filters[pass] = FilterArrangement.filters(of: plan(pass).graph)
    }
    // Before there are values: timing the ways to compute something overwrites what is there.
    for pass in Pass.allCases { _ = work(pass, batch: plan(pass).graph[plan(pass).images].shape.n) }
  }

  deinit {
    stream.synchronize()
    for case .recorded(let graph) in graphs.values {
      _ = stream.driver.cuGraphExecDestroy?(graph)
    }
    stage.close()
    memory.free(stream)
  }

  private func address(_ place: TensorPlace) -> DeviceAddress {
    switch place {
    case .inputs(let byte): memory.inputs + DeviceAddress(byte)
    case .slab(let slab, let element):
      (memory.slabs[slab] ?? memory.arena) + DeviceAddress(4 * element)
    case .arena(let byte): memory.arena + DeviceAddress(byte)
    }
  }

  private func plan(_ pass: Pass) -> Plan { program.plan(pass) }

  // MARK: Running

  private func work(_ pass: Pass, batch: Int) -> [[DeviceWork]] {
    let key = Key(pass: pass, batch: batch)
    if let work = compiled[key] { return work }
    let plan = plan(pass)
    let planned = plan.graph[plan.images].shape.n
    let table = addresses[pass] ?? []
    let pooled = PooledBias(plan.graph)
    let work = plan.graph.nodes.enumerated().map { index, node in
      backend.compiler(for: node, in: plan.graph).work(
        CompileContext(
          node: node, graph: plan.graph, batch: batch, planned: planned,
          multiprocessors: backend.processor.multiprocessors,
          workspace: memory.arena + DeviceAddress(plan.workspaceOffsets[index]),
          workspaceBytes: plan.workspaceBytes[index],
          lossScale: memory.control + ControlBlock.scale, addresses: table,
          leavesBiasOut: pooled.convolutions.contains(index),
          addedBias: pooled.biasOfPool[index].map { table[$0.index] } ?? 0,
          services: CompileServices(
            kind: backend.kind, stream: stream, products: backend.products, cudnn: backend.cudnn,
            weights: memory.slabs[.weights] ?? 0, weightCount: program.parameters.slabCount,
            shadow: memory.shadow, firstMoments: memory.slabs[.firstMoments] ?? 0,
            secondMoments: memory.slabs[.secondMoments] ?? 0,
            optimizer: memory.control + ControlBlock.optimizer)))
    }
    stream.synchronize()
    backend.cudnn?.keepChoices()
    compiled[key] = work
    return work
  }

  func run(_ pass: Pass, batch: Int, nodes: Range<Int>) {
    precondition(batch > 0 && batch <= plan(pass).graph[plan(pass).images].shape.n)
    if pass == .training {
      self.batch = batch
      slabWork.settleScale()
    }
    enqueue(pass, batch: batch, nodes: nodes)
  }

  private func enqueue(_ pass: Pass, batch: Int, nodes: Range<Int>) {
    let key = GraphKey(key: Key(pass: pass, batch: batch), nodes: nodes)
    let work = work(pass, batch: batch)[nodes]
    switch graphs[key] {
    case .recorded(let graph): stream.launch(graph)
    case .ranOnce where backend.recordsGraphs:
      if let graph = stream.captured({ for pieces in work { stream.enqueue(pieces) } }) {
        graphs[key] = .recorded(graph)
        stream.launch(graph)
      }
    case .ranOnce, nil:
      graphs[key] = .ranOnce
      for pieces in work { stream.enqueue(pieces) }
    }
  }

  /// A pass on a GPU is over in milliseconds, so it is asked once, before it.
  func run(
    _ pass: Pass, batch: Int, nodes: Range<Int>?, unless isInterrupted: () -> Bool
  ) -> Bool {
    if isInterrupted() { return false }
    run(pass, batch: batch, nodes: nodes ?? 0..<nodeCount(pass))
    return true
  }

  func nodeCount(_ pass: Pass) -> Int { plan(pass).graph.passCount }

  func nodeSeconds(_ pass: Pass, batch: Int) -> [Double] {
    if pass == .training { self.batch = batch }
    return work(pass, batch: batch)[..<nodeCount(pass)].map { pieces in
      stream.seconds { stream.enqueue(pieces) }
    }
  }

  func firstNotFinite(_ pass: Pass, batch: Int) -> (scope: String, op: String)? {
    let (graph, table) = (plan(pass).graph, addresses[pass] ?? [])
    let work = work(pass, batch: batch)
    return program.firstNotFinite(
      pass, batch: batch, run: { stream.enqueue(work[$0]) },
      isFinite: { tensor, count in
        !slabWork.hasNotFinite(
          table[tensor.index], count, elementBytes: graph[tensor].elementBytes)
      })
  }

  // MARK: Steps

  func accumulateGradients(weight: Double, isFirst: Bool) {
    slabWork.accumulateGradients(weight: weight, isFirst: isFirst)
  }

  func gradientNorm() -> Double { slabWork.gradientNorm() }

  func update(_ settings: OptimizerUpdate) {
    slabWork.begin(settings)
    slabWork.update()
    let last = nodeCount(.training)..<program.training.graph.nodes.count
    if !last.isEmpty { enqueue(.training, batch: batch, nodes: last) }
  }

  var lossScaling: LossScaling? {
    get { slabWork.scaling }
    set { slabWork.scaling = newValue }
  }

  func updateAverages(keep: Double) {
    slabWork.updateAverages(keep: keep)
  }

  func exchangeAverages() {
    slabWork.exchangeAverages()
  }

  // MARK: Values in and out

  func write(_ values: UnsafeBufferPointer<Float>, to tensor: TensorID, of pass: Pass) {
    let info = plan(pass).graph[tensor]
    guard let source = values.baseAddress, let table = addresses[pass] else { return }
    let target = table[tensor.index]
    if let filter = filters[pass]?[tensor.index], filter.count == values.count {
      filter.turned(values).withUnsafeBytes { upload($0, to: target) }
    } else if info.elementBytes == 2 {
      precondition(values.count <= info.shape.count)
      values.map { sixteen($0) }.withUnsafeBytes { upload($0, to: target) }
    } else {
      precondition(values.count * 4 <= info.bytes)
      stream.upload(source, to: target, bytes: values.count * 4)
    }
  }

  func write(_ pictures: PictureBatch, to tensor: TensorID, of pass: Pass) {
    guard let table = addresses[pass] else { return }
    precondition(
      pictures.count * pictures.rowBytes <= plan(pass).graph[tensor].bytes
        && (pictures.recipes == nil || options.cropsPictures))
    stage.write(pictures, to: table[tensor.index])
  }

  func stage(_ pictures: PictureBatch, batch: Int) { stage.begin(pictures, batch: batch) }

  func takeStaged(batch: Int) -> Bool {
    guard let table = addresses[.training] else { return false }
    return stage.take(batch: batch, to: table[program.training.images.index])
  }

  func forgetStaged() { stage.forget() }

  func read(_ tensor: TensorID, of pass: Pass, into values: UnsafeMutableBufferPointer<Float>) {
    let info = plan(pass).graph[tensor]
    guard let target = values.baseAddress, let table = addresses[pass] else { return }
    let source = table[tensor.index]
    if let filter = filters[pass]?[tensor.index], filter.count == values.count {
      _ = values.update(fromContentsOf: filter.turnedBack(download(source, filter.count)))
    } else if info.elementBytes == 2 {
      precondition(values.count <= info.shape.count)
      var words = [UInt16](repeating: 0, count: values.count)
      words.withUnsafeMutableBytes {
        if let place = $0.baseAddress { stream.download(source, to: place, bytes: $0.count) }
      }
      for (index, word) in words.enumerated() { values[index] = float(word) }
    } else {
      precondition(values.count * 4 <= info.bytes)
      stream.download(source, to: target, bytes: values.count * 4)
    }
  }

  private func upload(_ bytes: UnsafeRawBufferPointer, to target: DeviceAddress) {
    if let source = bytes.baseAddress { stream.upload(source, to: target, bytes: bytes.count) }
  }

  private func download(_ source: DeviceAddress, _ count: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { values, filled in
      if let target = values.baseAddress { stream.download(source, to: target, bytes: 4 * count) }
      filled = count
    }
  }

  private func sixteen(_ value: Float) -> UInt16 {
    backend.kind == .half ? SixteenBits.half(value) : SixteenBits.bfloat16(value)
  }

  private func float(_ word: UInt16) -> Float {
    backend.kind == .half ? SixteenBits.float(half: word) : SixteenBits.float(bfloat16: word)
  }

  func read(_ slab: Slab, from offset: Int, into values: UnsafeMutableBufferPointer<Float>) {
    precondition(offset >= 0 && offset + values.count <= count(of: slab))
    guard let target = values.baseAddress, let source = memory.slabs[slab] else { return }
    let range = offset..<offset + values.count
    let filters = (slabFilters[slab] ?? []).filter {
      range.overlaps($0.first..<$0.first + $0.count)
    }
    let isWithinFilter = filters.first.map {
      $0.first <= range.lowerBound && range.upperBound <= $0.first + $0.count
    }
    if isWithinFilter != true {
      stream.download(
        source + DeviceAddress(4 * offset), to: target, bytes: values.count * 4)
    }
    for filter in filters {
      let part = range.clamped(to: filter.first..<filter.first + filter.count)
      turned(filter, of: slab, source).withUnsafeBufferPointer {
        if let base = $0.baseAddress {
          memcpy(
            target + (part.lowerBound - offset), base + (part.lowerBound - filter.first),
            4 * part.count)
        }
      }
    }
    if isScaled(slab) { slabWork.unscale(values) }
  }

  /// A filter's values in the slab's order; the last one is kept until anything is
  /// enqueued that may change it, for those who read it piece by piece.
  private func turned(
    _ filter: FilterArrangement, of slab: Slab, _ source: DeviceAddress
  ) -> [Float] {
    if let last = lastTurned, last.slab == slab, last.first == filter.first,
      last.enqueued == stream.enqueued
    {
      return last.values
    }
    let values = filter.turnedBack(
      download(source + DeviceAddress(4 * filter.first), filter.count))
    lastTurned = (slab, filter.first, stream.enqueued, values)
    return values
  }

  func write(_ values: UnsafeBufferPointer<Float>, to slab: Slab, from offset: Int) {
    precondition(offset >= 0 && offset + values.count <= count(of: slab))
    if isScaled(slab) {
      slabWork.scaled(values).withUnsafeBufferPointer { put($0, slab, offset) }
    } else {
      put(values, slab, offset)
    }
    if slab == .weights { slabWork.renewShadow() }
  }

  /// Whether what lies in a slab carries the scale of 16-bit gradients.
  private func isScaled(_ slab: Slab) -> Bool {
    backend.kind == .half && (slab == .gradients || slab == .accumulatedGradients)
  }

  private func put(_ values: UnsafeBufferPointer<Float>, _ slab: Slab, _ offset: Int) {
    guard let base = values.baseAddress, let target = memory.slabs[slab] else { return }
    let range = offset..<offset + values.count
    var cursor = offset
    func plain(to end: Int) {
      if end > cursor {
        stream.upload(
          base + (cursor - offset), to: target + DeviceAddress(4 * cursor),
          bytes: 4 * (end - cursor))
      }
    }
    for filter in slabFilters[slab] ?? [] {
      let part = range.clamped(to: filter.first..<filter.first + filter.count)
      if part.isEmpty { continue }
      plain(to: part.lowerBound)
      let address = target + DeviceAddress(4 * filter.first)
      // A part of a filter is scattered over the whole of it.
      var whole =
        part.count == filter.count
        ? [Float](repeating: 0, count: filter.count)
        : filter.turnedBack(download(address, filter.count))
      for index in part { whole[index - filter.first] = values[index - offset] }
      whole.withUnsafeBufferPointer { filter.turned($0) }
        .withUnsafeBytes { upload($0, to: address) }
      cursor = part.upperBound
    }
    plain(to: range.upperBound)
  }

  /// Every read is a copy over a bus.
  func values(of slab: Slab) -> UnsafeBufferPointer<Float>? { nil }

  func finish() { stream.synchronize() }

  func count(of slab: Slab) -> Int { options.count(of: slab, program.parameters) }
}
