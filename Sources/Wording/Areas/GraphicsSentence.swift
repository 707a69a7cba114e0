/// GPUs, NVIDIA's driver and libraries. Reasons are clauses that follow "because"; cures are sentences.
public enum GraphicsSentence: String, SentenceArea {
  public static let area = "graphics"

  case notUsed = "The GPU cannot be used: {0}. {1}"

  case noDriver = "there is no NVIDIA driver here (libcuda.so.1 was not found)"
  case noDriverCure =
    "On a machine with an NVIDIA GPU, install its driver; start a container with --gpus all."
  case brokenDriver = "NVIDIA's driver {0} cannot be opened: {1}"
  case driverFailed = "NVIDIA's driver does not answer: {0} gave {2} ({1})"
  case driverFailedCure =
    "Run nvidia-smi: when it fails too, restart the machine or install the driver again."
  case driverTooOld = "the NVIDIA driver knows CUDA up to {0}, and {1} is needed"
  case driverTooOldCure = "Install a driver of version 525 or later."
  case driverMismatch =
    "the NVIDIA driver's library and its kernel module are of different versions (error 803)"
  case driverMismatchCure =
    "Restart the machine after an upgrade of the driver; in a container, take out CUDA's compat folder (LD_LIBRARY_PATH)."
  case noDevice = "the NVIDIA driver lists no GPU (error 100)"
  case noDeviceCure =
    "Look at nvidia-smi -L and at CUDA_VISIBLE_DEVICES, which may hide them; start a container with --gpus all."
  case deviceTooOld = "{0} has compute capability {1}, and {2} is needed"
  case deviceTooOldCure = "Rent a T4 or anything newer."
  case noSuchDevice = "there is no GPU number {0}: the driver lists {1}"
  case noSuchDeviceCure = "Name one from cuda:0 to cuda:{0}."

  case missing = "{0} was not found ({1})"
  case installCure =
    "Install it into the active Python environment with pip install {0}, or name its folder in POSETOP_CUDA_LIBS."
  case broken = "{0} cannot be opened at {1}: {2}"
  case symbolMissing = "{0} at {1} has no function {2}"
  case tooOld = "{0} at {1} is of version {2}, and {3} is needed"
  case replaceCure =
    "Install another {0}, or name the folder of a good one in POSETOP_CUDA_LIBS."
  case otherCUDA = "{0} at {1} was made for CUDA {2}, and the compiler here is that of CUDA {3}"
  case needs = "{0} is not opened without {1}"
  case needsCure = "Install {0}."

  case onGPU = "training runs on the GPU ({0}); --precision auto means {1}"
  case onCPU = "training runs on the CPU, because {0}"
  case withoutLibrary = "Training on the GPU is slower than it could be, because {0}."
  case unused = "There is a GPU ({0}), and training runs on the CPU, because {1}."
  case unusable = "The GPU cannot be used, because {0}."
  case fails = "The GPU is there, and does not compute: {0}"
  case failsCure =
    "Run nvidia-smi: another process may hold its memory. Train with --device cpu until it is free."
  case unanswered = "The engine could not tell of the GPU: {0}"
  case unansweredCure =
    "One of NVIDIA's libraries may have ended it: name a folder of good ones in POSETOP_CUDA_LIBS."
}
