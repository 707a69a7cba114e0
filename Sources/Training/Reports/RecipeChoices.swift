import Datasets
import Graph
import Nets
public import Support

/// What can be chosen by name, for the launcher: for each option its values in the catalogue's order,
/// for `head MODEL` the heads of a model, for `loss HEAD` the losses of a head, and usual inputs.
public func recipeChoices() -> JSONValue {
  func list(_ names: [String]) -> JSONValue { .array(names.map { .string($0) }) }
  var choices = JSONObject([
    ("model", list(Catalog.models.map(\.name))),
    ("optimizer", list(OptimizerUpdate.Rule.allCases.map(\.rawValue))),
    ("schedule", list(Catalog.schedules.map(\.name))),
    ("augment", list(Augmentation.presets.map(\.name))),
    ("input", list(["64x64", "96x128", "128x128", "192x256", "224x224", "256x256", "288x384"])),
  ])
  for model in Catalog.models {
    choices["head \(model.name)"] = list(model.variants.map(\.output.head.rawValue))
  }
  for head in Head.allCases {
    choices["loss \(head.rawValue)"] = list(
      Catalog.losses.filter { $0.head == head }.map(\.name))
  }
  return .object(choices)
}
