/// Small picture files of kinds that our own encoders do not write.
enum OddPictures {
  /// 8 x 8, one bit: columns white and black in turn.
  static let gray1 = bytes(
    """
    iVBORw0KGgoAAAANSUhEUgAAAAgAAAAIAQAAAADsdIMmAAAADElEQVR42mNYxYACASqQBVHvL7SwAAAAAElFTkSu
    QmCC
    """)

  /// 8 x 8, 16 bits: 8192 times the column.
  static let gray16 = bytes(
    """
    iVBORw0KGgoAAAANSUhEUgAAAAgAAAAIEAAAAACx9D0UAAAAHUlEQVR42mNgYFBgcGBIYGhgWMBwgOEBA8PACAAA
    KvEcAZKRHv8AAAAASUVORK5CYII=
    """)

  /// 8 x 8, 16 bits: 8192 times column and row, half blue.
  static let rgb16 = bytes(
    """
    iVBORw0KGgoAAAANSUhEUgAAAAgAAAAIEAIAAAAb/fWfAAAAfklEQVR42j3PURGEMAxAQaRESqREClIiJVIi5Zgt
    RxjeB3RbuK5n7is0tfTW1tHVZwIIIIAAAggggDggvUwggQQSSCCBPKCAsqSAAgoooIA64H/8/e58lp+rdXTfP/Mw
    NLXeZe1uoIE+YIABBphv39bR1WcWWGCB/T6hdXT1B4LuWAEHRRDfAAAAAElFTkSuQmCC
    """)

  /// 8 x 8: red, green and (10, 20, 30) by (x + y) mod 3.
  static let palette = bytes(
    """
    iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAMAAADz0U65AAAACVBMVEX/AAAA/wAKFB7Zfk3nAAAAFklEQVR42mNg
    YGQCIxjNxACjGUiRAgAJKgBBn/1zJQAAAABJRU5ErkJggg==
    """)

  /// 8 x 8: (200, 100, 50), opaque on the left and transparent on the right half.
  static let rgba = bytes(
    """
    iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAYAAADED76LAAAAFUlEQVR42mM4kWL0Hw0zIGOGkaEAALKad2GJ02cu
    AAAAAElFTkSuQmCC
    """)

  /// 8 x 8, Adam7: 32 times column and row, half blue.
  static let interlaced = bytes(
    """
    iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAAE8ahlKAAAAcElEQVR42h2NWQEAQQhCjWIUoxDlRSGKUYiyzuqH
    IodVxd/Fq5piDw3soZtz67BzYJl9912qCxUucuoeNHjIyRoEhlxAL1q85DxHdTONTtO42SZ9hGgxQnpmixXREabN
    GPlF2qyJjwgdJijvkcOGhA/3oFgB+4wBRgAAAABJRU5ErkJggg==
    """)

  /// A header that says 20000 x 1.
  static let huge = bytes(
    """
    iVBORw0KGgoAAAANSUhEUgAATiAAAAABCAAAAAAe38FSAAAAC0lEQVR42mNggAMAAAsAAaAuyIUAAAAASUVORK5C
    YII=
    """)

  /// A header that says 16000 x 16000.
  static let area = bytes(
    """
    iVBORw0KGgoAAAANSUhEUgAAPoAAAD6ACAAAAABkFYACAAAAC0lEQVR42mNggAMAAAsAAaAuyIUAAAAASUVORK5C
    YII=
    """)

  /// 16 x 16: 16 times the column.
  static let grayJPEG = bytes(
    """
    /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4R
    DgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/wAALCAAQABABAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcI
    CQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcY
    GRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKj
    pKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/APj/
    APZs/wCXX8K/VX9mz/l1/Cvyq/Zs/wCXX8K/VX9mz/l1/Cv/2Q==
    """)

  /// 16 x 16, progressive: 16 times column and row, half blue.
  static let progressiveJPEG = bytes(
    """
    /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4R
    DgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU
    FBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wgARCAAQABADAREAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAA
    Bgf/xAAYAQACAwAAAAAAAAAAAAAAAAAFBwQGCP/aAAwDAQACEAMQAAABlVwjswTVYg8xswTV/8QAFhAAAwAAAAAA
    AAAAAAAAAAAAAAQF/9oACAEBAAEFAlJQpKFJQpKP/8QAGBEAAwEBAAAAAAAAAAAAAAAAAAQFMSH/2gAIAQMBAT8B
    mv50mv50mv4TX8P/xAAWEQADAAAAAAAAAAAAAAAAAAAAAwT/2gAIAQIBAT8BdYOsHWDrD//EABUQAQEAAAAAAAAA
    AAAAAAAAAAAx/9oACAEBAAY/AoiI/8QAFRABAQAAAAAAAAAAAAAAAAAAADH/2gAIAQEAAT8hixYsX//aAAwDAQAC
    AAMAAAAQDS//xAAWEQEBAQAAAAAAAAAAAAAAAAAAURD/2gAIAQMBAT8QzMuXP//EABYRAAMAAAAAAAAAAAAAAAAA
    AAAhMf/aAAgBAgEBPxCjKMoyjP/EABcQAQADAAAAAAAAAAAAAAAAAABBofH/2gAIAQEAAT8QwmEooUUP/9k=
    """)

  /// 16 x 16, four inks as Adobe stores them: 16 times column and row, half blue.
  static let cmykJPEG = bytes(
    """
    /9j/7gAOQWRvYmUAZAAAAAAC/9sAQwADAgIDAgIDAwMDBAMDBAUIBQUEBAUKBwcGCAwKDAwLCgsLDQ4SEA0OEQ4L
    CxAWEBETFBUVFQwPFxgWFBgSFBUU/9sAQwEDBAQFBAUJBQUJFA0LDRQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU
    FBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU/8AAFAgAEAAQBAERAAIRAQMRAQQRAP/EAB8AAAEFAQEBAQEBAAAAAAAA
    AAABAgMEBQYHCAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHw
    JDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqS
    k5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/E
    AB8BAAMBAQEBAQEBAQEAAAAAAAABAgMEBQYHCAkKC//EALURAAIBAgQEAwQHBQQEAAECdwABAgMRBAUhMQYSQVEH
    YXETIjKBCBRCkaGxwQkjM1LwFWJy0QoWJDThJfEXGBkaJicoKSo1Njc4OTpDREVGR0hJSlNUVVZXWFlaY2RlZmdo
    aWpzdHV2d3h5eoKDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uLj
    5OXm5+jp6vLz9PX29/j5+v/aAA4EAQACEQMRBAAAPwD6n8V/Fb/Wfvv1r8fweTbaHocS5B8Wh+qdeM+K/it/rP33
    619zgsn8j+VOJcg+LQK8d8V/Fb/Wfvv1r7jBZP5H+nPEuQfFoFeM+K/it/rP336191g8m20P5V4lyD4tAr//2Q==
    """)

  /// Base64 with line breaks.
  private static func bytes(_ text: String) -> [UInt8] {
    var result: [UInt8] = []
    var (bits, count) = (0, 0)
    for character in text.utf8 {
      let value: Int
      switch character {
      case 65...90: value = Int(character) - 65
      case 97...122: value = Int(character) - 71
      case 48...57: value = Int(character) + 4
      case 43: value = 62
      case 47: value = 63
      default: continue
      }
      bits = bits << 6 | value
      count += 6
      if count >= 8 {
        count -= 8
        result.append(UInt8(bits >> count & 255))
        bits &= (1 << count) - 1
      }
    }
    return result
  }
}
