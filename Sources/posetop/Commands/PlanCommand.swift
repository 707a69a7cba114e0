import Keeper
import RunLink
import Support
import TrainingAPI
import Wording

let planCommand = Command(
  name: "plan", operands: "",
  summary: "memory, parameters, FLOPs and layers of a model before it runs",
  options: recipeOptions + [
    recipeOption,
    OptionSpec("json", nil, nil, "one JSON document on stdout"),
  ],
  run: { (options) throws(UsageError) in
    if let word = options.operands.first { throw .tooManyOperands(command: "plan", word: word) }
    let recipe = try readSettings(options)
    do throws(KeeperError) {
      let plan = try EngineJob.run(JobRequest("plan", ["recipe": recipe.json])) { _ in }
      if options.has("json") { Output.print(plan.text) } else { show(plan) }
      return .done
    } catch {
      Output.sayError(error.sentence)
      return .failed
    }
  })

private func show(_ plan: JSONValue) {
  let recipe = plan["recipe"]
  Output.say(
    Sentence(
      CommandLineSentence.planned, plan["model"]?.string ?? "", recipe?["head"]?.string ?? "",
      recipe?["input"]?.string ?? "", recipe?["batch"]?.int ?? 0,
      NumberText.grouped(plan["parameters"]?.int ?? 0),
      NumberText.grouped(plan["trainable_parameters"]?.int ?? 0),
      NumberText.significant((plan["flops_forward"]?.double ?? 0) / 1e9, 3)))
  for member in plan["bytes"]?.object?.members ?? [] {
    let size = NumberText.bytes(member.value.int ?? 0)
    Output.print(member.key.padded(to: 14) + size.leftPadded(to: 10))
  }
  if let available = plan["available"]?.int {
    Output.print("free here".padded(to: 14) + NumberText.bytes(available).leftPadded(to: 10))
  }
  if let host = plan["host_bytes"]?.object {
    let bytes = host.members.reduce(0) { $0 + ($1.value.int ?? 0) }
    Output.print("on the host".padded(to: 14) + NumberText.bytes(bytes).leftPadded(to: 10))
  }
  Output.print("on".padded(to: 14) + "  " + UntrustedText.clean(plan["device"]?.string ?? ""))
  for layer in plan["giant_layers"]?.array ?? [] {
    let isUpdated = layer["updated_with_gradient"]?.bool == true
    Output.say(
      Sentence(
        isUpdated ? CommandLineSentence.updatedWithGradient : .gradientHeld,
        layer["name"]?.string ?? "", NumberText.bytes(layer["gradient_bytes"]?.int ?? 0)))
  }
  Output.print("")
  let rows = (plan["layers"]?.array ?? []).map { layer -> [String] in
    [
      layer["name"]?.string ?? "", layer["op"]?.string ?? "",
      (layer["output"]?.array ?? []).map { "\($0.int ?? 0)" }.joined(separator: "x"),
      NumberText.grouped(layer["parameters"]?.int ?? 0),
      NumberText.significant((layer["flops"]?.double ?? 0) / 1e9, 3),
      NumberText.bytes(layer["bytes"]?.int ?? 0),
    ]
  }
  TextTable.print(["layer", "op", "output", "parameters", "GFLOP", "bytes"], rows, textColumns: 3)
}
