import CNVIDIA
import Execution
import Graph

/// `c = a · b`, or `c += a · b`: matrices of rows.
struct MatrixProduct {
  /// Rows of `c`.
  var rows: Int
  /// Columns of `c`.
  var columns: Int
  /// Extent that is summed over.
  var depth: Int
  var a: DeviceAddress
  /// Elements from one row of `a` to the next, as it lies in memory.
  var aStride: Int
  /// Whether `a` lies as `[depth, rows]`.
  var aIsTransposed = false
  var b: DeviceAddress
  var bStride: Int
  /// Whether `b` lies as `[columns, depth]`.
  var bIsTransposed = false
  var c: DeviceAddress
  var cStride: Int
  /// Whether the product is added to what is there.
  var accumulates = false
  /// Whether `a` and `b` are of the session's 16-bit kind.
  var isSixteen = false
  /// Whether `c` is; then `a` and `b` are too.
  var givesSixteen = false
}

/// Products of matrices by cuBLAS, and by a kernel of ours where it is missing.
final class MatrixProducts {
  private let library: posetop_cublas?
  private let handle: cublasHandle_t?
  private let kind: MapKind

  /// - Parameter workspace: where cuBLAS computes; without one, recorded graphs would make it take
  ///   memory of its own.
  init(
    _ library: posetop_cublas?, _ kind: MapKind, workspace: DeviceAddress, bytes: Int,
    _ stream: DeviceStream
  ) throws(ExecutionError) {
    self.library = library
    self.kind = kind
    var handle: cublasHandle_t?
    if let library {
      func checked(_ function: String, _ code: Int32?) throws(ExecutionError) {
        if code != 0 { throw .device(function: function, message: "status \(code ?? -1)") }
      }
      try checked("cublasCreate", library.cublasCreate_v2?(&handle))
      try checked("cublasSetStream", library.cublasSetStream_v2?(handle, stream.handle))
      try checked(
        "cublasSetWorkspace",
        library.cublasSetWorkspace_v2?(
          handle, UnsafeMutableRawPointer(bitPattern: UInt(workspace)), bytes))
    }
    self.handle = handle
  }

  deinit { if let handle { _ = library?.cublasDestroy_v2?(handle) } }

  /// Whether factors may be of the 16-bit kind.
  var takesSixteen: Bool { library != nil }

  /// The product as work.
  func work(_ product: MatrixProduct) -> DeviceWork {
    guard library != nil else { return .kernel(Self.kernel(product)) }
    return .library("matrix product") { self.run(product, on: $0) }
  }

  private func run(_ product: MatrixProduct, on stream: DeviceStream) {
    guard let library else { return }
    var alpha: Float = 1
    var beta: Float = product.accumulates ? 1 : 0
    func values(isSixteen: Bool) -> Int32 {
      !isSixteen ? Int32(CUDA_R_32F) : kind == .half ? Int32(CUDA_R_16F) : Int32(CUDA_R_16BF)
    }
    let factors = values(isSixteen: product.isSixteen)
    let compute =
      !product.isSixteen && kind == .tensorFloat
      ? Int32(CUBLAS_COMPUTE_32F_FAST_TF32) : Int32(CUBLAS_COMPUTE_32F)
    func pointer(_ address: DeviceAddress) -> UnsafeMutableRawPointer? {
      UnsafeMutableRawPointer(bitPattern: UInt(address))
    }
    // cuBLAS thinks in columns: rows of ours are columns there, so the factors change places.
    let code = library.cublasGemmEx?(
      handle, Int32(product.bIsTransposed ? CUBLAS_OP_T : CUBLAS_OP_N),
      Int32(product.aIsTransposed ? CUBLAS_OP_T : CUBLAS_OP_N), Int32(product.columns),
      Int32(product.rows), Int32(product.depth), &alpha, pointer(product.b), factors,
      Int32(product.bStride), pointer(product.a), factors, Int32(product.aStride), &beta,
      pointer(product.c), values(isSixteen: product.givesSixteen), Int32(product.cStride), compute,
      Int32(CUBLAS_GEMM_DEFAULT))
    if code != 0 {
      stream.failed(
        "cublasGemmEx [\(product.rows), \(product.depth)] · [\(product.depth), \(product.columns)]",
        "status \(code ?? -1)", isOutOfMemory: code == Self.allocationFailed)
    }
  }

  /// CUBLAS_STATUS_ALLOC_FAILED.
  private static let allocationFailed: Int32 = 3

  private static func kernel(_ product: MatrixProduct) -> KernelCall {
    precondition(!product.isSixteen, "our own kernel multiplies Float values")
    return KernelCall(
      name: "matrixProduct",
      grid: .init(x: parts(of: product.rows, by: 64), y: parts(of: product.columns, by: 64)),
      block: .init(x: 256),
      arguments: [
        .address(product.a), .long(product.aStride), .flag(product.aIsTransposed),
        .address(product.b), .long(product.bStride), .flag(product.bIsTransposed),
        .address(product.c), .long(product.cStride), .int(product.rows), .int(product.columns),
        .int(product.depth), .flag(product.accumulates),
      ])
  }
}
