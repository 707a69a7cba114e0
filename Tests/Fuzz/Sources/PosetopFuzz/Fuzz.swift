import Glibc
import Readers

// The reader that the variable POSETOP_READER names gets what the fuzzer makes up; a trap, a wrong
// access, a leak or more memory than allowed ends the process.

private let reader: Reader = {
  let name = getenv("POSETOP_READER").map { String(cString: $0) } ?? ""
  guard let reader = Reader.named(name) else {
    print("POSETOP_READER must be one of: \(Reader.all.map(\.name).joined(separator: " "))")
    leave(2)
  }
  // Only its seeds are wanted, as files for the corpus.
  if let folder = getenv("POSETOP_SEEDS").map({ String(cString: $0) }) {
    for (number, seed) in ((try? reader.seeds()) ?? []).enumerated() {
      guard let file = fopen("\(folder)/seed-\(number)", "wb") else { leave(1) }
      fwrite(seed, 1, seed.count, file)
      fclose(file)
    }
    leave(0)
  }
  return reader
}()

/// Ends the process without the fuzzer's own last word, which takes every exit for a finding.
private func leave(_ code: Int32) -> Never {
  fflush(nil)
  _exit(code)
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  _ = try? reader.read(Array(UnsafeBufferPointer(start: bytes, count: count)))
  return 0
}
