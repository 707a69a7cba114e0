import Support

/// Kitty's graphics protocol: pictures as escape sequences, whole or in placeholder characters.
///
/// Source: kitty's documentation, "Terminal graphics protocol" and "Unicode placeholders".
public enum KittyGraphics {
  /// The longest piece of a picture in one sequence.
  static let pieceLength = 4096
  /// The character whose cell shows a part of a picture.
  public static let placeholder: Unicode.Scalar = "\u{10EEEE}"

  /// What asks a terminal whether it knows the protocol; it answers `ESC _ G i=NUMBER;OK ESC \\`.
  public static let query = "\u{1B}_Gi=\(queryNumber),s=1,v=1,a=q,t=d,f=24;AAAA\u{1B}\\"
  /// The number in the answer.
  public static let queryNumber = 4711

  /// Sends a picture and shows it.
  ///
  /// - Parameters:
  ///   - picture: what to show where.
  ///   - number: the picture's number on the terminal, 1...255; one that is taken is replaced.
  ///   - inCells: only declares the picture: cells with placeholders show it.
  public static func show(_ picture: PixelPicture, number: Int, inCells: Bool) -> [UInt8] {
    let compressed = Deflate.compress(picture.pixels)
    let data = Array(Base64.encode(compressed ?? picture.pixels).utf8)
    var keys = "a=T,q=2,f=24,t=d,s=\(picture.width),v=\(picture.height),i=\(number)"
    keys += ",c=\(picture.rect.width),r=\(picture.rect.height)"
    if compressed != nil { keys += ",o=z" }
    // Without moving the cursor; a second placement would not take the first away. Not below the text
    // (z < 0): kitty 0.26 then draws new text over the old one on some machines.
    keys += inCells ? ",U=1" : ",p=1,C=1"
    var bytes: [UInt8] = []
    var start = 0
    repeat {
      let end = min(start + pieceLength, data.count)
      let isLast = end == data.count
      let head = start == 0 ? "\(keys),m=\(isLast ? 0 : 1)" : "m=\(isLast ? 0 : 1)"
      bytes += Array("\u{1B}_G\(head);".utf8) + data[start..<end] + Array("\u{1B}\\".utf8)
      start = end
    } while start < data.count
    return bytes
  }

  /// Takes a picture away and frees its memory.
  public static func remove(number: Int) -> [UInt8] {
    Array("\u{1B}_Ga=d,d=I,q=2,i=\(number)\u{1B}\\".utf8)
  }

  /// Each sequence handed through tmux to the terminal around it (`allow-passthrough on`).
  public static func throughTmux(_ sequences: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var piece: [UInt8] = []
    var index = 0
    while index < sequences.count {
      piece.append(sequences[index])
      // A sequence ends with ESC and a backslash.
      if sequences[index] == 0x5C, index > 0, sequences[index - 1] == 0x1B {
        result += Array("\u{1B}Ptmux;".utf8)
        for byte in piece { result += byte == 0x1B ? [0x1B, 0x1B] : [byte] }
        result += Array("\u{1B}\\".utf8)
        piece = []
      }
      index += 1
    }
    return result
  }

  /// The mark on a placeholder that says its row or column; nil beyond what is agreed upon here.
  public static func mark(_ index: Int) -> Unicode.Scalar? {
    marks.indices.contains(index) ? Unicode.Scalar(marks[index]) : nil
  }

  /// The first of the marks that the protocol numbers rows and columns with.
  private static let marks: [UInt32] = [
    0x0305, 0x030D, 0x030E, 0x0310, 0x0312, 0x033D, 0x033E, 0x033F, 0x0346, 0x034A, 0x034B,
    0x034C, 0x0350, 0x0351, 0x0352, 0x0357, 0x035B, 0x0363, 0x0364, 0x0365, 0x0366, 0x0367,
    0x0368, 0x0369, 0x036A, 0x036B, 0x036C, 0x036D, 0x036E, 0x036F, 0x0483, 0x0484, 0x0485,
    0x0486, 0x0487, 0x0592, 0x0593, 0x0594, 0x0595, 0x0597, 0x0598, 0x0599, 0x059C, 0x059D,
    0x059E, 0x059F, 0x05A0, 0x05A1, 0x05A8, 0x05A9, 0x05AB, 0x05AC, 0x05AF, 0x05C4, 0x0610,
    0x0611, 0x0612, 0x0613, 0x0614, 0x0615, 0x0616, 0x0617, 0x0657, 0x0658, 0x0659, 0x065A,
    0x065B, 0x065D, 0x065E, 0x06D6, 0x06D7, 0x06D8, 0x06D9, 0x06DA, 0x06DB, 0x06DC, 0x06DF,
    0x06E0, 0x06E1, 0x06E2, 0x06E4, 0x06E7, 0x06E8, 0x06EB, 0x06EC, 0x0730, 0x0732, 0x0733,
    0x0735, 0x0736, 0x073A, 0x073D, 0x073F, 0x0740, 0x0741, 0x0743, 0x0745, 0x0747, 0x0749,
    0x074A, 0x07EB, 0x07EC, 0x07ED, 0x07EE, 0x07EF, 0x07F0, 0x07F1, 0x07F3, 0x0816, 0x0817,
    0x0818, 0x0819, 0x081B, 0x081C, 0x081D, 0x081E, 0x081F, 0x0820, 0x0821, 0x0822, 0x0823,
    0x0825, 0x0826, 0x0827, 0x0829, 0x082A, 0x082B, 0x082C, 0x082D,
  ]
}
