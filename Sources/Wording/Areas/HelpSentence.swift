/// The pages of `posetop help`.
public enum HelpSentence: String, SentenceArea {
  public static let area = "help"

  case overview = """
    posetop trains human-keypoint detectors in the terminal.

    {0}

    posetop COMMAND --help explains one command; posetop help TOPIC explains a topic:
    {1}
    """
  case runs = """
    A run is a folder, by default under ./runs or $POSETOP_RUNS. It holds the recipe (recipe.json),
    the history (events.ndjson), the weights (best.safetensors, last.safetensors) and what the
    engine wrote (engine.log).

    A training belongs to no terminal: a keeper and an engine run on their own. Closing the
    terminal or losing SSH only ends the view. posetop attach opens it again; posetop runs lists
    all runs. RUN is a path or the beginning of a run's name; without it the only live run is
    meant, else the newest.
    """
  case commands = """
    While a training runs, these commands are taken between two steps, from the dashboard's
    command line (:) and from the shell (posetop tell RUN COMMAND):

      lr 3e-4     use this learning rate from the next step on; the schedule is scaled with it
      lr 3e-4 hold    use this rate and stay at it
      lr 3e-4 anew    begin the schedule anew with this rate over the steps that are left
      lr x0.5     multiply the rate, and the rest of the schedule with it
      undo        take back the last change of the rate
      pause       stop before the next step
      resume      go on
      evaluate    validate now
      save        save the weights now
      stop        save the weights and end the run

    Each command is recorded in the history: who asked, when, and at which step it took effect.
    """
  case rates = """
    The learning rate is the first thing to look at when a training does not learn.

    A loss that grows or becomes nan wants a smaller rate: posetop tell RUN lr x0.1. A loss that
    hardly moves in the first epochs wants a larger one: lr x3. A loss that jumps up and down but
    sinks slowly wants a smaller one towards the end, which the cosine schedule does by itself.
    """
  case recipes = """
    A recipe is a JSON object with the names of the options as keys, such as
    {"model": "lite", "epochs": 20, "lr": 0.001}. posetop train DATASET --recipe FILE reads it;
    options on the command line win. Each run's recipe.json can be passed back.

    Two recipes have names. --recipe seed is the tutorial's own training. --recipe overfit8 learns 8
    samples by heart in about a minute before you rent the machine for a night: when it cannot, it
    names the stage at fault (labels, targets and decoding, rate, batch norm).
    """
  case weights = """
    --init FILE begins with the weights of a .safetensors file or of PyTorch's .pth; nothing in the
    file is executed, and posetop itself never uses the network. For a backbone trained on ImageNet
    fetch torchvision's file from pytorch.org's models page yourself: resnet18-f37072fd.pth,
    resnet34-b627a593.pth, resnet50-0676ba61.pth or resnet101-63fe2227.pth, and pass it:

      posetop train DATASET --model resnet18 --init resnet18-f37072fd.pth

    What was loaded, what the file lacks and what of it was not used, and why, is said at the
    start. --freeze all keeps the backbone as it is, stages:N its first N stages; --unfreeze-at
    EPOCH trains everything from there on. Where the backbone is frozen and pictures are not
    varied (--augment none), its features are computed once.
    """
  case memory = """
    posetop plan --model NAME says what a training will take, by kind and by layer, before it runs,
    and what the disk needs for a saved state. --batch auto takes the model's usual batch where it
    fits; else it halves the batch and adds up the gradients of several batches in a step, so that
    a step sees as many samples as before. What makes a training smaller, in this order:

      --batch 8 --accumulate 4    the same step in four parts (batch norm sees 8 samples)
      --input 128x128             a smaller picture
      --optimizer sgd             one moment a parameter in place of two
      --freeze stages:3           no gradients and moments for what is frozen
    """
  case augmentation = """
    Training pictures are varied anew in each epoch, all geometry in one warp, and the targets with
    them. --augment takes a preset (none, light, standard) or a JSON file with what differs from one:

      {"from": "standard", "rotation": 20, "half-body": 0, "blur": 0.2, "erase": 0.5}

      flip                  probability of the mirror image, left and right exchanged
      scale                 deviation of the scale around 1, cut off at the same
      rotation              deviation of the angle in degrees, cut off at twice that
      rotation-probability  how often there is a rotation (always, where a file does not say)
      shift                 largest shift, as a share of the input's side
      half-body             probability of a crop around the upper or lower body
      brightness, contrast, color   largest changes, as shares
      blur, blur-sigma      probability, and the largest deviation in pixels of the input
      erase, erase-size     probability that a rectangle is erased, and its largest side as a share

    standard has flip 0.5, scale 0.3, rotation 40 at 0.6, shift 0.05, half-body 0.3, brightness 0.15,
    contrast 0.2, color 0.1; light has flip 0.5, scale 0.15, rotation 7.5 at 0.6, shift 0.04,
    brightness 0.1, contrast 0.1. Look at it before training: posetop check DATASET --show 12 --augment FILE
    (-o sheet.png for a file). The recipe of the run holds what the file said.
    """
  case exits = """
    0  done
    1  the work failed; the message says what, where, and what to do
    2  wrong usage
    3  ended early by the user, everything saved
    """
}
