/// The launcher: what is chosen before a training starts.
public enum LauncherSentence: String, SentenceArea {
  public static let area = "launcher"

  case title = "posetop"
  case subtitle = "train a keypoint detector"
  case machine = "{0} processors  {1} of memory free"

  // Data sets.
  case paneDatasets = "data set"
  case typePath = "another: type its path (p)"
  case recent = "recent"
  case looking = "looking"
  case lookingAt = "looking at the pictures {0}/{1}"
  case contents = "{0}: {1} people in {2} pictures"
  case usable = "{0} of {1} records usable"
  case nothingFound = "the doctor found nothing wrong"
  case found = "{0} errors, {1} warnings: posetop check"
  case notUsable = "cannot be used"
  case nothingUsable = "Nobody in this data set can be trained on; the doctor says why."
  case noDataset = "Choose a data set, or type the path of one (p)."

  // Samples.
  case paneSamples = "samples as the training sees them"
  case waitingForSamples = "Samples appear here as soon as the data set was read."

  // Settings.
  case paneSettings = "training"
  case settingRecipe = "recipe"
  case isDefault = "default"
  case recipeDefault = "the model's defaults"
  case recipeLike = "like {0}"
  case asTyped = "as typed"
  case notSet = "-"
  case randomWeights = "random weights"
  case nothingFrozen = "nothing"
  case shareOfDataset = "{0} of the data set"

  // What the settings need.
  case paneNeeds = "what it needs"
  case planningSettings = "Planning ..."
  case needMemory = "memory"
  case needEpoch = "an epoch"
  case needAll = "all {0}"
  case needMoney = "money"
  case needModel = "model"
  case needWork = "work"
  case needDisk = "disk"
  case memoryOf = "{0}; {1} free"
  case about = "about {0}"
  case measured = "{0} (step {1}, measured)"
  case estimated = "about {0} (step {1}, estimated)"
  case measuring = "measuring a step ..."
  case unknownTime = "known once it runs"
  case parameters = "{0} parameters"
  case parametersOf = "{0} parameters, {1} trained"
  case savedState = "{0} a saved state"
  case work = "{0} GFLOP an image"
  case startAnyway =
    "More memory is needed than is free. Enter starts it all the same; a smaller batch or input needs less."

  // Runs.
  case paneRecent = "recent runs"
  case runHelp = "Enter opens, r goes on"
}
