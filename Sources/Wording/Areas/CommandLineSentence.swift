/// The command line.
public enum CommandLineSentence: String, SentenceArea {
  public static let area = "command"

  case planned =
    "{0}, {1}, input {2}, batch {3}: {4} parameters, {5} trained; {6} GFLOP forward for each image"
  case updatedWithGradient =
    "{0}: gradient and optimiser step in one pass; its gradient of {1} never exists as a whole"
  case gradientHeld =
    "{0}: its gradient of {1} is held as a whole, because --clip or --accumulate reads it"
  case ceilings =
    "this machine reaches {0} GFLOP/s in matrix products and {1} GB/s in copies; x floor: how many times as long as the larger of FLOPs and bytes at that rate would take"
  case benched =
    "{0}: {1}, {2}, {3}, batch {4}: {5} s, {6} images/s, {7} at most ({8})"
  case benchedWait = "  of a step {0} s waited for pictures ({1} loaders, cropped on the {2})"
  case unknownCommand = "There is no command {0}. All commands: posetop --help."
  case unknownCommandNearest = "There is no command {0}; did you mean {1}?"
  case unknownOption = "There is no option {0} here."
  case unknownOptionNearest = "There is no option {0} here; did you mean {1}?"
  case valueMissing = "The option {0} wants a value."
  case badValue = "{0} cannot be {1}: it must be {2}."
  case operandMissing = "posetop {0} wants {1}. See posetop {0} --help."
  case tooManyOperands = "posetop {0} cannot do anything with {1}."
  case unknownTopic = "There is no help on {0}. The topics: posetop help."
  case unknownTopicNearest = "There is no help on {0}; did you mean {1}?"

  case datasetMissing = "There is no data set at {0}."
  case datasetEmpty = "The folder {0} is empty: it holds no data set."
  case datasetUnreadable = "{0} cannot be read: {1}."
  case imagesMissing = "There is no folder of pictures at {0}."
  case runExists =
    "{0} already holds a run with other settings. Name a new folder with --run, or go on with that one: posetop resume {0}."
  case runCompleted =
    "{0} has done all its epochs. Train more: posetop resume {0} --epochs N; or name a new folder with --run."
  case askToResume = "{0} is unfinished and has the same settings. Go on with it? [Y/n]"
  case unfinishedRun = "Unfinished with the same settings: {0}. Go on with it: posetop resume {0}"

  case runStarted = "Run {0}"
  case howToAttach = "The training goes on. Attach again: posetop attach {0}"
  case stopSent = "Stopping: the weights are being saved. Once more leaves at once."
  case leftWhileSaving = "Left. The engine is still saving; see posetop runs."
  case logEnded = "{0} ended without a word: its processes were killed."

  case planModel = "Model {0}: {1} parameters, {2} of memory, on {3}."
  case planData = "Data: {0} training and {1} validation samples."
  case planSteps = "Plan: {0} epochs of {1} steps, {2} steps."
  case progress = "epoch {0}/{1}  step {2}/{3}  loss {4}  lr {5}  {6} images/s  {7} left"
  case epochLine = "Epoch {0}, Train Loss: {1}, Val Loss: {2}"
  case saved = "Saved {0} at step {1}."
  case stateIs = "State: {0}."
  case resumedAt = "Going on from step {0}."
  case restarted = "Started again: {0}"
  case commandAccepted = "{0}: accepted ({1})."
  case commandRejected = "{0}: rejected ({1}): {2}"
  case commandApplied = "{0}: applied at step {2} ({1})."
  case commandChanged = "{0}: applied at step {2} ({1}); the rate went from {3} to {4}."
  case commandPending = "{0}: no answer yet; the engine takes commands between two steps."
  case finishedCompleted = "Done: {0} epochs, {1} steps. Best epoch: {2}."
  case finishedStopped = "Stopped after epoch {0}, step {1}; everything is saved. Best epoch: {2}."
  case weightsAt = "Weights: {0}"
  case runNotLive = "{0} has ended; there is nobody to tell."
  case figuresDrawn = "Drew {0} pictures in {1}. Train on them: posetop train {1}"
  case scored =
    "{0} detections, {1} persons with labels, {2} of them found; EPE, NME and PCK are of the found ones."
  case detectionsSkipped =
    "{0} records of the results were left out: they have no picture, no score or no keypoints."
  case evaluated = "{0} at {1}: {2} persons in {3} pictures, in the boxes of the annotations."
  case evaluatedDetections =
    "{0} at {1}: {3} persons found in a detector's boxes, {2} annotated; EPE, NME and PCK are of those that were found."
  case samplesShown =
    "{0} of {1} training samples as epoch {2} sees them: input {3}, augmentation {4}."
  case sampleBroken = "{0} cannot be shown: {1}"
  case samplesNeedFile =
    "Pictures are drawn only on a terminal with colours; write them to a file: --output samples.png"
  case sheetWritten = "Wrote {0}."
  case checked = "A {0} data set: {1} usable of {2} records, {3} pictures."
  case nothingFound = "Nothing was found."
  case foundInAll = "{0} error(s), {1} warning(s)."
  case moreFindings = "  ... and {0} more (--all lists them)"
  case meanPoseHas = "mean pose {0}"
  case predictedPicture = "{0}: {1} person(s), score {2}"
  case nothingCertain =
    "No point has a score of {0} (the highest: {1}), so no skeleton is drawn: the model has not learnt enough, or --min-score 0 draws all the same."
  case predictedNobody = "{0}: nobody"
  case predicted = "Looked at {0} picture(s) with {1}: {2} person(s)."
  case drawingsWritten = "Wrote {0} picture(s) with skeletons to {1}."
  case pictureFailed = "{0}: {1}"
  case outputNotFolder = "{0} is a file, and {1} pictures need a folder: give a folder for -o."
  case outputNotPNG = "{0} does not end in .png, and posetop writes PNG pictures only."
  case outputIsInput =
    "{0} is one of the pictures that are read; it is not overwritten. Give another place for -o."
  case nothingOnInput = "Standard input holds no picture and no names of pictures."
  case personNumber = "person {0}, score {1}"
  case exported = "Wrote {0} ({1}): {2}, {3}, input {4}, {5} parameters."
  case curvesExported = "Wrote {1}: {0} lines."
  case pageWritten = "Wrote {0}: {1} epoch(s). Open it in any browser."
  case noRunsListed = "No runs in {0}."
}
