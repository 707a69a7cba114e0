import CPosix
import Glibc
import RunFiles
import Support
import Testing
import TrainingAPI
import Wording

/// Whole trainings on a GPU that is made of the host's memory: the tests' own library stands in the place of
/// NVIDIA's, and runs the kernels' texts.
@Suite("A training on a GPU", .serialized, .enabled(if: programsFolder != nil, skipReason))
struct GraphicsProcessTests {
  private let place: Workplace
  private let environment: [String]

  init() throws {
    place = try Workplace()
    let library = Path.join(try #require(programsFolder), "libFakeCUDADriver.so")
    try #require(access(library, R_OK) == 0, "the made-up GPU was not built")
    let folder = place.file("libraries")
    mkdir(folder, 0o755)
    for name in ["libcuda.so.1", "libnvrtc.so.13", "libnvrtc-builtins.so.13.0"] {
      #expect(symlink(library, Path.join(folder, name)) == 0)
    }
    environment = ["POSETOP_CUDA_LIBS=\(folder)"]
  }

  private func call(_ arguments: [String], onGPU: Bool = true) throws -> Invocation {
    try Invocation(place, arguments, more: onGPU ? environment : [])
  }

  private func train(
    epochs: Int, more: [String] = []
  ) throws -> (Invocation, RunFolder) {
    #expect(try call(["figures", "drawn", "-n", "40", "--seed", "1"]).wait() == 0)
    let arguments = [
      "train", "drawn", "--device", "cuda", "--precision", "fp32", "--model", "lite", "--input",
      "48x64", "--batch", "8", "--epochs", "\(epochs)", "--checkpoint-every", "2", "--headless",
      "--run", "runs/r",
    ]
    let training = try Invocation(place, arguments, more: environment + more)
    return (training, RunFolder(place.file("runs/r")))
  }

  private func devices(_ run: RunFolder) -> [String] {
    place.events(run).compactMap {
      if case .planned(let report) = $0.event { report.device } else { nil }
    }
  }

  private func steps(_ run: RunFolder) -> [Int] {
    place.events(run).compactMap {
      if case .step(let report) = $0.event { report.step } else { nil }
    }
  }

  @Test("it goes on on the CPU, and on the GPU in another precision")
  func moves() throws {
    let (training, run) = try train(epochs: 1)
    #expect(training.wait() == 0, "\(training.errors)")
    #expect(training.output.contains("on Fake GPU 0, fp32"))
    let onCPU = try call(
      ["resume", "runs/r", "--device", "cpu", "--epochs", "2", "--headless"], onGPU: false)
    #expect(onCPU.wait() == 0, "\(onCPU.errors)")
    let back = try call([
      "resume", "runs/r", "--device", "cuda", "--precision", "bf16", "--epochs", "3", "--headless",
    ])
    #expect(back.wait() == 0, "\(back.errors)")
    let devices = devices(run)
    #expect(devices.first == "Fake GPU 0, fp32" && devices.last == "Fake GPU 0, bf16")
    #expect(devices.contains { $0.hasPrefix("cpu") })
    #expect(steps(run) == Array(1...12))
  }

  @Test("it goes on from its last state when its engine is killed")
  func killed() throws {
    let (training, run) = try train(epochs: 3)
    #expect(place.wait { place.hasReached(5, run) })
    for engine in place.processes(of: run, named: "posetop-engine") { kill(engine, SIGKILL) }
    #expect(training.wait() == 0, "\(training.errors)")
    #expect(steps(run) == Array(1...12))
    #expect(
      place.events(run).contains { if case .restarted = $0.event { true } else { false } })
  }
  @Test("it goes on with half the batch when the GPU's memory runs out in the middle")
  func runsOut() throws {
    let (training, run) = try train(
      epochs: 3, more: ["FAKECUDA_FAIL_ONCE=cuGraphLaunch 12 2 \(place.file("failed"))"])
    #expect(training.wait() == 0, "\(training.errors)")
    #expect(access(place.file("failed"), F_OK) == 0)
    // As many steps, of as many samples each.
    #expect(steps(run) == Array(1...12))
    let recipe = try run.recipe()
    #expect(recipe.batch == 4 && recipe.accumulate == 2)
    let reasons: [String] = place.events(run).compactMap {
      if case .restarted(let reason) = $0.event { reason.text() } else { nil }
    }
    #expect(reasons.count == 1)
    #expect(reasons.allSatisfy { $0.hasPrefix("The GPU's memory ran out") }, "\(reasons)")
    let notices: [String] = place.events(run).compactMap {
      if case .notice(let notice) = $0.event { notice.sentence.text() } else { nil }
    }
    #expect(notices.contains { $0.contains("4") && $0.contains("2") }, "\(notices)")
  }
}
