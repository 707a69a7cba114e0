import Support

extension BuiltInRecipe {
  /// The sanity check before a long training.
  static let overfit8 = BuiltInRecipe(
    name: "overfit8",
    summary: "sanity check: learn 8 samples by heart in about a minute, or say which stage fails",
    settings: [
      "overfit": 8, "batch": 8, "epochs": 40, "schedule": "constant", "warmup": 0,
      "weight-decay": 0, "augment": "none",
    ])
}
