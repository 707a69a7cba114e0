/// Everything that a theme can colour; the raw value is the key in the file.
public enum StyleKey: String, Sendable, CaseIterable {
  /// Ordinary text.
  case text
  /// What explains other text: units, labels, axes.
  case faint
  /// Frames of panes.
  case frame
  /// The frame of the chosen pane.
  case focus
  /// Titles in frames.
  case title
  /// The tab of the screen that is shown.
  case tab
  /// The curve of the training loss.
  case train
  /// The training loss behind its smoothed curve.
  case trainRaw = "train.raw"
  /// The curve of the validation loss.
  case validation = "val"
  /// The curve of the learning rate.
  case rate
  /// Curves of other runs, one for each of up to six.
  case other1 = "other.1"
  /// The second of them.
  case other2 = "other.2"
  /// The third of them.
  case other3 = "other.3"
  /// The fourth of them.
  case other4 = "other.4"
  /// The fifth of them.
  case other5 = "other.5"
  /// The sixth of them.
  case other6 = "other.6"
  /// Marks of edits on a curve.
  case marker
  /// The filled part of bars and meters.
  case meter
  /// The empty part of bars and meters.
  case track
  /// Good news: finished, saved, best.
  case good
  /// What the user should look at.
  case warning = "warn"
  /// What went wrong.
  case bad
  /// The key in a key hint.
  case key
  /// What a key does.
  case hint
  /// Limbs and points of the person's left side.
  case limbLeft = "limb.left"
  /// Limbs and points of the person's right side.
  case limbRight = "limb.right"
  /// Limbs and points of the middle.
  case limbMiddle = "limb.middle"
  /// The row that is chosen.
  case selection
  /// Frames of popups.
  case popup
  /// Text that is being typed or staged.
  case staged

  /// The curve of the run at that place among the others, counted from 0.
  public static func other(_ index: Int) -> StyleKey {
    let all: [StyleKey] = [.other1, .other2, .other3, .other4, .other5, .other6]
    return all[((index % all.count) + all.count) % all.count]
  }
}
