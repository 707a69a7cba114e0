extension DoctorSentence {
  /// The doctor's findings in Simplified Chinese.
  public static let chinese: [DoctorSentence: String] = [
    .missingImage: "图片 {0} 不在磁盘上;{1} 条记录需要它。", .corruptImage: "{0}",
    .duplicateImage: "{0} 与 {1} 是同一个文件。",
    .leak: "{0}(验证)与 {1}(训练)几乎是同一张图片。",
    .imageSize: "标注说 {0} x {1} 像素,图片为 {2} x {3}。",
    .exifOrientation: "图片的 EXIF 数据要求旋转(方向 {0});按看图软件显示的样子使用。",
    .exifIgnored: "图片的 EXIF 数据要求旋转(方向 {0}),但标注给出的是存储像素的尺寸;按存储的样子使用。",
    .unusableRecord: "该记录不能使用:{0}。", .keypointCount: "该记录没有 {0} 个关键点。",
    .fractions: "所有坐标都在 0 到 1 之间,是图片的比例;应为像素。",
    .pointOutsideImage: "{0} 位于 ({1}, {2}),在 {3} x {4} 像素的图片之外。",
    .pointOutsideBox: "{0} 位于 ({1}, {2}),远在此人的框之外。",
    .boxOutsideImage: "框超出图片边缘最多 {0} 像素。",
    .brokenBox: "{0} x {1} 像素的框容纳不下此人,其关键点跨越 {2} x {3} 像素。",
    .visibleAtOrigin: "{0} 在 (0, 0) 处标为已标注,而缺失的点正是放在那里。",
    .visibilityRange: "{0} 的可见性为 {1};COCO 只有 0、1 和 2。",
    .aiChallengerVisibility:
      "(0, 0) 处有 {0} 个点的可见性为 3:这是 AI Challenger 的标记(1 可见,2 遮挡,3 未标注),在这里却当作 COCO 的读取。",
    .numKeypoints: "num_keypoints 为 {0},但标注了 {1} 个点。",
    .areaZero: "面积为 {0}:此人的 OKS 和 AP 变为 0。",
    .areaMissing: "{0} 条记录没有面积;AP 取框的 .53。",
    .idZero: "标注的 id 为 0,pycocotools 会把它当作未匹配。",
    .doubleID: "id {0} 属于多个标注。", .orphanID: "标注的 image_id {0} 不在图片列表中。",
    .crowd: "该记录代表一群人(iscrowd),但标注了 {0} 个点:它们会丢失。",
    .leftRightAll: "面向镜头的 {1} 人中有 {0} 人的左侧位于右侧应在之处:文件中左右颠倒。",
    .leftRightOne: "脸朝镜头,但{0}的左右颠倒。",
    .flipPairs: "{0} 是 {1} 的镜像,但两者高度不同:分别在人体的 {2} 和 {3}。",
    .flipPairsNone: "没有关键点有镜像,因此图片翻转时左右会混淆。",
    .outlier: "{0} 到 {1} 的长度是此人体型通常的 {2} 倍。",
    .quickRefusal: "{0}:{1} {2} 全部问题:posetop check {0}",
  ]
}

extension DoctorFix {
  /// What to do about a finding, in Simplified Chinese.
  public static let chinese: [DoctorFix: String] = [
    .restorePicture: "放回图片,或删除其记录。", .replacePicture: "替换图片或删除其记录。",
    .removeDuplicate: "只保留其中一个。",
    .separate: "把两张图片放在划分的同一侧:--split file-order,或用 --val 指定单独的验证集。",
    .correctSize: "按图片现在的尺寸标注,或恢复标注时的图片。",
    .turnPicture: "如果标注看起来不对:请把图片旋转后不带 EXIF 方向地保存。",
    .correctRecord: "更正或删除该记录。",
    .labelPeople: "至少为一张存在的图片中的一个人标注关键点。",
    .correctCount: "每条记录的每个关键点恰好一项;缺失的用 v = 0。",
    .multiply: "x 乘以图片宽度,y 乘以图片高度。", .correctPoint: "更正该点,或标为未标注(v = 0)。",
    .correctBox: "重画该框;在此之前使用关键点的外接框。", .cutBox: "如果标注本意如此,请在图片边缘截断框。",
    .unlabel: "未标注的点设 v = 0。",
    .convertVisibility: "把 1 改为 2、2 改为 1、3 改为 0,或给出 AI Challenger 的原文件。",
    .recount: "把 num_keypoints 设为 v > 0 的点数。", .giveArea: "给出此人的面积(平方像素)。",
    .freshID: "每个标注用自己的 id,从 1 开始。", .correctImageID: "更正 image_id,或把图片加入图片列表。",
    .clearCrowd: "如果是一个人,请把 iscrowd 设为 0。", .swapSides: "交换关键点的左右两项。",
    .correctPairs: "更正 flip_idx 或关键点名称。", .lookAt: "查看图片:posetop check --show 会画出它。",
  ]
}
