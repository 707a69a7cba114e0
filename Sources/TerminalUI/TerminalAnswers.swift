/// What a terminal answers when it is asked how it shows pictures and on what ground it writes; the
/// answers come among the keys.
///
/// The question ends with the request for the device's attributes, which every terminal answers. So
/// an answer may come at any time, or never, and nothing waits for it.
public struct TerminalAnswers: Sendable {
  /// How an answer begins.
  public enum Beginning: Sendable, CaseIterable {
    /// `ESC _ G`: kitty's graphics.
    case application
    /// `ESC [ ?`: the device's attributes.
    case device
    /// `ESC P`: something that nobody asked for.
    case control
    /// `ESC ] 11 ;`: the colour of the ground.
    case ground
  }

  /// Longer answers are none of those that are expected.
  private static let limit = 4096

  private var reading: Beginning?
  private var text = ""
  private var knowsKitty = false
  private var knowsSixel = false
  /// Whether the ground is light; nil where the terminal does not say.
  public private(set) var isGroundLight: Bool?
  /// Whether the device's attributes, the last answer, have come.
  public private(set) var isDone = false

  /// Nothing was answered yet.
  public init() {}

  /// How pictures can be shown, once all is answered.
  public var pixels: PixelProtocol? {
    guard isDone else { return nil }
    return knowsKitty ? .kitty : knowsSixel ? .sixel : nil
  }

  /// What is asked. tmux answers for itself whether it shows sixels; what is around it cannot be
  /// asked through it.
  public static func question(isInTmux: Bool, pictures: Bool = true) -> String {
    "\u{1B}]11;?\u{1B}\\"
      + (pictures ? (isInTmux ? "" : KittyGraphics.query) + "\u{1B}[c" : "")
  }

  /// An answer begins.
  public mutating func begin(_ beginning: Beginning) {
    reading = beginning
    text = ""
  }

  /// Takes the next character; false when it is no part of an answer, but a key.
  public mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard let reading else { return false }
    guard text.utf8.count < Self.limit else {
      self.reading = nil
      return false
    }
    text.unicodeScalars.append(scalar)
    switch reading {
    case .application, .control:
      guard text.hasSuffix("\u{1B}\\") else { return true }
      if reading == .application, text.contains("i=\(KittyGraphics.queryNumber)"),
        text.contains(";OK")
      {
        knowsKitty = true
      }
    case .ground:
      guard text.hasSuffix("\u{1B}\\") || scalar == "\u{7}" else { return true }
      isGroundLight = Self.luminance(text).map { $0 > 0.5 }
    case .device:
      // Parameters up to a letter.
      if ("0"..."9").contains(scalar) || scalar == ";" { return true }
      if scalar == "c" {
        knowsSixel = text.dropLast().split(separator: ";").contains("4")
        isDone = true
      }
    }
    self.reading = nil
    return true
  }

  /// How light a colour of X11's form is, 0...1: `rgb:ffff/ffff/ffff`, one to four digits a part.
  private static func luminance(_ text: String) -> Double? {
    guard let colon = text.firstIndex(of: ":") else { return nil }
    let parts = text[text.index(after: colon)...].split(separator: "/").prefix(3).map { part in
      part.prefix { $0.isHexDigit }
    }
    let values = parts.compactMap { digits -> Double? in
      guard (1...4).contains(digits.count), let value = Int(digits, radix: 16) else { return nil }
      return Double(value) / Double(1 << (4 * digits.count) - 1)
    }
    guard values.count == 3 else { return nil }
    return 0.2126 * values[0] + 0.7152 * values[1] + 0.0722 * values[2]
  }
}
