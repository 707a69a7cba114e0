public import Support

/// A layer of the model, as the plan lists it.
public struct LayerReport: Sendable, Hashable {
  /// Path of the layer, such as `stage2.block1.conv2`.
  public var name: String
  /// What it computes, such as `convolution`.
  public var op: String
  /// Extents of its output: batch, height, width, channels.
  public var output: [Int]
  /// Values that belong to it.
  public var parameters: Int
  /// Floating-point operations of a forward pass over one image.
  public var flops: Int
  /// Bytes of its output.
  public var bytes: Int

  /// A layer.
  public init(
    name: String, op: String, output: [Int], parameters: Int, flops: Int, bytes: Int
  ) {
    self.name = name
    self.op = op
    self.output = output
    self.parameters = parameters
    self.flops = flops
    self.bytes = bytes
  }

  /// The layer as JSON: `{name, op, output, parameters, flops, bytes}`.
  public var json: JSONValue {
    [
      "name": .string(name), "op": .string(op),
      "output": .array(output.map { .integer(Int64($0)) }),
      "parameters": .integer(Int64(parameters)), "flops": .integer(Int64(flops)),
      "bytes": .integer(Int64(bytes)),
    ]
  }

  init?(json: JSONValue) {
    guard let name = json["name"]?.string else { return nil }
    self.init(
      name: name, op: json["op"]?.string ?? "",
      output: (json["output"]?.array ?? []).map { $0.int ?? 0 },
      parameters: json["parameters"]?.int ?? 0, flops: json["flops"]?.int ?? 0,
      bytes: json["bytes"]?.int ?? 0)
  }
}
