public import Support

/// Pictures by name for the two sides of a split.
///
/// A name is the data set's own, or its last part (`a.jpg` for `train2017/a.jpg`) where one picture
/// alone has it, with or without extension.
public struct SplitList: Sendable, Hashable {
  /// The training pictures; nil stands for all that do not validate.
  public var training: [String]?
  /// The validation pictures.
  public var validation: [String]

  /// Bytes of a list that are read.
  static let maximumBytes = 64 << 20

  /// The two sides.
  public init(training: [String]? = nil, validation: [String]) {
    self.training = training
    self.validation = validation
  }

  /// Reads a file: one validation picture a line (`#` begins a comment), or JSON: a list of them, or
  /// an object with `val` and maybe `train`.
  public init(path: String) throws(DatasetError) {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try FileReading.bytes(of: path, limit: Self.maximumBytes)
    } catch {
      throw .file(error)
    }
    let first = bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    if first == 0x5B || first == 0x7B {
      guard let json = try? JSONValue(parsing: bytes), let list = SplitList(json: json) else {
        throw .splitListForm(path: path)
      }
      self = list
      return
    }
    let lines = bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D })
      .map { String(decoding: $0, as: UTF8.self).trimmed }
      .filter { !$0.isEmpty && !$0.hasPrefix("#") }
    guard !lines.isEmpty, !bytes.contains(0) else { throw .splitListForm(path: path) }
    self.init(validation: lines)
  }

  /// Reads the JSON form; nil when it is none.
  public init?(json: JSONValue) {
    func names(_ value: JSONValue?) -> [String]? {
      guard let list = value?.array else { return nil }
      let names = list.compactMap(\.string)
      return names.count == list.count ? names : nil
    }
    if let list = names(json) {
      self.init(validation: list)
      return
    }
    guard let object = json.object, let validation = names(object["val"]),
      object.members.allSatisfy({ ["val", "train"].contains($0.key) })
    else { return nil }
    var training: [String]?
    if let value = object["train"] {
      guard let list = names(value) else { return nil }
      training = list
    }
    self.init(training: training, validation: validation)
  }

  /// The JSON form, which a recipe holds.
  public var json: JSONValue {
    var object = JSONObject()
    if let training { object["train"] = .array(training.map { .string($0) }) }
    object["val"] = .array(validation.map { .string($0) })
    return .object(object)
  }
}

extension DatasetSplit {
  /// The split that a list names.
  public static func make(
    _ dataset: Dataset, list: SplitList
  ) throws(DatasetError) -> DatasetSplit {
    let names = PictureNames(dataset)
    let validation = try names.images(list.validation)
    let training = try list.training.map { given throws(DatasetError) in try names.images(given) }
    if let training, let both = training.intersection(validation).min() {
      throw .splitOverlap(name: dataset.samples.first { $0.image == both }?.name ?? "")
    }
    let indices = dataset.samples.indices
    let split = DatasetSplit(
      training: indices.filter { index in
        let image = dataset.samples[index].image
        return training?.contains(image) ?? !validation.contains(image)
      }, validation: indices.filter { validation.contains(dataset.samples[$0].image) })
    if split.training.isEmpty { throw .splitEmpty(path: dataset.path, side: "training") }
    if split.validation.isEmpty { throw .splitEmpty(path: dataset.path, side: "validation") }
    return split
  }

  /// The names of the validation pictures, each once, in file order: what a run remembers.
  public func validationPictures(_ dataset: Dataset) -> [String] {
    var last = -1
    return validation.compactMap { index in
      let sample = dataset.samples[index]
      if sample.image == last { return nil }
      last = sample.image
      return sample.name
    }
  }
}

/// The pictures of a data set by everything that a list may call them.
private struct PictureNames {
  private let path: String
  private var exact: [String: Int] = [:]
  /// By last part and by last part without extension; -1 where several pictures have it.
  private var short: [String: Int] = [:]

  init(_ dataset: Dataset) {
    path = dataset.path
    for sample in dataset.samples where exact[sample.name] == nil {
      exact[sample.name] = sample.image
      let name = Path.name(of: sample.name)
      for key in Set([name, Self.stem(name)]) {
        short[key] = short[key].map { $0 == sample.image ? $0 : -1 } ?? sample.image
      }
    }
  }

  private static func stem(_ name: String) -> String {
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }

  func images(_ names: [String]) throws(DatasetError) -> Set<Int> {
    var images: Set<Int> = []
    var unknown: [String] = []
    for name in names {
      if let image = exact[name] {
        images.insert(image)
      } else if let image = short[Path.name(of: name)], image >= 0 {
        images.insert(image)
      } else {
        unknown.append(name)
      }
    }
    // A list of all pictures of a set may hold some whose record is not usable: most must be known.
    guard unknown.count * 2 <= names.count, !images.isEmpty else {
      throw .splitUnknown(
        path: path, unknown: unknown.count, names: names.count, first: unknown.first ?? "")
    }
    return images
  }
}

extension String {
  /// Without blanks at both ends.
  fileprivate var trimmed: String {
    let blanks: Set<Character> = [" ", "\t"]
    var text = Substring(self)
    while let first = text.first, blanks.contains(first) { text.removeFirst() }
    while let last = text.last, blanks.contains(last) { text.removeLast() }
    return String(text)
  }
}
