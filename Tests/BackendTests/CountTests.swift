import BackendCPU
import Execution
import Graph
import Nets
import TestSupport
import Testing

/// What does not depend on the machine, so that it cannot drift unseen.
@Suite struct CountTests {
  struct Golden: Sendable, CustomStringConvertible {
    let model: String
    let head: Head
    let width: Int
    let height: Int
    let batch: Int
    /// Operations of the direct methods, bytes that nodes read and write, bytes of the arena.
    let training: [Int]
    let evaluation: [Int]

    var description: String { "\(model) \(head.rawValue)" }
  }

  // Our own figures with two threads: change one only together with what moved it.
  static let goldens = [
    Golden(
      model: "lite", head: .heatmap, width: 96, height: 128, batch: 32,
      training: [53_952_380_928, 872_986_248, 144_054_016],
      evaluation: [18_040_750_080, 323_539_652, 28_331_136]),
    Golden(
      model: "cnn", head: .regression, width: 224, height: 224, batch: 32,
      training: [405_704_933_376, 6_865_335_312, 668_078_464],
      evaluation: [137_084_665_856, 2_686_520_968, 539_492_352]),
    Golden(
      model: "resnet18", head: .regression, width: 224, height: 224, batch: 32,
      training: [340_677_722_112, 3_986_831_888, 600_511_360],
      evaluation: [116_076_871_680, 1_513_064_328, 205_521_408]),
    Golden(
      model: "resnet18", head: .heatmap, width: 224, height: 224, batch: 32,
      training: [560_301_342_720, 5_555_863_688, 925_295_232],
      evaluation: [189_284_745_216, 2_082_245_956, 205_522_944]),
    Golden(
      model: "resnet50", head: .regression, width: 224, height: 224, batch: 16,
      training: [388_639_801_344, 9_186_718_352, 1_336_621_888],
      evaluation: [130_805_415_936, 3_340_056_968, 154_142_720]),
  ]

  @Test(arguments: goldens)
  func `operations, bytes moved and the arena are what they were`(_ golden: Golden) throws {
    let backend = CPUBackend(threads: 2)
    let definition = try Catalog.model(golden.model)
    let loss = golden.head == .heatmap ? "heatmap-mse" : "mse"
    let program = try ModelProgram(
      definition: definition, head: golden.head, loss: Catalog.loss(loss), batch: golden.batch,
      width: golden.width, height: golden.height, keypoints: .plain(17), isUnbiased: true,
      updatesFrom: 1 << 24, workspace: backend.workspaceBytes
    ).program
    for (plan, expected) in [
      (program.training, golden.training), (program.evaluation, golden.evaluation),
    ] {
      #expect([plan.flops, plan.bytesMoved, plan.arenaBytes] == expected)
    }
  }
}
