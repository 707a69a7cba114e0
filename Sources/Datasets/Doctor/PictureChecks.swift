import Imaging
import Pose
import Support
import Wording

/// What only the pictures show.
struct PictureChecks {
  private let set: AnnotationSet
  private(set) var findings: [Finding] = []
  /// For each readable picture what it is compared by.
  private var looks: [Int: PictureLook] = [:]

  /// Looks at every picture that a person needs; `onPicture` is told of each before it is read.
  init(_ set: AnnotationSet, onPicture: (_ done: Int, _ total: Int, _ path: String) -> Void) {
    self.set = set
    var persons: [Int: [AnnotatedPerson]] = [:]
    for person in set.persons {
      if let picture = person.picture { persons[picture, default: []].append(person) }
    }
    let pictures = persons.keys.sorted()
    var hashes: [UInt64: Int] = [:]
    for (done, picture) in pictures.enumerated() {
      let people = persons[picture] ?? []
      guard let path = set.pictures[picture].path else {
        let message = Sentence(
          DoctorSentence.missingImage, UntrustedText.clean(set.pictures[picture].name),
          people.count)
        add(.error, .missingImage, picture, message, .restorePicture)
        continue
      }
      onPicture(done, pictures.count, path)
      do throws(ImageError) {
        let bytes = try ImageDecoder.read(path)
        let header = try ImageDecoder.header(of: bytes, path: path)
        checkHeader(header, picture)
        checkPlaces(header, picture, people)
        looks[picture] = try PictureLook(bytes, path: path)
        let hash = bytes.reduce(into: 0xCBF2_9CE4_8422_2325 as UInt64) {
          $0 = ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3
        }
        if let other = hashes[hash] {
          let message = Sentence(
            DoctorSentence.duplicateImage, UntrustedText.clean(set.pictures[picture].name),
            UntrustedText.clean(set.pictures[other].name))
          add(.warning, .duplicateImage, picture, message, .removeDuplicate)
        } else {
          hashes[hash] = picture
        }
      } catch {
        refused(error, picture)
      }
    }
    onPicture(pictures.count, pictures.count, "")
  }

  private mutating func add(
    _ severity: Finding.Severity, _ code: Finding.Code, _ picture: Int, _ message: Sentence,
    _ fix: DoctorFix
  ) {
    findings.append(
      Finding(
        severity: severity, code: code, file: set.pictures[picture].name,
        id: set.pictures[picture].id.map(String.init), message: message, fix: Sentence(fix)))
  }

  private mutating func refused(_ error: ImageError, _ picture: Int) {
    var code = Finding.Code.corruptImage
    if case .sizeOutOfRange = error { code = .oversizedImage }
    let message = Sentence(DoctorSentence.corruptImage, error.sentence)
    add(.error, code, picture, message, .replacePicture)
  }

  private mutating func checkHeader(_ header: ImageHeader, _ picture: Int) {
    let declared = set.pictures[picture].declaredSize
    let size = header.size(declared: declared)
    if let declared, declared != size {
      let message = Sentence(
        DoctorSentence.imageSize, declared.width, declared.height, size.width, size.height)
      add(.error, .imageSize, picture, message, .correctSize)
    }
    guard header.orientation != .stored else { return }
    let isTurned = header.isTurned(declared: declared)
    let message = Sentence(
      isTurned ? DoctorSentence.exifOrientation : .exifIgnored, header.orientation.number)
    add(.warning, .exifOrientation, picture, message, .turnPicture)
  }

  /// Points and boxes against the picture's edges; a pixel beyond is rounding.
  private mutating func checkPlaces(
    _ header: ImageHeader, _ picture: Int, _ people: [AnnotatedPerson]
  ) {
    let size = header.size(declared: set.pictures[picture].declaredSize)
    let (width, height) = (Double(size.width), Double(size.height))
    for person in people where person.fault == nil {
      for (index, point) in set.keypoints(of: person).enumerated() where point.isLabelled {
        let isInside = (-1...width).contains(point.x) && (-1...height).contains(point.y)
        if isInside { continue }
        let message = Sentence(
          DoctorSentence.pointOutsideImage, set.schema.keypoints[index],
          NumberText.fixed(point.x, 1), NumberText.fixed(point.y, 1), size.width, size.height)
        findings.append(
          set.finding(.warning, .pointOutsideImage, person, message, .correctPoint))
      }
      // MPII's boxes are squares around the person and often reach over the edge.
      guard set.format != "mpii", let box = person.box else { continue }
      let excess =
        [
          -box.x, -box.y, box.x + box.width - width, box.y + box.height - height,
        ].max() ?? 0
      guard excess > 1 else { continue }
      let message = Sentence(DoctorSentence.boxOutsideImage, NumberText.fixed(excess, 1))
      findings.append(set.finding(.warning, .boxOutsideImage, person, message, .cutBox))
    }
  }

  /// Pictures on the two sides of a split that show nearly the same.
  mutating func checkLeaks(_ dataset: Dataset, _ split: DatasetSplit) {
    let places = Dictionary(
      set.pictures.enumerated().compactMap { place, picture in picture.path.map { ($0, place) } },
      uniquingKeysWith: { first, _ in first })
    func pictures(_ samples: [Int]) -> [(place: Int, look: PictureLook)] {
      let unique = Set(samples.compactMap { places[dataset.samples[$0].imagePath] })
      return unique.sorted().compactMap { place in looks[place].map { (place, $0) } }
    }
    let training = pictures(split.training)
    // A look's four quarters: two looks with at most three different bits share one of them.
    let isLarge = training.count * split.validation.count > 20_000_000
    var buckets: [Int: [Int]] = [:]
    if isLarge {
      for (index, entry) in training.enumerated() {
        for key in entry.look.keys { buckets[key, default: []].append(index) }
      }
    }
    for (place, look) in pictures(split.validation) {
      let candidates =
        isLarge
        ? Array(Set(look.keys.flatMap { buckets[$0] ?? [] })).sorted()
        : Array(training.indices)
      for index in candidates where look.isNearly(training[index].look) {
        let other = training[index].place
        let message = Sentence(
          DoctorSentence.leak, UntrustedText.clean(set.pictures[place].name),
          UntrustedText.clean(set.pictures[other].name))
        add(.error, .leak, place, message, .separate)
        break
      }
    }
  }
}

/// What a picture looks like from afar: 16 x 16 grey values without mean and contrast.
struct PictureLook {
  private let values: [Float]
  private let bits: UInt64

  /// Correlation from which two pictures show nearly the same.
  static let nearCorrelation: Float = 0.99
  /// Different signs of neighbouring differences, of 64, up to which they may.
  static let nearBits = 10

  private static let side = 16

  /// Reads the whole file, at reduced size where the format can.
  init(_ bytes: [UInt8], path: String) throws(ImageError) {
    var picture = ImageBuffer(width: 0, height: 0)
    try ImageDecoder.decode(
      bytes, path: path, reduction: { max(1, min($0.width, $0.height) / 64) }, into: &picture)
    var sums = [Float](repeating: 0, count: Self.side * Self.side)
    var counts = sums
    for y in 0..<picture.height {
      let row = y * Self.side / picture.height * Self.side
      for x in 0..<picture.width {
        let (red, green, blue) = picture.color(x: x, y: y)
        let cell = row + x * Self.side / picture.width
        sums[cell] += Float(red) * 0.299 + Float(green) * 0.587 + Float(blue) * 0.114
        counts[cell] += 1
      }
    }
    // A cell without a pixel of a tiny picture has its neighbour's.
    var grey = zip(sums, counts).map { $1 > 0 ? $0 / $1 : Float.nan }
    for index in grey.indices where grey[index].isNaN {
      grey[index] = index > 0 ? grey[index - 1] : 0
    }
    let mean = grey.reduce(0, +) / Float(grey.count)
    let norm = grey.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }.squareRoot()
    values = grey.map { norm > 0 ? ($0 - mean) / norm : 0 }
    var bits: UInt64 = 0
    for cell in 0..<64 {
      let at = cell / 8 * 2 * Self.side + cell % 8 * 2
      bits = bits << 1 | (grey[at] < grey[at + 1] ? 1 : 0)
    }
    self.bits = bits
  }

  var keys: [Int] { (0..<4).map { Int(bits >> UInt64(16 * $0) & 0xFFFF) | $0 << 16 } }

  func isNearly(_ other: PictureLook) -> Bool {
    guard (bits ^ other.bits).nonzeroBitCount <= Self.nearBits else { return false }
    var sum: Float = 0
    for index in values.indices { sum += values[index] * other.values[index] }
    return sum >= Self.nearCorrelation
  }
}
