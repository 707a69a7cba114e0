extension Theme {
  /// The theme that is compiled in, for dark terminals; `themes/default.theme` says the same.
  ///
  /// Curves and sides of the body use Okabe and Ito's colours for the colour-blind, moved to entries
  /// of xterm's cube; nothing is told apart by colour alone.
  public static let standard = Theme(
    name: "default",
    entries: [
      .text: entry(nil, nil),
      .faint: entry((135, 135, 135), 8, mono: .dim),
      .frame: entry((88, 88, 88), 8, mono: .dim),
      .focus: entry((95, 175, 255), 14, mono: .bold),
      .title: entry((175, 175, 175), 7),
      .tab: entry((255, 255, 255), 15, [.bold], mono: [.bold, .reverse]),
      .train: entry((255, 175, 0), 3, mono: .bold),
      .trainRaw: entry((135, 95, 0), 8, mono: .dim),
      .validation: entry((95, 175, 255), 6),
      .rate: entry((0, 175, 135), 2),
      .other1: entry((215, 135, 175), 13),
      .other2: entry((135, 215, 135), 10),
      .other3: entry((215, 215, 95), 11),
      .other4: entry((135, 135, 255), 12),
      .other5: entry((215, 135, 95), 9),
      .other6: entry((135, 215, 215), 14),
      .marker: entry((255, 255, 135), 11, mono: .bold),
      .meter: entry((95, 135, 175), 6),
      .track: entry((68, 68, 68), 8, mono: .dim),
      .good: entry((95, 215, 135), 2, mono: .bold),
      .warning: entry((255, 215, 95), 11, mono: .bold),
      .bad: entry((255, 95, 95), 9, [.bold], mono: [.bold, .reverse]),
      .key: entry((215, 215, 215), 15, [.bold], mono: .bold),
      .hint: entry((135, 135, 135), 8),
      .limbLeft: entry((95, 215, 255), 14, [.bold]),
      .limbRight: entry((255, 175, 0), 11, [.bold], mono: .bold),
      .limbMiddle: entry((255, 255, 255), 15, [.bold]),
      .selection: entry((255, 255, 255), 15, [.bold], mono: .reverse),
      .popup: entry((175, 175, 175), 7, mono: .bold),
      .staged: entry((255, 255, 135), 11, [.bold], mono: .underline),
    ])

  private static func entry(
    _ color: (UInt8, UInt8, UInt8)?, _ named: UInt8?, _ attributes: Attributes = [],
    mono: Attributes = []
  ) -> Entry {
    Entry(
      color: color.map { Color.rgb($0.0, $0.1, $0.2) }, named: named, attributes: attributes,
      mono: mono)
  }
}
