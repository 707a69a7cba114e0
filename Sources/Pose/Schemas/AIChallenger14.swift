extension KeypointSchema {
  /// The 14 keypoints of AI Challenger 2017, in its order (right before left), with the constants of
  /// its own evaluation.
  public static let aiChallenger14 = KeypointSchema(
    name: "aichallenger14",
    keypoints: [
      "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist",
      "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle", "head_top",
      "neck",
    ],
    flipPairs: [3, 4, 5, 0, 1, 2, 9, 10, 11, 6, 7, 8, 12, 13],
    skeleton: [
      (2, 1), (1, 0), (0, 13), (13, 3), (3, 4), (4, 5), (8, 7), (7, 6), (6, 9), (9, 10), (10, 11),
      (12, 13), (0, 6), (3, 9),
    ],
    sigmas: [
      0.01388152, 0.01515228, 0.01057665, 0.01417709, 0.01497891, 0.01402144, 0.03909642,
      0.03686941, 0.01981803, 0.03843971, 0.03412318, 0.02415081, 0.01291456, 0.01236173,
    ])
}
