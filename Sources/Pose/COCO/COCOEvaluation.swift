import Support

/// COCO's keypoint evaluation with the results of pycocotools (except that an annotation with id 0
/// counts as matched like any other).
///
/// At most 20 detections a picture; ten OKS thresholds; 101 recall levels; persons that are crowds,
/// have no labelled point or lie outside the area range are matched but not counted.
public enum COCOEvaluation {
  static let maximumDetections = 20
  static let thresholds = evenly(from: 0.5, to: 0.95, count: 10)
  static let recallLevels = evenly(from: 0, to: 1, count: 101)
  static let areaRanges: [ClosedRange<Double>] = [0...1e10, 1024...9216, 9216...1e10]

  /// Pictures below which another thread costs more than it saves.
  private static let fewPictures = 512

  /// The bits of numpy's `linspace`, on which equality at a threshold depends.
  private static func evenly(from first: Double, to last: Double, count: Int) -> [Double] {
    let step = (last - first) / Double(count - 1)
    var values = (0..<count).map { Double($0) * step + first }
    values[count - 1] = last
    return values
  }

  /// A person and the detection that is its own, as places in the lists that were given.
  public struct Pair: Sendable, Hashable {
    /// Place of the person.
    public let person: Int
    /// Place of the detection.
    public let detection: Int
  }

  /// The numbers of these detections against these persons.
  public static func scores(
    of detections: [COCODetection], against persons: [COCOPerson], sigmas: [Double]
  ) -> COCOScores {
    COCOAccumulation(matched(detections, persons, sigmas, wantsPairs: false)).scores
  }

  /// The numbers of these detections, and each person with labelled points with the detection that is
  /// its own: the pairs of a picture by falling OKS, each person and each detection once, down to an
  /// OKS of .1 (coco-analyze's).
  public static func scoresAndPairs(
    of detections: [COCODetection], against persons: [COCOPerson], sigmas: [Double]
  ) -> (scores: COCOScores, pairs: [Pair]) {
    let parts = matched(detections, persons, sigmas, wantsPairs: true)
    return (COCOAccumulation(parts).scores, parts.flatMap(\.pairs))
  }

  /// The pictures by rising id, matched in parts on several threads.
  private static func matched(
    _ detections: [COCODetection], _ persons: [COCOPerson], _ sigmas: [Double], wantsPairs: Bool
  ) -> [COCOMatching] {
    let pictures = pictures(detections, persons)
    let parts =
      pictures.count < fewPictures
      ? [pictures.indices] : Parallel.ranges(of: pictures.count)
    return Parallel.map(parts.count) { part in
      var matching = COCOMatching(sigmas: sigmas, wantsPairs: wantsPairs)
      for picture in pictures[parts[part]] { matching.add(picture, detections, persons) }
      return matching
    }
  }

  /// The persons and detections of each picture, by rising id, in the order that they have.
  private static func pictures(
    _ detections: [COCODetection], _ persons: [COCOPerson]
  ) -> [COCOMatching.Picture] {
    var places: [Int: Int] = [:]
    var pictures: [COCOMatching.Picture] = []
    func place(_ image: Int) -> Int {
      if let place = places[image] { return place }
      places[image] = pictures.count
      pictures.append(COCOMatching.Picture(image: image))
      return pictures.count - 1
    }
    for index in persons.indices { pictures[place(persons[index].image)].persons.append(index) }
    for index in detections.indices {
      pictures[place(detections[index].image)].detections.append(index)
    }
    return pictures.sorted { $0.image < $1.image }
  }
}
