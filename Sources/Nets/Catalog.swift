/// Everything that can be chosen by name; a test compares the lists with the folders.
public enum Catalog {
  /// The models.
  public static let models: [ModelDefinition] = [.lite, .cnnPooled]

  /// The losses.
  public static let losses: [LossDefinition] = [.heatmapMSE, .mse]

  /// The schedules.
  public static let schedules: [ScheduleDefinition] = [.constant, .cosine]
}
