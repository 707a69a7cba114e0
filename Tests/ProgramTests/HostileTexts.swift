/// Texts that would do something to a terminal that shows them raw. Each has a mark of its own, such as
/// `q07q`, by which it is found on the screen.
enum HostileTexts {
  /// Bytes, because some are no text; none holds a zero or a slash, so each can be a file's name.
  static let bytes: [[UInt8]] = (texts.map { Array($0.utf8) } + broken).enumerated().map {
    $0.element + Array(mark($0.offset).utf8)
  }

  /// Those that are text.
  static let valid: [String] = texts.enumerated().map { $0.element + mark($0.offset) }

  static func mark(_ index: Int) -> String { "q\(index < 10 ? "0" : "")\(index)q" }

  /// What a terminal must never get raw; the broken ones are no UTF-8, which is complaint enough.
  static let forbidden: [[UInt8]] = texts.map { Array($0.utf8) }.filter { text in
    // Three bytes with a line break may stand in any output.
    text.count > 3 || text.contains { !(0x20...0x7E).contains($0) && $0 != 0x0A && $0 != 0x09 }
  }

  private static let e = "\u{1B}"
  private static let texts: [String] = [
    // Operating system commands: title, link, clipboard, colours, files, notifications.
    "\(e)]0;pwned\u{7}", "\(e)]2;pwned\(e)\\", "\(e)]8;;http:evil\(e)\\x\(e)]8;;\(e)\\",
    "\(e)]52;c;cHduZWQ=\u{7}", "\(e)]4;1;#ff0000\u{7}", "\(e)]10;#000000\u{7}", "\(e)]11;?\u{7}",
    "\(e)]104\u{7}", "\(e)]1337;File=inline=1:AAAA\u{7}", "\(e)]777;notify;a;b\u{7}",
    "\(e)]9;4;1;50\u{7}", "\(e)]50;font\u{7}",
    // Control sequences: clear, move, leave the full screen, ask, switch, reset.
    "\(e)[2Jpwned", "\(e)[Hpwned", "\(e)[7;7Hpwned", "\(e)[?1049lpwned", "\(e)[?25lpwned",
    "\(e)[31;5mpwned", "\(e)[5npwned", "\(e)[cpwned", "\(e)[>0cpwned", "\(e)[6npwned",
    "\(e)[21tpwned", "\(e)[?2004hpwned", "\(e)[?1003hpwned", "\(e)[4hpwned", "\(e)[20hpwned",
    "\(e)[1Lpwned", "\(e)[8mpwned", "\(e)[!ppwned", "\(e)[99999999999Cpwned", "\(e)[s\(e)[upwned",
    "\(e)[?5hpwned", "\(e)[1;2rpwned", "\(e)[200~pwned", "\(e)[>4;2mpwned",
    // Strings of devices, programs and privacy.
    "\(e)P$q\"p\(e)\\", "\(e)P+q544e\(e)\\", "\(e)Ptmux;\(e)\(e)]52;c;x\u{7}\(e)\\",
    "\(e)_Gf=100;AAAA\(e)\\", "\(e)^pm\(e)\\", "\(e)Xsos\(e)\\",
    // Short escapes.
    "\(e)cpwned", "\(e)#8pwned", "\(e)(0pwned", "\(e)7p\(e)8", "\(e)=pwned", "\(e)Npwned",
    // The second half of the control characters.
    "\u{9B}2Jpwned", "\u{9D}0;x\u{9C}", "\u{90}q\u{9C}", "\u{85}next", "\u{84}x", "\u{8D}x",
    "\u{9F}x\u{9C}", "\u{98}x\u{9C}",
    // Single control characters.
    "a\u{7}b", "abc\u{8}\u{8}\u{8}xyz", "good\rbad", "a\nb", "a\u{B}b", "a\u{C}b", "a\tb",
    "\u{E}x\u{F}", "\u{5}x", "\u{18}x\u{1A}", "a\u{7F}b",
    // Direction, invisible characters, piled-up marks, odd widths, code points that are none.
    "\u{202E}gnp.exe", "\u{2066}x\u{2069}", "\u{200F}x", "\u{61C}x", "a\u{200B}b", "a\u{200D}b",
    "\u{FEFF}x", "\u{2060}x", "a\u{AD}b", "a\u{FE0F}b", "a\u{E0041}b", "\u{2028}x", "\u{2029}x",
    "a" + String(repeating: "\u{301}", count: 50), "\u{F8FF}x", "\u{FFFF}x", "\u{10FFFF}x",
    "\u{3164}x", "\u{115F}x",
  ]

  /// What is no UTF-8: lone and overlong bytes, half of a pair, a raw control sequence introducer.
  private static let broken: [[UInt8]] = [
    [0xFF, 0xFE, 0x78], [0xC3], [0xC1, 0x9B], [0xE0, 0x80, 0x9B], [0xED, 0xA0, 0x80],
    [0x9B, 0x32, 0x4A], [0x9D, 0x30, 0x3B, 0x78, 0x9C], [0xF8, 0x88, 0x80, 0x80, 0x80],
  ]
}

/// Looks whether a stream of bytes to a terminal holds only what posetop itself writes.
struct TerminalStream {
  /// What is there and should not be, the first of it.
  static func complaint(_ bytes: [UInt8]) -> String? {
    for text in HostileTexts.forbidden where bytes.contains(text) { return "raw: \(text)" }
    guard let text = String(validating: bytes, as: UTF8.self) else { return "no UTF-8" }
    var scalars = Array(text.unicodeScalars)[...]
    while let scalar = scalars.popFirst() {
      if scalar.value == 0x1B {
        if let complaint = sequence(&scalars) { return complaint }
      } else if let complaint = character(scalar) {
        return complaint
      }
    }
    return nil
  }

  /// Text that stands in a file or pipe: no sequence at all.
  static func complaintOfText(_ bytes: [UInt8]) -> String? {
    if bytes.contains(0x1B) { return "an escape" }
    if bytes.contains(where: { $0 < 0x20 && $0 != 0x0A && $0 != 0x09 }) {
      return "a control character"
    }
    return complaint(bytes)
  }

  private static func character(_ scalar: Unicode.Scalar) -> String? {
    switch scalar.value {
    case 0x08, 0x09, 0x0A, 0x0D: return nil
    case 0..<0x20, 0x7F...0x9F: return "the control character \(scalar.value)"
    default: break
    }
    switch scalar.properties.generalCategory {
    case .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
      return "the character \(String(scalar.value, radix: 16))"
    default: return nil
    }
  }

  /// What a terminal is asked at the start: the colour of its ground, whether it draws kitty's
  /// pictures, and what it is.
  private static let question =
    "]11;?\u{1B}\\\u{1B}_Gi=4711,s=1,v=1,a=q,t=d,f=24;AAAA\u{1B}\\\u{1B}[c"

  /// Sequences of the terminal's description and of our own writer.
  private static func sequence(_ scalars: inout ArraySlice<Unicode.Scalar>) -> String? {
    let question = Array(Self.question.unicodeScalars)
    if scalars.starts(with: question) {
      scalars = scalars.dropFirst(question.count)
      return nil
    }
    guard let kind = scalars.popFirst() else { return nil }
    switch kind {
    case "[": break
    case "(", ")":
      let set = scalars.popFirst()
      return set == "B" || set == nil ? nil : "another character set"
    case "=", ">": return nil
    default: return "escape \(kind)"
    }
    var parameters = ""
    while let next = scalars.popFirst() {
      if (0x20...0x3F).contains(next.value) {
        parameters.unicodeScalars.append(next)
        continue
      }
      switch next {
      case "m", "H", "J", "K", "d", "G", "X", "b", "A", "B", "C", "D", "P", "@", "r", "S", "T", "L",
        "M":
        return nil
      case "h", "l":
        let own = ["?1049", "?25", "?1", "?7", "4", "?1000", "?1002", "?1006", "?2026", "?12"]
        // Several private modes share one question mark.
        let modes = parameters.split(separator: ";").enumerated().map {
          $0.offset > 0 && parameters.hasPrefix("?") ? "?\($0.element)" : String($0.element)
        }
        return modes.allSatisfy { own.contains($0) } ? nil : "the mode \(parameters)\(next)"
      case "t": return ["22;0;0", "23;0;0"].contains(parameters) ? nil : "a window's operation"
      default: return "the sequence \(parameters)\(next)"
      }
    }
    return nil
  }
}
