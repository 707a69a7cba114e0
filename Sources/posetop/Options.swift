import CPosix
import Glibc
import Support

/// One option of a command.
struct OptionSpec: Sendable {
  /// The long name without dashes.
  let name: String
  /// The short form, if there is one.
  let letter: Character?
  /// What stands for the value in `--help`; nil for a switch.
  let placeholder: String?
  /// One line for `--help`.
  let help: String
  /// Not shown in `--help`.
  let isHidden: Bool

  init(
    _ name: String, _ letter: Character? = nil, _ placeholder: String? = nil, _ help: String = "",
    isHidden: Bool = false
  ) {
    self.name = name
    self.letter = letter
    self.placeholder = placeholder
    self.help = help
    self.isHidden = isHidden
  }
}

/// A command line that was taken apart.
struct ParsedOptions {
  /// The options in the order in which they were given, with their values.
  private(set) var given: [(name: String, value: String?)] = []
  /// What is no option.
  private(set) var operands: [String] = []

  /// Whether a switch was given.
  func has(_ name: String) -> Bool { given.contains { $0.name == name } }

  /// The last value that was given for an option.
  func value(_ name: String) -> String? { given.last { $0.name == name }?.value }

  /// The last value of an option as a number in a range.
  func integer(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
    guard let text = value(name) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw .badValue(
        option: "--\(name)", value: text,
        expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// The last value of an option as a real number in a range.
  func number(_ name: String, in range: ClosedRange<Double>) throws(UsageError) -> Double? {
    guard let text = value(name) else { return nil }
    guard let number = Double(text), range.contains(number) else {
      throw .badValue(
        option: "--\(name)", value: text,
        expected: "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// Reads the words after the command by getopt_long; `--help` is always among the options, which
  /// may end at the first operand.
  init(
    _ words: [String], _ specs: [OptionSpec], stopsAtOperand: Bool = false
  ) throws(UsageError) {
    let specs = specs + [OptionSpec("help", "h")]
    let outcome: Result<ParsedOptions, UsageError> = Self.withArguments(words, specs) { raw in
      do throws(UsageError) {
        return .success(try Self.scan(raw, specs, stopsAtOperand))
      } catch {
        return .failure(error)
      }
    }
    self = try outcome.get()
  }

  private init() {}

  private struct Raw {
    let arguments: UnsafeMutableBufferPointer<UnsafeMutablePointer<CChar>?>
    let options: UnsafeBufferPointer<posetop_option>
  }

  private static func scan(
    _ raw: Raw, _ specs: [OptionSpec], _ stopsAtOperand: Bool
  ) throws(UsageError) -> ParsedOptions {
    var result = ParsedOptions()
    var letters = stopsAtOperand ? "+:" : ":"
    for spec in specs {
      if let letter = spec.letter { letters += "\(letter)" + (spec.placeholder == nil ? "" : ":") }
    }
    var match = posetop_option_match()
    var isFirst: Int32 = 1
    let count = raw.arguments.count - 1
    while true {
      let code = posetop_next_option(
        Int32(count), raw.arguments.baseAddress, letters, raw.options.baseAddress,
        Int32(raw.options.count), &match, isFirst)
      isFirst = 0
      if code == -1 { break }
      if let spec = spec(of: code, specs) {
        result.given.append((spec.name, match.value.map { String(cString: $0) }))
        continue
      }
      throw error(code, match, specs)
    }
    for index in Int(match.next)..<max(count, Int(match.next)) {
      if let word = raw.arguments[index] { result.operands.append(String(cString: word)) }
    }
    return result
  }

  private static func spec(of code: Int32, _ specs: [OptionSpec]) -> OptionSpec? {
    if code >= 256, Int(code) - 256 < specs.count { return specs[Int(code) - 256] }
    guard code != 0x3F, code != 0x3A, let scalar = Unicode.Scalar(UInt32(code)) else {
      return nil
    }
    return specs.first { $0.letter == Character(scalar) }
  }

  private static func error(
    _ code: Int32, _ match: posetop_option_match, _ specs: [OptionSpec]
  ) -> UsageError {
    let word = match.word.map { String(cString: $0) } ?? "?"
    if code == 0x3A { return .valueMissing(option: word) }
    if word.hasPrefix("--") {
      let name = String(word.dropFirst(2).prefix { $0 != "=" })
      if let switched = specs.first(where: { $0.name == name }), switched.placeholder == nil {
        return .badValue(option: "--\(name)", value: word, expected: "given without a value")
      }
      let known = specs.filter { !$0.isHidden }.map(\.name)
      let nearest = NearestWord.find(name, in: known).map { "--\($0)" }
      return .unknownOption(word: "--\(name)", nearest: nearest)
    }
    let letter = Unicode.Scalar(UInt32(truncatingIfNeeded: match.letter)).map { "-\($0)" }
    return .unknownOption(word: match.letter == 0 ? word : letter ?? word, nearest: nil)
  }

  /// The words as C wants them, for the time of one call; getopt_long reorders them in place.
  private static func withArguments<Value>(
    _ words: [String], _ specs: [OptionSpec], _ body: (Raw) -> Value
  ) -> Value {
    var arguments: [UnsafeMutablePointer<CChar>?] = (["posetop"] + words).map { strdup($0) }
    let names = specs.map { strdup($0.name) }
    let owned = arguments + names
    arguments.append(nil)
    defer { for text in owned { free(text) } }
    let options = zip(specs, names).map { spec, name in
      posetop_option(name: name, takes_value: spec.placeholder == nil ? 0 : 1)
    }
    return arguments.withUnsafeMutableBufferPointer { arguments in
      options.withUnsafeBufferPointer { body(Raw(arguments: arguments, options: $0)) }
    }
  }
}
