/// What a user did at the keyboard or with the mouse, decoded.
public enum Key: Sendable, Hashable {
  /// A printable character.
  case character(Unicode.Scalar)
  /// Control and a letter, such as `control("c")`.
  case control(Unicode.Scalar)
  case up, down, left, right, home, end, pageUp, pageDown, insert, delete
  case enter, escape, tab, backTab, backspace
  /// F1 to F63.
  case function(Int)
  /// A click or a turn of the wheel at a cell.
  case mouse(MouseAction, x: Int, y: Int)

  /// What the decoder makes of one character of the keyboard.
  public init(character scalar: Unicode.Scalar) {
    switch scalar.value {
    case 0x08, 0x7F: self = .backspace
    case 0x09: self = .tab
    case 0x0A, 0x0D: self = .enter
    case 0x1B: self = .escape
    case 1...26:
      self = .control(Unicode.Scalar(UInt8(scalar.value) + 0x60))
    default: self = .character(scalar)
    }
  }
}

/// What the mouse did.
public enum MouseAction: Sendable, Hashable {
  case click, wheelUp, wheelDown
}
