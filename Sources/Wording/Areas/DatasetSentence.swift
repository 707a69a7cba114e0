/// Data sets, pictures and loaders.
public enum DatasetSentence: String, SentenceArea {
  public static let area = "dataset"

  case imageUnknownFormat = "{0} is neither a PNG nor a JPEG file; convert it to one of them."
  case imageSizeOutOfRange =
    "{0} is {1} x {2} pixels; at most {3} on a side and {4} million in all are read. Make it smaller."
  case imageBroken = "{0} is a damaged {1} file: {2}. Replace it or remove its record."
  case imageSetAside = "{0} is set aside: it once killed the decoder (see quarantine.json)."
  case imageCannotEncode = "A picture could not be written as {0}: {1}."

  case folderMissing = "There is no data set at {0}. Check the path."
  case formatUnknown =
    "{0} holds no data set that is known here: expected annotations.json with images/, COCO, MPII or AI Challenger annotations (*.json) in it or in annotations/, or a YOLO data.yaml."
  case fileFormatUnknown =
    "{0} is no data set that is known here: expected a list of records with image_name and keypoints, COCO, MPII or AI Challenger annotations, or a YOLO data.yaml."
  case detectionsFile =
    "{0} holds detections with scores, not labels: give it to posetop score, or to posetop evaluate --detections."
  case notDetections =
    "{0} holds no detections: expected a list with image_id, score, and bbox or keypoints."
  case unknownPicture =
    "{0} has a detection in picture {1}, which {2} does not list: the two files belong to different sets."
  case keypointsMissing =
    "{0} has a detection with {2} keypoints; the annotations have {1}, each with x, y and score."
  case listIncomplete = "{0} is no YOLO data set: {1} is missing or wrong; expected {2}."
  case schemasDiffer = "{0} has the keypoints of {1}, of which none is among those of {2}."
  case noKeypointCategory =
    "{0} has no category with keypoint names, so its annotations are not keypoints. Give the file with the person keypoints."
  case picturesMissing =
    "{0} names pictures such as {1}, but none of them is in {2}. Give their folder with --images."
  case noUsableRecord =
    "{0}: none of its {1} records can be used; the first one was set aside because {2}."
  case noRecord = "{0} lists no person: its annotations are empty."
  case fractions =
    "{0}: all coordinates lie between 0 and 1; expected pixels. Multiply x by each picture's width and y by its height."
  case splitTooSmall =
    "{0} has {1} picture(s) with a usable record; a training and a validation side need at least 2."

  case splitListForm =
    "{0} is no list of pictures: expected one name a line for validation, or JSON: a list, or an object with val and maybe train."
  case splitUnknown =
    "{0} of {1} names of the split are no pictures with a usable record of {2} (first: {3})."
  case splitOverlap = "The split has {0} on both sides."
  case splitEmpty = "The split leaves no picture of {0} for {1}."
  case splitMethod =
    "There is no split {0}: it must be random, file-order, or a file that lists pictures."

  case augmentUnknown =
    "There is no augmentation {0}: it must be none, light, standard, or a JSON file."
  case augmentUnknownNearest = "There is no augmentation {0}; did you mean {1}?"
  case augmentForm =
    "The augmentation is no JSON object; expected one such as {\"from\": \"light\", \"rotation\": 20}."
  case augmentKey = "An augmentation has no {0}. All: posetop help augmentation."
  case augmentKeyNearest = "An augmentation has no {0}; did you mean {1}?"
  case augmentValue = "The augmentation's {0} cannot be {1}: it must be {2}."

  case figuresFolderNotEmpty =
    "{0} is not empty, and nothing in it is overwritten. Name a new folder."

  case recordsSetAside = "{0}: {1} of {2} records set aside: {3} (first: {4})."
  case boxesReplaced =
    "{0}: {1} record(s) have no usable box; the box around their keypoints is used (first: {2})."
  case constantsAssumed =
    "{0}: COCO knows no OKS constant for {1} of its keypoints ({2}); 0.079, the shoulder's, is used."
  case pictureUnreadable = "A picture is left out: {0}"

  case causeImageUnknown = "its picture is not in the list of images"
  case causePictureMissing = "its picture is not on the disk"
  case causeKeypointCount = "it does not have the right number of keypoints"
  case causeKeypointForm = "its keypoints are not lists of numbers"
  case causeNoKeypoints = "no keypoint is labelled"
  case causeExtent = "it has neither a usable box nor two distinct keypoints"
  case causeCrowd = "it stands for a crowd"
  case causeCategory = "it belongs to another category"
  case causeImageName = "image_name is missing or no text"
  case causePictureUnreadable = "its picture cannot be read"

  case noPictures = "There are no PNG or JPEG pictures in {0}."
  case othersInFolder =
    "{1} file(s) in {0} are no PNG or JPEG pictures and were left out, the first: {2}."
  case picturesNotListed =
    "{0} lists none of the given pictures, such as {1}: give the annotation file of these pictures."
  case pictureNumbers =
    "{0} has no picture id, which COCO results need: its name must end with the id, or give --annotations FILE."
  case boxesOfOthers =
    "{0} has boxes for {1} other picture(s), such as id {2}, and none for the {3} given: it belongs to other pictures. If their names do not end with the ids, give --annotations FILE."
  case picturesWithoutBoxes = "{2} has no boxes for {0} of {1} picture(s)."
}
