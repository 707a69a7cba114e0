extension LauncherSentence {
  /// The launcher in Simplified Chinese.
  public static let chinese: [LauncherSentence: String] = [
    .title: "posetop", .subtitle: "训练人体关键点检测器", .machine: "{0} 个处理器  空闲内存 {1}",
    .paneDatasets: "数据集", .typePath: "其他:输入路径(p)", .recent: "最近用过", .looking: "正在查看",
    .lookingAt: "正在检查图片 {0}/{1}", .contents: "{0}:{2} 张图片中有 {1} 人",
    .usable: "{1} 条记录中 {0} 条可用", .nothingFound: "检查没有发现问题",
    .found: "{0} 个错误,{1} 个警告:posetop check", .notUsable: "不能使用",
    .nothingUsable: "这个数据集中没有可用于训练的人;检查结果说明了原因。",
    .noDataset: "请选择一个数据集,或输入它的路径(p)。",
    .paneSamples: "训练所见的样本", .waitingForSamples: "数据集读完之后,样本会显示在这里。",
    .paneSettings: "训练设置", .settingRecipe: "配方", .isDefault: "默认", .recipeDefault: "模型默认值",
    .recipeLike: "同 {0}", .asTyped: "命令行所给", .notSet: "-", .randomWeights: "随机权重",
    .nothingFrozen: "无",
    .shareOfDataset: "数据集的 {0}",
    .paneNeeds: "所需资源", .planningSettings: "正在规划……", .needMemory: "内存", .needEpoch: "每轮",
    .needAll: "全部 {0} 轮", .needMoney: "费用", .needModel: "模型", .needWork: "运算量",
    .needDisk: "磁盘", .memoryOf: "{0},空闲 {1}", .about: "约 {0}",
    .measured: "{0}(每步 {1},实测)", .estimated: "约 {0}(每步 {1},估计)", .measuring: "正在测量一步……",
    .unknownTime: "开始之后才知道", .parameters: "{0} 个参数", .parametersOf: "{0} 个参数,训练 {1} 个",
    .savedState: "每个存档 {0}",
    .work: "每图 {0} GFLOP",
    .startAnyway: "所需内存超过空闲内存。再按 Enter 仍可开始;减小批大小或输入尺寸可以减少内存。",
    .paneRecent: "最近的运行", .runHelp: "Enter 打开,r 继续训练",
  ]
}
