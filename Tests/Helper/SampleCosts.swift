import CAllocations
import Datasets
import Support

/// What a sample takes of the system once the loader is warm: prints `samples S batches B allocations A`
/// for an epoch, the regions of whose pictures are kept in memory, or decoded anew.
func sampleCosts(_ path: String, isKept: Bool) throws {
  posetop_count_allocations()
  let set = try DatasetCatalog.open(path: path, images: nil)
  let loader = BatchLoader(
    dataset: set, input: InputSpec(width: 96, height: 128), augmentation: .standard, seed: 1,
    batch: 8, slots: 2, loaders: 1, cache: SampleCache(capacity: isKept ? 512 << 20 : 0),
    onNotice: { _ in })
  defer { loader.stop() }
  var counts = (samples: 0, batches: 0, allocations: 0)
  for epoch in 1...3 {
    let before = posetop_allocations()
    counts = (0, 0, 0)
    loader.begin(epoch: epoch, order: Array(set.samples.indices))
    while let batch = loader.next() {
      counts.samples += batch.count
      counts.batches += 1
      loader.release(batch)
    }
    counts.allocations = posetop_allocations() - before
  }
  if posetop_allocations() < 0 { return print("not counted") }
  print("samples \(counts.samples) batches \(counts.batches) allocations \(counts.allocations)")
}
