import Glibc

extension ScheduleDefinition {
  /// A tenth after every third of the epochs (PyTorch's `StepLR` with `step_size` a third).
  static let step = ScheduleDefinition(name: "step") { progress in
    pow(0.1, Double(progress.epochsDone / max(1, (progress.epochs + 2) / 3)))
  }
}
