import Graph

// Calls of kernels that several kinds of nodes use.

extension KernelCall {
  /// Blocks of 256 threads for work that strides through `count` pieces.
  static func blocks(_ count: Int, most: Int = 4_096) -> Extent {
    Extent(x: max(1, min(most, (count + 255) / 256)))
  }

  /// `Float` values as the session's 16-bit kind.
  static func converted(
    _ from: DeviceAddress, to target: DeviceAddress, _ count: Int
  ) -> KernelCall {
    KernelCall(
      name: "castFromFloat", grid: blocks((count + 7) / 8), block: .init(x: 256),
      arguments: [.address(from), .long(count), .flag(false), .address(target)])
  }

  /// Maps from scratch memory to where they belong, as `Float` values where such are wanted, and added
  /// where that is.
  static func moved(
    _ from: DeviceAddress, to target: DeviceAddress, isSixteenThere: Bool, count: Int,
    accumulates: Bool
  ) -> KernelCall {
    KernelCall(
      name: isSixteenThere ? "castMaps" : "castToFloat", grid: blocks((count + 7) / 8),
      block: .init(x: 256),
      arguments: [.address(from), .long(count), .flag(accumulates), .address(target)])
  }

  /// Adds a bias to rows, and cuts off what is negative where that is wanted.
  static func biasAdded(
    to y: DeviceAddress, bias: DeviceAddress, rows: Int, columns: Int, relu: Bool, isSixteen: Bool,
    _ multiprocessors: Int
  ) -> KernelCall {
    let tiles = RowTiles(rows: rows, channels: columns, bytes: isSixteen ? 2 : 4)
    return KernelCall(
      name: isSixteen ? "addBias" : "addBiasFloat", grid: tiles.grid(multiprocessors),
      block: tiles.block,
      arguments: [
        .address(y), .address(bias), .long(rows), .int(columns), .int(tiles.width),
        .int(relu ? 1 : 0),
      ])
  }
}

/// Sums over rows, in an order that does not depend on anything: the gradient of a bias.
enum ColumnSums {
  private static func tiles(_ rows: Int, _ columns: Int, _ isSixteen: Bool) -> RowTiles {
    RowTiles(rows: rows, channels: columns, bytes: isSixteen ? 2 : 4)
  }

  static func workspaceBytes(rows: Int, columns: Int, isSixteen: Bool) -> Int {
    4 * columns * tiles(rows, columns, isSixteen).largestPartCount
  }

  static func work(
    _ values: DeviceAddress, rows: Int, columns: Int, isSixteen: Bool, into sums: DeviceAddress,
    workspace: DeviceAddress
  ) -> [DeviceWork] {
    let tiles = tiles(rows, columns, isSixteen)
    return [
      .kernel(
        KernelCall(
          name: isSixteen ? "columnSums" : "columnSumsFloat", grid: tiles.summingGrid,
          block: tiles.block,
          arguments: [
            .address(values), .long(rows), .int(columns), .int(tiles.width),
            .long(tiles.rowsPerPart), .address(workspace),
          ])),
      .kernel(
        .partsSummed(workspace, parts: tiles.partCount, count: columns, into: sums)),
    ]
  }
}

extension KernelCall {
  /// The sum of equal parts that lie one behind the other.
  static func partsSummed(
    _ parts: DeviceAddress, parts count: Int, count elements: Int, into sums: DeviceAddress
  ) -> KernelCall {
    KernelCall(
      name: "sumParts", grid: blocks(elements), block: .init(x: 256),
      arguments: [
        .address(parts), .int(count), .long(elements), .int(0), .address(sums),
      ])
  }
}
