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
  private var effects = PixelEffects()

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
    Resampler.warp(
      prepared.region, toSource: toImage.then(prepared.toRegion), input: input,
      gain: variation.gain, offset: variation.offset, into: image)
    effects.apply(variation, to: image, width: input.width, height: input.height)
    for (place, pair) in dataset.schema.flipPairs.enumerated() {
      let point = sample.keypoints[variation.isMirrored ? pair : place]
      let (x, y) = toInput.apply(point.x, point.y)
      let counts = point.isLabelled && input.contains(x: x, y: y)
      keypoints[place * 3] = counts ? Float(x) : 0
      keypoints[place * 3 + 1] = counts ? Float(y) : 0
      keypoints[place * 3 + 2] = counts ? 1 : 0
    }
    return toImage
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
    let picture = Resampler.warp(
      prepared.region, toSource: toImage.then(prepared.toRegion), width: input.width,
      height: input.height)
    let points = sample.keypoints.map { point in
      let (x, y) = toInput.apply(point.x, point.y)
      return Keypoint(x: x, y: y, visibility: point.visibility)
    }
    return SamplePreview(picture: picture, keypoints: points, toImage: toImage)
  }
}
