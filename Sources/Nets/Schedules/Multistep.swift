import Glibc

extension ScheduleDefinition {
  /// A tenth after 17/21 and again after 20/21 of the epochs: HRNet's and mmpose's milestones 170
  /// and 200 of 210 (PyTorch's `MultiStepLR`).
  static let multistep = ScheduleDefinition(name: "multistep") { progress in
    let milestones = [17, 20].map { (progress.epochs * $0 + 20) / 21 }
    return pow(0.1, Double(milestones.count { $0 <= progress.epochsDone }))
  }
}
