/// Reads the theme files of btop, which many people own already: `theme[key]="#RRGGBB"`.
enum BtopTheme {
  /// Which of btop's keys colours what here, the first that a file has.
  private static let map: [(style: StyleKey, keys: [String], attributes: Attributes)] = [
    (.faint, ["graph_text", "inactive_fg"], []), (.frame, ["div_line", "inactive_fg"], []),
    (.focus, ["hi_fg"], []), (.title, ["title"], []), (.tab, ["title"], [.bold]),
    (.train, ["available_end", "cpu_mid"], []), (.trainRaw, ["available_start", "div_line"], []),
    (.validation, ["cached_end", "download_end", "cpu_start"], []),
    (.rate, ["free_end", "process_end"], []), (.marker, ["hi_fg"], [.bold]),
    (.other1, ["upload_end"], []), (.other2, ["free_end"], []), (.other3, ["cpu_mid"], []),
    (.other4, ["download_end"], []), (.other5, ["used_end"], []), (.other6, ["temp_start"], []),
    (.meter, ["process_mid", "cached_mid", "download_mid", "hi_fg"], []),
    (.track, ["meter_bg", "div_line"], []), (.good, ["cpu_start", "free_end"], []),
    (.warning, ["cpu_mid", "available_end"], []), (.bad, ["cpu_end", "used_end"], [.bold]),
    (.key, ["hi_fg"], [.bold]), (.hint, ["inactive_fg", "main_fg"], []),
    (.limbLeft, ["cached_end", "download_end"], [.bold]),
    (.limbRight, ["available_end", "cpu_mid"], [.bold]), (.limbMiddle, ["main_fg"], [.bold]),
    (.selection, ["selected_fg"], [.bold]), (.popup, ["title"], []), (.staged, ["hi_fg"], [.bold]),
  ]

  /// btop's own name of a key, or nil when the key is none of its.
  static func name(of key: String) -> String? {
    guard key.hasPrefix("theme["), key.hasSuffix("]") else { return nil }
    return String(key.dropFirst(6).dropLast())
  }

  /// Fills a theme from btop's colours by their names; what they do not say stays as it is.
  static func apply(_ colors: [String: Color], to theme: inout Theme) {
    func color(_ names: [String]) -> Color? { names.lazy.compactMap { colors[$0] }.first }
    var text = Theme.Entry()
    text.color = color(["main_fg"])
    text.background = color(["main_bg"])
    theme.entries[.text] = text
    for (style, names, attributes) in map {
      guard let found = color(names) else { continue }
      var entry = theme.entries[style] ?? Theme.Entry()
      // The mono look stays that of the theme below.
      entry = Theme.Entry(color: found, attributes: attributes, mono: entry.mono)
      if style == .selection { entry.background = colors["selected_bg"] }
      theme.entries[style] = entry
    }
  }

  /// A value as btop writes it: `"#RRGGBB"`, `"#BW"`, `"R G B"`, or nothing for the terminal's own.
  ///
  /// - Returns: the colour; `.some(nil)` for the terminal's own; nil when it is neither.
  static func color(_ value: String) -> Color?? {
    let text = value.filter { $0 != "\"" && $0 != "'" }
    if text.isEmpty { return .some(nil) }
    if text.hasPrefix("#") {
      let digits = text.dropFirst()
      guard let number = UInt32(digits, radix: 16) else { return nil }
      if digits.utf8.count == 6 {
        return .some(
          .rgb(UInt8(number >> 16 & 255), UInt8(number >> 8 & 255), UInt8(number & 255)))
      }
      if digits.utf8.count == 2 { return .some(.rgb(UInt8(number), UInt8(number), UInt8(number))) }
      return nil
    }
    let parts = text.split(separator: " ").compactMap { UInt8($0) }
    return parts.count == 3 ? .some(.rgb(parts[0], parts[1], parts[2])) : nil
  }
}
