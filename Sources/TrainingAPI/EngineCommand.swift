/// What a viewer or the shell can ask of a running training.
///
/// `posetop tell`, the dashboard's keys and its command line all make one of these; `parse` and
/// `text` are the one place where a command meets its words.
public enum EngineCommand: Sendable, Hashable {
  /// Stop before the next step until `resume`.
  case pause
  /// Go on.
  case resume
  /// Do one step and pause again.
  case step
  /// Save the weights and end the run.
  case stop
  /// Save the weights and the complete state now.
  case save
  /// Validate at the next step.
  case evaluate
  /// Use this rate from the next step on.
  case learningRate(LearningRateChange)
  /// Take back the last change of the rate.
  case undoLearningRate
  /// Go back to the state of the best epoch, with another rate if one is given.
  case rollBack(LearningRateChange?)

  /// Freeze other layers from the next step on: `none`, `all`, `stages:N` or names.
  case freeze(String)
  /// Vary pictures otherwise from the next step on.
  case augment(AugmentationChange)
  /// Multiply the loss of a keypoint from the next step on: its name, the part of a body that two of
  /// them share, or `all`.
  case keypointWeight(name: String, weight: Double)
  /// Write the heatmaps of a validation sample into the run folder.
  case heatmap(sample: Int)
  /// Measure the ops of a step, once.
  case profile

  /// Whether the command changes what the training computes, so that a training that goes on from an
  /// older state must be told it again.
  public var changesNumbers: Bool {
    switch self {
    case .learningRate, .undoLearningRate, .freeze, .augment, .keypointWeight: true
    case .pause, .resume, .step, .stop, .save, .evaluate, .rollBack, .heatmap, .profile: false
    }
  }
}

/// A change of the learning rate.
public enum LearningRateChange: Sendable, Hashable {
  /// The rate becomes this value at the next step; the rest of the schedule is scaled with it.
  case value(Double)
  /// The rate is multiplied, and the rest of the schedule with it.
  case factor(Double)
  /// The rate becomes this value and stays there.
  case hold(Double)
  /// The schedule begins anew with this base over the steps that are left.
  case anew(Double)
}

/// A change of how pictures are varied.
public enum AugmentationChange: Sendable, Hashable {
  /// As a preset does it.
  case preset(String)
  /// With so many times the strength of the recipe's preset; 1 is the recipe's own.
  case strength(Double)
}

/// A command with who asked for it.
public struct CommandRequest: Sendable, Hashable {
  /// Unique within the run; the viewer makes it from its process id and a counter.
  public var id: String
  /// Who asks, such as `dashboard of anna (pid 4711)`.
  public var by: String
  /// What is asked for.
  public var command: EngineCommand

  /// A request.
  public init(id: String, by: String, command: EngineCommand) {
    self.id = id
    self.by = by
    self.command = command
  }
}
