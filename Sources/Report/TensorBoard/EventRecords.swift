import Support

/// The records of a TensorBoard file: TFRecord's framing around protobuf events.
///
/// Source: tensorflow/core/lib/io/record_writer.h and core/util/event.proto.
enum EventRecords {
  /// A message as a record: length, its checksum, the message, its checksum.
  static func record(_ message: ProtobufMessage) -> [UInt8] {
    let body = message.bytes
    let length = withUnsafeBytes(of: UInt64(body.count).littleEndian) { Array($0) }
    return length + checksum(length) + body + checksum(body)
  }

  /// CRC-32C, turned and shifted as TFRecord wants it.
  private static func checksum(_ bytes: [UInt8]) -> [UInt8] {
    let sum = crc32C(bytes)
    let masked = (sum >> 15 | sum << 17) &+ 0xA282_EAD8
    return withUnsafeBytes(of: masked.littleEndian) { Array($0) }
  }

  /// Castagnoli's checksum (RFC 3720, B.4): 0xE3069283 for "123456789".
  static func crc32C(_ bytes: [UInt8]) -> UInt32 {
    var sum = UInt32.max
    for byte in bytes { sum = table[Int((sum ^ UInt32(byte)) & 0xFF)] ^ (sum >> 8) }
    return ~sum
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in
      value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1
    }
  }

  // MARK: - Events

  /// The first event of a file.
  static func version(time: Double) -> ProtobufMessage {
    var event = ProtobufMessage()
    event.add(1, time)
    event.add(3, "brain.Event:2")
    return event
  }

  /// A training begins or goes on: what was written for this step and later ones counts no more.
  static func start(time: Double, step: Int) -> ProtobufMessage {
    var session = ProtobufMessage()
    session.add(1, 1)
    var event = ProtobufMessage()
    event.add(1, time)
    event.add(2, step)
    event.add(7, session)
    return event
  }

  /// Values of a step.
  static func summary(
    time: Double, step: Int, _ values: [ProtobufMessage]
  ) -> ProtobufMessage {
    var summary = ProtobufMessage()
    for value in values { summary.add(1, value) }
    var event = ProtobufMessage()
    event.add(1, time)
    event.add(2, step)
    event.add(5, summary)
    return event
  }

  /// A number.
  static func scalar(_ tag: String, _ value: Double) -> ProtobufMessage {
    var message = ProtobufMessage()
    message.add(1, tag)
    message.add(2, Float(value))
    return message
  }

  /// A picture as a PNG file.
  static func image(_ tag: String, width: Int, height: Int, png: [UInt8]) -> ProtobufMessage {
    var image = ProtobufMessage()
    image.add(1, height)
    image.add(2, width)
    image.add(3, 3)
    image.add(4, png)
    var message = ProtobufMessage()
    message.add(1, tag)
    message.add(4, image)
    return message
  }

  // MARK: - Hyper-parameters

  /// A run's settings as the HParams plugin reads them (tensorboard/plugins/hparams/api.proto).
  static func settings(
    _ settings: [(name: String, value: JSONValue)], time: Double
  ) -> ProtobufMessage {
    var start = ProtobufMessage()
    for (name, value) in settings {
      var number = ProtobufMessage()
      switch value {
      case .bool(let flag): number.add(4, flag ? 1 : 0)
      case .integer, .number: number.add(2, value.double ?? 0)
      case .string(let text): number.add(3, text)
      default: number.add(3, value.text)
      }
      var entry = ProtobufMessage()
      entry.add(1, name)
      entry.add(2, number)
      start.add(1, entry)
    }
    start.add(5, time)
    return plugin("_hparams_/session_start_info", 3, start)
  }

  /// That a run has ended, and whether well.
  static func end(succeeded: Bool, time: Double) -> ProtobufMessage {
    var end = ProtobufMessage()
    end.add(1, succeeded ? 1 : 2)
    end.add(2, time)
    return plugin("_hparams_/session_end_info", 4, end)
  }

  private static func plugin(
    _ tag: String, _ field: Int, _ content: ProtobufMessage
  ) -> ProtobufMessage {
    var data = ProtobufMessage()
    data.add(field, content)
    var plugin = ProtobufMessage()
    plugin.add(1, "hparams")
    plugin.add(2, data)
    var metadata = ProtobufMessage()
    metadata.add(1, plugin)
    var message = ProtobufMessage()
    message.add(1, tag)
    message.add(9, metadata)
    return message
  }
}
