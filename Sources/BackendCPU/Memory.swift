import Execution
import Glibc

/// One block of memory, 64-byte aligned and zeroed by the system; nothing is touched before use.
final class MemoryBlock {
  let base: UnsafeMutableRawPointer
  let bytes: Int

  init(bytes: Int) throws(ExecutionError) {
    let size = max(bytes, 64)
    let address = mmap(
      nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let address, address != MAP_FAILED else {
      throw .outOfMemory(bytes: bytes)
    }
    // Large pages save a good part of the address translation in matrix products.
    madvise(address, size, 14 /* MADV_HUGEPAGE */)
    base = address
    self.bytes = size
  }

  deinit { munmap(base, bytes) }

  var floats: UnsafeMutablePointer<Float> { base.assumingMemoryBound(to: Float.self) }
}
