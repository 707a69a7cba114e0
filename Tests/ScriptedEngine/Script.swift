/// What the scripted engine plays.
struct Script {
  /// Steps of the whole training.
  var steps = 100
  /// Steps in an epoch.
  var epochSteps = 20
  /// Steps a second; 0 for as fast as they go.
  var rate = 200.0
  /// The step at which the process ends by `signal`, or by exit code 9 when that is 0.
  var crash = 0
  /// The signal of the crash.
  var signal = 6
  /// Lives that end by the crash; later ones go on.
  var lives = Int.max
  /// Steps at which a picture kills the decoder, a different picture each; it is loaded until then.
  var badPictures: [Int] = []
  /// Steps between two saved states; 0 for none.
  var saveEvery = 0

  init(_ text: String) {
    for word in text.split(separator: " ") {
      let parts = word.split(separator: "=")
      if parts.count == 2, parts[0] == "bad" {
        badPictures = parts[1].split(separator: ",").compactMap { Int($0) }
        continue
      }
      guard parts.count == 2, let value = Double(parts[1]) else { continue }
      switch parts[0] {
      case "steps": steps = Int(value)
      case "epoch": epochSteps = Int(value)
      case "rate": rate = value
      case "crash": crash = Int(value)
      case "signal": signal = Int(value)
      case "lives": lives = Int(value)
      case "save": saveEvery = Int(value)
      default: break
      }
    }
  }
}
