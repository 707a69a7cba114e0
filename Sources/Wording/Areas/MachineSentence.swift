/// What `posetop doctor` says of the machine: each trouble with its cure.
public enum MachineSentence: String, SentenceArea {
  public static let area = "machine"

  case content = "Nothing stands in the way."
  case troubles = "{0} error(s), {1} warning(s)."

  case noVectors =
    "This processor has no AVX2: training is several times slower here than it could be."
  case noVectorsCure =
    "Rent a machine with AVX2 or AVX-512 (any x86-64 server of the last ten years)."
  case fewFree = "Only {0} of memory are free."
  case fewFreeCure =
    "posetop plan says what a model needs; --batch auto halves the batch until it fits. Or end other programs."
  case slowProducts = "Products of matrices reach {0} GFLOP/s only: other programs are busy here."
  case slowProductsCure = "Look with top for what else runs."
  case noEngine = "The engine could not be asked: {0}"
  case noEngineCure = "Keep posetop and posetop-engine in one folder, or unpack the archive again."

  case noTerminal = "There is no terminal here, so the dashboard cannot be shown."
  case noTerminalCure = "Over SSH: ssh -t. Training itself needs none: posetop train --headless."
  case noDescription = "The terminal {0} has no description here that can place the cursor."
  case noDescriptionCure = "export TERM=xterm-256color"
  case notUTF8 = "The locale is not UTF-8: curves and pictures are drawn in ASCII."
  case notUTF8Cure = "export LANG=C.UTF-8"
  case fewColours = "The terminal's description has {0} colours: pictures need 256."
  case fewColoursCure =
    "export TERM=xterm-256color; in tmux: set -g default-terminal tmux-256color"
  case noExactColours = "Exact colours are not known to be there: 256 are used."
  case noExactColoursCure =
    "If the terminal has them: export COLORTERM=truecolor, or --colors 24bit."
  case noColour = "NO_COLOR is set: nothing is coloured."
  case noColourCure = "unset NO_COLOR"

  case fewSpace = "{0} are free at {1}: a run of a large model needs more."
  case fewSpaceCure =
    "Keep runs elsewhere: export POSETOP_RUNS=FOLDER, or --run FOLDER; --keep 2 keeps fewer states."
  case network = "{0} lies on a network volume ({1})."
  case networkCure =
    "Runs there are safe from this machine's end, but saving is slower; where it goes away, --mirror FOLDER keeps a second copy."
  case inMemory = "{0} lies in memory ({1}): a restart of the machine takes the runs along."
  case inMemoryCure = "export POSETOP_RUNS=FOLDER on a disk, or --mirror FOLDER."
  case slowSync = "Making a file of 1 MiB durable takes {0} s at {1}."
  case slowSyncCure = "Save less often (--checkpoint-every 15m), or keep runs on another disk."
  case notWritable = "Nothing can be written at {0}: {1}."
  case notWritableCure = "export POSETOP_RUNS=FOLDER that can be written, or --run FOLDER."
  case logoutCure =
    "Start the training with systemd-run --user --scope posetop train …, or have loginctl enable-linger done."
}
