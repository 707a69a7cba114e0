public import Support
import TensorFiles

/// What a model sees in one validation sample: a heatmap for each keypoint, written on request.
public struct SampleHeatmaps: Sendable {
  /// The sample, as the previews count them.
  public let sample: Int
  /// Optimiser steps of the weights.
  public let step: Int
  /// Columns of a heatmap.
  public let width: Int
  /// Rows of a heatmap.
  public let height: Int
  /// [K, height, width]: 0 for nothing, 1 for the largest value of the keypoint's map.
  public let values: [Float]

  /// Heatmaps; `values` has a multiple of `width · height` entries.
  public init(sample: Int, step: Int, width: Int, height: Int, values: [Float]) {
    precondition(width > 0 && height > 0 && values.count % (width * height) == 0)
    self.sample = sample
    self.step = step
    self.width = width
    self.height = height
    self.values = values
  }

  /// Keypoints, K.
  public var count: Int { values.count / (width * height) }

  /// The value at a place of the crop, 0...1 from its left and top edge; 0 outside.
  public func value(of keypoint: Int, x: Double, y: Double) -> Float {
    guard keypoint >= 0, keypoint < count, x >= 0, x < 1, y >= 0, y < 1 else { return 0 }
    let column = min(width - 1, Int(x * Double(width)))
    let row = min(height - 1, Int(y * Double(height)))
    return values[(keypoint * height + row) * width + column]
  }

  private static func path(_ runFolder: String) -> String {
    Path.join(runFolder, "predictions/heatmaps.safetensors")
  }

  /// Writes them into the run folder, in place of those of another sample.
  public func write(runFolder: String) throws(FileError) {
    let path = Self.path(runFolder)
    try Path.makeFolders(Path.parent(of: path))
    let bytes = values.map { UInt8(min(1, max(0, $0)) * 255) }
    try TensorBytes.commit(
      path, [TensorBytes("heatmaps", .uint8, [count, height, width], bytes)],
      metadata: [(key: "sample", value: String(sample)), (key: "step", value: String(step))])
  }

  /// Reads the heatmaps that were written last; nil when there are none.
  public static func read(runFolder: String) throws(FileError) -> SampleHeatmaps? {
    let path = path(runFolder)
    guard Path.isFile(path) else { return nil }
    let file = try CheckedTensors(path, limit: 64 << 20)
    let shape = try file.shape("heatmaps", .uint8, rank: 3)
    guard (1...1024).contains(shape[0]), (1...2048).contains(shape[1]),
      (1...2048).contains(shape[2])
    else { throw file.mismatch("heatmaps", shape, "K×H×W") }
    return SampleHeatmaps(
      sample: file.number("sample") ?? 0, step: file.number("step") ?? 0, width: shape[2],
      height: shape[1], values: try file.bytes("heatmaps").map { Float($0) / 255 })
  }
}
