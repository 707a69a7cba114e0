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
    """
  case exits = """
    0  done
    1  the work failed; the message says what, where, and what to do
    2  wrong usage
    3  ended early by the user, everything saved
    """
}
