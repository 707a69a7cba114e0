import COpenBLAS

/// Single-precision matrix products of OpenBLAS; matrices are row-major. The only importer of BLAS.
enum BLAS {
  /// `c = a · b + beta · c`, where a is `[m, k]` (or `[k, m]` when `transposeA`), b is `[k, n]` (or
  /// `[n, k]` when `transposeB`); `lda`, `ldb`, `ldc` are the distances between rows in memory.
  @inline(__always)
  static func multiply(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Float>, _ lda: Int, transposeA: Bool = false,
    _ b: UnsafePointer<Float>, _ ldb: Int, transposeB: Bool = false, beta: Float = 0,
    _ c: UnsafeMutablePointer<Float>, _ ldc: Int
  ) {
    cblas_sgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans,
      transposeB ? CblasTrans : CblasNoTrans, blasint(m), blasint(n), blasint(k), 1, a,
      blasint(lda), b, blasint(ldb), beta, c, blasint(ldc))
  }

  /// Version, options and kernels in use.
  static var description: String {
    guard let configuration = openblas_get_config(), let core = openblas_get_corename() else {
      return "OpenBLAS"
    }
    return "\(String(cString: configuration)), \(String(cString: core))"
  }

  /// Makes every product run on the thread that asks for it.
  static func useCallersThread() { openblas_set_num_threads(1) }
}
