import Figures
import Glibc
import Imaging
import Pose
public import RunFiles
import Support
public import TrainingAPI
import Wording

/// Writes what happens in a run into a TensorBoard file beside `events.ndjson` (`--tensorboard`), on its
/// way to where the events go.
///
/// A file for each start of the engine: TensorBoard reads all of a folder. Nothing here stops a training:
/// what the disk refuses is tried again with the next event, and after a while dropped.
public final class TensorBoardSink: EventSink {
  private let inner: any EventSink
  private let log: Monitor<TensorBoardLog>

  /// A sink before another one.
  public init(_ inner: any EventSink, folder: RunFolder) {
    self.inner = inner
    log = Monitor(TensorBoardLog(folder))
  }

  /// Hands the event on, and writes it.
  public func publish(_ event: TrainingEvent) {
    inner.publish(event)
    let problem = log.update { log -> Sentence? in
      log.take(event, time: Clock.wall())
      return log.newProblem()
    }
    if let problem { inner.publish(.notice(Notice(.warning, problem))) }
  }

  /// Asks the sink behind.
  public func requestFlush() -> Int { inner.requestFlush() }
  /// Waits for the sink behind.
  public func awaitFlush(_ ticket: Int) -> LogFlush { inner.awaitFlush(ticket) }
  /// Cuts the log behind; TensorBoard learns of it by `resumed`.
  public func cut(to number: Int) -> [CommandRecord]? { inner.cut(to: number) }
}

/// The file and what is still to be written.
struct TensorBoardLog {
  private let folder: RunFolder
  let path: String
  private var waiting: [UInt8]
  /// Bytes of whole records in the file.
  private var written = 0
  private var problem: Sentence?
  private var hasTold = false
  private var previews: SamplePreviews?
  private var epochs = 1
  private var keypoints: [String] = []

  /// Bytes that are kept while the disk refuses.
  private static let mostWaiting = 4 << 20
  private static let pictures = 9

  init(_ folder: RunFolder) {
    self.folder = folder
    var name = [CChar](repeating: 0, count: 256)
    let host =
      gethostname(&name, name.count - 1) == 0
      ? String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      : "localhost"
    let safe = host.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == ".") }
    let time = Clock.wall()
    path = Path.join(
      folder.path, "events.out.tfevents.\(Int(time)).\(safe.isEmpty ? "host" : safe).\(getpid())")
    waiting = EventRecords.record(EventRecords.version(time: time))
  }

  /// What went wrong, once.
  mutating func newProblem() -> Sentence? {
    guard let problem, !hasTold else { return nil }
    hasTold = true
    return problem
  }

  mutating func take(_ event: TrainingEvent, time: Double) {
    switch event {
    case .planned(let plan):
      epochs = max(1, plan.epochs)
      keypoints = plan.keypoints
      let settings = (plan.recipe.object?.members ?? []).filter { member in
        if case .object = member.value { false } else { true }
      }.map { (name: $0.key, value: $0.value) }
      add(EventRecords.start(time: time, step: 0))
      add(EventRecords.summary(time: time, step: 0, [EventRecords.settings(settings, time: time)]))
    case .resumed(let step): add(EventRecords.start(time: time, step: step + 1))
    case .step(let report):
      add(
        EventRecords.summary(
          time: time, step: report.step,
          [
            EventRecords.scalar("train/loss", report.loss),
            EventRecords.scalar("train/learning_rate", report.learningRate),
            EventRecords.scalar("speed/images_per_second", report.imagesPerSecond),
            EventRecords.scalar("speed/data_wait", report.dataWait),
          ]))
      // A step a line, but not a write a step.
      if waiting.count < 1 << 14 { return }
    case .epoch(let report): epoch(report, time)
    case .finished(let report):
      add(
        EventRecords.summary(
          time: time, step: report.step, [EventRecords.end(succeeded: true, time: time)]))
    case .failed:
      add(
        EventRecords.summary(time: time, step: 0, [EventRecords.end(succeeded: false, time: time)]))
    default: return
    }
    write()
  }

  private mutating func epoch(_ report: EpochReport, _ time: Double) {
    var values = [
      EventRecords.scalar("train/epoch_loss", report.trainLoss),
      EventRecords.scalar("val/loss", report.validationLoss),
    ]
    values += report.metrics.filter(\.value.isFinite).map {
      EventRecords.scalar("val/\($0.name)", $0.value)
    }
    for (name, error) in zip(keypoints, report.keypointErrors) where error.isFinite {
      values.append(EventRecords.scalar("keypoint_nme/\(UntrustedText.clean(name))", error))
    }
    // Pictures are large, and neighbouring epochs look alike.
    if report.epoch <= 3 || report.epoch % max(1, epochs / 20) == 0 || report.epoch == epochs {
      if let image = picture(report.epoch) { values.append(image) }
    }
    add(EventRecords.summary(time: time, step: report.step, values))
  }

  /// The first validation crops with what was predicted.
  private mutating func picture(_ epoch: Int) -> ProtobufMessage? {
    if previews == nil {
      previews = try? SamplePreviews.read(runFolder: folder.path)
    }
    guard let previews,
      let predictions = try? PredictionSet.read(runFolder: folder.path, epoch: epoch)
    else { return nil }
    let count = min(Self.pictures, previews.samples.count, predictions.keypoints.count)
    guard count > 0 else { return nil }
    let entries = (0..<count).map { index in
      PredictedCrops.entry(previews, predictions.keypoints[index], index)
    }
    let sheet = ContactSheet.draw(
      entries, schema: previews.schema, cellWidth: 160,
      cellHeight: 160 * previews.height / previews.width, columns: 3, limbWidth: 2.5)
    guard let png = try? ImageEncoder.png(sheet) else { return nil }
    return EventRecords.image("samples", width: sheet.width, height: sheet.height, png: png)
  }

  private mutating func add(_ message: ProtobufMessage) {
    let record = EventRecords.record(message)
    // A disk that stays full must not eat the memory.
    if waiting.count + record.count <= Self.mostWaiting { waiting += record }
  }

  /// Appends what is waiting; a part that was written is taken back when the rest is refused.
  private mutating func write() {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return fail() }
    defer { close(descriptor) }
    var done = 0
    while done < waiting.count {
      let count = waiting.withUnsafeBytes { buffer in
        buffer.baseAddress.map { Glibc.write(descriptor, $0 + done, buffer.count - done) } ?? -1
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        fail()
        if done > 0 { _ = ftruncate(descriptor, off_t(written)) }
        return
      }
      done += count
    }
    written += done
    waiting = []
  }

  private mutating func fail() {
    if problem == nil {
      problem = FileError.cannotWrite(path: path, reason: FileError.reason()).sentence
    }
  }
}

/// A validation crop with predicted points, to be drawn.
enum PredictedCrops {
  static func entry(
    _ previews: SamplePreviews, _ predicted: [PredictedKeypoint], _ index: Int
  ) -> ContactSheet.Entry {
    ContactSheet.Entry(
      picture: ImageBuffer(
        width: previews.width, height: previews.height, pixels: Array(previews.pixels(of: index))),
      keypoints: predicted.map { point in
        let isShown = point.x.isFinite && point.y.isFinite && point.score >= 0.02
        return Keypoint(x: point.x, y: point.y, visibility: isShown ? .visible : .unlabelled)
      })
  }
}
