public import RunFiles
import Pose
import Support
import TrainingAPI

/// A run as one page that needs nothing else: curves, keypoints, worst samples, settings.
public struct RunPage {
  /// The page's text, HTML.
  public let html: String
  /// Epochs that it tells of.
  public let epochs: Int

  /// Reads a run and its pictures.
  public init(_ folder: RunFolder) throws(RunError) {
    let story = try RunStory(folder)
    epochs = story.epochs.count
    let parts = [
      Self.head(story), Self.summary(story), Self.curves(story), Self.keypoints(story),
      Self.samples(story), Self.remarks(story), Self.settings(story),
    ]
    html = PageFrame.begin(title: folder.name) + parts.joined(separator: "\n") + PageFrame.end
  }

  private static func tag(_ name: String, _ text: String, class kind: String? = nil) -> String {
    "<\(name)\(kind.map { " class=\"\($0)\"" } ?? "")>\(text)</\(name)>"
  }

  private static func section(_ title: String, _ body: String) -> String {
    body.isEmpty ? "" : "<section><h2>\(MarkupText.escaped(title))</h2>\(body)</section>"
  }

  private static func number(_ value: Double?, _ digits: Int = 4) -> String {
    guard let value, value.isFinite else { return "–" }
    return NumberText.significant(value, digits)
  }

  private static func head(_ story: RunStory) -> String {
    let recipe = story.plan?.recipe
    let data = recipe?["dataset"]?.string.map { Path.name(of: $0) } ?? ""
    let facts = [
      story.plan?.model, recipe?["head"]?.string, recipe?["input"]?.string,
      data.isEmpty ? nil : "on \(data)",
    ].compactMap { $0 }.joined(separator: " · ")
    return
      "<header><h1>\(MarkupText.escaped(story.folder.name))</h1><p>\(MarkupText.escaped(facts))</p></header>"
  }

  private static func summary(_ story: RunStory) -> String {
    var tiles: [(String, String)] = [("state", story.standing)]
    if let best = story.best {
      tiles.append(("best epoch", "\(best.epoch) of \(story.plan?.epochs ?? best.epoch)"))
      for name in ["AP", "AP50", "PCK@0.05", "PCK@0.1", "NME"] {
        guard let value = best.metric(name), value.isFinite, value >= 0 else { continue }
        let base = best.meanPoseMetric(name).map { " <small>mean pose \(number($0, 3))</small>" }
        tiles.append((name, number(value, 3) + (base ?? "")))
      }
      tiles.append(("val loss", number(best.validationLoss)))
    }
    if let plan = story.plan {
      tiles.append(("parameters", NumberText.grouped(plan.parameters)))
      tiles.append(
        (
          "samples",
          "\(NumberText.grouped(plan.trainSamples)) + \(NumberText.grouped(plan.validationSamples))"
        ))
      tiles.append(("memory planned", NumberText.bytes(plan.bytes(of: "total"))))
      tiles.append(("device", MarkupText.escaped(plan.device)))
    }
    if let started = story.started, let ended = story.ended {
      tiles.append(("duration", NumberText.duration(ended - started)))
    }
    let items = tiles.map { tag("dt", MarkupText.escaped($0.0)) + tag("dd", $0.1) }
      .map { tag("div", $0) }
    return "<dl class=\"tiles\">\(items.joined())</dl>"
  }

  private static func curves(_ story: RunStory) -> String {
    let marks = story.remarks.map { (x: Double($0.step), text: $0.text) }
    var charts = [
      CurveDrawing(
        title: "loss",
        series: [
          .init(name: "training", style: "a", points: story.trainLoss),
          .init(
            name: "validation", style: "b", points: story.byEpoch { $0.validationLoss },
            isMarked: true),
        ], isLogarithmic: true, marks: marks)
    ]
    let names = ["AP", "AP50", "PCK@0.05", "PCK@0.1", "PCK@0.2"].filter { name in
      story.epochs.contains { ($0.metric(name) ?? -1) >= 0 }
    }
    for (title, shown) in [
      ("average precision", names.filter { $0.hasPrefix("AP") }),
      ("share of points found", names.filter { $0.hasPrefix("PCK") }),
    ] where !shown.isEmpty {
      charts.append(
        CurveDrawing(
          title: title,
          series: zip(shown, ["a", "b", "c"]).map { name, style in
            .init(
              name: name, style: style, points: story.byEpoch { $0.metric(name) }, isMarked: true)
          }))
    }
    charts.append(
      CurveDrawing(
        title: "learning rate", series: [.init(name: "rate", style: "c", points: story.rate)]))
    let drawn = charts.map(\.svg).filter { !$0.isEmpty }
    return section("Curves", drawn.isEmpty ? "" : "<div class=\"charts\">\(drawn.joined())</div>")
  }

  private static func keypoints(_ story: RunStory) -> String {
    guard let best = story.best, let names = story.plan?.keypoints,
      names.count == best.keypointErrors.count
    else { return "" }
    let worst = best.keypointErrors.filter(\.isFinite).max() ?? 1
    let kinds = best.errorKinds.count == names.count ? KeypointErrorKind.allCases : []
    var rows = "<tr><th>keypoint</th><th class=\"n\">NME</th><th></th><th class=\"n\">PCK@0.1</th>"
    rows += kinds.map { tag("th", MarkupText.escaped("\($0)"), class: "n") }.joined() + "</tr>"
    for (index, name) in names.enumerated() {
      let error = best.keypointErrors[index]
      let width = error.isFinite ? Int(100 * error / max(worst, 1e-12)) : 0
      var row = tag("td", MarkupText.escaped(name)) + tag("td", number(error, 3), class: "n")
      row += "<td class=\"bar\"><i style=\"width:\(width)%\"></i></td>"
      let hits = index < best.keypointPCK.count ? best.keypointPCK[index] : .nan
      row += tag("td", number(hits, 3), class: "n")
      if !kinds.isEmpty {
        let counts = best.errorKinds[index]
        let all = max(1, counts.reduce(0, +))
        row += counts.map {
          tag("td", "\(NumberText.fixed(100 * Double($0) / Double(all), 0)) %", class: "n")
        }
        .joined()
      }
      rows += tag("tr", row)
    }
    return section(
      "Keypoints, epoch \(best.epoch)", "<div class=\"wide\"><table>\(rows)</table></div>")
  }

  private static func samples(_ story: RunStory) -> String {
    guard let worst = WorstSamples(story.folder, epoch: story.best?.epoch) else { return "" }
    let figures = worst.entries.map { entry in
      "<figure><img width=\"\(entry.width)\" height=\"\(entry.height)\" alt=\"\(MarkupText.escaped(entry.name))\" src=\"data:image/jpeg;base64,\(Base64.encode(entry.jpeg))\"><figcaption>\(MarkupText.escaped(entry.name)) · OKS \(NumberText.fixed(entry.oks, 2))</figcaption></figure>"
    }
    return section(
      "Worst samples, epoch \(worst.epoch): label, prediction",
      "<div class=\"samples\">\(figures.joined())</div>")
  }

  private static func remarks(_ story: RunStory) -> String {
    let rows = story.remarks.suffix(60).map { remark in
      tag(
        "tr", tag("td", "\(remark.step)", class: "n") + tag("td", MarkupText.escaped(remark.text)))
    }
    guard !rows.isEmpty else { return "" }
    return section(
      "What was changed and said",
      "<table><tr><th class=\"n\">step</th><th></th></tr>\(rows.joined())</table>")
  }

  private static func settings(_ story: RunStory) -> String {
    let recipe = story.plan?.recipe.object?.members ?? []
    let rows = recipe.map { member in
      let text = member.value.string ?? member.value.text
      return tag(
        "tr",
        tag("td", MarkupText.escaped(member.key))
          + tag("td", MarkupText.escaped(String(text.prefix(400)))))
    }
    return section("Settings", rows.isEmpty ? "" : "<table>\(rows.joined())</table>")
  }
}
