/// Everything that can be chosen by name; a test compares the lists with the folders.
public enum Catalog {
  /// The models.
  public static let models: [ModelDefinition] = [
    .lite, .cnn, .cnnPooled, .resnet18, .resnet34, .resnet50, .resnet101, .hrnetW32,
  ]

  /// The losses.
  public static let losses: [LossDefinition] = [
    .heatmapMSE, .heatmapMSEOverAll, .hardKeypointMining, .adaptiveWing, .mse, .weightedMSE,
    .smoothL1, .wing, .softWing, .oks, .residualLikelihood, .simccKL,
  ]

  /// The schedules.
  public static let schedules: [ScheduleDefinition] = [
    .constant, .step, .multistep, .cosine, .plateau,
  ]
}
