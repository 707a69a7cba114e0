/// Everything that a theme can colour; the raw value is the key in the file.
public enum StyleKey: String, Sendable, CaseIterable {
  /// Ordinary text.
  case text
  /// What explains other text: units, labels, axes.
  case faint
  /// Frames of panes.
  case frame
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
}
