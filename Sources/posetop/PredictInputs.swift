import CPosix
import Datasets
import Glibc
import Support
import Wording

/// The pictures that `predict` looks at, with their ids, boxes and places to be drawn to.
struct PredictInputs {
  private(set) var sources: [PictureSource] = []
  /// What is worth a line at the end.
  private(set) var notices: [Sentence] = []
  /// Whether a folder held files that are no pictures.
  private(set) var hasLeftOut = false
  /// A picture that came on standard input.
  private var memory: MemoryFile?

  private static let mostInput = 256 << 20

  init(_ words: [String]) throws(PredictProblem) {
    var names: [String] = []
    for word in words {
      if word == "-" { names += try standardInput() } else { names.append(word) }
    }
    guard !names.isEmpty else { return }
    let search = try PredictProblem.wrapping { () throws(DatasetError) in
      try PictureSearch(names)
    }
    sources += search.sources
    notices += search.leftOut
    hasLeftOut = !search.leftOut.isEmpty
  }

  /// A picture's bytes become a source; names, one a line, are given back.
  private mutating func standardInput() throws(PredictProblem) -> [String] {
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count < Self.mostInput {
      let count = read(STDIN_FILENO, &block, block.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      bytes += block[..<count]
    }
    if PictureSearch.isPicture(bytes) {
      let file = try PredictProblem.wrapping { () throws(FileError) in try MemoryFile(bytes) }
      sources.append(PictureSource(path: file.path, name: "stdin"))
      memory = file
      return []
    }
    let text = String(decoding: bytes, as: UTF8.self)
    let names = text.split(whereSeparator: \.isNewline).map(String.init)
    guard !names.isEmpty, bytes.count < Self.mostInput, !bytes.contains(0) else {
      throw PredictProblem(sentence: Sentence(CommandLineSentence.nothingOnInput))
    }
    return names
  }

  /// Gives the pictures the ids of an annotation file, else those in their names.
  mutating func addIDs(_ annotations: String?, areNeeded: Bool) throws(PredictProblem) {
    if let annotations {
      var sources = sources
      try PredictProblem.wrapping { () throws(DatasetError) in
        try PictureIDs(annotations: annotations).name(&sources)
      }
      self.sources = sources
    }
    if areNeeded, let nameless = sources.first(where: { $0.id == nil }) {
      throw PredictProblem(sentence: DatasetError.pictureNumbers(name: nameless.name).sentence)
    }
  }

  /// Gives the pictures their boxes of a detections file.
  mutating func addBoxes(_ file: String, threshold: Double) throws(PredictProblem) {
    var sources = sources
    notices += try PredictProblem.wrapping { () throws(DatasetError) in
      try PictureBoxes.read(file, into: &sources, threshold: threshold)
    }
    self.sources = sources
  }

  /// Settles where each picture is drawn to: a file for one picture, else files in a folder, which is
  /// made.
  ///
  /// - Returns: the file or folder.
  mutating func draw(into path: String) throws(PredictProblem) -> String {
    func problem(_ sentence: CommandLineSentence, _ arguments: String...) -> PredictProblem {
      PredictProblem(sentence: Sentence(key: sentence.key, arguments: arguments))
    }
    let isFolder = Path.isFolder(path) || path.hasSuffix("/") || sources.count > 1
    if !isFolder {
      guard path.lowercased().hasSuffix(".png") else {
        throw problem(.outputNotPNG, UntrustedText.clean(path))
      }
      sources[0].drawing = Path.absolute(path)
    } else {
      if Path.isFile(path) {
        throw problem(.outputNotFolder, UntrustedText.clean(path), "\(sources.count)")
      }
      try PredictProblem.wrapping { () throws(FileError) in try Path.makeFolders(path) }
      var taken: Set<String> = []
      for place in sources.indices {
        let stem = Self.stem(sources[place].name)
        var name = "\(stem).png"
        var number = 2
        while !taken.insert(name).inserted {
          name = "\(stem)-\(number).png"
          number += 1
        }
        sources[place].drawing = Path.absolute(Path.join(path, name))
      }
    }
    let folder = isFolder ? path : Path.parent(of: Path.absolute(path))
    guard access(folder, W_OK | X_OK) == 0 else {
      throw PredictProblem(
        sentence: FileError.cannotWrite(path: path, reason: FileError.reason()).sentence)
    }
    let inputs = Set(sources.map { Self.real($0.path) })
    for source in sources {
      if let drawing = source.drawing, inputs.contains(Self.real(drawing)) {
        throw problem(.outputIsInput, UntrustedText.clean(drawing))
      }
    }
    return path
  }

  private static func stem(_ name: String) -> String {
    let last = Path.name(of: name)
    guard let dot = last.lastIndex(of: "."), dot > last.startIndex else { return last }
    return String(last[..<dot])
  }

  /// The path with links followed, where it leads to something.
  private static func real(_ path: String) -> String {
    guard let text = realpath(path, nil) else { return path }
    defer { free(text) }
    return String(cString: text)
  }
}
