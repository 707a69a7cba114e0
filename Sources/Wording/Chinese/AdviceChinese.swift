extension AdviceSentence {
  /// The advisor in Simplified Chinese.
  public static let chinese: [AdviceSentence: String] = [
    .notANumber: "第 {0} 步的损失不是数字:把学习率降到十分之一(e),并查看该步的样本。",
    .rolledBack: "第 {0} 步的损失不是数字,最先出现在 {1};样本 {2}。已回到第 {3} 步并降低学习率:请查看样本(2);按 u 恢复学习率。",
    .spikes: "梯度突增 {0} 次,最高为平时的 {1}:学习率过高,试试十分之一(e),或用 --clip。",
    .rising: "训练损失在上升(最低值的 {0}):学习率过高,试试十分之一(e)。",
    .jumping: "验证损失连续 {0} 轮上下跳动:学习率过高,试试十分之一(e)。",
    .overfitting: "最佳是第 {0} 轮;之后 {1} 轮只有训练损失在下降:加强数据增强(:augment x1.5),或停止(q s)。",
    .gap: "验证损失是训练损失的 {0},且 {1} 轮没有变化:模型在死记这些图片,请加强变化(:augment standard)。",
    .exploding: "第 {1} 轮的验证损失为 {0},远高于训练损失:学习率过高得多,试试十分之一(e),或回退(R)。",
    .plateau: "连续 {0} 轮没有进步:学习率减半(e -),或停止(q s)。",
    .tooSlow: "{0} 轮里损失几乎没有变化:三倍的学习率可能有帮助(:lr x3)。",
    .waiting: "引擎有 {0} 的时间在等图片:启动时增加 --loaders。",
    .inversions: "找到的点中有 {0} 左右互换:请检查标注与翻转配对(posetop check,3)。",
    .memory: "本机只剩 {0} 内存:减小 --batch 或 --input。",
    .slower: "{0} 图/秒,平时 {1}:有别的程序在占用这台机器(5)。",
  ]
}
