/// What the advisor says: the sign, and the key or the option that helps.
public enum AdviceSentence: String, SentenceArea {
  public static let area = "advice"

  case notANumber =
    "The loss of step {0} was no number: lower the rate to a tenth (e), and look at the samples of that step."
  case rolledBack =
    "The loss of step {0} was no number, first in {1}; samples {2}. Back at step {3} with a lower rate: look at them (2); u takes the rate back."
  case spikes =
    "The gradient leapt {0} times, up to {1} of what is usual: the rate is too high, try a tenth (e), or --clip."
  case rising =
    "The training loss grows ({0} of its lowest): the rate is too high, try a tenth (e)."
  case jumping =
    "The validation loss jumped up and down for {0} epochs: the rate is too high, try a tenth (e)."
  case overfitting =
    "Best was epoch {0}; for {1} epochs only the training loss sinks: vary pictures more (:augment x1.5), or stop (q s)."
  case gap =
    "The validation loss is {0} the training loss and stands still for {1} epochs: the model learns these pictures by heart, vary them more (:augment standard)."
  case exploding =
    "The validation loss of epoch {1} is {0}, far above the training's: the rate is much too high, try a tenth (e), or go back (R)."
  case plateau = "Nothing got better for {0} epochs: halve the rate (e -), or stop (q s)."
  case tooSlow =
    "The loss hardly moved in {0} epochs: a rate three times as high may help (:lr x3)."
  case waiting = "The engine waits for pictures {0} of the time: start with more --loaders."
  case inversions =
    "Left and right are taken for each other in {0} of the points that were found: check labels and flip pairs (posetop check, 3)."
  case memory = "Only {0} of this machine's memory are free: a smaller --batch or --input helps."
  case slower = "{0} images/s instead of {1}: something else uses this machine (5)."
}
