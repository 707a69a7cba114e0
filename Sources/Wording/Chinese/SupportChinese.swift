extension SupportSentence {
  /// Files and values in Simplified Chinese.
  public static let chinese: [SupportSentence: String] = [
    .cannotOpen: "无法打开 {0}:{1}。", .cannotRead: "无法读取 {0}:{1}。",
    .cannotWrite: "无法写入 {0}:{1}。请检查剩余空间和权限。",
    .notARegularFile: "{0} 不是普通文件。", .tooLarge: "{0} 有 {1};这里最多读取 {2}。",
    .brokenJSON: "{0} 不是有效的 JSON:{1}。", .jsonExpected: "{0}:{1} 应为 {2}。",
    .brokenTensorFile: "{0} 不是可读的张量文件:{1}。", .tensorMissing: "{0} 没有张量 {1}。",
    .tensorMismatch: "{0}:张量 {1} 为 {2},应为 {3}。",
  ]
}

extension PoseSentence {
  /// Keypoint schemas and metrics in Simplified Chinese.
  public static let chinese: [PoseSentence: String] = [.internalFault: "{0}"]
}
