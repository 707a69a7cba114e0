import CPosix
import Glibc
import RunFiles
import Support
import Wording

/// The disk of the runs: room, kind, and how long it takes to make a file durable.
let diskCheck = DoctorCheck(name: "disk") {
  var section = DoctorSection()
  // The folder itself may not be there yet.
  var folder = Path.absolute(RunNaming.runsFolder)
  while !Path.isFolder(folder), folder != "/" { folder = Path.parent(of: folder) }
  let shown = UntrustedText.clean(folder)
  let kind = VolumeKind(folder)
  var space = statvfs()
  let free =
    statvfs(folder, &space) == 0 ? Int(space.f_bavail) * Int(space.f_frsize) : nil
  section.line(
    "runs", "\(UntrustedText.clean(RunNaming.runsFolder)), on \(kind.name)")
  section.line("free", free.map { NumberText.bytes($0) } ?? "unknown")
  section.json["folder"] = .string(shown)
  section.json["kind"] = .string(kind.name)
  section.json["network"] = .bool(kind.isNetwork)
  section.json["free"] = free.map { .integer(Int64($0)) } ?? .null
  if let free, free < 2 << 30 {
    section.warn(
      "disk-low", Sentence(MachineSentence.fewSpace, NumberText.bytes(free), shown), .fewSpaceCure)
  }
  if kind.isNetwork {
    section.warn(
      "network-volume", Sentence(MachineSentence.network, shown, kind.name), .networkCure)
  }
  if kind.isInMemory {
    section.warn("in-memory", Sentence(MachineSentence.inMemory, shown, kind.name), .inMemoryCure)
  }
  switch syncSeconds(in: folder) {
  case .success(let seconds):
    section.line("fsync of 1 MiB", "\(NumberText.significant(1000 * seconds, 3)) ms")
    section.json["sync_seconds"] = .finite(seconds)
    if seconds > 0.5 {
      section.warn(
        "slow-sync", Sentence(MachineSentence.slowSync, NumberText.fixed(seconds, 1), shown),
        .slowSyncCure)
    }
  case .failure(let problem):
    section.json["sync_seconds"] = .null
    section.fail(
      "not-writable", Sentence(MachineSentence.notWritable, shown, problem.reason),
      .notWritableCure)
  }
  return section
}

private struct DiskProblem: Error {
  let reason: String
}

/// The median time of five commits of 1 MiB; the file is removed.
private func syncSeconds(in folder: String) -> Result<Double, DiskProblem> {
  let path = Path.join(folder, ".posetop-doctor-\(getpid())")
  defer { unlink(path) }
  let block = [UInt8](repeating: 0xA5, count: 1 << 20)
  var times: [Double] = []
  for _ in 0..<5 {
    let descriptor = posetop_open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return .failure(DiskProblem(reason: FileError.reason())) }
    defer { close(descriptor) }
    let start = Clock.monotonic()
    guard write(descriptor, block, block.count) == block.count, fsync(descriptor) == 0 else {
      return .failure(DiskProblem(reason: FileError.reason()))
    }
    times.append(Clock.monotonic() - start)
  }
  return .success(times.sorted()[2])
}

/// What a folder's file system is.
private struct VolumeKind {
  let name: String
  var isNetwork: Bool { Self.networks.contains(name) }
  var isInMemory: Bool { ["tmpfs", "ramfs"].contains(name) }

  private static let networks: Set<String> = ["nfs", "cifs", "smb", "ceph", "lustre", "9p", "fuse"]
  /// The numbers of statfs(2).
  private static let known: [Int: String] = [
    0x6969: "nfs", 0xFF53_4D42: "cifs", 0xFE53_4D42: "smb", 0x00C3_6400: "ceph",
    0x0BD0_0BD0: "lustre", 0x0102_1997: "9p", 0x6573_5546: "fuse", 0x0102_1994: "tmpfs",
    0x8584_58F6: "ramfs", 0xEF53: "ext4", 0x5846_5342: "xfs", 0x9123_683E: "btrfs",
    0x794C_7630: "overlay", 0x2FC1_2FC1: "zfs",
  ]

  init(_ folder: String) {
    let type = Int(posetop_volume_type(folder))
    name = type < 0 ? "unknown" : Self.known[type] ?? "type 0x" + String(type, radix: 16)
  }
}
