import Graph

/// A fully connected layer: `y = x · weight + bias`.
struct LinearNode: NodeCompiler {
  let attributes: Linear
  let batch: Int
  let inputs: Int
  let outputs: Int
  let isSixteen: Bool

  /// The activations as 16-bit operands.
  var workspaceBytes: Int { isSixteen ? 2 * batch * inputs : 0 }

  func work(_ context: CompileContext) -> [DeviceWork] {
    let x = context.addresses[context.node.inputs[0].index]
    let y = context.addresses[context.node.outputs[0].index]
    let operands = LinearOperands(context, isSixteen: isSixteen)
    var work: [DeviceWork] = []
    let a = operands.activation(x, context.batch * inputs, at: 0, &work)
    work.append(
      context.services.products.work(
        MatrixProduct(
          rows: context.batch, columns: outputs, depth: inputs, a: a, aStride: inputs,
          b: operands.weight(context.node.inputs[1]), bStride: outputs, c: y, cStride: outputs,
          isSixteen: operands.isSixteen)))
    work.append(
      .kernel(
        .biasAdded(
          to: y, bias: context.addresses[context.node.inputs[2].index], rows: context.batch,
          columns: outputs, relu: attributes.relu, isSixteen: false, context.multiprocessors)))
    return work
  }
}

/// `dx = dy · weightᵀ`.
struct LinearDataGradientNode: NodeCompiler {
  let batch: Int
  let inputs: Int
  let outputs: Int
  let isSixteen: Bool

  var workspaceBytes: Int { isSixteen ? 2 * batch * outputs : 0 }

  func work(_ context: CompileContext) -> [DeviceWork] {
    let operands = LinearOperands(context, isSixteen: isSixteen)
    var work: [DeviceWork] = []
    let dy = operands.activation(
      context.addresses[context.node.inputs[0].index], context.batch * outputs, at: 0, &work)
    work.append(
      context.services.products.work(
        MatrixProduct(
          rows: context.batch, columns: inputs, depth: outputs, a: dy, aStride: outputs,
          b: operands.weight(context.node.inputs[1]), bStride: outputs, bIsTransposed: true,
          c: context.addresses[context.node.outputs[0].index], cStride: inputs,
          accumulates: context.node.accumulates[0], isSixteen: operands.isSixteen)))
    return work
  }
}

/// `dweight = xᵀ · dy` and the bias's gradient.
struct LinearWeightGradientNode: NodeCompiler {
  let batch: Int
  let inputs: Int
  let outputs: Int

  var workspaceBytes: Int {
    ColumnSums.workspaceBytes(rows: batch, columns: outputs, isSixteen: false)
  }

  func work(_ context: CompileContext) -> [DeviceWork] {
    let x = context.addresses[context.node.inputs[0].index]
    let dy = context.addresses[context.node.inputs[1].index]
    return [
      context.services.products.work(
        MatrixProduct(
          rows: inputs, columns: outputs, depth: context.batch, a: x, aStride: inputs,
          aIsTransposed: true, b: dy, bStride: outputs,
          c: context.addresses[context.node.outputs[0].index], cStride: outputs))
    ]
      + ColumnSums.work(
        dy, rows: context.batch, columns: outputs, isSixteen: false,
        into: context.addresses[context.node.outputs[1].index], workspace: context.workspace)
  }
}

/// Weight gradient and optimiser step of a giant layer in one pass over weights and moments, so that
/// the gradient never exists as a whole.
struct LinearUpdateNode: NodeCompiler {
  let inputs: Int
  let outputs: Int

  var workspaceBytes: Int { 0 }

  func work(_ context: CompileContext) -> [DeviceWork] {
    let services = context.services
    let dy = context.input(1)
    /// A tensor, its 16-bit copy and its moments.
    func state(_ tensor: TensorID) -> [KernelArgument] {
      let address = context.addresses[tensor.index]
      let place = 4 * (services.place(of: address) ?? 0)
      return [
        .address(address), .address(services.shadow(of: address) ?? 0),
        .address(services.firstMoments == 0 ? 0 : services.firstMoments + place),
        .address(services.secondMoments == 0 ? 0 : services.secondMoments + place),
      ]
    }
    return [
      .kernel(
        KernelCall(
          name: "linearUpdate",
          grid: .init(x: parts(of: outputs, by: 128), y: parts(of: inputs, by: 32)),
          block: .init(x: 256),
          arguments: [
            .address(services.optimizer), context.input(0), dy, .int(context.batch), .int(inputs),
            .int(outputs),
          ] + state(context.node.outputs[0]) + [.int(1)])),
      .kernel(
        KernelCall(
          name: "linearUpdateBias", grid: KernelCall.blocks(outputs), block: .init(x: 256),
          arguments: [.address(services.optimizer), dy, .int(context.batch), .int(outputs)]
            + state(context.node.outputs[1]) + [.int(0)])),
    ]
  }
}

/// The operands of a fully connected layer's products: 16-bit ones where maps are, if the weights have
/// a 16-bit copy.
private struct LinearOperands {
  let context: CompileContext
  let isSixteen: Bool

  init(_ context: CompileContext, isSixteen: Bool) {
    self.context = context
    self.isSixteen =
      isSixteen && context.services.products.takesSixteen
      && context.services.shadow(of: context.addresses[context.node.inputs[1].index]) != nil
  }

  func weight(_ tensor: TensorID) -> DeviceAddress {
    let address = context.addresses[tensor.index]
    return isSixteen ? context.services.shadow(of: address) ?? address : address
  }

  func activation(
    _ address: DeviceAddress, _ count: Int, at place: Int, _ work: inout [DeviceWork]
  ) -> DeviceAddress {
    if !isSixteen { return address }
    let copy = context.workspace + DeviceAddress(place)
    work.append(.kernel(.converted(address, to: copy, count)))
    return copy
  }
}
