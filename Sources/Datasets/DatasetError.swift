public import Imaging
public import Support
public import Wording

/// Why a data set cannot be used; each case names the path.
public enum DatasetError: Error, Sayable, Hashable {
  case file(FileError)
  case image(ImageError)
  case folderMissing(path: String)
  case formatUnknown(path: String, isFolder: Bool)
  case noKeypointCategory(path: String)
  case picturesMissing(path: String, example: String, folders: [String])
  case noUsableRecord(path: String, records: Int, cause: Sentence?)
  case fractions(path: String)
  case detectionsFile(path: String)
  case ruinous(path: String, finding: Sentence, fix: Sentence)
  case notDetections(path: String)
  case unknownPicture(path: String, image: Int, annotations: String)
  case keypointsMissing(path: String, wanted: Int, got: Int)
  case listIncomplete(path: String, key: String, expected: String)
  case schemasDiffer(path: String, schema: String, wanted: String)
  case splitTooSmall(path: String, images: Int)
  case splitListForm(path: String)
  case splitUnknown(path: String, unknown: Int, names: Int, first: String)
  case splitOverlap(name: String)
  case splitEmpty(path: String, side: String)
  case splitMethod(text: String)
  case augmentation(AugmentationError)
  case noPictures(place: String)
  case picturesNotListed(path: String, example: String)
  case pictureNumbers(name: String)
  case boxesOfOthers(path: String, pictures: Int, example: Int, given: Int)

  public var sentence: Sentence {
    switch self {
    case .file(let error): error.sentence
    case .image(let error): error.sentence
    case .folderMissing(let path):
      Sentence(DatasetSentence.folderMissing, UntrustedText.clean(path))
    case .formatUnknown(let path, let isFolder):
      Sentence(
        isFolder ? DatasetSentence.formatUnknown : DatasetSentence.fileFormatUnknown,
        UntrustedText.clean(path))
    case .noKeypointCategory(let path):
      Sentence(DatasetSentence.noKeypointCategory, UntrustedText.clean(path))
    case .picturesMissing(let path, let example, let folders):
      Sentence(
        DatasetSentence.picturesMissing, UntrustedText.clean(path), UntrustedText.clean(example),
        UntrustedText.clean(folders.joined(separator: ", ")))
    case .noUsableRecord(let path, let records, let cause):
      if let cause {
        Sentence(DatasetSentence.noUsableRecord, UntrustedText.clean(path), records, cause)
      } else {
        Sentence(DatasetSentence.noRecord, UntrustedText.clean(path))
      }
    case .fractions(let path): Sentence(DatasetSentence.fractions, UntrustedText.clean(path))
    case .detectionsFile(let path):
      Sentence(DatasetSentence.detectionsFile, UntrustedText.clean(path))
    case .ruinous(let path, let finding, let fix):
      Sentence(
        DoctorSentence.quickRefusal, UntrustedText.clean(path), finding, fix)
    case .notDetections(let path):
      Sentence(DatasetSentence.notDetections, UntrustedText.clean(path))
    case .unknownPicture(let path, let image, let annotations):
      Sentence(
        DatasetSentence.unknownPicture, UntrustedText.clean(path), image,
        UntrustedText.clean(annotations))
    case .keypointsMissing(let path, let wanted, let got):
      Sentence(DatasetSentence.keypointsMissing, UntrustedText.clean(path), wanted, got)
    case .listIncomplete(let path, let key, let expected):
      Sentence(DatasetSentence.listIncomplete, UntrustedText.clean(path), key, expected)
    case .schemasDiffer(let path, let schema, let wanted):
      Sentence(
        DatasetSentence.schemasDiffer, UntrustedText.clean(path), UntrustedText.clean(schema),
        UntrustedText.clean(wanted))
    case .splitTooSmall(let path, let images):
      Sentence(DatasetSentence.splitTooSmall, UntrustedText.clean(path), images)
    case .splitListForm(let path):
      Sentence(DatasetSentence.splitListForm, UntrustedText.clean(path))
    case .splitUnknown(let path, let unknown, let names, let first):
      Sentence(
        DatasetSentence.splitUnknown, unknown, names, UntrustedText.clean(path),
        UntrustedText.clean(first))
    case .splitOverlap(let name):
      Sentence(DatasetSentence.splitOverlap, UntrustedText.clean(name))
    case .splitEmpty(let path, let side):
      Sentence(DatasetSentence.splitEmpty, UntrustedText.clean(path), side)
    case .splitMethod(let text):
      Sentence(DatasetSentence.splitMethod, UntrustedText.clean(text, limit: 200))
    case .augmentation(let error): error.sentence
    case .noPictures(let place):
      Sentence(DatasetSentence.noPictures, UntrustedText.clean(place, limit: 200))
    case .picturesNotListed(let path, let example):
      Sentence(
        DatasetSentence.picturesNotListed, UntrustedText.clean(path), UntrustedText.clean(example))
    case .pictureNumbers(let name):
      Sentence(DatasetSentence.pictureNumbers, UntrustedText.clean(name))
    case .boxesOfOthers(let path, let pictures, let example, let given):
      Sentence(
        DatasetSentence.boxesOfOthers, UntrustedText.clean(path), pictures, example, given)
    }
  }
}
