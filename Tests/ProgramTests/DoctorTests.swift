import Glibc
import Support
import Testing

@Suite("doctor", .enabled(if: programsFolder != nil, skipReason))
struct MachineDoctorTests {
  @Test("doctor tells every part as JSON, and what it cannot have is a warning with a cure")
  func json() throws {
    let place = try Workplace()
    let call = try Invocation(place, ["doctor", "--json"])
    call.wait()
    #expect(call.code == 0 && call.errors.isEmpty, "\(call.errors)")
    let report = try JSONValue(parsing: call.output)
    #expect((report["processor"]?["cores_allowed"]?.int ?? 0) >= 1)
    #expect((report["engine"]?["flops_per_second"]?.double ?? 0) > 0)
    #expect((report["memory"]?["available"]?.int ?? 0) > 0)
    #expect((report["disk"]?["sync_seconds"]?.double ?? -1) >= 0)
    #expect(report["gpu"]?["libraries"]?["driver"]?["found"]?.bool != nil)
    let isUsed = report["gpu"]?["used"]?.bool == true
    #expect(report["gpu"]?["usable"]?.bool == isUsed)
    let statement = "training runs on the \(isUsed ? "GPU (" : "CPU, because ")"
    #expect(report["gpu"]?["statement"]?.string?.hasPrefix(statement) == true)
    let reach = report["gpu"]?["ceilings"]?["flops_per_second"]?.double
    #expect(isUsed ? reach ?? 0 > 1e11 : reach == nil)
    for library in ["driver", "nvml", "nvrtc", "cublasLt", "cublas", "cudnn"] {
      let told = report["gpu"]?["libraries"]?[library]
      #expect(
        told?["found"]?.bool == true || told?["reason"]?.string?.isEmpty == false, "\(library)")
      // cuBLAS and cuDNN are not looked for where cuBLASLt is missing.
      #expect(told?["tried"]?.array != nil)
    }
    for trouble in report["troubles"]?.array ?? [] {
      #expect(trouble["cure"]?.string?.isEmpty == false && trouble["code"]?.string != nil)
    }
    // A test has no terminal.
    let codes = (report["troubles"]?.array ?? []).compactMap { $0["code"]?.string }
    #expect(codes.contains("no-terminal"))
  }

  @Test("a folder that cannot be written is an error with exit code 1")
  func notWritable() throws {
    let place = try Workplace()
    let program = Path.join(try #require(programsFolder), "posetop")
    let out = place.file("out")
    let code = system("POSETOP_RUNS=/proc/nowhere \(program) doctor >\(out) 2>&1 </dev/null")
    let text = String(decoding: try FileReading.bytes(of: out, limit: 1 << 20), as: UTF8.self)
    #expect(code >> 8 == 1 && text.contains("not-writable"), "\(text)")
    #expect(text.contains("export POSETOP_RUNS"))
  }
}
