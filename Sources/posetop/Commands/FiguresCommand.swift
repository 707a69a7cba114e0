import Figures
import Support
import Wording

let figuresCommand = Command(
  name: "figures", operands: "FOLDER", summary: "draw a synthetic data set",
  options: [
    OptionSpec("number", "n", "N", "how many pictures (default: 64)"),
    OptionSpec("seed", "s", "S", "another seed draws other people (default: 0)"),
    OptionSpec("format", "f", "seed|coco", "layout of the data set (default: seed)"),
  ],
  run: { (options) throws(UsageError) in
    guard let folder = options.operands.first else {
      throw .operandMissing(command: "figures", operand: "a folder")
    }
    if options.operands.count > 1 {
      throw .tooManyOperands(command: "figures", word: options.operands[1])
    }
    let count = try options.integer("number", in: 1...1_000_000) ?? 64
    let seed = try options.integer("seed", in: 0...Int(Int32.max)) ?? 0
    let text = options.value("format") ?? FigureLayout.seed.rawValue
    guard let format = FigureLayout(rawValue: text) else {
      throw .badValue(
        option: "--format", value: text,
        expected: FigureLayout.allCases.map(\.rawValue).joined(separator: ", "))
    }
    do throws(FigureError) {
      try FigureSet.write(folder: folder, count: count, seed: seed, format: format)
    } catch {
      Output.sayError(error.sentence)
      return .failed
    }
    Output.say(Sentence(CommandLineSentence.figuresDrawn, count, folder))
    return .done
  })
