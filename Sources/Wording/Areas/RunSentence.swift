/// Run folders, the keeper, attaching and commands.
public enum RunSentence: String, SentenceArea {
  public static let area = "run"

  case commandEmpty = "No command was given: say what to do, such as lr 1e-4, pause or stop."
  case commandUnknown = "There is no command {0}."
  case commandUnknownNearest = "There is no command {0}; did you mean {1}?"
  case commandArgument = "The command {0} wants {1} after it."
  case commandAlone = "The command {0} takes nothing after it."
  case commandBadRate =
    "{0} is no learning rate: give a positive number (3e-4), with hold or anew behind it where wanted, or a factor (x0.5)."
  case recipeUnknown = "There is no setting {0}."
  case recipeUnknownNearest = "There is no setting {0}; did you mean {1}?"
  case recipeBadValue = "{0} cannot be {1}: it must be {2}."
  case recipeNotAnObject = "A recipe must be a JSON object with the option names as keys."

  case engineCrashed = "The engine that was to {0} ended without an answer ({1})."
  case engineCrashedAt =
    "The engine that was to {0} ended without an answer ({1}) while it looked at {2}; take that file out."
  case unknownJob =
    "This engine knows no job {0}; posetop and posetop-engine are of different versions."
  case noSuchRun = "There is no run {0}: neither a path nor the beginning of a name in {1}."
  case noRuns = "There are no runs in {0}. Start one with posetop train DATASET."
  case ambiguousRun = "More than one run fits {0}: {1}. Name one of them."
  case severalLiveRuns = "Several runs are live: {0}. Name one of them."
  case noWeights =
    "{0} has no weights yet: they are written after the first epoch, and by posetop tell RUN save."
  case notARun = "{0} is a folder, but holds no run."
  case alreadyARun = "{0} already holds a run. Choose another folder with --run."
  case runLocked = "{0} is running already, kept by {1}. Attach to it with posetop attach."
  case cannotLock = "The run cannot be locked at {0}: {1}."
  case brokenLog = "{0} is no event log: its end holds no event."
  case unsafeRegistry = "{0} cannot hold the sockets of your runs: {1}. Remove it or set TMPDIR."
  case noFreeName = "No free name for a run was found in {0}. Choose one with --run."
  case frameTooLong = "A message of {0} bytes was refused; at most {1} are taken."
  case brokenFrame = "A message could not be read: {0}."
  case cannotListen = "No socket could be made at {0}: {1}."
  case cannotConnect = "The keeper of {0} cannot be reached: {1}."
  case foreignPeer = "The socket {0} belongs to user {1}; it is not used."
  case runElsewhere = "{0} runs on {1}. Attach to it there."
  case noAnswer = "The keeper of {0} does not answer."
  case cannotStart = "{0} cannot be started: {1}."
  case engineMissing =
    "posetop-engine was found neither in {0} nor in ../libexec/posetop. Install it anew."
  case keeperSilent = "The keeper of {0} did not start. Look into engine.log in that folder."
  case keeperSilentLine = "The keeper of {0} did not start; its last words: {1}"
  case runIsOver = "The training has ended."
  case engineKilled = "The engine was ended by {0}. Last line of engine.log: {1}"
  case engineOutOfMemory =
    "The GPU's memory ran out. Last line of engine.log: {0}"
  case engineEnded = "The engine ended early with exit code {0}. Last line of engine.log: {1}"
  case pictureSetAside =
    "{0} killed the decoder ({1}) and was set aside; the training goes on without it."
  case engineGivenUp =
    "The engine died {0} times without a newer saved state in between, so it was not started again. {1}"
  case logoutEndsLogin =
    "This machine ends all your programs when you log out (KillUserProcesses in logind.conf), so also this training. Start it outside of your login: loginctl enable-linger, then systemd-run --user --scope posetop train ..."
  case logoutEndsManager =
    "This machine ends the programs of your user services at your last logout, so also this training. Keep them: loginctl enable-linger"
  case controlledElsewhere = "{0} controls this run now. Attach again to take over."
  case controlTaken =
    "{0} controls this run now; this dashboard watches. Attach again to take over."
  case viewerWatches = "This dashboard only watches (--readonly)."
  case engineByHand = "posetop-engine is started by posetop train; there is nothing to type here."
  case trainingMissing = "This build has no training for the model {0}."
}
