import TrainingAPI

/// The screen of the joints: their order, and which one is chosen.
struct JointBrowser: Sendable, Equatable {
  enum Order: Sendable, CaseIterable { case worst, body, gap }
  var order = Order.worst
  var list = ListState()
}

extension DashboardState {
  /// The keypoints in the order of the table.
  var jointOrder: [Int] {
    let names = history.plan?.keypoints ?? []
    let errors = history.epochs.last?.keypointErrors ?? []
    let all = Array(names.indices)
    func error(_ index: Int) -> Double {
      index < errors.count && errors[index].isFinite ? errors[index] : -1
    }
    switch joints.order {
    case .body: return all
    case .worst: return all.sorted { (error($0), -$0) > (error($1), -$1) }
    case .gap:
      return all.sorted { (abs(sideGap(of: $0) ?? 0), -$0) > (abs(sideGap(of: $1) ?? 0), -$1) }
    }
  }

  /// The chosen keypoint.
  var selectedJoint: Int? {
    let order = jointOrder
    return order.indices.contains(joints.list.selected) ? order[joints.list.selected] : nil
  }

  /// The keypoint on the other side of the body.
  func mirror(of joint: Int) -> Int? {
    let names = history.plan?.keypoints ?? []
    guard names.indices.contains(joint) else { return nil }
    let name = names[joint]
    if name.hasPrefix("left") { return names.firstIndex(of: "right" + name.dropFirst(4)) }
    if name.hasPrefix("right") { return names.firstIndex(of: "left" + name.dropFirst(5)) }
    return nil
  }

  /// How much larger the error is than on the other side; nil in the middle.
  func sideGap(of joint: Int) -> Double? {
    guard let mirror = mirror(of: joint), let errors = history.epochs.last?.keypointErrors,
      joint < errors.count, mirror < errors.count
    else { return nil }
    let gap = errors[joint] - errors[mirror]
    return gap.isFinite ? gap : nil
  }
}
