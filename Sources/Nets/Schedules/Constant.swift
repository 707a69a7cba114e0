extension ScheduleDefinition {
  /// The same rate to the end.
  static let constant = ScheduleDefinition(name: "constant") { _ in 1 }
}
