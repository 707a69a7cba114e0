import Datasets
import Imaging
import Pose
import Support
import TestSupport
import Testing
import Wording

@Suite("Lists of pictures for a split")
struct SplitListTests {
  private let folder: TemporaryFolder
  private let set: Dataset

  init() throws {
    folder = TemporaryFolder()
    var set = try dataset(
      folder, pictures: ["a.png", "b.png", "c.png", "d.png"].map { ($0, patterned(8, 8)) })
    // Two persons on the second picture.
    set.samples.insert(set.samples[1], at: 2)
    for (index, name) in ["x/a.png", "x/b.png", "x/b.png", "x/c.png", "y/c.png"].enumerated() {
      set.samples[index].name = name
    }
    self.set = set
  }

  private func split(_ setting: String?) throws -> DatasetSplit {
    try DatasetSplit.make(set, setting: setting, fraction: 0.25, seed: 0)
  }

  private func message(_ setting: String) -> String {
    do throws(DatasetError) {
      _ = try DatasetSplit.make(set, setting: setting, fraction: 0.25, seed: 0)
      return "none"
    } catch {
      return error.sentence.text().replacing(folder.path, with: "SET")
    }
  }

  @Test("A list names the validation pictures, whole or by their last part, and both persons go")
  func lists() throws {
    let wanted = DatasetSplit(training: [0, 3, 4], validation: [1, 2])
    for name in ["x/b.png", "b.png", "b", "elsewhere/b.jpg.png", "b.png"].enumerated() {
      let text = #"{"val": ["\#(name.element)"]}"#
      if name.offset == 3 {
        #expect(message(text).hasPrefix("1 of 1 names of the split are no pictures"))
      } else {
        #expect(try split(text) == wanted, "\(name.element)")
      }
    }
    let both = try split(#"{"train": ["x/a.png"], "val": ["x/c.png", "b"]}"#)
    #expect(both == DatasetSplit(training: [0], validation: [1, 2, 3]))
    #expect(both.validationPictures(set) == ["x/b.png", "x/c.png"])
    #expect(try split("file-order") == DatasetSplit(training: [0, 1, 2, 3], validation: [4]))
    #expect(try split(nil) == split("random"))
  }

  @Test("What a list cannot mean is said")
  func refusals() {
    #expect(message(#"{"val": ["c.png"]}"#).contains("(first: c.png)"), "two pictures have it")
    #expect(
      message(#"{"val": ["a"], "train": ["a", "b"]}"#)
        == "The split has x/a.png on both sides.")
    #expect(
      message(#"{"val": ["a", "b", "x/c.png", "y/c.png"]}"#)
        == "The split leaves no picture of SET for training.")
    #expect(message("odd").hasPrefix("There is no split odd: it must be random, file-order"))
    #expect(message(#"{"val": [1]}"#).hasPrefix("There is no split"))
    #expect(message(#"{"val": ["a"], "test": []}"#).hasPrefix("There is no split"))
  }

  @Test("A file is a name a line, a JSON list or a JSON object; other files are refused")
  func files() throws {
    let wanted = SplitList(validation: ["a.png", "b c.png"])
    for text in ["# mine\n a.png\r\n\nb c.png", #"["a.png", "b c.png"]"#] {
      try folder.write("list.txt", text)
      #expect(try SplitList(path: Path.join(folder.path, "list.txt")) == wanted)
    }
    try folder.write("list.txt", #" {"train": [], "val": ["a.png"]}"#)
    let list = try SplitList(path: Path.join(folder.path, "list.txt"))
    #expect(list == SplitList(training: [], validation: ["a.png"]))
    #expect(SplitList(json: list.json) == list)
    for text in ["", "# nothing\n", "[1]", "{", "a\0b", #"{"train": ["a"]}"#] {
      try folder.write("list.txt", text)
      #expect(throws: DatasetError.self) {
        try SplitList(path: Path.join(folder.path, "list.txt"))
      }
    }
  }
}
