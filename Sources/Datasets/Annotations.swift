import Imaging
import Pose
import Wording

/// A picture that an annotation file names.
struct AnnotatedPicture: Sendable {
  /// The name as the file has it.
  var name: String
  /// Where it lies; nil when it is not on the disk.
  var path: String?
  /// The id in the source; nil in formats without.
  var id: Int64?
  /// The size that the annotations claim, px; nil in formats without.
  var declaredSize: ImageSize?
  /// Whether the data set keeps it for validation; nil when it says nothing of that.
  var isForValidation: Bool?
}

/// What messages call a record.
enum RecordLabel: Sendable {
  case annotation(Int64?)
  case record(Int)
  case named(String)

  var text: String {
    switch self {
    case .annotation(let id?): "annotation \(id)"
    case .annotation(nil): "an annotation without id"
    case .record(let index): "record \(index)"
    case .named(let name): name
    }
  }
}

/// A person as its file has it, before any rule was applied: what every format gives.
struct AnnotatedPerson: Sendable {
  var label: RecordLabel
  /// Index of the picture; nil when the file does not list it.
  var picture: Int?
  /// The picture's id as the person has it; nil in formats without.
  var imageID: Int64?
  var id: Int64?
  /// Where its points begin in the set's `numbers`, and how many it has.
  var firstNumber = 0
  var points = 0
  /// The box as given; nil when there is none or it is no four numbers.
  var box: Box?
  /// Whether the person has no box and the whole picture stands for it.
  var isWholePicture = false
  var area: Double?
  /// The head's size, px, where the source has a head box.
  var headSize: Double?
  var isCrowd = false
  /// The record's own count of labelled points.
  var declaredCount: Int?
  /// Why the record cannot be used; nil when its form is right.
  var fault: DatasetSentence?
}

/// All that an annotation file says.
struct AnnotationSet: Sendable {
  var name: String
  /// As the user gave it.
  var path: String
  var format: String
  /// The annotation file, for messages.
  var file: String
  var schema: KeypointSchema
  var pictures: [AnnotatedPicture] = []
  /// The folder of the pictures that no person needs, which have no path.
  var folder: String?
  var persons: [AnnotatedPerson] = []
  /// x, y and visibility of all points, in the schema's order and with COCO's meaning of the third.
  var numbers: [Double] = []
  /// Ids that several persons or pictures have.
  var repeatedIDs: [Int64] = []
  var notices: [Sentence] = []

  /// Adds a point to the person that is being read.
  mutating func add(x: Double, y: Double, visibility: Double) {
    numbers.append(x)
    numbers.append(y)
    numbers.append(visibility)
  }

  /// The points of a person as they count for training; unlabelled where the numbers are none.
  func keypoints(of person: AnnotatedPerson) -> [Keypoint] {
    (0..<person.points).map { index in
      let at = person.firstNumber + 3 * index
      let (x, y, flag) = (numbers[at], numbers[at + 1], numbers[at + 2])
      guard flag > 0, abs(x) <= Self.farthest, abs(y) <= Self.farthest else {
        return Keypoint(x: 0, y: 0, visibility: .unlabelled)
      }
      return Keypoint(x: x, y: y, visibility: flag < 2 ? .hidden : .visible)
    }
  }

  /// Coordinates beyond this are no pixels of any picture that is read.
  static let farthest = 1e6
}
