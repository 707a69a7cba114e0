import Figures
import Imaging
import Pose
import RunFiles
import Support

/// The validation crops that the best model gets most wrong, label and prediction side by side.
struct WorstSamples {
  /// One of them.
  struct Entry {
    let name: String
    let oks: Double
    /// The two pictures side by side, a JPEG file.
    let jpeg: [UInt8]
    let width: Int
    let height: Int
  }

  let entries: [Entry]
  /// The epoch whose predictions these are.
  let epoch: Int

  private static let most = 12

  /// Nil when the run has no pictures.
  init?(_ folder: RunFolder, epoch wanted: Int?) {
    guard let previews = try? SamplePreviews.read(runFolder: folder.path) else { return nil }
    let known = PredictionSet.epochs(runFolder: folder.path)
    guard let number = wanted.flatMap({ known.contains($0) ? $0 : nil }) ?? known.last,
      let predictions = try? PredictionSet.read(runFolder: folder.path, epoch: number)
    else { return nil }
    epoch = number
    let count = min(previews.samples.count, predictions.keypoints.count)
    let order = (0..<count).filter { predictions.oks[$0].isFinite }
      .sorted { predictions.oks[$0] < predictions.oks[$1] }.prefix(Self.most)
    entries = order.compactMap { index in
      let picture = PredictedCrops.entry(previews, predictions.keypoints[index], index)
      var truth = picture
      truth.keypoints = previews.samples[index].keypoints
      guard truth.keypoints.count == previews.schema.count,
        picture.keypoints.count == previews.schema.count
      else { return nil }
      let sheet = ContactSheet.draw(
        [truth, picture], schema: previews.schema, cellWidth: 150,
        cellHeight: 150 * previews.height / max(1, previews.width), columns: 2, limbWidth: 2.5)
      guard let jpeg = try? ImageEncoder.jpeg(sheet, quality: 82) else { return nil }
      return Entry(
        name: previews.samples[index].name, oks: predictions.oks[index], jpeg: jpeg,
        width: sheet.width, height: sheet.height)
    }
    if entries.isEmpty { return nil }
  }
}
