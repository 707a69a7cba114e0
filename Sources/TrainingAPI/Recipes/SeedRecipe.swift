import Support

extension BuiltInRecipe {
  /// The training of the tutorial's listing.
  static let seed = BuiltInRecipe(
    name: "seed",
    summary: "the tutorial's own training: CNN, 224x224, Adam 0.001, MSE, first 80 % train",
    settings: [
      "model": "cnn", "head": "regression", "loss": "mse", "input": "224x224", "epochs": 50,
      "batch": 32, "optimizer": "adam", "lr": 0.001, "weight-decay": 0, "schedule": "constant",
      "warmup": 0, "augment": "none", "split": "file-order", "val-fraction": 0.2,
    ])
}
