import Datasets
import Support
import TrainingAPI

extension RunRecipe {
  /// Puts what the files say in place of the files that `augment` and `split` name, so that the
  /// recipe is whole without them; what is no preset, no method and no file is an error.
  mutating func readFiles() throws(UsageError) {
    if let text = augment { augment = try Self.augmentation(text) }
    if let text = split { split = try Self.split(text) }
  }

  private static func augmentation(_ text: String) throws(UsageError) -> String {
    if Augmentation.named(text) != nil { return text }
    var json: JSONValue?
    if Path.isFile(text) {
      do throws(FileError) {
        json = try FileReading.json(of: text, limit: 1 << 20)
      } catch {
        throw .said(error.sentence)
      }
    }
    do throws(AugmentationError) {
      return try Self.augmentation(json, text).json.text
    } catch {
      throw .said(error.sentence)
    }
  }

  private static func augmentation(
    _ json: JSONValue?, _ text: String
  ) throws(AugmentationError) -> Augmentation {
    if let json { return try Augmentation(json: json) }
    return try Augmentation(setting: text)
  }

  static func split(_ text: String) throws(UsageError) -> String {
    if SplitMethod(rawValue: text) != nil { return text }
    if text.hasPrefix("{") { return text }
    guard Path.isFile(text) else { throw .said(DatasetError.splitMethod(text: text).sentence) }
    do throws(DatasetError) {
      return try SplitList(path: text).json.text
    } catch {
      throw .said(error.sentence)
    }
  }
}
