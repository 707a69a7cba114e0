public import Support
public import Wording

/// One number of an augmentation under the name that files have for it.
struct AugmentationSetting: Sendable {
  let name: String
  let range: ClosedRange<Double>
  let path: any WritableKeyPath<Augmentation, Double> & Sendable

  /// Every number that a file may set.
  static let all: [AugmentationSetting] = [
    AugmentationSetting(name: "flip", range: 0...1, path: \.flip),
    AugmentationSetting(name: "scale", range: 0...0.9, path: \.scale),
    AugmentationSetting(name: "rotation", range: 0...180, path: \.rotation),
    AugmentationSetting(
      name: "rotation-probability", range: 0...1, path: \.rotationProbability),
    AugmentationSetting(name: "shift", range: 0...0.5, path: \.shift),
    AugmentationSetting(name: "half-body", range: 0...1, path: \.halfBody),
    AugmentationSetting(name: "brightness", range: 0...1, path: \.brightness),
    AugmentationSetting(name: "contrast", range: 0...1, path: \.contrast),
    AugmentationSetting(name: "color", range: 0...1, path: \.color),
    AugmentationSetting(name: "blur", range: 0...1, path: \.blur),
    AugmentationSetting(name: "blur-sigma", range: 0...8, path: \.blurSigma),
    AugmentationSetting(name: "erase", range: 0...1, path: \.erase),
    AugmentationSetting(name: "erase-size", range: 0...1, path: \.eraseSize),
  ]
}

extension Augmentation {
  /// What a recipe's `augment` says: a preset's name, or the JSON object of a file.
  public init(setting text: String) throws(AugmentationError) {
    if let preset = Self.named(text) {
      self = preset
      return
    }
    guard text.hasPrefix("{"), let json = try? JSONValue(parsing: text) else {
      throw .unknown(
        name: text, nearest: NearestWord.find(text, in: Self.presets.map(\.name)))
    }
    try self.init(json: json)
  }

  /// What a file says: an object with the numbers that differ from those of the preset under
  /// `from`, which is `none` where it is left out.
  ///
  /// A probability that stands without its strength, or the reverse, has the usual partner: blur up
  /// to a deviation of 1.5 px, erasing of up to .3 of a side, every rotation.
  public init(json: JSONValue) throws(AugmentationError) {
    guard let object = json.object else { throw .notAnObject }
    var result = Augmentation.none
    if let from = object["from"] {
      guard let name = from.string, let preset = Self.named(name) else {
        throw .badValue(
          key: "from", value: from.string ?? from.text,
          expected: Self.presets.map(\.name).joined(separator: ", "))
      }
      result = preset
    }
    for (key, value) in object.members where key != "from" {
      guard let setting = AugmentationSetting.all.first(where: { $0.name == key }) else {
        let names = ["from"] + AugmentationSetting.all.map(\.name)
        throw .unknownKey(key: key, nearest: NearestWord.find(key, in: names))
      }
      guard let number = value.double, setting.range.contains(number) else {
        throw .badValue(
          key: key, value: value.text,
          expected:
            "a number from \(NumberText.significant(setting.range.lowerBound, 3)) to \(NumberText.significant(setting.range.upperBound, 3))"
        )
      }
      result[keyPath: setting.path] = number
    }
    if result.rotation > 0, object["rotation-probability"] == nil,
      result.rotationProbability == 0
    {
      result.rotationProbability = 1
    }
    if result.blur > 0, result.blurSigma == 0 { result.blurSigma = 1.5 }
    if result.erase > 0, result.eraseSize == 0 { result.eraseSize = 0.3 }
    if result != Self.named(result.name) { result.name = "custom" }
    self = result
  }

  /// All numbers that are not 0, as a file has them: reading it back gives the same augmentation.
  public var json: JSONValue {
    .object(
      JSONObject(
        AugmentationSetting.all.compactMap { setting in
          let value = self[keyPath: setting.path]
          // Where a file leaves it out it is 1.
          let isSaid = setting.name == "rotation-probability" && rotation > 0
          return value == 0 && !isSaid ? nil : (setting.name, .number(value))
        }))
  }
}

/// An augmentation that is not understood.
public enum AugmentationError: Error, Sayable, Hashable {
  case unknown(name: String, nearest: String?)
  case notAnObject
  case unknownKey(key: String, nearest: String?)
  case badValue(key: String, value: String, expected: String)

  public var sentence: Sentence {
    switch self {
    case .unknown(let name, let nearest?):
      Sentence(DatasetSentence.augmentUnknownNearest, UntrustedText.clean(name), nearest)
    case .unknown(let name, nil):
      Sentence(DatasetSentence.augmentUnknown, UntrustedText.clean(name))
    case .notAnObject: Sentence(DatasetSentence.augmentForm)
    case .unknownKey(let key, let nearest?):
      Sentence(DatasetSentence.augmentKeyNearest, UntrustedText.clean(key), nearest)
    case .unknownKey(let key, nil):
      Sentence(DatasetSentence.augmentKey, UntrustedText.clean(key))
    case .badValue(let key, let value, let expected):
      Sentence(DatasetSentence.augmentValue, key, UntrustedText.clean(value, limit: 80), expected)
    }
  }
}
