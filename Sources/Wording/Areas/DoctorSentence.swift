/// What the data-set doctor finds.
public enum DoctorSentence: String, SentenceArea {
  public static let area = "doctor"

  case missingImage = "The picture {0} is not on the disk; {1} record(s) need it."
  case corruptImage = "{0}"
  case duplicateImage = "{0} is the same file as {1}."
  case leak = "{0} (validation) and {1} (training) show nearly the same picture."
  case imageSize = "The annotations say {0} x {1} pixels, the picture has {2} x {3}."
  case exifOrientation =
    "The picture's EXIF data turns it (orientation {0}); it is used as viewers show it."
  case exifIgnored =
    "The picture's EXIF data turns it (orientation {0}), but the annotations give the size of the stored pixels; it is used as stored."
  case unusableRecord = "The record cannot be used: {0}."
  case keypointCount = "The record does not have {0} keypoints."
  case fractions = "All coordinates lie between 0 and 1, as shares of the picture; expected pixels."
  case pointOutsideImage = "{0} lies at ({1}, {2}), outside the picture of {3} x {4} pixels."
  case pointOutsideBox = "{0} lies at ({1}, {2}), far outside its person's box."
  case boxOutsideImage = "The box reaches over the picture's edge by up to {0} px."
  case brokenBox = "The box of {0} x {1} px cannot hold the person, whose points span {2} x {3} px."
  case visibleAtOrigin =
    "{0} is marked as labelled at (0, 0), which is where missing points are put."
  case visibilityRange = "{0} has the visibility {1}; COCO knows 0, 1 and 2."
  case aiChallengerVisibility =
    "{0} point(s) at (0, 0) have the visibility 3: these are AI Challenger's flags (1 visible, 2 hidden, 3 not labelled), read here as COCO's."
  case numKeypoints = "num_keypoints is {0}, but {1} points are labelled."
  case areaZero = "The area is {0}: OKS and AP of this person become 0."
  case areaMissing = "{0} record(s) have no area; .53 of the box is taken for AP."
  case idZero = "The annotation has the id 0, which pycocotools takes for unmatched."
  case doubleID = "The id {0} belongs to several annotations."
  case orphanID = "The annotation's image_id {0} is not in the list of images."
  case crowd =
    "The record stands for a crowd (iscrowd), but {0} points are labelled: they are lost."
  case leftRightAll =
    "{0} of {1} people who face the camera have their left side where the right one must be: left and right are exchanged in the file."
  case leftRightOne =
    "The face looks into the camera, but left and right of the {0} are exchanged."
  case flipPairs =
    "{0} is the mirrored partner of {1}, but they lie at different heights: {2} and {3} of the person."
  case flipPairsNone =
    "No keypoint has a mirrored partner, so left and right would be confused when pictures are mirrored."
  case outlier = "{0} to {1} is {2} times as long as usual for this person's size."
  case quickRefusal = "{0}: {1} {2} All findings: posetop check {0}"
}
