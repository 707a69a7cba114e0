import Support

/// How the validation pictures are chosen.
public enum SplitMethod: String, Sendable, CaseIterable {
  /// A random choice that depends only on the seed and the number of pictures.
  case random
  /// The last pictures of the file, as the tutorial does it.
  case fileOrder = "file-order"
}

/// Which samples train and which validate; all persons of a picture are on the same side.
public struct DatasetSplit: Sendable, Hashable {
  /// Indices of the training samples, rising.
  public let training: [Int]
  /// Indices of the validation samples, rising.
  public let validation: [Int]

  /// A split that was made elsewhere.
  public init(training: [Int], validation: [Int]) {
    self.training = training
    self.validation = validation
  }

  /// Splits a data set as a recipe's `split` says: the name of a method (`random` when nil), or the
  /// JSON of a list.
  public static func make(
    _ dataset: Dataset, setting: String?, fraction: Double, seed: Int
  ) throws(DatasetError) -> DatasetSplit {
    let text = setting ?? SplitMethod.random.rawValue
    if let method = SplitMethod(rawValue: text) {
      return try make(dataset, method: method, fraction: fraction, seed: seed)
    }
    guard let json = try? JSONValue(parsing: text), let list = SplitList(json: json) else {
      throw .splitMethod(text: text)
    }
    return try make(dataset, list: list)
  }

  /// Splits a data set by picture.
  ///
  /// - `fraction`: share of the pictures that validate, above 0 and below 1; rounded to whole
  ///   pictures, at least one on each side.
  /// - `seed`: of the random choice.
  public static func make(
    _ dataset: Dataset, method: SplitMethod, fraction: Double, seed: Int
  ) throws(DatasetError) -> DatasetSplit {
    let images = dataset.imageCount
    guard images >= 2 else { throw .splitTooSmall(path: dataset.path, images: images) }
    // As the tutorial counts: the training side is cut off downward.
    let share = fraction.isFinite ? min(max(fraction, 0), 1) : 0.2
    let trained = Int(Double(images) * (1 - share) + 1e-9)
    let training = min(max(trained, 1), images - 1)
    let order =
      switch method {
      case .fileOrder: Array(0..<images)
      case .random:
        CounterRandom(seed: UInt64(bitPattern: Int64(seed)), name: "split").permutation(images)
      }
    var validates = [Bool](repeating: false, count: images)
    for image in order[training...] { validates[image] = true }
    let indices = dataset.samples.indices
    return DatasetSplit(
      training: indices.filter { !validates[dataset.samples[$0].image] },
      validation: indices.filter { validates[dataset.samples[$0].image] })
  }
}

/// The order of the training samples in an epoch.
public enum EpochOrder {
  /// A permutation that depends only on the seed and the epoch; the given order without `shuffle`.
  public static func order(
    _ samples: [Int], epoch: Int, seed: Int, shuffle: Bool
  ) -> [Int] {
    guard shuffle else { return samples }
    let random = CounterRandom(seed: UInt64(bitPattern: Int64(seed)), name: "order")
    return random.stream(epoch).permutation(samples.count).map { samples[$0] }
  }
}
