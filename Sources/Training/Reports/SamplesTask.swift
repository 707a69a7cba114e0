public import Support
public import TrainingAPI
import Datasets
import Imaging
import Nets
import Pose
import RunFiles
import Wording

/// The first training samples of an epoch as the engine sees them: `posetop check --show` and the
/// launcher.
///
/// - Parameters:
///   - asked: the data set and what else is set; the rest is as in a training.
///   - count: samples at most.
///   - epoch: counted from 1.
///   - onRead: is told how many MB of a large annotation file have been read.
///   - onSample: takes each sample: `name`, `width`, `height`, `pixels` (rows of R, G, B as Base64),
///     and `keypoints`, [x, y, counts] in pixels of the crop; or `name` and `error`.
/// - Returns: `schema`, `input`, `augment`, `epoch` and `samples`, those of the training side.
public func augmentedSamples(
  _ asked: RunRecipe, count: Int, epoch: Int,
  onRead: @escaping (_ done: Int, _ total: Int) -> Void = { _, _ in },
  onSample: (JSONValue) -> Void
) throws(TrainingError) -> JSONValue {
  let definition = try wrapping(TrainingError.net) { () throws(NetError) in
    try Catalog.model(asked.model ?? "lite")
  }
  let variant = try wrapping(TrainingError.net) { () throws(NetError) in
    try definition.variant(asked.head(for: definition))
  }
  var recipe = asked.completed(with: definition, variant)
  recipe.split = asked.split
  let (dataset, split) = try TrainingSetup.data(recipe, onRead: onRead)
  let (augment, seed) = (recipe.augment ?? "none", recipe.seed ?? 0)
  let augmentation = try wrapping({ TrainingError.dataset(.augmentation($0)) }) {
    () throws(AugmentationError) in try Augmentation(setting: augment)
  }
  let input = InputSpec(
    width: recipe.inputWidth ?? 96, height: recipe.inputHeight ?? 128,
    convention: recipe.convention == "classic" ? .classic : .unbiased)
  let order = EpochOrder.order(
    split.training, epoch: epoch, seed: seed, shuffle: recipe.shuffle ?? true)
  for index in order.prefix(count) {
    let name = JSONValue.string(UntrustedText.clean(dataset.samples[index].name, limit: 200))
    do throws(ImageError) {
      let preview = try SamplePreview.augmented(
        dataset, sample: index, epoch: epoch, input: input, augmentation: augmentation, seed: seed)
      onSample(document(name, preview))
    } catch {
      onSample(["name": name, "error": .string(error.sentence.text())])
    }
  }
  return [
    "schema": dataset.schema.json, "input": .string("\(input.width)x\(input.height)"),
    "augment": .string(augmentation.name), "epoch": .integer(Int64(epoch)),
    "samples": .integer(Int64(split.training.count)),
  ]
}

/// The most bytes of a picture that fit a frame as text.
private let largestPicture = 600_000

private func document(_ name: JSONValue, _ preview: SamplePreview) -> JSONValue {
  var (picture, factor) = (preview.picture, 1)
  while picture.pixels.count > largestPicture {
    factor *= 2
    picture = preview.picture.reduced(by: factor)
  }
  let points = preview.keypoints.map { point -> JSONValue in
    [
      .number(point.x / Double(factor)), .number(point.y / Double(factor)),
      .integer(point.isLabelled ? 1 : 0),
    ]
  }
  return [
    "name": name, "width": .integer(Int64(picture.width)),
    "height": .integer(Int64(picture.height)), "keypoints": .array(points),
    "pixels": .string(Base64.encode(picture.pixels)),
  ]
}
