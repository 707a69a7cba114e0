import Glibc
import RunFiles
import Support
import TestSupport
import Testing
import TrainingAPI

/// What files may cost that lie about their size, and names that point elsewhere.
@Suite(
  "Files that lie", .serialized, .enabled(if: programsFolder != nil, skipReason))
struct ReaderTests {
  private func bigEndian(_ value: UInt32) -> [UInt8] {
    (0..<4).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
  }

  private func littleEndian(_ value: Int, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// A PNG whose header says so many pixels and that ends there.
  private func png(_ width: UInt32, _ height: UInt32) -> [UInt8] {
    let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    let header = Array("IHDR".utf8) + bigEndian(width) + bigEndian(height) + [8, 2, 0, 0, 0]
    return signature + bigEndian(13) + header + bigEndian(Checksum.crc32(header))
      + bigEndian(0) + Array("IDAT".utf8) + bigEndian(Checksum.crc32(Array("IDAT".utf8)))
  }

  private func jpeg(_ width: Int, _ height: Int) -> [UInt8] {
    func two(_ value: Int) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 255)] }
    return [0xFF, 0xD8, 0xFF, 0xC0] + two(17) + [8] + two(height) + two(width)
      + [3, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0, 0xFF, 0xD9]
  }

  private func safetensors(_ shape: String, _ end: String) -> [UInt8] {
    let text = Array(
      "{\"a\":{\"dtype\":\"F32\",\"shape\":\(shape),\"data_offsets\":[0,\(end)]}}".utf8)
    return littleEndian(text.count, 8) + text + [0, 0, 0, 0]
  }

  /// The end of a zip archive that says where its directory lies.
  private func zip(count: Int, length: Int, start: Int) -> [UInt8] {
    littleEndian(0x0605_4B50, 4) + littleEndian(0, 4) + littleEndian(count, 2)
      + littleEndian(count, 2) + littleEndian(length, 4) + littleEndian(start, 4)
      + littleEndian(0, 2)
  }

  private var liars: [(reader: String, name: String, bytes: [UInt8])] {
    [
      ("png", "2^31 pixels a side", png(0x7FFF_FFFF, 0x7FFF_FFFF)),
      ("png", "16384 a side", png(16384, 16384)), ("png", "wide", png(0xFFFF_FFFF, 1)),
      ("png", "as many pixels as are read", png(8000, 8000)),
      ("jpeg", "65535 a side", jpeg(65535, 65535)), ("jpeg", "no pixels", jpeg(0, 0)),
      ("jpeg", "as many pixels as are read", jpeg(8000, 8000)),
      ("safetensors", "2^63 elements", safetensors("[9223372036854775807]", "4")),
      ("safetensors", "a product beyond 64 bits", safetensors("[4294967296,4294967296,16]", "4")),
      ("safetensors", "bytes behind the end", safetensors("[1073741824]", "4294967296")),
      ("safetensors", "a header of 2^63", littleEndian(.max, 8) + Array("{}".utf8)),
      ("safetensors", "a header of 99 MB", littleEndian(99_000_000, 8) + Array("{}".utf8)),
      ("state", "2^63 elements", safetensors("[9223372036854775807]", "4")),
      (
        "torch", "a directory of 4 GB",
        [0x50, 0x4B, 3, 4] + zip(count: 65535, length: 0xFFFF_FFFE, start: 0)
      ),
      (
        "torch", "a directory behind the end",
        [0x50, 0x4B, 3, 4] + zip(count: 1, length: 46, start: 1 << 30)
      ),
      (
        "torch", "65534 members in no bytes",
        [0x50, 0x4B, 3, 4] + zip(count: 65534, length: 22, start: 0)
      ),
      ("frames", "a frame of 4 GB", [0xFF, 0xFF, 0xFF, 0xFF, 0x7B]),
      ("frames", "a frame of 1 MiB that never comes", littleEndian(1 << 20, 4) + [0x7B]),
      ("json", "32 levels and more", [UInt8](repeating: 0x5B, count: 1 << 20)),
      ("coco", "a count", Array("{\"images\":[],\"annotations\":[{\"num_keypoints\":9e18}]}".utf8)),
      ("theme", "one long line", [UInt8](repeating: 0x61, count: 1 << 16)),
      ("events", "one endless line", [UInt8](repeating: 0x20, count: 4 << 20)),
    ]
  }

  @Test("a file that claims more than it holds is refused before memory is taken for it")
  func claims() throws {
    let place = try Workplace()
    let helper = Path.join(try #require(programsFolder), "posetop-test-helper")
    for (reader, name, bytes) in liars {
      try DurableFile.commit(place.file("liar"), bytes: bytes)
      let command = "\(helper) read \(reader) \(place.file("liar")) >\(place.file("answer")) 2>&1"
      #expect(system(command) == 0, "\(reader): \(name)")
      let answer = String(
        decoding: try FileReading.bytes(of: place.file("answer"), limit: 4096), as: UTF8.self)
      // A stream may still go on; a file may not.
      #expect(answer.hasPrefix("refused ") || reader == "frames", "\(reader), \(name): \(answer)")
      let grown = Int(answer.split(separator: " ")[1]) ?? .max
      let allowed = Environment.value("POSETOP_SANITIZER") == nil ? 16 << 20 : 256 << 20
      #expect(grown < allowed + 4 * bytes.count, "\(reader), \(name): \(answer)")
    }
  }

  @Test("a pickle that nests a million levels, or holds itself, is read and let go")
  func deepPickle() throws {
    let place = try Workplace()
    let helper = Path.join(try #require(programsFolder), "posetop-test-helper")
    let pickles: [[UInt8]] = [
      [0x80, 2, 0x29] + [UInt8](repeating: 0x85, count: 1_000_000) + [0x2E],
      // A list that is put into itself, many times over.
      [0x80, 2, 0x5D, 0x71, 0] + (0..<1000).flatMap { _ in [0x68, 0, 0x61] as [UInt8] } + [0x2E],
      // Groups without end.
      [0x80, 2] + [UInt8](repeating: 0x28, count: 1_000_000) + [0x2E],
    ]
    for pickle in pickles {
      let name = Array("a/data.pkl".utf8)
      let common =
        littleEndian(0, 2) + littleEndian(0, 2) + littleEndian(0, 8)
        + littleEndian(pickle.count, 4) + littleEndian(pickle.count, 4)
        + littleEndian(name.count, 2) + littleEndian(0, 2)
      let local = littleEndian(0x0403_4B50, 4) + littleEndian(20, 2) + common + name + pickle
      let directory =
        littleEndian(0x0201_4B50, 4) + littleEndian(20, 2) + littleEndian(20, 2)
        + common + littleEndian(0, 14) + name
      let end = zip(count: 1, length: directory.count, start: local.count)
      try DurableFile.commit(place.file("deep.pth"), bytes: local + directory + end)
      #expect(
        system("\(helper) read torch \(place.file("deep.pth")) >\(place.file("answer"))") == 0)
    }
  }

  @Test("names that lead out of the data set, to pipes, devices and folders open nothing there")
  func names() throws {
    let place = try Workplace()
    #expect(try place.call("figures", "good", "-n", "8", "--seed", "9").code == 0)
    let records = try FileReading.json(of: place.file("good/annotations.json"), limit: 1 << 24)
    let points = records.array?.first?["keypoints"] ?? .null
    let images = place.file("good/images")
    mkfifo(Path.join(images, "pipe.png"), 0o600)
    mkdir(Path.join(images, "folder.png"), 0o755)
    symlink("/dev/zero", Path.join(images, "device.png"))
    symlink("/dev/stdin", Path.join(images, "input.png"))
    symlink("loop.png", Path.join(images, "loop.png"))
    try DurableFile.commit(place.file("secret.png"), bytes: Array("secret".utf8))
    let long = String(repeating: "n", count: 255)
    let names = [
      "../../secret.png", place.file("secret.png"), "/etc/passwd", "pipe.png", "folder.png",
      "device.png", "input.png", "loop.png", long, long + "x", "", ".", "..", "a\nb.png",
      "a\0b.png", "../images/pipe.png", "/dev/zero", "/proc/self/mem",
    ]
    var list = records.array ?? []
    list += names.map { ["image_name": .string($0), "keypoints": points] }
    try DurableFile.commit(
      place.file("good/annotations.json"), bytes: Array(JSONValue.array(list).text.utf8))
    let trace = place.file("trace")
    let hasTrace =
      access("/usr/bin/strace", X_OK) == 0 && Environment.value("POSETOP_SANITIZER") == nil
    let program = Path.join(try #require(programsFolder), "posetop")
    for words in [
      "check good", "train good --run runs/r --headless --epochs 1 --input 32x32 --batch 4",
    ] {
      let prefix = hasTrace ? "strace -f -qq -e trace=open,openat -o \(trace) " : ""
      let code = system(
        "cd \(place.path) && TMPDIR=\(place.path) timeout 100 \(prefix)\(program) \(words) >out 2>err </dev/null"
      )
      #expect(code >> 8 != 124, "\(words) hangs")
      #expect(code >> 8 <= 1, "\(words): \(code)")
      guard hasTrace else {
        print("skipped: strace is not here, so what was opened is not seen")
        continue
      }
      let opened = String(decoding: try FileReading.bytes(of: trace, limit: 1 << 28), as: UTF8.self)
        .split(separator: "\n").filter { !$0.contains("= -1") }
      for secret in ["secret.png", "/etc/passwd\"", "/dev/zero", "/proc/self/mem", "\"/dev/stdin"] {
        #expect(!opened.contains { $0.contains(secret) }, "\(words) opened \(secret)")
      }
    }
  }
}

/// CRC-32 as PNG has it.
private enum Checksum {
  static func crc32(_ bytes: [UInt8]) -> UInt32 {
    var value = UInt32.max
    for byte in bytes {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? (value >> 1) ^ 0xEDB8_8320 : value >> 1 }
    }
    return ~value
  }
}
