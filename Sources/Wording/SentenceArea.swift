/// One area of the table of sentences: an enum whose raw values are the English templates.
///
/// A template holds `{0}`, `{1}`, ... for the arguments. Add a sentence = add a case; add an area =
/// one file in `Areas/` and one line in `SentenceTable`.
public protocol SentenceArea: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
  /// The prefix of the area's keys, such as `dataset`.
  static var area: String { get }
  /// The templates in Simplified Chinese; what is missing is shown in English.
  static var chinese: [Self: String] { get }
}

extension SentenceArea {
  /// No sentence is translated.
  public static var chinese: [Self: String] { [:] }

  /// The key under which the sentence travels, such as `dataset.folderMissing`.
  public var key: String { "\(Self.area).\(self)" }
}

/// The catalogue of all areas.
public enum SentenceTable {
  /// Every area; a test compares this list with the folder `Areas/`.
  public static let areas: [any SentenceArea.Type] = [
    SupportSentence.self,
    PoseSentence.self,
    DatasetSentence.self,
    DoctorSentence.self,
    DoctorFix.self,
    EngineSentence.self,
    RunSentence.self,
    CommandLineSentence.self,
    ScreenSentence.self,
    LauncherSentence.self,
    KeySentence.self,
    AdviceSentence.self,
    HelpSentence.self,
    MachineSentence.self,
    GraphicsSentence.self,
  ]

  private static let english: [String: String] = {
    var table: [String: String] = [:]
    func add<Area: SentenceArea>(_ area: Area.Type) {
      for template in area.allCases { table[template.key] = template.rawValue }
    }
    for area in areas { add(area) }
    return table
  }()

  private static let chinese: [String: String] = {
    var table: [String: String] = [:]
    func add<Area: SentenceArea>(_ area: Area.Type) {
      for (template, text) in area.chinese { table[template.key] = text }
    }
    for area in areas { add(area) }
    return table
  }()

  /// The keys of an area that a language has no words for, for the tests.
  public static func untranslated(_ area: String, in language: Language) -> [String] {
    guard language == .chinese else { return [] }
    return keys.filter { $0.hasPrefix("\(area).") && chinese[$0] == nil }
  }

  /// The template of a key, if the table has it.
  public static func template(for key: String, in language: Language) -> String? {
    switch language {
    case .english: english[key]
    case .chinese: chinese[key] ?? english[key]
    }
  }

  /// All keys, for the tests.
  public static var keys: [String] { english.keys.sorted() }
}
