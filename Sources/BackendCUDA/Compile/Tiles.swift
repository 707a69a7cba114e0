import Graph

/// How many parts of a size cover a whole.
func parts(of whole: Int, by size: Int) -> Int { (whole + size - 1) / size }

/// Bytes up to where the next part of a piece of the GPU's memory may begin.
func aligned(_ bytes: Int) -> Int { 256 * parts(of: bytes, by: 256) }

/// A row of blocks of threads over rows of channels, as the kernels' `tileChannel` counts them: threads
/// stand in columns of 16 bytes of channels each where these divide the channels, else of one, and in rows.
struct RowTiles {
  let rows: Int
  let channels: Int
  /// Channels of a thread.
  let width: Int
  /// Threads along the channels, a power of two.
  let columns: Int

  /// Threads of a block.
  static let threads = 256
  /// Blocks that together make sums: enough for the largest GPU, and few enough to be put together.
  private static let summingBlocks = 1056

  /// Tiles over `[rows, channels]` of values of some bytes.
  init(rows: Int, channels: Int, bytes: Int) {
    precondition(rows < 1 << 31)
    self.rows = rows
    self.channels = channels
    let wide = 16 / bytes
    width = channels % wide == 0 ? wide : 1
    let groups = channels / width
    // The fewest idle threads; of equals the widest tile.
    var best = 1
    var columns = 4
    if groups < columns { best = groups > 2 ? 4 : groups } else { best = 4 }
    while columns < 32 {
      columns *= 2
      if parts(of: groups, by: columns) * columns <= parts(of: groups, by: best) * best {
        best = columns
      }
    }
    self.columns = best
  }

  /// Blocks along the channels.
  var across: Int { parts(of: channels / width, by: columns) }
  /// Rows that a block does at once.
  private var together: Int { Self.threads / columns }

  var block: KernelCall.Extent { KernelCall.Extent(x: columns, y: together) }

  /// Blocks where each value is looked at by itself.
  func grid(_ multiprocessors: Int) -> KernelCall.Extent {
    let each = parts(of: rows, by: together)
    let filling = multiprocessors * 8 / across
    return KernelCall.Extent(
      x: across, y: max(1, min(each, max(parts(of: each, by: 4), filling), 65_535)))
  }

  /// Blocks along the rows where sums are made, at most; never fewer for more rows.
  var largestPartCount: Int {
    max(1, min(parts(of: rows, by: 4 * together), Self.summingBlocks / across))
  }
  /// Rows of a block where sums are made.
  var rowsPerPart: Int { parts(of: rows, by: largestPartCount) }
  /// Blocks along the rows where sums are made.
  var partCount: Int { parts(of: rows, by: rowsPerPart) }
  var summingGrid: KernelCall.Extent { KernelCall.Extent(x: across, y: partCount) }
}

extension KernelCall {
  /// A launch over values one after the other, `width` of them a thread, of blocks of 256 threads that go on
  /// until all are done.
  static func flat(
    _ name: String, count: Int, width: Int, _ context: CompileContext, _ arguments: [KernelArgument]
  ) -> KernelCall {
    KernelCall(
      name: name,
      grid: blocks(parts(of: count, by: width), most: context.multiprocessors * 32),
      block: Extent(x: 256), arguments: arguments)
  }

  /// Writes constants of a node to its workspace.
  static func write(_ values: [Float], to address: DeviceAddress) -> [KernelCall] {
    stride(from: 0, to: values.count, by: 16).map { first in
      let count = min(16, values.count - first)
      return KernelCall(
        name: "writeFloats", grid: Extent(x: 1), block: Extent(x: 32),
        arguments: [.address(address), .int(first), .int(count)]
          + (0..<16).map { .float($0 < count ? values[first + $0] : 0) })
    }
  }

  /// Writes where tensors lie to a node's workspace, a multiple of twelve.
  static func write(addresses: [KernelArgument], to table: DeviceAddress) -> [KernelCall] {
    stride(from: 0, to: addresses.count, by: 12).map { first in
      KernelCall(
        name: "writeAddresses", grid: Extent(x: 1), block: Extent(x: 32),
        arguments: [.address(table), .int(first)] + addresses[first..<first + 12])
    }
  }
}

extension KernelArgument {
  /// 1 or 0.
  static func flag(_ value: Bool) -> KernelArgument { .int(value ? 1 : 0) }
  /// No address.
  static let none = KernelArgument.address(0)
}

extension CompileContext {
  /// Bytes of one value of an input.
  func inputBytes(_ index: Int) -> Int { graph[node.inputs[index]].elementBytes }

  /// The shape of an input in this batch.
  func inputShape(_ index: Int) -> Shape { shape(node.inputs[index]) }

  /// The shape of an output in this batch.
  func outputShape(_ index: Int) -> Shape { shape(node.outputs[index]) }

  /// Where the workspace goes on after some bytes.
  func scratch(_ offset: Int) -> DeviceAddress { workspace + DeviceAddress(offset) }
}

extension Shape {
  /// Pixels of all images.
  var rows: Int { n * h * w }
}
