/// Models, plans, backends and the training loop.
public enum EngineSentence: String, SentenceArea {
  public static let area = "engine"

  case outOfMemory =
    "The memory does not suffice: {0} are wanted at once. Take a smaller --batch or --input."
  case deviceFailed = "The GPU failed at {0}: {1}"
  case memoryTooSmall =
    "The training would take {0} of memory, and {1} are free here. Ways out: {2}."
  case cropsOnProcessor =
    "Only a GPU can crop pictures in the loaders' place (--cropping device): the loaders do it."
  case batchHalved =
    "Less memory is free than the batch needs, because something else has taken it: a step adds up {1} batches of {0} samples, so that it sees as many as before."
  case learnedByHeart =
    "All labelled points of {0} samples are found within 5 % of their boxes: labels, crops, targets, model, loss, optimiser and decoder work together."
  case faultLabels =
    "Not learned, and the labels are at fault: {0} has no labelled point. posetop check says more."
  case faultDecoding =
    "Not learned, and targets or decoding are at fault: the label itself, drawn and decoded again, is {0} % of the box off in {1}. A larger --input makes heatmaps finer."
  case faultRateHigh =
    "Not learned, and the optimiser is at fault: the loss went from {0} to {1} ({2} % of the points are found), so the rate is too high. Take a tenth of --lr."
  case faultRateLow =
    "Not learned, and the optimiser is at fault: the loss went only from {0} to {1} ({2} % of the points are found), so the rate is too low, or too much is frozen. Take ten times --lr."
  case faultStatistics =
    "Not learned, and batch norm's running statistics are at fault: the loss is {0} with the batch's own and {1} with the running ones ({2} % of the points are found). Take more --epochs or a larger --batch."
  case faultTime =
    "Not learned yet, and no stage is at fault: the loss went from {0} to {1}, {2} % of the points are found. Take more --epochs."
  case lossDoesNotFit =
    "The loss {0} does not fit the model {1} with the head {2}, which wants one of: {3}."
  case headDoesNotFit = "The model {1} has no head {0}; it has: {2}."
  case inputNotDivisible =
    "The input {0} does not fit this model: both extents must be multiples of {1}."
  case badStages = "{0} does not fit: {1} has {2} stages, so it is stages:0 to stages:{2}."
  case unknownLayer = "There is no layer {0} in {1} that could be frozen."
  case unknownLayerNearest =
    "There is no layer {0} in {1} that could be frozen; did you mean {2}?"
  case weightsLoaded = "{0} of the model's {1} tensors were loaded from {2}."
  case weightsMissing = "{0} tensors are not in the weight file and begin anew: {1}"
  case weightsUnused =
    "{0} tensors of the weight file were not used, because the model has none of that name or shape: {1}"
  case weightsFitNothing = "No tensor of {0} fits the model; the file has: {1}"
  case modelUnknown =
    "{0} does not say which model it belongs to: name it with --model, and --head, --input where they are not the defaults."
  case weightsIncomplete =
    "{0} does not hold a whole {1}: {2} of its tensors are missing or have another shape, such as {3}. Check --model and --head."
  case evaluatesTraining =
    "{0} is the data set that this run trained on: most of these pictures are known to the model. Without DATASET its validation pictures are evaluated."
  case evaluatesMapped =
    "{0} has the keypoints of {1}; those of the model ({2}) that it lacks are not evaluated."
  case detectionsWithoutBoxes =
    "{0} cannot be used: expected boxes (a list with image_id, bbox and score) for a data set with picture ids, such as COCO's."
  case detectionsForeign =
    "{0} of {1} detections lie in pictures that are not in the data set, and are left out."
  case precisionUnknown =
    "--precision {0} is for graphics processors; {1} computes with fp32 or bf16."
  case unknownChoice = "There is no {0} {1}."
  case unknownChoiceNearest = "There is no {0} {1}; did you mean {2}?"
  case datasetNotGiven = "No data set was given: posetop train DATASET."
  case lossNotFinite =
    "The loss of step {0} is not a number again, after going back {1} times; first in {2}, samples: {3}. The last good weights are in the run folder; try a lower --lr."
  case previewUnreadable = "The sample {0} cannot be shown: {1}"
  case predictionsNotSaved = "The predictions for the samples screen could not be saved: {0}"
  case weightsNotSaved =
    "The weights could not be saved and are tried again after the next epoch: {0}"
  case rateOutOfRange = "A learning rate of {0} is refused: it must lie between {1} and {2}."
  case rateIsZero = "The schedule's rate is 0 here, so nothing can be scaled."
  case nothingToUndo = "There is no change to undo."
  case budgetSpent =
    "The run has cost {0} of its budget of {1}: it ends here, and everything is saved."
  case notPaused = "The training is not paused."
  case alreadyPaused = "The training is paused already."
  case inversionsRising =
    "Left and right are confused in {0} % of the found points and the share grows: check the flip pairs and the left-right labels of {1} (posetop check)."
  case noGPUDriver = "no NVIDIA driver (libcuda.so.1 was not found)"
  case noGPUDevice = "the NVIDIA driver lists no GPU (error 100)"
  case cpuAsked = "the CPU was asked for (--device cpu)"
  case stateNotSaved =
    "The state of step {0} could not be saved and is tried again soon; the older ones are untouched. {1}"
  case bestStateNotSaved =
    "The state of the best epoch (step {0}) could not be saved: a roll back leads to the one before it. {1}"
  case bestStateSkipped =
    "This epoch is the best, but saving a state takes {0} s and others were saved shortly before: a roll back leads to the last of those until the next best epoch."
  case stopping =
    "Stopping at step {0}: its state, {1}, will be on disk within {2}."
  case stoppingUnmeasured =
    "Stopping at step {0}: its state, {1}, is being written; how long this disk takes for that is not known yet."
  case waitingForDisk =
    "The run is over, but the disk does not take it. It is tried again until there is room; stop once more to end without."
  case stateDiscarded = "A saved state is broken and was passed over: {0}"
  case stateUnknown =
    "{0} was saved by another version or for another model, so the training cannot go on from it. Start a new run."
  case savingSeldom =
    "Saving takes {0} s, so it is done only every {1}: at most a twentieth of the time goes into it."
  case mirrorFailed = "The second copy is behind: {0}"
  case logNotCut =
    "The event log could not be cut back to the saved state. Make room on the disk, then go on: posetop resume."
  case otherArithmetic =
    "This state was made on \"{0}\", here it is \"{1}\": the training goes on, but not to the last bit as it would have there."
  case otherData =
    "The data set or its split has changed since the state was saved: the training goes on with what is there now."
  case lossBroken =
    "The loss of step {0} was not a number. First in {1}; samples: {2}. Back at step {3} with a lower rate; undo takes that back."
  case weightsBroken =
    "{0} held values that are no numbers. Back at step {1} with a lower rate; undo takes that back."
  case inWeights = "the weights of {0}"
  case inLayer = "{0} ({1})"
  case inGradient = "the gradient"
  case inInput = "the loss itself"
  case cannotGoBack =
    "The loss was not a number, and the training could not go back to a saved state: {0}"
  case noBestState = "There is no saved state of a best epoch yet."
  case notRolledBack = "Nothing was rolled back: {0}"
  case averagesNote =
    "Validations and the saved weights are of a running mean of the weights (EMA, decay {0})."
  case patienceSpent =
    "No validation of the last {0} was better than that of epoch {1}: the run ends here."
  case unfrozen =
    "Epoch {0}: {1} of {2} parameters are trained from here on (they were {3}); the optimiser begins with empty moments."
  case featuresBegin =
    "The first {0} layers keep their values and the pictures are not varied: the features of {1} samples are computed once ({2})."
  case featuresProgress = "The features of {0} of {1} samples are there; about {2} more."
  case featuresDone = "The features of {0} samples took {1} s; epochs no longer read pictures."
  case featuresTooLarge =
    "The features of {0} samples would take {1}, more than the {2} that may be used for it: they are computed in every epoch."
  case samplesSetAside = "{0} of the data set: {1}"

  case frozenAlready = "{0} is what is frozen already."
  case noPreset = "There is no augmentation {0}; there are: {1}."
  case nothingToScale =
    "The recipe varies no pictures, so there is nothing to strengthen: name a preset, such as augment light."
  case noKeypoint = "There is no keypoint {0}; there are: {1}."
  case noHeatmaps = "This model gives coordinates, not heatmaps."
  case noSample = "There is no validation sample {0}; there are {1}."
  case heatmapsNotWritten = "The heatmaps could not be written: {0}"
  case exportOpUnknown =
    "{0} of layer {1} has no counterpart in ONNX here, so the model cannot be exported."
  case nothingToProfile = "Nothing was trained yet that could be measured."
}
