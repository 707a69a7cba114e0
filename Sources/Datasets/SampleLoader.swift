import Cropping
import Imaging
import Pose
import Support

/// Turns one sample into one row of a batch; each loader thread has its own.
struct SampleLoader {
  let dataset: Dataset
  let input: InputSpec
  let augmentation: Augmentation
  let cache: SampleCache
  /// Pictures that are not to be touched: they have killed a decoder.
  let quarantine: Set<String>
  /// Where this thread notes the picture that it is decoding.
  let notes: CrashNotes
  private let crops: SampleCrops
  private let random: CounterRandom
  private var scratch = ImageBuffer(width: 0, height: 0)
  private var cropper = Cropper()

  init(
    dataset: Dataset, input: InputSpec, augmentation: Augmentation, seed: Int, cache: SampleCache,
    quarantine: Set<String> = [], notes: CrashNotes = CrashNotes(slot: -1)
  ) {
    self.quarantine = quarantine
    self.notes = notes
    self.dataset = dataset
    self.input = input
    self.augmentation = augmentation
    self.cache = cache
    crops = SampleCrops(input: input, augmentation: augmentation, schema: dataset.schema)
    random = CounterRandom(seed: UInt64(bitPattern: Int64(seed)), name: "augment")
  }

  /// Fills `image` [H, W, 3] and `keypoints` [K, 3]; returns the map from the input's pixels to the
  /// picture's.
  mutating func load(
    _ index: Int, epoch: Int, image: UnsafeMutablePointer<Float>,
    keypoints: UnsafeMutablePointer<Float>
  ) throws(ImageError) -> AffineMap {
    let (crop, toImage) = try plan(index, epoch: epoch, keypoints: keypoints)
    crop.region.pixels.withUnsafeBytes {
      // An empty region has no pixel that is looked at.
      cropper.crop(
        crop.recipe, from: $0.baseAddress ?? UnsafeRawPointer(image), into: image,
        width: input.width, height: input.height)
    }
    return toImage
  }

  /// Fills `row` with what a device makes the picture of: the part of the region that the crop shows, or
  /// the finished picture where that part is larger; fills `keypoints` [K, 3].
  ///
  /// - Returns: what lies in the row, and the map from the input's pixels to the picture's.
  mutating func loadPart(
    _ index: Int, epoch: Int, row: UnsafeMutableRawPointer,
    keypoints: UnsafeMutablePointer<Float>
  ) throws(ImageError) -> (CropRecipe, AffineMap) {
    let (crop, toImage) = try plan(index, epoch: epoch, keypoints: keypoints)
    let part = crop.recipe.shownPart(width: input.width, height: input.height)
    let bytes = 3 * part.columns.count
    let isSmall =
      bytes * part.rows.count <= PictureBatch.rowBytes(width: input.width, height: input.height)
    crop.region.pixels.withUnsafeBytes {
      guard let base = $0.baseAddress else { return }
      guard isSmall else {
        return cropper.crop(
          crop.recipe, from: base, into: row.assumingMemoryBound(to: Float.self),
          width: input.width, height: input.height)
      }
      for (place, y) in part.rows.enumerated() {
        (row + place * bytes).copyMemory(
          from: base + 3 * (y * crop.region.width + part.columns.lowerBound), byteCount: bytes)
      }
    }
    let recipe =
      isSmall
      ? crop.recipe.having(columns: part.columns, rows: part.rows) : CropRecipe(.finished)
    return (recipe, toImage)
  }

  /// What becomes of one sample in one epoch.
  private struct Crop {
    let region: ImageBuffer
    let recipe: CropRecipe
  }

  private mutating func plan(
    _ index: Int, epoch: Int, keypoints: UnsafeMutablePointer<Float>
  ) throws(ImageError) -> (Crop, AffineMap) {
    let sample = dataset.samples[index]
    let prepared = try prepared(index, sample)
    let variation =
      augmentation == .none
      ? Variation()
      : Variation(augmentation, input: input, random: random.stream(epoch, index))
    let toInput = crops.map(sample, half: variation.half, in: prepared.size).then(variation.map)
    guard let toImage = toInput.inverse else {
      throw .broken(path: sample.imagePath, format: "picture", reason: "its box is too small")
    }
    var recipe = input.recipe(toImage.then(prepared.toRegion), of: prepared.region)
    variation.add(to: &recipe)
    for (place, pair) in dataset.schema.flipPairs.enumerated() {
      let point = sample.keypoints[variation.isMirrored ? pair : place]
      let (x, y) = toInput.apply(point.x, point.y)
      let counts = point.isLabelled && input.contains(x: x, y: y)
      keypoints[place * 3] = counts ? Float(x) : 0
      keypoints[place * 3 + 1] = counts ? Float(y) : 0
      keypoints[place * 3 + 2] = counts ? 1 : 0
    }
    return (Crop(region: prepared.region, recipe: recipe), toImage)
  }

  private mutating func prepared(
    _ index: Int, _ sample: Sample
  ) throws(ImageError) -> PreparedSample {
    if let known = cache.region(index) { return known }
    if quarantine.contains(sample.imagePath) { throw .setAside(path: sample.imagePath) }
    let prepared = try notes.noting(sample.imagePath) { () throws(ImageError) in
      try PreparedSample(
        sample: sample, bytes: ImageDecoder.read(sample.imagePath), input: input, crops: crops,
        reach: augmentation, scratch: &scratch)
    }
    cache.keep(prepared, index)
    return prepared
  }

  /// A row of a training batch for people to look at: what the engine sees, pixel for pixel, and the
  /// targets of the points that count.
  mutating func augmentedPreview(
    _ index: Int, epoch: Int
  ) throws(ImageError) -> SamplePreview {
    let count = input.width * input.height
    let keypoints = dataset.schema.count
    var (image, targets) = (
      [Float](repeating: 0, count: count * 3), [Float](repeating: 0, count: keypoints * 3)
    )
    let outcome: Result<AffineMap, ImageError> = image.withUnsafeMutableBufferPointer { image in
      targets.withUnsafeMutableBufferPointer { targets in
        guard let pixels = image.baseAddress, let points = targets.baseAddress else {
          return .success(.identity)
        }
        do throws(ImageError) {
          return .success(try load(index, epoch: epoch, image: pixels, keypoints: points))
        } catch {
          return .failure(error)
        }
      }
    }
    let toImage = try outcome.get()
    var picture = ImageBuffer(width: input.width, height: input.height)
    for at in image.indices {
      let value = 255 * (image[at] * input.deviation[at % 3] + input.mean[at % 3])
      picture.pixels[at] = UInt8(min(max(value, 0), 255).rounded())
    }
    let points = (0..<keypoints).map { place in
      Keypoint(
        x: Double(targets[place * 3]), y: Double(targets[place * 3 + 1]),
        visibility: targets[place * 3 + 2] > 0 ? .visible : .unlabelled)
    }
    return SamplePreview(picture: picture, keypoints: points, toImage: toImage)
  }

  /// The plain crop for people to look at.
  mutating func preview(_ index: Int) throws(ImageError) -> SamplePreview {
    let sample = dataset.samples[index]
    let prepared = try prepared(index, sample)
    let toInput = input.map(for: sample, in: prepared.size)
    guard let toImage = toInput.inverse else {
      throw .broken(path: sample.imagePath, format: "picture", reason: "its box is too small")
    }
    var picture = ImageBuffer(width: input.width, height: input.height)
    let recipe = input.recipe(toImage.then(prepared.toRegion), of: prepared.region)
    prepared.region.pixels.withUnsafeBufferPointer { region in
      picture.pixels.withUnsafeMutableBufferPointer { target in
        guard let part = region.baseAddress, let pixels = target.baseAddress else { return }
        Cropper.show(recipe, from: part, into: pixels, width: input.width, height: input.height)
      }
    }
    let points = sample.keypoints.map { point in
      let (x, y) = toInput.apply(point.x, point.y)
      return Keypoint(x: x, y: y, visibility: point.visibility)
    }
    return SamplePreview(picture: picture, keypoints: points, toImage: toImage)
  }
}
