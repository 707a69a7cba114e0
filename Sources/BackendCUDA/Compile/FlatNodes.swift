import Graph

// Nodes that look at each value by itself. `Float` tensors are no maps in a graph of 16-bit maps, and have
// kernels of their own.

/// The kernel of a name for values of some bytes.
private func kernel(_ name: String, bytes: Int) -> String { bytes == 4 ? name + "Float" : name }

/// Values of one kind as another.
struct CastNode: NodeCompiler {
  var workspaceBytes: Int { 0 }

  func work(_ context: CompileContext) -> [DeviceWork] {
    let count = context.inputShape(0).count
    // Between two of one kind either does: then maps are `Float`.
    let name = context.inputBytes(0) == 4 ? "castFromFloat" : "castToFloat"
    return [
      .kernel(
        .flat(
          name, count: count, width: 8, context,
          [context.input(0), .long(count), context.accumulates(0), context.output(0)]))
    ]
  }
}

/// ReLU's gradient.
struct ReluGradientNode: NodeCompiler {
  var workspaceBytes: Int { 0 }

  func work(_ context: CompileContext) -> [DeviceWork] {
    let (count, bytes) = (context.inputShape(0).count, context.inputBytes(0))
    return [
      .kernel(
        .flat(
          kernel("reluGradient", bytes: bytes), count: count, width: 16 / bytes, context,
          [
            context.input(0), context.input(1), .long(count), context.accumulates(0),
            context.output(0),
          ]))
    ]
  }
}

/// Sum of two maps.
struct AddNode: NodeCompiler {
  let attributes: Add

  var workspaceBytes: Int { 0 }

  func work(_ context: CompileContext) -> [DeviceWork] {
    let (count, bytes) = (context.inputShape(0).count, context.inputBytes(0))
    return [
      .kernel(
        .flat(
          kernel("addMaps", bytes: bytes), count: count, width: 16 / bytes, context,
          [
            context.input(0), context.input(1), .long(count), .flag(attributes.relu),
            context.output(0),
          ]))
    ]
  }
}

/// The gradient of a sum.
struct AddGradientNode: NodeCompiler {
  let attributes: Add

  var workspaceBytes: Int { 0 }

  func work(_ context: CompileContext) -> [DeviceWork] {
    let (count, bytes) = (context.inputShape(0).count, context.inputBytes(0))
    return [
      .kernel(
        .flat(
          kernel("addGradient", bytes: bytes), count: count, width: 16 / bytes, context,
          [
            context.input(0), attributes.relu ? context.input(1) : .none, .long(count),
            context.output(0), context.accumulates(0), context.output(1), context.accumulates(1),
          ]))
    ]
  }
}
