import Glibc
import RunFiles
import Support
import TensorFiles
import TestSupport
import Testing
import TrainingAPI

/// A state of some values, all the same number.
private struct SmallState {
  let value: Float
  let count: Int
  /// Whether a thread of its own writes.
  var isAhead = false

  func commit(to store: CheckpointStore, keep: Int = 2) throws {
    let piece = UnsafeMutableBufferPointer<Float>.allocate(capacity: 100)
    piece.initialize(repeating: 0)
    defer { piece.deallocate() }
    let value = value
    let tensors = ["weights", "first_moments"].map { name in
      StreamedTensor(name: name, count: count) { _, target in target.update(repeating: value) }
    }
    try store.commit(
      state: ["value": .number(Double(value))], tensors: tensors, keep: keep,
      flow: isAhead ? .ahead : .through(piece)
    ) { _, _ throws(FileError) in }
  }
}

/// The number of a `SmallState`, when all of it is there.
private func value(of file: TensorFile) throws -> Int? {
  let stated = try JSONValue(parsing: file.metadata["state"] ?? "")["value"]?.double.map { Int($0) }
  let all = try ["weights", "first_moments"].flatMap { try file.floats($0) }
  return all.allSatisfy { Int($0) == stated } ? stated : nil
}

extension CheckpointStore.Found {
  fileprivate func value() throws -> Int? { try RunTests.value(of: file) }
}

@Suite("Complete states on disk") struct CheckpointTests {
  private let folder = TemporaryFolder()
  private var run: RunFolder { RunFolder(folder.path) }

  @Test("the newest state that counts is found, and all but the newest are removed")
  func generations() throws {
    let store = CheckpointStore(run)
    try store.prepare()
    #expect(store.newest() == nil)
    for number in 1...5 { try SmallState(value: Float(number), count: 300).commit(to: store) }
    #expect(store.generations == [4, 5])
    #expect(try store.newest()?.value() == 5)
    try SmallState(value: 6, count: 300).commit(to: store, keep: 3)
    #expect(store.generations == [4, 5, 6])
    let kept = try #require(store.newest())
    try store.adopt(kept)
    #expect(store.generations == [4, 5, 6], "the newest is the newest already")
  }

  @Test("a state that is made the newest again is a copy, bit for bit")
  func adoption() throws {
    let store = CheckpointStore(run)
    try store.prepare()
    for number in 1...2 { try SmallState(value: Float(number), count: 300).commit(to: store) }
    truncate(store.path(generation: 2), 100)
    let old = try #require(store.newest())
    #expect(old.generation == 1)
    try store.adopt(old)
    #expect(store.newest()?.generation == 3)
    #expect(try store.newest()?.value() == 1)
  }

  @Test("each flipped bit in header, payload and checksums, and each truncation, is found")
  func bitRot() throws {
    let store = CheckpointStore(run)
    try store.prepare()
    try SmallState(value: 1, count: 40).commit(to: store)
    try SmallState(value: 2, count: 40).commit(to: store)
    let path = store.path(generation: 2)
    let whole = try FileReading.bytes(of: path, limit: 1 << 20)
    func expectFallback(_ bytes: [UInt8], _ comment: Comment) throws {
      try DurableFile.commit(path, bytes: bytes)
      var discarded: [FileError] = []
      let found = store.newest { discarded.append($0) }
      #expect(try found?.value() == 1, comment)
      #expect(discarded.count == 1, comment)
    }
    // Each bit of the header, and a third of the others.
    let header = 8 + (whole[..<8].reversed().reduce(0) { $0 << 8 | Int($1) })
    for bit in 0..<(whole.count * 8) where bit % 3 == 0 || bit < header * 8 {
      var bytes = whole
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      try expectFallback(bytes, "bit \(bit)")
    }
    for count in 0..<whole.count where count % 7 == 0 {
      try expectFallback(Array(whole[..<count]), "\(count) bytes")
    }
    try expectFallback(whole + [0], "one byte more")
    try DurableFile.commit(path, bytes: whole)
    #expect(try store.newest()?.value() == 2)
  }

  @Test("bits that rot anywhere in a larger state are found")
  func bitRotInPayload() throws {
    let store = CheckpointStore(run)
    try store.prepare()
    try SmallState(value: 1, count: 40).commit(to: store)
    // More than one block of checksums.
    try SmallState(value: 2, count: 200_000).commit(to: store)
    let path = store.path(generation: 2)
    let size = try FileReading.bytes(of: path, limit: 1 << 24).count
    let file = Glibc.open(path, O_RDWR | O_CLOEXEC)
    defer { close(file) }
    let random = CounterRandom(seed: 4, name: "rot")
    for flip in 0..<(Environment.value("POSETOP_LONG_TESTS") == nil ? 200 : 10_000) {
      let place = off_t(random.bits(2 * flip) % UInt64(size))
      var byte: UInt8 = 0
      #expect(pread(file, &byte, 1, place) == 1)
      var rotten = byte ^ (1 << UInt8(random.bits(2 * flip + 1) % 8))
      #expect(pwrite(file, &rotten, 1, place) == 1)
      let found = store.newest()?.generation
      #expect(found == 1, "bit at byte \(place)")
      #expect(pwrite(file, &byte, 1, place) == 1)
    }
    #expect(store.newest()?.generation == 2)
  }

  @Test("where no more files can be made the older states stay, and room brings the next")
  func fullOfFiles() throws {
    let mount = Path.join(run.path, "few")
    try Path.makeFolders(mount)
    guard system("mount -t tmpfs -o size=4M,nr_inodes=6 none \(mount) 2>/dev/null") == 0 else {
      print("skipped: no file system can be mounted here (needs root)")
      return
    }
    defer { system("umount \(mount)") }
    let store = CheckpointStore(RunFolder(mount))
    try store.prepare()
    for number in 1...2 { try SmallState(value: Float(number), count: 300).commit(to: store) }
    for name in ["a", "b", "c", "d"] { close(creat(Path.join(mount, name), 0o600)) }
    #expect(throws: FileError.self) { try SmallState(value: 3, count: 300).commit(to: store) }
    #expect(try store.newest()?.value() == 2)
    #expect(store.generations.count == 2)
    for name in ["a", "b", "c", "d"] { unlink(Path.join(mount, name)) }
    try SmallState(value: 3, count: 300).commit(to: store)
    #expect(try store.newest()?.value() == 3)
  }

  /// Makes a folder as a loss of power left it and opens it.
  private func open(_ files: [String: [UInt8]]) throws -> [Int?] {
    let crashed = RunFolder(Path.join(run.path, "crashed"))
    try Path.makeFolders(crashed.checkpointsPath)
    for name in Path.names(in: crashed.checkpointsPath) ?? [] {
      unlink(Path.join(crashed.checkpointsPath, name))
    }
    for (name, bytes) in files {
      let path = Path.join(crashed.checkpointsPath, name)
      let file = try #require(fopen(path, "w"))
      fwrite(bytes, 1, bytes.count, file)
      fclose(file)
    }
    // All states that count, newest first.
    let store = CheckpointStore(crashed)
    var values: [Int?] = []
    for generation in store.generations.reversed() {
      guard let file = try? SealedTensorFile.open(store.path(generation: generation)) else {
        continue
      }
      values.append(try value(of: file))
    }
    return values
  }

  @Test(
    "after a loss of power at any point the old or the new state loads, never none",
    arguments: [false, true])
  func crashStates(isAhead: Bool) throws {
    let storage = RecordingStorage()
    let store = CheckpointStore(run, storage: storage)
    try store.prepare()
    var ends: [Int] = [0]
    for number in 1...4 {
      try SmallState(value: Float(number), count: 700, isAhead: isAhead).commit(to: store)
      ends.append(storage.stepCount)
    }
    var states = 0
    for step in 0...storage.stepCount {
      let committed = (ends.lastIndex { $0 <= step } ?? 0)
      var losses: [RecordingStorage.LostData] = [.dropped, .zeroed, .whole]
      losses += stride(from: 512, through: 6144, by: 512).map { .torn(at: $0) }
      for lost in losses {
        for files in storage.folders(after: step, lost: lost) {
          states += 1
          let values = try open(files)
          // Every state that passes its checksums is whole.
          #expect(values.allSatisfy { $0 != nil })
          let newest = values.first.flatMap { $0 } ?? 0
          #expect(newest == committed || newest == committed + 1, "step \(step), \(lost)")
          // Two generations at least, once there were two.
          #expect(values.count >= min(2, committed), "step \(step), \(lost)")
        }
      }
    }
    #expect(states >= 1000)
  }

  @Test(
    "a call that fails, once or for good, leaves the older state and the next save succeeds",
    arguments: FailingStorage.Fault.allCases, [false, true])
  func faults(fault: FailingStorage.Fault, isAhead: Bool) throws {
    // Some pieces of which each is a call.
    let count = isAhead ? WriteAhead.pieceCount + 1 : 700
    func commit(_ number: Int, to store: CheckpointStore) throws {
      try SmallState(value: Float(number), count: count, isAhead: isAhead).commit(to: store)
    }
    let counting = FailingStorage(fault, at: nil, isSticky: false)
    let first = CheckpointStore(run, storage: counting)
    try first.prepare()
    for number in 1...2 { try commit(number, to: first) }
    let before = counting.calls
    try commit(3, to: first)
    let calls = counting.calls - before
    #expect(calls > 8)
    for isSticky in [false, true] {
      // An interruption that never ends is no fault of a disk.
      if isSticky, fault == .interrupted || fault == .shortWrite { continue }
      for index in 0..<calls {
        let storage = FailingStorage(fault, at: index, isSticky: isSticky)
        let store = CheckpointStore(run, storage: storage)
        let newest = try #require(try store.newest()?.value())
        let next = newest + 1
        var isSaved = true
        do { try commit(next, to: store) } catch {
          isSaved = false
          #expect(error is FileError)
        }
        let found = try store.newest()?.value()
        #expect(found == next || (!isSaved && found == newest), "\(fault) at call \(index)")
        #expect(store.generations.count >= 2)
        storage.heal()
        try commit(next + 1, to: store)
        #expect(try store.newest()?.value() == next + 1)
      }
    }
  }

  @Test("a state that a second thread writes has the bytes of one that the caller writes")
  func bothFlows() throws {
    let store = CheckpointStore(run)
    try store.prepare()
    // More pieces than there is memory for, the last one short.
    let count = 7 * WriteAhead.pieceCount + 5
    try SmallState(value: 3, count: count).commit(to: store)
    try SmallState(value: 3, count: count, isAhead: true).commit(to: store)
    let files = try store.generations.map {
      try FileReading.bytes(of: store.path(generation: $0), limit: 1 << 26)
    }
    #expect(files.count == 2 && files[0] == files[1])
    #expect(try store.newest()?.value() == 3)
  }

  @Test("a value that is refused ends a second thread's writing, and the older state stays")
  func refusedAhead() throws {
    let store = CheckpointStore(run)
    try store.prepare()
    try SmallState(value: 1, count: 300).commit(to: store)
    let tensor = StreamedTensor(name: "weights", count: 9 * WriteAhead.pieceCount) { _, target in
      target.update(repeating: 2)
    }
    for refused in 1...9 {
      var seen = 0
      #expect(throws: FileError.self) {
        try store.commit(state: [:], tensors: [tensor], keep: 2, flow: .ahead) {
          (name, _) throws(FileError) in
          seen += 1
          if seen == refused { throw .tensorMissing(path: "", name: name) }
        }
      }
      #expect(seen == refused)
      #expect(Path.names(in: store.folder)?.count == 1, "nothing half written stays")
    }
    #expect(try store.newest()?.value() == 1)
  }

  @Test("on a file system that fills up the older state stays, and room brings the next")
  func fullDisk() throws {
    let mount = Path.join(run.path, "small")
    try Path.makeFolders(mount)
    // One state has about 170 KB; the file system holds two and a share of the third.
    for percent in stride(from: 5, through: 100, by: 5) {
      let size = 345_000 + 1700 * percent
      let code = system("mount -t tmpfs -o size=\(size) none \(mount) 2>/dev/null")
      guard code == 0 else {
        print("skipped: no file system can be mounted here (needs root)")
        return
      }
      defer { system("umount \(mount)") }
      let store = CheckpointStore(RunFolder(mount))
      try store.prepare()
      for number in 1...2 { try SmallState(value: Float(number), count: 21_000).commit(to: store) }
      let isSaved = (try? SmallState(value: 3, count: 21_000).commit(to: store)) != nil
      #expect(try store.newest()?.value() == (isSaved ? 3 : 2), "\(percent) %")
      #expect(!isSaved || percent >= 90)
      #expect(system("mount -o remount,size=2M \(mount)") == 0)
      try SmallState(value: 4, count: 21_000).commit(to: store)
      #expect(try store.newest()?.value() == 4)
    }
  }
}
