import Pose
import Support

extension Dataset {
  /// A CRC-32 over all samples (names, labels, boxes) and a split, as eight hexadecimal digits: two
  /// trainings with the same digits see the same samples in the same order.
  ///
  /// The pictures' pixels are not part of it.
  public func identity(_ split: DatasetSplit) -> String {
    var checksums = BlockChecksums()
    var bytes: [UInt8] = []
    func add(_ value: Double) { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 } }
    func add(_ value: Int) { withUnsafeBytes(of: Int64(value).littleEndian) { bytes += $0 } }
    for sample in samples {
      bytes += sample.name.utf8
      add(sample.image)
      for point in sample.keypoints {
        add(point.x)
        add(point.y)
        bytes.append(point.isLabelled ? 1 : 0)
      }
      if let box = sample.box { for value in [box.x, box.y, box.width, box.height] { add(value) } }
      if bytes.count > 1 << 16 {
        bytes.withUnsafeBytes { checksums.append($0) }
        bytes.removeAll(keepingCapacity: true)
      }
    }
    for index in split.training { add(index) }
    add(-1)
    for index in split.validation { add(index) }
    bytes.withUnsafeBytes { checksums.append($0) }
    let all = checksums.finish().reduce(UInt32(0)) { ($0 &* 31) ^ $1 }
    let digits = String(all, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
