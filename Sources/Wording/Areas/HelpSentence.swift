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

    A loss that grows or becomes nan wants a smaller rate: posetop tell RUN lr x0.1, or e in the
    dashboard, which shows the rest of the schedule before you press Enter. A loss that hardly moves
    in the first epochs wants a larger one: lr x3. A loss that jumps up and down but sinks slowly
    wants a smaller one towards the end, which --schedule cosine does by itself; --schedule plateau
    waits until the validation stops getting better.

      --lr 1e-3             where to begin: 1e-3 for Adam, 2e-3 for lite's AdamW, 0.05 for SGD
      --warmup 500          the first steps with a rising rate; helps large batches and new heads
      lr 3e-4, lr x0.5      in mid-run; undo takes it back, R goes back to the best epoch as well

    The rate belongs to the batch: with twice the samples a step, up to twice the rate.
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

    On a GPU the plan is of the GPU's memory: "driver" is what NVIDIA's context, kernels and
    libraries hold for themselves, known only once they run. The memory pane shows it by kind, what
    other processes hold there and what is free; loaders and the copy that saving needs lie in
    host memory. Where another process takes memory between plan and start, or before a run goes on, the
    batch is halved by itself.
    """
  case gpu = """
    posetop trains on an NVIDIA GPU where one can be used, else on the CPU, and says which and why.
    posetop doctor lists the GPU, the driver and the libraries, where they were found, and what is
    missing with its cure; it measures what the GPU reaches.

      --device auto|cpu|cuda|cuda:1    auto: the first GPU of compute capability 7.5 or more
      --precision auto                 bf16 from compute capability 8.0 on, fp16 before it;
                                       fp32 and tf32 by name

    Needed are NVIDIA's driver (525 or later) and NVRTC; without cuBLAS and cuDNN a training is
    slower. They are opened when the program runs: from POSETOP_CUDA_LIBS, the active Python
    environment or CUDA's own folder. An environment with PyTorch has them; else, for CUDA 13 (for
    CUDA 12 all names end in -cu12):

      pip install nvidia-cuda-nvrtc nvidia-cublas nvidia-cudnn-cu13

    --device cuda where it cannot be used is an error, not a training on the CPU. When a call of
    CUDA's fails in mid-run, nothing in that process can be trusted any more: the engine ends, and
    is started again from the last saved state.
    """
  case losses = """
    What the loss has to do with the head (--head, --loss):

      heatmap     heatmap-mse      mean of squares over the labelled points' maps: the usual one
                  ohkm             only the hardest points of each person count: late in a training
                  adaptive-wing    more weight on the peaks than on the ground around them
      regression  mse              the tutorial's; far-off points dominate it
                  wing, soft-wing  small errors count more: sharper than mse, in pixels
                  smooth-l1, weighted-mse, oks    robust; weighted by joint; the metric itself
                  rle              learns how uncertain each point is; the best of regression
      simcc       simcc-kl         a distribution over columns and one over rows

    Losses of different kinds cannot be compared by number: compare AP, PCK and NME. Heatmaps learn
    faster from few pictures than coordinates do.
    """
  case converge = """
    It does not converge: what to try, in this order.

    1  posetop check DATASET          exchanged sides, points outside, wrong flags: the usual culprit
    2  posetop train DATASET --recipe overfit8    eight samples by heart in a minute, or the stage at
                                      fault: labels, targets, rate, batch norm
    3  posetop check DATASET --show 12    what the network sees: are the skeletons on the people?
    4  lr x0.1 when the loss is nan or jumps; lr x3 when nothing moves (posetop help rates)
    5  compare with "mean pose" in the table: a model that does not beat it has learnt nothing yet
    6  --augment none until it learns, light or standard afterwards; strong variation needs epochs
    7  pretrained weights (posetop help weights), or lite, which needs none
    8  train loss sinks and val loss rises: more pictures, --augment standard, --weight-decay 0.01,
       --patience 10, or a smaller model

    The dashboard says most of this by itself: a line of advice appears when the curves show it.
    """
  case predictions = """
    The predictions are off: where to look.

    All points shifted or scaled: the crop differs from training. posetop's models take a person's box
    with a margin of 1.25 and fill it up to the input's shape; without boxes a picture is one person
    and is resized as a whole. Give a detector's boxes: posetop predict RUN DIR --detections FILE.

    Off by half a pixel or a pixel: --convention classic for weights of SimpleBaseline or HRNet;
    posetop's own weights carry theirs.

    Left and right exchanged: screen 3 (Joints) counts inversions; posetop check finds mixed labels.

    Only some joints: press 3, then Enter on the joint for its worst samples; weight wrist 2 in
    mid-run gives it more weight, H shows its heatmap.

    Fine in validation, poor on your pictures: they differ from the training's. Label some of them:
    posetop evaluate RUN NEWSET puts a number to it. --flip-test gains a little.

    In another program: posetop export RUN --to onnx --normalize --decode dark has everything but the
    crop inside; --example FILE writes an input and the numbers that must come out.
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
  case exporting = """
    What comes out of a run, and what reads it:

      posetop export RUN --to onnx -o m.onnx       ONNX opset 17, dynamic batch. Input images, float
                                                   [N, 3, H, W], normalised; output as the head has it
        --normalize                                takes 8-bit RGB pixels [N, H, W, 3] instead
        --decode dark                              gives keypoints [N, K, 3]: x, y (input px), score
        --example e.safetensors                    an input and posetop's own numbers, to check by
      posetop export RUN -o m.safetensors          PyTorch's names (load_state_dict), with keypoints,
                                                   flip pairs, normalisation, decoding in its metadata
      posetop export RUN -o curves.csv             every step and epoch as a table
      posetop report RUN -o run.html               one page: curves, keypoints, worst samples, settings
      posetop predict RUN PICTURES --coco f.json   COCO results, which posetop score reads too
      posetop train DATASET --tensorboard          event files for tensorboard --logdir runs

    A person's crop for the network: the box grown to the input's shape and by 1.25, see
    posetop help predictions.
    """
  case exits = """
    0  done
    1  the work failed; the message says what, where, and what to do
    2  wrong usage
    3  ended early by the user, everything saved
    """
}
