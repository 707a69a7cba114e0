/// What to do about a finding.
public enum DoctorFix: String, SentenceArea {
  public static let area = "fix"

  case restorePicture = "Put the picture back, or remove its records."
  case replacePicture = "Replace the picture or remove its records."
  case removeDuplicate = "Keep one of the two."
  case separate =
    "Put both pictures on the same side of the split: --split file-order, or --val with a set of its own."
  case correctSize = "Label the picture in its present size, or restore the one that was labelled."
  case turnPicture =
    "If the labels look wrong: store the picture turned and without EXIF orientation."
  case correctRecord = "Correct the record or remove it."
  case labelPeople = "Label at least one person in a picture that is there."
  case correctCount =
    "Give each record exactly one entry for each keypoint; missing ones with v = 0."
  case multiply = "Multiply x by each picture's width and y by its height."
  case correctPoint = "Correct the point, or mark it as not labelled (v = 0)."
  case correctBox = "Draw the box anew; until then the box around the points is used."
  case cutBox = "Cut the box at the picture's edge if its labels are meant so."
  case unlabel = "Set v = 0 for points that are not labelled."
  case convertVisibility = "Change 1 to 2, 2 to 1 and 3 to 0, or give AI Challenger's own file."
  case recount = "Set num_keypoints to the number of points with v > 0."
  case giveArea = "Give the person's area in square pixels."
  case freshID = "Give each annotation an id of its own, from 1 on."
  case correctImageID = "Correct image_id, or add the picture to the list of images."
  case clearCrowd = "Set iscrowd to 0 if it is one person."
  case swapSides = "Swap the left and right entries of the keypoints."
  case correctPairs = "Correct flip_idx, or the names of the keypoints."
  case lookAt = "Look at the picture: posetop check --show draws it."
}
