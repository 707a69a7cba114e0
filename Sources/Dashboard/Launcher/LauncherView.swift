public import TerminalUI
import Support
import TrainingAPI
import Wording

/// What the launcher's views draw from.
struct LauncherContext: ScreenContext {
  let state: LauncherState
  let look: Look
  var language: Language { state.language }
  /// Under a popup a picture in the terminal's own pixels would show through.
  var pictureChoice: PictureMode? {
    state.overlay == nil
      ? nil : PictureMode.available(look.capabilities).first { $0 != .pixels }
  }

  /// The frame of a part: it stands out while keys go there.
  func frameStyle(_ part: LauncherState.Part) -> StyleKey { state.part == part ? .focus : .frame }

  /// How the chosen row of a part looks: it stands out while keys go there.
  func rowStyle(_ part: LauncherState.Part, isSelected: Bool) -> StyleKey {
    isSelected && state.part == part ? .selection : .text
  }
}

extension LauncherState {
  /// Draws the whole screen. Every size has a picture.
  public func render(_ look: Look) -> Surface {
    var surface = Surface(width: width, height: height, glyphs: look.capabilities.glyphs)
    guard width > 0, height > 0 else { return surface }
    let context = LauncherContext(state: self, look: look)
    if width < DashboardState.smallest.width || height < DashboardState.smallest.height {
      compact(into: &surface, context)
    } else {
      title(into: &surface, in: surface.bounds.row(0), context)
      parts(into: &surface, in: Rect(x: 0, y: 1, width: width, height: height - 4), context)
      surface.put(
        context.fit(commandLine, width - 2), 1, height - 3, look[dataset == nil ? .faint : .rate])
      status(into: &surface, in: surface.bounds.row(height - 2), context)
      hints(into: &surface, in: surface.bounds.row(height - 1), context)
    }
    switch overlay {
    case .help(let scroll):
      HelpOverlay.draw(into: &surface, scroll: scroll, scopes: [.launcher, .prompt], context)
    case .prompt(let prompt): PromptOverlay.draw(into: &surface, prompt, context)
    case nil: break
    }
    surface.applyBase(look.base)
    return surface
  }

  private func title(into surface: inout Surface, in rect: Rect, _ context: LauncherContext) {
    var x = rect.x + 1
    x += surface.put(context.say(.title), x, rect.y, context.look[.tab]) + 2
    x += surface.put(context.say(.subtitle), x, rect.y, context.look[.faint]) + 2
    guard let host else { return }
    let text = context.say(
      .machine, host.processors, NumberText.bytes(host.memory.available))
    if x + CharacterWidth.of(text) < rect.right {
      surface.put(text, endingAt: rect.right - 1, rect.y, context.look[.hint])
    }
  }

  private func parts(into surface: inout Surface, in rect: Rect, _ context: LauncherContext) {
    let isWide = rect.width >= 72
    let rows = Layout.rows(
      rect,
      [
        Layout.Part(minimum: 6, weight: 2, maximum: rect.height / 2, priority: 2),
        Layout.Part(
          minimum: 6, weight: 3, maximum: LauncherSetting.all.count + 2, priority: 3),
        Layout.Part(
          minimum: runs.isEmpty ? 0 : 3, weight: runs.isEmpty ? 0 : 1, priority: 1),
      ])
    let halves = [
      Layout.Part(minimum: 36, weight: 4, maximum: 90, priority: 1),
      Layout.Part(minimum: isWide ? 34 : 0, weight: isWide ? 5 : 0, priority: 0),
    ]
    // In a narrow window the part with the keys has the room.
    let upper = Layout.columns(rows[0], halves)
    let lower = Layout.columns(rows[1], halves)
    DatasetPart.draw(into: &surface, in: upper[0], context)
    DatasetSamplesPart.draw(into: &surface, in: upper[1], context)
    SettingsPart.draw(into: &surface, in: lower[0], context)
    NeedsPart.draw(into: &surface, in: lower[1], context)
    RecentRunsPart.draw(into: &surface, in: rows[2], context)
  }

  private func status(into surface: inout Surface, in rect: Rect, _ context: LauncherContext) {
    let line: (text: String, style: StyleKey)
    if let reply {
      line = (context.say(reply.sentence), reply.style)
    } else if let problem = dataset.flatMap({ problems[$0] }) ?? planProblem {
      line = (context.say(problem), .bad)
    } else if let report = dataset.flatMap({ reports[$0] }), report.samples == 0 {
      // Nobody can be trained on, and the pane is narrow.
      line = (report.findings.first?.text ?? context.say(.nothingUsable), .bad)
    } else if dataset == nil {
      line = (context.say(.noDataset), .text)
    } else {
      return
    }
    surface.put(
      context.fit(line.text, rect.width - 2), rect.x + 1, rect.y, context.look[line.style])
  }

  private func hints(into surface: inout Surface, in rect: Rect, _ context: LauncherContext) {
    let hints = Keymap.hints(in: scopes).compactMap { binding -> (key: String, text: String)? in
      guard let hint = binding.hint else { return nil }
      let key = binding.label.split(separator: " ").first.map(String.init) ?? binding.label
      switch binding.action {
      case .launch where part == .runs: return (key, context.say(.hintOpen))
      case .changeSetting, .editSetting: if part != .settings { return nil }
      case .typePath: if part != .datasets { return nil }
      default: break
      }
      return (key, context.say(hint))
    }
    KeyHints.draw(
      hints, into: &surface, in: Rect(x: rect.x + 1, y: rect.y, width: rect.width - 2, height: 1),
      context.look)
  }

  /// What a few lines have room for: what Enter would start.
  private func compact(into surface: inout Surface, _ context: LauncherContext) {
    var lines: [(text: String, style: StyleKey)] = [(commandLine, .text)]
    if let plan {
      lines.append((NeedsPart.memory(plan, context), exceedsMemory ? .bad : .text))
      lines.append((NeedsPart.epoch(context), .text))
    }
    if let planProblem { lines.append((context.say(planProblem), .bad)) }
    lines.append(("Enter \(context.say(.hintStart))  q \(context.say(.hintQuit))", .hint))
    for (row, line) in lines.prefix(height).enumerated() {
      surface.put(context.fit(line.text, width), 0, row, context.look[line.style])
    }
  }
}
