import Imaging
import RunFiles
import Support
import Wording

let doctorCommand = Command(
  name: "doctor", operands: "",
  summary: "what this machine, terminal and GPU can do, and why not",
  options: [OptionSpec("json", nil, nil, "one JSON document on stdout")] + pictureOptions,
  run: { (options) throws(UsageError) in
    if let word = options.operands.first { throw .tooManyOperands(command: "doctor", word: word) }
    // Each is shown as it comes: the engine takes a while on a busy machine.
    let isJSON = options.has("json")
    var sections: Sections = []
    for check in DoctorChecks.all {
      let section = check.run()
      sections.append((check.name, section))
      if !isJSON { show(section) }
    }
    let troubles = sections.flatMap(\.section.troubles)
    if isJSON {
      Output.print(document(sections).text)
    } else {
      sample(options)
      report(troubles)
    }
    return troubles.contains(where: \.isError) ? .failed : .done
  })

private typealias Sections = [(name: String, section: DoctorSection)]

private func document(_ sections: Sections) -> JSONValue {
  var object = JSONObject([("version", .string(posetopVersion))])
  for (name, section) in sections { object[name] = .object(section.json) }
  object["troubles"] = .array(
    sections.flatMap(\.section.troubles).map { trouble in
      [
        "severity": trouble.isError ? "error" : "warning", "code": .string(trouble.code),
        "message": .string(UntrustedText.clean(trouble.message.text())),
        "cure": .string(trouble.cure.text()),
      ]
    })
  return .object(object)
}

private func show(_ section: DoctorSection) {
  for (label, text) in section.lines { Output.print(label.padded(to: 18) + text) }
}

/// What the terminal was found to do, to be compared with what is seen.
private func sample(_ options: ParsedOptions) {
  guard var pictures = InlinePictures(options) else { return }
  Output.print("")
  Output.print("curves  ⣀⡠⠤⠒⠊⠉⠑⠒⠤⣀⡠⠔⠊⠉   blocks  ▁▂▃▄▅▆▇█   wide  关键点 姿态   lines  ┌─┬─┐ ╭─╮")
  let size = pictures.size(columns: 32)
  let (width, height) = (size.width, max(2, size.width / 8))
  var strip = ImageBuffer(width: width, height: height)
  for y in 0..<height {
    for x in 0..<width {
      let hue = Double(x) / Double(width)
      let light = 0.25 + 0.6 * Double(y) / Double(height)
      for (channel, phase) in [0.0, 1.0 / 3, 2.0 / 3].enumerated() {
        let distance = abs((hue - phase + 1).truncatingRemainder(dividingBy: 1) - 0.5) * 2
        let value = min(1, max(0, light + (distance - 0.5) * 0.7))
        strip.pixels[(y * width + x) * 3 + channel] = UInt8(255 * value)
      }
    }
  }
  pictures.draw(strip)
}

private func report(_ troubles: [DoctorSection.Trouble]) {
  Output.print("")
  for trouble in troubles.filter(\.isError) + troubles.filter({ !$0.isError }) {
    let kind = trouble.isError ? "error" : "warning"
    Output.print(UntrustedText.clean("\(kind)  \(trouble.code): \(trouble.message.text())"))
    Output.print(UntrustedText.clean("  -> \(trouble.cure.text())"))
  }
  let errors = troubles.count(where: \.isError)
  Output.say(
    troubles.isEmpty
      ? Sentence(MachineSentence.content)
      : Sentence(MachineSentence.troubles, errors, troubles.count - errors))
}
