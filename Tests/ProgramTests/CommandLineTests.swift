import Glibc
import RunFiles
import Support
import Testing
import TrainingAPI

@Suite("The command line", .enabled(if: programsFolder != nil, skipReason))
struct CommandLineTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  @Test("help and version need nothing and exit 0")
  func help() throws {
    let version = try place.call("--version")
    #expect(version.code == 0 && version.output.hasPrefix("posetop "))
    let overview = try place.call("--help")
    #expect(overview.code == 0)
    for name in ["train", "attach", "tell", "runs"] {
      #expect(overview.output.contains("posetop \(name)"))
      let page = try place.call(name, "--help")
      #expect(page.code == 0 && page.output.hasPrefix("posetop \(name)"))
      #expect(page.errors.isEmpty)
    }
    #expect(!overview.output.contains("posetop keep"))
    #expect(try place.call("help", "rates").code == 0)
  }

  @Test(
    "--device cuda where there is no GPU says what is missing and what to do, with exit code 1",
    .enabled(if: access("/dev/nvidiactl", F_OK) != 0, "this machine has an NVIDIA driver"))
  func noGPU() throws {
    #expect(try place.call("figures", "people", "-n", "12").code == 0)
    let reason =
      "The GPU cannot be used: there is no NVIDIA driver here (libcuda.so.1 was not found)."
    for arguments in [
      ["plan", "--model", "lite", "--device", "cuda"],
      ["bench", "lite", "--steps", "1", "--device", "cuda:0", "--precision", "fp16"],
      ["train", "people", "--run", "run", "--headless", "--device", "cuda"],
    ] {
      let call = try Invocation(place, arguments)
      #expect(call.wait() == 1, "\(arguments): \(call.errors)")
      #expect(call.errors.contains("\(reason) On a machine with"), "\(call.errors)")
    }
    let plan = try place.call("plan", "--model", "lite", "--device", "cpu")
    #expect(plan.code == 0 && plan.output.contains("\non              cpu, "), "\(plan.output)")
    // Without a wish the processor trains, and the run says why.
    let call = try Invocation(
      place, ["train", "people", "--run", "on-cpu", "--headless", "--steps", "1"])
    #expect(call.wait() == 0, "\(call.errors)")
    #expect(
      call.errors.contains(
        "training runs on the CPU, because no NVIDIA driver (libcuda.so.1 was not found)"),
      "\(call.errors)")
  }

  @Test("unknown words get the nearest one and exit 2")
  func nearest() throws {
    let cases: [([String], String)] = [
      (["trian"], "train"), (["train", "data", "--epcohs", "3"], "--epochs"),
      (["runs", "--jsno"], "--json"), (["help", "rats"], "rates"), (["--versoin"], "--version"),
      (["tell", "x", "puase"], "pause"), (["figuers", "x"], "figures"),
    ]
    for (arguments, nearest) in cases {
      let call = try Invocation(place, arguments)
      #expect(call.wait() == 2, "\(arguments)")
      #expect(call.errors.contains(nearest), "\(arguments): \(call.errors)")
      #expect(call.output.isEmpty)
    }
  }

  @Test("wrong values and operands exit 2 and say what is expected")
  func wrongValues() throws {
    let cases: [[String]] = [
      ["train"], ["train", "data", "--epochs"], ["train", "data", "--epochs", "many"],
      ["train", "data", "--epochs=-3"], ["train", "data", "other"], ["train", "data", "-z"],
      ["train", "data", "--shuffle=yes"], ["tell"], ["tell", "x"], ["tell", "x", "lr", "0"],
      ["attach", "a", "b"], ["runs", "a", "b"], ["train", "data", "--recipe", "none.json"],
    ]
    for arguments in cases {
      let call = try Invocation(place, arguments)
      #expect(call.wait() == 2, "\(arguments)")
      #expect(call.errors.hasPrefix("posetop: ") && call.output.isEmpty, "\(arguments)")
    }
    #expect(Path.names(in: place.runs) == nil)
  }

  @Test("a data set that is missing or empty is one sentence and exit 1, and no run is made")
  func missingDataset() throws {
    mkdir(place.file("empty"), 0o755)
    for (name, word) in [("nowhere", "no data set"), ("empty", "empty")] {
      let call = try place.call("train", name)
      #expect(call.code == 1)
      #expect(call.errors.contains(word))
      #expect(call.errors.split(separator: "\n").count == 1)
    }
    #expect(Path.names(in: place.runs) == nil)
  }

  @Test("runs that are not there are said so")
  func missingRuns() throws {
    #expect(try place.call("attach").code == 1)
    #expect(try place.call("attach", "nope").code == 1)
    #expect(try place.call("tell", "nope", "stop").code == 1)
    let list = try place.call("runs", "--json")
    #expect(list.code == 0 && list.output == "[]\n")
  }

  @Test("hostile text comes back harmless")
  func hostileText() throws {
    let call = try place.call("train", "\u{1B}]0;evil\u{07}\u{202E}")
    #expect(call.code == 1)
    #expect(!call.errors.unicodeScalars.contains { $0.value == 0x1B || $0.value == 7 })
    #expect(!call.errors.contains("\u{202E}"))
  }

  @Test("a start over what is no data set does not keep its run's name from the next one")
  func startsAnew() throws {
    #expect(mkdir(place.file("nothing"), 0o755) == 0)
    let wrong = try place.call("train", "nothing", "--run", "mine", "--headless")
    #expect(wrong.code == 1 && wrong.errors.contains("nothing"), "\(wrong.errors)")
    #expect(try place.call("figures", "right", "-n", "10").code == 0)
    let right = try place.call(
      "train", "right", "--run", "mine", "--headless", "--epochs", "1", "--batch", "4")
    #expect(right.code == 0, "\(right.errors)")
    let other = try place.call("train", "right", "--run", "mine", "--headless", "--epochs", "2")
    #expect(other.code != 0, "a run that did train is kept")
  }

  @Test("a drawn data set is trained on by the real engine, and its weights are there")
  func figures() throws {
    #expect(try place.call("figures", "figs", "-n", "10", "--seed", "4").code == 0)
    #expect(try place.call("figures", "figs").code == 1)
    let call = try place.call(
      "train", "figs", "--epochs", "1", "--batch", "4", "--input", "32x48", "--run", "runs/r")
    #expect(call.code == 0, "\(call.errors)")
    #expect(call.output.contains("Epoch 1, Train Loss: "))
    #expect(Path.isFile(place.file("runs/r/best.safetensors")))
    #expect(try place.call("attach", "r").output.contains("Epoch 1, Train Loss: "))
  }

  @Test("a recipe file sets what the options do not")
  func recipeFile() throws {
    try DurableFile.commit(
      place.file("my.json"), bytes: Array("{\"epochs\": 9, \"lr\": 0.5, \"seed\": 3}".utf8))
    let (call, run) = try place.train(
      "steps=1", ["--recipe", "my.json", "--lr", "0.25", "--no-shuffle"])
    #expect(call.wait() == 0)
    let recipe = try run.recipe()
    #expect(recipe.epochs == 9 && recipe.learningRate == 0.25 && recipe.seed == 3)
    #expect(recipe.shuffle == false)
    #expect(recipe.dataset == place.file("data"))
  }
}
