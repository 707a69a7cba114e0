import Glibc
public import Pose
public import Support
import TensorFiles

/// What the model said about the preview samples at the end of an epoch.
public struct PredictionSet: Sendable {
  /// The epoch, counted from 1.
  public let epoch: Int
  /// Optimiser steps done.
  public let step: Int
  /// For each preview sample the predicted points, in pixels of the crop.
  public let keypoints: [[PredictedKeypoint]]
  /// For each preview sample its object keypoint similarity; NaN without labels.
  public let oks: [Double]

  /// Predictions: one list of points and one similarity a sample, all of the same length.
  public init(epoch: Int, step: Int, keypoints: [[PredictedKeypoint]], oks: [Double]) {
    precondition(keypoints.count == oks.count)
    precondition(keypoints.allSatisfy { $0.count == keypoints.first?.count })
    self.epoch = epoch
    self.step = step
    self.keypoints = keypoints
    self.oks = oks
  }

  private static func folder(_ runFolder: String) -> String {
    Path.join(runFolder, "predictions")
  }

  private static func name(epoch: Int) -> String {
    let digits = String(max(0, epoch))
    return "epoch-\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits).safetensors"
  }

  /// Writes the predictions into the run folder.
  public func write(runFolder: String) throws(FileError) {
    try Path.makeFolders(Self.folder(runFolder))
    let values = keypoints.joined().flatMap { [Float($0.x), Float($0.y), Float($0.score)] }
    try TensorBytes.commit(
      Path.join(Self.folder(runFolder), Self.name(epoch: epoch)),
      [
        TensorBytes("keypoints", [keypoints.count, keypoints.first?.count ?? 0, 3], values),
        TensorBytes("oks", [oks.count], oks.map { Float($0) }),
      ],
      metadata: [(key: "epoch", value: String(epoch)), (key: "step", value: String(step))])
  }

  /// The epochs that have predictions, in order.
  public static func epochs(runFolder: String) -> [Int] {
    (Path.names(in: folder(runFolder)) ?? []).compactMap { file -> Int? in
      guard file.hasPrefix("epoch-"), file.hasSuffix(".safetensors") else { return nil }
      return Int(file.dropFirst(6).dropLast(12)).flatMap { name(epoch: $0) == file ? $0 : nil }
    }.sorted()
  }

  /// Removes the predictions of epochs after one: the training goes on from there.
  public static func remove(after epoch: Int, runFolder: String) {
    for later in epochs(runFolder: runFolder) where later > epoch {
      unlink(Path.join(folder(runFolder), name(epoch: later)))
    }
  }

  /// The newest predictions; nil when there are none yet.
  public static func latest(runFolder: String) throws(FileError) -> PredictionSet? {
    guard let epoch = epochs(runFolder: runFolder).last else { return nil }
    return try read(runFolder: runFolder, epoch: epoch)
  }

  /// Reads the predictions of an epoch. Points that are no numbers come back as NaN.
  public static func read(runFolder: String, epoch: Int) throws(FileError) -> PredictionSet {
    let path = Path.join(folder(runFolder), name(epoch: epoch))
    let file = try CheckedTensors(path, limit: 64 << 20)
    let shape = try file.shape("keypoints", .float32, rank: 3)
    guard shape[0] <= SamplePreviews.maximumCount, shape[1] <= 1024, shape[2] == 3 else {
      throw file.mismatch("keypoints", shape, "N×K×3, N up to \(SamplePreviews.maximumCount)")
    }
    let values = try file.floats("keypoints", shape)
    let oks = try file.floats("oks", [shape[0]])
    let keypoints = (0..<shape[0]).map { sample in
      (0..<shape[1]).map { point in
        let at = (sample * shape[1] + point) * 3
        return PredictedKeypoint(
          x: Double(values[at]), y: Double(values[at + 1]), score: Double(values[at + 2]))
      }
    }
    return PredictionSet(
      epoch: file.number("epoch") ?? epoch, step: file.number("step") ?? 0, keypoints: keypoints,
      oks: oks.map { Double($0) })
  }
}
