extension DatasetSentence {
  /// Data sets, pictures and loaders in Simplified Chinese.
  public static let chinese: [DatasetSentence: String] = [
    .imageUnknownFormat: "{0} 既不是 PNG 也不是 JPEG 文件;请转换为其中一种。",
    .imageSizeOutOfRange: "{0} 为 {1} x {2} 像素;最多读取每边 {3} 像素、总计 {4} 百万像素。请缩小。",
    .imageBroken: "{0} 是损坏的 {1} 文件:{2}。请替换它或删除其记录。",
    .imageSetAside: "{0} 已被搁置:它曾使解码器崩溃(见 quarantine.json)。",
    .imageCannotEncode: "图片无法写为 {0}:{1}。",
    .folderMissing: "{0} 处没有数据集。请检查路径。",
    .formatUnknown:
      "{0} 不是已知的数据集:应为 annotations.json 和 images/、其中或 annotations/ 中的 COCO、MPII 或 AI Challenger 标注(*.json),或 YOLO 的 data.yaml。",
    .fileFormatUnknown:
      "{0} 不是已知的数据集:应为含 image_name 和 keypoints 的记录列表、COCO、MPII 或 AI Challenger 标注,或 YOLO 的 data.yaml。",
    .detectionsFile: "{0} 是带分数的检测结果,不是标注:请交给 posetop score,或 posetop evaluate --detections。",
    .notDetections: "{0} 没有检测结果:应为含 image_id、category_id、keypoints 和 score 的列表。",
    .unknownPicture: "{0} 中有图片 {1} 的检测结果,而 {2} 没有列出它:两个文件属于不同的数据集。",
    .keypointsMissing: "{0} 中有 {2} 个关键点的检测结果;标注有 {1} 个,每个含 x、y 和 score。",
    .listIncomplete: "{0} 不是 YOLO 数据集:{1} 缺失或有误;应为 {2}。",
    .schemasDiffer: "{0} 的关键点是 {1},其中没有一个属于 {2}。",
    .noKeypointCategory: "{0} 没有带关键点名称的类别,因此不是关键点标注。请给出人体关键点的文件。",
    .picturesMissing: "{0} 提到 {1} 这样的图片,但 {2} 中一张也没有。请用 --images 指定文件夹。",
    .noUsableRecord: "{0}:{1} 条记录都不能使用;第一条被搁置的原因:{2}。",
    .noRecord: "{0} 没有列出人:标注为空。",
    .fractions: "{0}:所有坐标都在 0 到 1 之间;应为像素。请把 x 乘以图片宽度,y 乘以图片高度。",
    .splitTooSmall: "{0} 只有 {1} 张带可用记录的图片;训练和验证至少需要 2 张。",
    .figuresFolderNotEmpty: "{0} 不是空的,其中的内容不会被覆盖。请指定新文件夹。",
    .recordsSetAside: "{0}:{2} 条记录中 {1} 条被搁置:{3}(第一条:{4})。",
    .boxesReplaced: "{0}:{1} 条记录没有可用的框;改用关键点的外接框(第一条:{2})。",
    .constantsAssumed: "{0}:COCO 没有其中 {1} 个关键点的 OKS 常数({2});使用肩部的 0.079。",
    .pictureUnreadable: "一张图片被略过:{0}",
    .causeImageUnknown: "其图片不在图片列表中", .causePictureMissing: "其图片不在磁盘上",
    .causeKeypointCount: "关键点数目不对", .causeKeypointForm: "关键点不是数字列表",
    .causeNoKeypoints: "没有标注任何关键点", .causeExtent: "既没有可用的框,也没有两个不同的关键点",
    .causeCrowd: "代表一群人", .causeCategory: "属于其他类别", .causeImageName: "image_name 缺失或不是文字",
    .causePictureUnreadable: "其图片无法读取",
  ]
}
