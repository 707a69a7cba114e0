import Cropping
import Datasets
import Glibc
import Imaging
import Pose
import Support
import TestSupport
import Testing
import Wording

/// Everything that a loader gives for some epochs, as bits.
private func run(
  _ set: Dataset, _ input: InputSpec, _ augmentation: Augmentation, batch: Int = 4,
  slots: Int = 2, loaders: Int, epochs: [[Int]], cache: SampleCache = SampleCache(),
  said: Said = Said(), leavesCrops: Bool = false
) -> [[UInt32]] {
  let loader = BatchLoader(
    dataset: set, input: input, augmentation: augmentation, seed: 9, batch: batch, slots: slots,
    loaders: loaders, cache: cache, leavesCrops: leavesCrops
  ) { said.add($0) }
  for (epoch, order) in epochs.enumerated() { loader.begin(epoch: epoch, order: order) }
  var result: [[UInt32]] = []
  for order in epochs {
    var seen: [Int] = []
    while let loaded = loader.next() {
      seen += loaded.samples
      let floats = loaded.count * input.width * input.height * 3
      var images = [Float](repeating: .nan, count: floats)
      images.withUnsafeMutableBufferPointer {
        if let target = $0.baseAddress { loaded.pictures.make(into: target) }
      }
      #expect((loaded.pictures.recipes != nil) == leavesCrops)
      var bits = images.map(\.bitPattern)
      bits += (0..<(loaded.count * set.schema.count * 3)).map { loaded.keypoints[$0].bitPattern }
      bits += loaded.toImage.flatMap { [$0.a, $0.b, $0.c, $0.d, $0.e, $0.f] }
        .map { Float($0).bitPattern }
      result.append(bits + loaded.isValid.map { $0 ? 1 : 0 })
      loader.release(loaded)
    }
    #expect(seen == order)
  }
  loader.stop()
  return result
}

@Suite("The loader")
struct LoaderTests {
  private let box = Box(x: 20, y: 30, width: 60, height: 90)

  private func people(_ folder: TemporaryFolder, _ count: Int, box: Box? = nil) throws -> Dataset {
    try dataset(
      folder,
      pictures: (0..<count).map {
        ("\($0).png", patterned(100 + $0 * 7, 140 + $0 * 3, seed: $0))
      }, box: box)
  }

  @Test("The same bits for 1, 2 and 4 threads, with and without cache, for any number of slots")
  func determinism() throws {
    let folder = TemporaryFolder()
    let set = try people(folder, 11, box: box)
    let input = InputSpec(width: 24, height: 32)
    let epochs = [[3, 1, 4, 1, 5, 9, 2, 6, 10], [0], [], [8, 7, 6, 5, 4, 3, 2, 1, 0]]
    let first = run(set, input, .standard, loaders: 1, epochs: epochs)
    #expect(first.count == 7)
    for loaders in [2, 4] {
      #expect(run(set, input, .standard, loaders: loaders, epochs: epochs) == first)
    }
    let none = SampleCache(capacity: 0)
    #expect(run(set, input, .standard, slots: 5, loaders: 3, epochs: epochs, cache: none) == first)
    #expect(none.bytes == 0)
    let small = SampleCache(capacity: 40_000)
    #expect(run(set, input, .standard, loaders: 2, epochs: epochs, cache: small) == first)
    #expect(small.bytes > 0 && small.bytes <= 40_000)
  }

  @Test("What is left to a device to crop becomes the same pictures, bit for bit")
  func crops() throws {
    let folder = TemporaryFolder()
    var every = Augmentation.standard
    (every.blur, every.blurSigma, every.erase, every.eraseSize) = (0.5, 3, 0.5, 0.4)
    for withBox in [true, false] {
      var set = try people(folder, 9, box: withBox ? box : nil)
      // One cannot be read, one is larger than a row has room for in bytes.
      try folder.write("3.png", [1, 2, 3])
      set.samples[4].box = withBox ? Box(x: 0, y: 0, width: 128, height: 168) : nil
      for (width, height) in [(24, 32), (64, 48), (17, 90)] {
        let input = InputSpec(width: width, height: height)
        for augmentation in [Augmentation.none, .light, every] {
          let epochs = [[3, 1, 4, 1, 5, 2, 6, 0], [8, 7, 4]]
          let made = run(set, input, augmentation, loaders: 2, epochs: epochs)
          let left = run(
            set, input, augmentation, loaders: 2, epochs: epochs, leavesCrops: true)
          #expect(made == left, "\(width)x\(height) \(augmentation.name)")
        }
      }
    }
  }

  @Test("The batch that comes next can be looked at, and is the one that comes")
  func peeking() throws {
    let folder = TemporaryFolder()
    let set = try people(folder, 7, box: box)
    let input = InputSpec(width: 24, height: 32)
    let loader = BatchLoader(
      dataset: set, input: input, augmentation: .standard, seed: 0, batch: 2, slots: 3
    ) { _ in }
    #expect(loader.peek() == nil)
    loader.begin(epoch: 0, order: [4, 1, 3])
    loader.begin(epoch: 1, order: [0, 2])
    var numbers: [Int] = []
    for _ in 0..<2 {
      while let batch = loader.next() {
        numbers.append(batch.number)
        let deadline = Clock.monotonic() + 5
        while loader.peek() == nil, batch.number == 0, Clock.monotonic() < deadline { usleep(1000) }
        let seen = loader.peek()
        loader.release(batch)
        guard let seen, let next = loader.next() else {
          // None after the last batch of an epoch.
          #expect(batch.number > 0)
          continue
        }
        numbers.append(next.number)
        #expect(seen.number == next.number)
        #expect(seen.pictures.rows == next.pictures.rows)
        #expect(seen.pictures.finished?.count == next.count * 24 * 32 * 3)
        loader.release(next)
      }
    }
    #expect(numbers == [0, 1, 2])
    #expect(loader.peek() == nil)
  }

  @Test("A picture in the input's size without a box passes unchanged, bit for bit")
  func identity() throws {
    let folder = TemporaryFolder()
    let picture = patterned(24, 32)
    let set = try dataset(folder, pictures: [("a.png", picture)])
    for convention in CoordinateConvention.allCases {
      let input = InputSpec(width: 24, height: 32, convention: convention)
      let loader = BatchLoader(
        dataset: set, input: input, augmentation: .none, seed: 0, batch: 1
      ) { _ in }
      loader.begin(epoch: 0, order: [0])
      let loaded = try #require(loader.next())
      for index in picture.pixels.indices {
        let channel = index % 3
        let wanted =
          Float(picture.pixels[index]) * (1 / (255 * input.deviation[channel]))
          + -input.mean[channel] / input.deviation[channel]
        #expect(loaded.images[index] == wanted)
      }
      for (index, point) in set.samples[0].keypoints.enumerated() {
        #expect(loaded.keypoints[index * 3] == Float(point.x))
        #expect(loaded.keypoints[index * 3 + 1] == Float(point.y))
        #expect(loaded.keypoints[index * 3 + 2] == 1)
      }
      #expect(loaded.toImage == [.identity])
      loader.release(loaded)
      #expect(loader.next() == nil)
      let preview = try SamplePreview.make(set, sample: 0, input: input)
      #expect(preview.picture == picture && preview.keypoints == set.samples[0].keypoints)
    }
  }

  @Test("A drawn dot and its target stay within half a pixel through any augmentation")
  func dot() throws {
    let folder = TemporaryFolder()
    let input = InputSpec(width: 96, height: 128)
    var checked = 0
    for (number, place) in [(170.0, 200.0), (230.0, 330.0), (205.0, 260.0)].enumerated() {
      var picture = ImageBuffer(width: 400, height: 500)
      for y in 0..<500 {
        for x in 0..<400 {
          let (dx, dy) = (Double(x) - place.0, Double(y) - place.1)
          let value = UInt8(255 * exp(-(dx * dx + dy * dy) / 32))
          for channel in 0..<3 { picture.pixels[(y * 400 + x) * 3 + channel] = value }
        }
      }
      for withBox in [true, false] {
        var set = try dataset(
          folder, pictures: [("\(number).png", picture)],
          box: withBox ? Box(x: 100, y: 120, width: 200, height: 280) : nil)
        set.samples[0].keypoints[0] = Keypoint(x: place.0, y: place.1, visibility: .visible)
        let loader = BatchLoader(
          dataset: set, input: input, augmentation: .standard, seed: 3, batch: 40
        ) { _ in }
        for epoch in 0..<60 { loader.begin(epoch: epoch, order: [0]) }
        for _ in 0..<60 {
          while let loaded = loader.next() {
            if let error = centroidError(loaded, input) {
              #expect(error < 0.5, "\(error) px, box: \(withBox)")
              checked += 1
            }
            loader.release(loaded)
          }
        }
      }
    }
    #expect(checked > 200, "\(checked)")
  }

  /// Distance of the dot's centre of brightness from its target; nil when it is near the edge.
  private func centroidError(_ loaded: LoadedBatch, _ input: InputSpec) -> Double? {
    let (x, y) = (Double(loaded.keypoints[0]), Double(loaded.keypoints[1]))
    guard loaded.keypoints[2] == 1, x > 14, y > 14, x < 82, y < 114 else { return nil }
    let values = (0..<(96 * 128)).map { Double(loaded.images[$0 * 3]) }
    let ground = values.min() ?? 0
    var sum = (weight: 0.0, x: 0.0, y: 0.0)
    for (index, value) in values.enumerated() {
      let (column, row) = (Double(index % 96), Double(index / 96))
      guard abs(column - x) < 13, abs(row - y) < 13 else { continue }
      sum.weight += value - ground
      sum.x += (value - ground) * column
      sum.y += (value - ground) * row
    }
    return hypot(sum.x / sum.weight - x, sum.y / sum.weight - y)
  }

  @Test("The mirror image swaps left and right, and light and none stay within their bounds")
  func flips() throws {
    let folder = TemporaryFolder()
    let set = try people(folder, 1)
    let input = InputSpec(width: 48, height: 64)
    var flip = Augmentation.none
    flip.flip = 1
    let loader = BatchLoader(dataset: set, input: input, augmentation: flip, seed: 0, batch: 1) {
      _ in
    }
    let plain = BatchLoader(dataset: set, input: input, augmentation: .none, seed: 0, batch: 1) {
      _ in
    }
    loader.begin(epoch: 0, order: [0])
    plain.begin(epoch: 0, order: [0])
    let mirrored = try #require(loader.next())
    let straight = try #require(plain.next())
    for (index, pair) in KeypointSchema.coco17.flipPairs.enumerated() {
      let (x, y) = (mirrored.keypoints[index * 3], mirrored.keypoints[index * 3 + 1])
      let wantedX: Float = 47 - straight.keypoints[pair * 3]
      let wantedY: Float = straight.keypoints[pair * 3 + 1]
      #expect(abs(x - wantedX) < 1e-4)
      #expect(abs(y - wantedY) < 1e-4)
    }
    for y in 0..<64 {
      for x in 0..<48 {
        let (left, right) = ((y * 48 + x) * 3, (y * 48 + 47 - x) * 3)
        let difference: Float = mirrored.images[left] - straight.images[right]
        #expect(abs(difference) < 1e-3)
      }
    }
  }

  @Test("A picture that cannot be read is left out, said once, and the others go on")
  func broken() throws {
    let folder = TemporaryFolder()
    var set = try people(folder, 3)
    try folder.write("1.png", [1, 2, 3])
    set.samples.append(set.samples[1])
    let said = Said()
    let bits = run(
      set, InputSpec(width: 8, height: 8), .standard, loaders: 2,
      epochs: [[0, 1, 2, 3], [1, 3]], said: said)
    #expect(bits[0].suffix(4) == [1, 0, 1, 0])
    #expect(bits[1].prefix(2 * 8 * 8 * 3 + 2 * 51).allSatisfy { $0 == 0 })
    #expect(said.all.count == 1)
    #expect(
      said.all.first?.text()
        == "A picture is left out: \(folder.path)/1.png is neither a PNG nor a JPEG file; convert it to one of them."
    )
  }

  @Test("Points outside the crop have no weight; a box outside the picture shows black")
  func outside() throws {
    let folder = TemporaryFolder()
    var set = try people(folder, 1, box: Box(x: -500, y: -500, width: 50, height: 50))
    set.samples[0].keypoints[0] = Keypoint(x: -480, y: -470, visibility: .hidden)
    let input = InputSpec(width: 16, height: 16)
    let loader = BatchLoader(dataset: set, input: input, augmentation: .none, seed: 0, batch: 1) {
      _ in
    }
    loader.begin(epoch: 0, order: [0])
    let loaded = try #require(loader.next())
    #expect(loaded.keypoints[2] == 1 && loaded.keypoints[5] == 0 && loaded.isValid == [true])
    let black = -input.mean.x / input.deviation.x
    #expect((0..<256).allSatisfy { loaded.images[$0 * 3] == black })
  }

  @Test("Clearing drops what is queued; stopping in the middle waits for nobody")
  func clearing() throws {
    let folder = TemporaryFolder()
    let set = try people(folder, 5)
    let loader = BatchLoader(
      dataset: set, input: InputSpec(width: 8, height: 8), augmentation: .light, seed: 0, batch: 2,
      loaders: 2
    ) { _ in }
    for round in 0..<20 {
      loader.begin(epoch: round, order: [0, 1, 2, 3, 4])
      let loaded = try #require(loader.next())
      #expect(loaded.samples == [0, 1])
      loader.release(loaded)
      loader.clear()
      #expect(loader.next() == nil)
    }
    loader.begin(epoch: 0, order: [4, 3])
    #expect(loader.next()?.samples == [4, 3])
    loader.begin(epoch: 0, order: Array(repeating: 2, count: 400))
    loader.stop()
    #expect(loader.next() == nil)
  }

  @Test(
    "Every real photograph becomes a crop with at least a point in it",
    .enabled(if: testData != nil, noTestData))
  func photographs() throws {
    for name in ["stock17", "lspet14"] where hasPhotographs(name) {
      let set = try DatasetCatalog.open(path: Path.join(try #require(testData), name))
      let said = Said()
      let loader = BatchLoader(
        dataset: set, input: InputSpec(width: 24, height: 32), augmentation: .none, seed: 0,
        batch: 100, loaders: 2
      ) { said.add($0) }
      loader.begin(epoch: 0, order: Array(set.samples.indices))
      var count = 0
      while let loaded = loader.next() {
        for row in 0..<loaded.count {
          let weights = (0..<17).map { loaded.keypoints[(row * 17 + $0) * 3 + 2] }
          if loaded.isValid[row], weights.contains(1) { count += 1 }
        }
        loader.release(loaded)
      }
      #expect(count == set.samples.count && said.all.isEmpty, "\(name): \(count)")
    }
  }
}
