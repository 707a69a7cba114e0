import Datasets
import Glibc
import Pose
import Support
import Testing
import Wording

let testData = getenv("POSETOP_TEST_DATA").map { String(cString: $0) }

@Test("try real data", .enabled(if: testData != nil))
func tryReal() throws {
  let root = testData ?? ""
  for name in [
    "stock17", "lspet14", "samples/coco", "samples/coco_mini_train", "samples/aic", "samples/jhmdb",
    "samples/crowdpose", "samples/ochuman", "samples/odd", "samples/mpii", "samples/stock17_sample",
    "samples/oks_golden",
  ] {
    let start = Clock.monotonic()
    do {
      let set = try DatasetCatalog.open(path: Path.join(root, name))
      print(name, set.samples.count, set.imageCount, set.schema.name, Clock.monotonic() - start)
      for notice in set.notices { print("   ", notice.text()) }
    } catch {
      print(name, error.sentence.text())
    }
  }
  let set = try DatasetCatalog.open(path: Path.join(root, "stock17"))
  let input = InputSpec(width: 96, height: 128)
  let cache = SampleCache()
  for threads in [1, 2] {
    let loader = BatchLoader(
      dataset: set, input: input, augmentation: .standard, seed: 1, batch: 32, slots: 3,
      loaders: threads, cache: cache
    ) { print($0.text()) }
    for epoch in 0..<2 {
      let start = Clock.monotonic()
      loader.begin(
        epoch: epoch,
        order: EpochOrder.order(Array(set.samples.indices), epoch: epoch, seed: 0, shuffle: true))
      var sum = 0.0
      var count = 0
      while let batch = loader.next() {
        for i in 0..<batch.count * 96 * 128 * 3 { sum += Double(batch.images[i]) }
        count += batch.count
        loader.release(batch)
      }
      print(threads, epoch, count, sum, Clock.monotonic() - start, cache.bytes)
    }
    loader.stop()
  }
}
