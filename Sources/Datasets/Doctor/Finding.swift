public import Support
public import Wording

/// One thing that the doctor found in a data set.
public struct Finding: Sendable, Hashable {
  /// How much it matters.
  public enum Severity: String, Sendable {
    /// It spoils the training or its figures, or costs a record.
    case error
    /// It may be meant so; look at it.
    case warning
  }

  /// What kind it is; the words are those of `check --json`.
  public enum Code: String, Sendable, CaseIterable {
    case missingImage = "missing-image"
    case corruptImage = "corrupt-image"
    case oversizedImage = "oversized-image"
    case duplicateImage = "duplicate-image"
    case leak
    case imageSize = "image-size"
    case exifOrientation = "exif-orientation"
    case unusableRecord = "unusable-record"
    case noUsableRecord = "no-usable-record"
    case keypointCount = "keypoint-count"
    case fractions
    case pointOutsideImage = "point-outside-image"
    case pointOutsideBox = "point-outside-box"
    case boxOutsideImage = "box-outside-image"
    case brokenBox = "broken-box"
    case visibleAtOrigin = "visible-at-origin"
    case visibilityRange = "visibility-range"
    case aiChallengerVisibility = "aichallenger-visibility"
    case numKeypoints = "num-keypoints"
    case areaZero = "area-zero"
    case areaMissing = "area-missing"
    case idZero = "id-zero"
    case doubleID = "double-id"
    case orphanID = "orphan-id"
    case crowd
    case leftRight = "left-right"
    case flipPairs = "flip-pairs"
    case outlier
  }

  /// How much it matters.
  public var severity: Severity
  /// What kind it is.
  public var code: Code
  /// The picture or the annotation file.
  public var file: String
  /// The annotation's or picture's id, or what stands for it; nil for the whole file.
  public var id: String?
  /// What was found.
  public var message: Sentence
  /// What to do.
  public var fix: Sentence

  /// The finding as `check --json` lists it.
  public var json: JSONValue {
    [
      "severity": .string(severity.rawValue), "code": .string(code.rawValue),
      "file": .string(UntrustedText.clean(file)),
      "id": id.map { id in
        Int64(id).map { .integer($0) } ?? .string(UntrustedText.clean(id, limit: 200))
      } ?? .null,
      "message": .string(message.text()), "fix": .string(fix.text()),
    ]
  }
}

extension AnnotationSet {
  /// A finding at a person, whose file is its picture's name where it has one.
  func finding(
    _ severity: Finding.Severity, _ code: Finding.Code, _ person: AnnotatedPerson,
    _ message: Sentence, _ fix: DoctorFix
  ) -> Finding {
    let id: String? =
      switch person.label {
      case .annotation(let id): id.map(String.init)
      case .record(let index): String(index)
      case .named(let name): name
      }
    return Finding(
      severity: severity, code: code, file: person.picture.map { pictures[$0].name } ?? file,
      id: id, message: message, fix: Sentence(fix))
  }

  /// A finding about the whole annotation file.
  func finding(
    _ severity: Finding.Severity, _ code: Finding.Code, id: String? = nil, _ message: Sentence,
    _ fix: DoctorFix
  ) -> Finding {
    Finding(
      severity: severity, code: code, file: file, id: id, message: message, fix: Sentence(fix))
  }
}
