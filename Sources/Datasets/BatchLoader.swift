public import Cropping
public import Pose
import Imaging
import Support
public import Wording

/// A batch of crops with their targets; valid until it is released.
public struct LoadedBatch {
  /// [count, height, width, 3], normalised; zeros where the picture could not be read.
  public let pictures: PictureBatch
  /// [count, K, 3]: x and y in pixels of the input, and the weight: 1, or 0 for points that are not
  /// labelled or lie outside the crop.
  public let keypoints: UnsafePointer<Float>
  /// Samples in the batch; the last of an epoch may have fewer than the others.
  public let count: Int
  /// Their indices in the data set.
  public let samples: [Int]
  /// False where the picture could not be read; all weights are 0 there.
  public let isValid: [Bool]
  /// From the input's pixels to those of the picture in the file.
  public let toImage: [AffineMap]
  /// Seconds that `next` waited for it.
  public let waitSeconds: Double
  /// Its number among the loader's batches, which no other one has.
  public let number: Int
  fileprivate let slot: Int

  /// The pictures of a loader that finishes them, [count, height, width, 3].
  public var images: UnsafeBufferPointer<Float> {
    guard let finished = pictures.finished else {
      preconditionFailure("a device is to make these pictures")
    }
    return finished
  }
}

/// Reads, crops and augments pictures on threads of its own, ahead of the engine.
///
/// The batches are the same bits for any number of threads: each sample is a function of the seed,
/// the epoch and the sample, and goes to its own place in its own batch.
public final class BatchLoader: Sendable {
  private let core: LoaderCore
  private let threads: Monitor<[WorkerThread]>

  /// Starts the threads, which wait for `begin`.
  ///
  /// - `batch`: samples in a batch.
  /// - `slots`: batches in memory, at least 2: how far the threads run ahead.
  /// - `loaders`: number of threads.
  /// - `cache`: keeps decoded regions; a cache serves one data set, input and preset.
  /// - `quarantine`: pictures that are not to be touched.
  /// - `firstNote`: the crash-note slot of the first thread; the others have those behind it. Negative
  ///   for no notes.
  /// - `leavesCrops`: whether a device crops and augments; the threads then only decode, and hand over
  ///   what each picture is made of.
  /// - `onNotice`: is told once of each picture that cannot be read; called on a loader's thread.
  public init(
    dataset: Dataset, input: InputSpec, augmentation: Augmentation, seed: Int, batch: Int,
    slots: Int = 3, loaders: Int = 2, cache: SampleCache = SampleCache(),
    quarantine: Set<String> = [], firstNote: Int = -1, leavesCrops: Bool = false,
    onNotice: @escaping @Sendable (Sentence) -> Void
  ) {
    core = LoaderCore(
      dataset: dataset, input: input, augmentation: augmentation, seed: seed, batch: batch,
      slots: max(2, slots), cache: cache, quarantine: quarantine, leavesCrops: leavesCrops,
      onNotice: onNotice)
    let threads = (0..<max(1, loaders)).map { [core] number in
      let notes = CrashNotes(slot: firstNote < 0 ? -1 : firstNote + number)
      return WorkerThread(name: "loader \(number)") { core.work(notes) }
    }
    self.threads = Monitor(threads)
  }

  deinit { stop() }

  /// Bytes of the batches in memory, without the cache.
  public static func bytes(
    input: InputSpec, keypoints: Int, batch: Int, slots: Int, leavesCrops: Bool = false
  ) -> Int {
    let recipe = leavesCrops ? MemoryLayout<CropRecipe>.stride : 0
    return max(2, slots) * batch
      * ((input.width * input.height * 3 + keypoints * 3) * 4 + recipe)
  }

  /// All batches' pictures, one slot behind the other, and what they are made of; lives as long as the
  /// loader.
  public var pictureMemory: UnsafeRawBufferPointer { core.pictureMemory }

  /// Queues an epoch: these samples in this order, cut into batches; `epoch` feeds the augmentation.
  ///
  /// Queue the next epoch before the present one ends, so that the threads never idle at its edge.
  public func begin(epoch: Int, order: [Int]) { core.begin(epoch: epoch, order: order) }

  /// The next batch of the oldest queued epoch, in order; nil once at its end, after which the next
  /// queued epoch follows. Blocks until the batch is ready. Nil also when nothing is queued, and as
  /// soon as `isInterrupted` says so: a disk that does not answer must not keep a request waiting.
  public func next(unless isInterrupted: () -> Bool = { false }) -> LoadedBatch? {
    core.next(unless: isInterrupted)
  }

  /// The pictures and the number of the batch that `next` will give, where it is ready by now; they stay
  /// as they are until that batch is released or the loader cleared.
  public func peek() -> (pictures: PictureBatch, number: Int)? { core.peek() }

  /// Gives a batch's memory back to the threads.
  public func release(_ batch: LoadedBatch) { core.release(slot: batch.slot) }

  /// Drops what is queued, such as before going back to an earlier step. Release all batches first.
  public func clear() { core.clear() }

  /// Ends the threads and waits for them; further epochs give no batch.
  public func stop() {
    core.stop()
    for thread in threads.update({ threads in
      defer { threads = [] }
      return threads
    }) {
      thread.join()
    }
  }
}

/// What the threads share.
///
/// `@unchecked Sendable`: the slots' memory is written only by the thread that claimed a place in it
/// and read only after all places of the slot are done; the rest is immutable or behind the monitor.
private final class LoaderCore: @unchecked Sendable {
  private struct Epoch {
    let number: Int
    let order: [Int]
    /// Number of its first batch among all batches since the start.
    let first: Int
    let batches: Int
  }

  private struct Slot {
    var isFree = true
    /// Which batch it holds.
    var batch = -1
    /// Samples that are not done yet.
    var missing = 0
    var seconds = 0.0
  }

  private struct State {
    /// Epochs with batches that are not yet handed out, oldest first.
    var epochs: [Epoch] = []
    /// Batches of all epochs so far.
    var queued = 0
    /// The next sample to claim: its batch and place.
    var batch = 0
    var place = 0
    /// The next batch to hand out.
    var handed = 0
    var slots: [Slot]
    /// Samples being loaded.
    var inFlight = 0
    var isStopped = false
    var noticed: Set<String> = []

    /// Where the next batch to hand out lies, once all its samples are done.
    var readySlot: Int? {
      let slot = handed % slots.count
      return slots[slot].batch == handed && slots[slot].missing == 0 ? slot : nil
    }
  }

  private struct Job {
    let slot: Int
    let place: Int
    let sample: Int
    let epoch: Int
  }

  private let dataset: Dataset
  private let input: InputSpec
  private let augmentation: Augmentation
  private let seed: Int
  private let batch: Int
  private let cache: SampleCache
  private let quarantine: Set<String>
  private let onNotice: @Sendable (Sentence) -> Void
  private let state: Monitor<State>
  private let imageFloats: Int
  private let keypointFloats: Int
  /// Rows of all slots, and behind them their recipes where crops are left to a device.
  private let memory: UnsafeMutableRawBufferPointer
  private let images: UnsafeMutablePointer<Float>
  private let recipes: UnsafeMutablePointer<CropRecipe>?
  private let keypoints: UnsafeMutablePointer<Float>
  private let isValid: UnsafeMutablePointer<Bool>
  private let toImage: UnsafeMutablePointer<AffineMap>

  init(
    dataset: Dataset, input: InputSpec, augmentation: Augmentation, seed: Int, batch: Int,
    slots: Int, cache: SampleCache, quarantine: Set<String>, leavesCrops: Bool,
    onNotice: @escaping @Sendable (Sentence) -> Void
  ) {
    self.dataset = dataset
    self.input = input
    self.augmentation = augmentation
    self.seed = seed
    self.batch = max(1, batch)
    self.cache = cache
    self.quarantine = quarantine
    self.onNotice = onNotice
    imageFloats = input.width * input.height * 3
    keypointFloats = dataset.schema.count * 3
    state = Monitor(State(slots: Array(repeating: Slot(), count: slots)))
    let rows = slots * self.batch
    let rowBytes = PictureBatch.rowBytes(width: input.width, height: input.height)
    let recipeBytes = leavesCrops ? rows * MemoryLayout<CropRecipe>.stride : 0
    memory = .allocate(byteCount: rows * rowBytes + recipeBytes, alignment: 64)
    images = memory.baseAddress.unsafelyUnwrapped
      .initializeMemory(as: Float.self, repeating: 0, count: rows * imageFloats)
    recipes =
      leavesCrops
      ? (memory.baseAddress.unsafelyUnwrapped + rows * rowBytes)
        .initializeMemory(as: CropRecipe.self, repeating: CropRecipe(.empty), count: rows) : nil
    keypoints = .allocate(capacity: rows * keypointFloats)
    keypoints.initialize(repeating: 0, count: rows * keypointFloats)
    isValid = .allocate(capacity: rows)
    isValid.initialize(repeating: false, count: rows)
    toImage = .allocate(capacity: rows)
    toImage.initialize(repeating: .identity, count: rows)
  }

  var pictureMemory: UnsafeRawBufferPointer { UnsafeRawBufferPointer(memory) }

  deinit {
    memory.deallocate()
    keypoints.deallocate()
    isValid.deallocate()
    toImage.deallocate()
  }

  func begin(epoch: Int, order: [Int]) {
    let order = order.filter { dataset.samples.indices.contains($0) }
    let batches = (order.count + batch - 1) / batch
    state.update { state in
      state.epochs.append(
        Epoch(number: epoch, order: order, first: state.queued, batches: batches))
      state.queued += batches
    }
  }

  func next(unless isInterrupted: () -> Bool) -> LoadedBatch? {
    let start = Clock.monotonic()
    enum Answer {
      case end
      case batch(number: Int, slot: Int, samples: [Int])
    }
    let answer: Answer = state.wait(every: 0.1) { state in
      guard let epoch = state.epochs.first, !state.isStopped, !isInterrupted() else { return .end }
      let number = state.handed - epoch.first
      if number == epoch.batches {
        state.epochs.removeFirst()
        return .end
      }
      guard let slot = state.readySlot else { return nil }
      let handed = state.handed
      state.handed += 1
      let last = min((number + 1) * self.batch, epoch.order.count)
      return .batch(
        number: handed, slot: slot, samples: Array(epoch.order[(number * self.batch)..<last]))
    }
    guard case .batch(let number, let slot, let samples) = answer else { return nil }
    let rows = slot * batch
    return LoadedBatch(
      pictures: pictures(slot: slot, count: samples.count),
      keypoints: UnsafePointer(keypoints + rows * keypointFloats), count: samples.count,
      samples: samples,
      isValid: Array(UnsafeBufferPointer(start: isValid + rows, count: samples.count)),
      toImage: Array(UnsafeBufferPointer(start: toImage + rows, count: samples.count)),
      waitSeconds: Clock.monotonic() - start, number: number, slot: slot)
  }

  private func pictures(slot: Int, count: Int) -> PictureBatch {
    let rows = slot * batch
    return PictureBatch(
      rows: images + rows * imageFloats, count: count, width: input.width, height: input.height,
      recipes: recipes.map { UnsafePointer($0 + rows) })
  }

  func peek() -> (pictures: PictureBatch, number: Int)? {
    let ready = state.update { state -> (slot: Int, number: Int, count: Int)? in
      guard let epoch = state.epochs.first, !state.isStopped else { return nil }
      let number = state.handed - epoch.first
      guard number < epoch.batches, let slot = state.readySlot else { return nil }
      return (slot, state.handed, min(self.batch, epoch.order.count - number * self.batch))
    }
    return ready.map { (pictures(slot: $0.slot, count: $0.count), $0.number) }
  }

  func release(slot: Int) {
    state.update { $0.slots[slot].isFree = true }
  }

  func clear() {
    let batches = state.update { state -> Int in
      state.epochs = []
      state.batch = state.queued
      state.place = 0
      return state.queued
    }
    _ = state.wait { $0.inFlight == 0 ? true : nil }
    state.update { state in
      state.handed = batches
      for index in state.slots.indices { state.slots[index] = Slot() }
    }
  }

  func stop() { state.update { $0.isStopped = true } }

  /// A loader thread's life.
  func work(_ notes: CrashNotes) {
    var loader = SampleLoader(
      dataset: dataset, input: input, augmentation: augmentation, seed: seed, cache: cache,
      quarantine: quarantine, notes: notes)
    while let job = claim() {
      let row = job.slot * batch + job.place
      let (image, points) = (images + row * imageFloats, keypoints + row * keypointFloats)
      do throws(ImageError) {
        if let recipes {
          (recipes[row], toImage[row]) = try loader.loadPart(
            job.sample, epoch: job.epoch, row: image, keypoints: points)
        } else {
          toImage[row] = try loader.load(
            job.sample, epoch: job.epoch, image: image, keypoints: points)
        }
        isValid[row] = true
      } catch {
        if let recipes {
          recipes[row] = CropRecipe(.empty)
        } else {
          image.update(repeating: 0, count: imageFloats)
        }
        points.update(repeating: 0, count: keypointFloats)
        toImage[row] = .identity
        isValid[row] = false
        report(error, path: dataset.samples[job.sample].imagePath)
      }
      state.update { state in
        state.inFlight -= 1
        state.slots[job.slot].missing -= 1
      }
    }
  }

  private func report(_ error: ImageError, path: String) {
    let isNew = state.update { $0.noticed.insert(path).inserted }
    if isNew { onNotice(Sentence(DatasetSentence.pictureUnreadable, error.sentence)) }
  }

  /// The next sample to load; blocks until there is one and room for it. Nil: the end.
  private func claim() -> Job? {
    enum Answer {
      case stop
      case job(Job)
    }
    let answer: Answer = state.wait { state in
      if state.isStopped { return .stop }
      guard let epoch = state.epochs.first(where: { state.batch < $0.first + $0.batches }) else {
        return nil
      }
      let slot = state.batch % state.slots.count
      let start = (state.batch - epoch.first) * self.batch
      let count = min(self.batch, epoch.order.count - start)
      if state.place == 0 {
        guard state.slots[slot].isFree else { return nil }
        state.slots[slot] = Slot(isFree: false, batch: state.batch, missing: count)
      }
      let job = Job(
        slot: slot, place: state.place, sample: epoch.order[start + state.place],
        epoch: epoch.number)
      state.inFlight += 1
      state.place += 1
      if state.place == count {
        state.place = 0
        state.batch += 1
      }
      return .job(job)
    }
    guard case .job(let job) = answer else { return nil }
    return job
  }
}
