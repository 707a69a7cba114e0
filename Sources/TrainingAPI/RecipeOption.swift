import Support

/// One setting of a recipe: its name on the command line and in JSON, and what it may be.
public struct RecipeOption: Sendable {
  /// The long option without dashes, which is also the key in JSON.
  public let name: String
  /// What stands for the value in `--help`, such as `N` or `WxH`; nil for a switch.
  public let placeholder: String?
  /// What a value must be, in a few words.
  public let expected: String
  /// One line for `--help`.
  public let help: String
  let get: @Sendable (RunRecipe) -> JSONValue?
  let setText: @Sendable (inout RunRecipe, String) -> Bool
}

extension RunRecipe {
  /// All settings, in the order of `--help` and `recipe.json`.
  public static let options: [RecipeOption] = [
    .text("dataset", "PATH", "data set: a folder, or an annotation file", \.dataset),
    .text("images", "FOLDER", "where the pictures of an annotation file are", \.images),
    .text(
      "model", "NAME", "lite, cnn, cnn-pooled, resnet18, resnet34, resnet50, resnet101, hrnet-w32",
      \.model),
    .choice("head", ["regression", "heatmap", "simcc"], "what the model predicts", \.head),
    .text(
      "loss", "NAME",
      "heatmap-mse, heatmap-mse-all, ohkm, adaptive-wing; mse, weighted-mse, smooth-l1, wing, "
        + "soft-wing, oks, rle; simcc-kl", \.loss),
    RecipeOption(
      name: "input", placeholder: "WxH", expected: "a size in pixels such as 96x128",
      help: "size of the network's input, px",
      get: { recipe in
        guard let width = recipe.inputWidth, let height = recipe.inputHeight else { return nil }
        return .string("\(width)x\(height)")
      },
      setText: { recipe, text in
        let parts = text.split(separator: "x", omittingEmptySubsequences: false)
        guard parts.count == 2, let width = Int(parts[0]), let height = Int(parts[1]),
          (16...2048).contains(width), (16...2048).contains(height)
        else { return false }
        recipe.inputWidth = width
        recipe.inputHeight = height
        return true
      }),
    .choice("convention", ["unbiased", "classic"], "crop and heatmap coordinates", \.convention),
    .text("init", "FILE", "weights to begin with: .safetensors, .pth", \.initialWeights),
    .text(
      "freeze", "LAYERS", "layers that keep their values: none, all, stages:N, or names",
      \.freeze),
    .integer(
      "unfreeze-at", 2...1_000_000, "epoch from which on all layers are trained", \.unfreezeAt),
    .integer("epochs", 1...1_000_000, "passes over the training samples", \.epochs),
    .integer("steps", 1...1_000_000_000, "end after so many optimiser steps", \.steps),
    RecipeOption(
      name: "batch", placeholder: "N|auto", expected: "a whole number from 1 to 4096, or auto",
      help: "samples in a batch; auto: as many as fit the memory, the step as large as usual",
      get: { recipe in
        recipe.fitsBatch == true ? .string("auto") : recipe.batch.map { .integer(Int64($0)) }
      },
      setText: { recipe, text in
        recipe.fitsBatch = text == "auto" ? true : nil
        if text == "auto" {
          recipe.batch = nil
          return true
        }
        guard let value = Int(text), (1...4096).contains(value) else { return false }
        recipe.batch = value
        return true
      }),
    .integer(
      "accumulate", 1...4096, "batches whose gradients make one optimiser step", \.accumulate),
    .number("lr", 0, 1000, "base learning rate", \.learningRate),
    .text("optimizer", "NAME", "sgd, adam, adamw", \.optimizer),
    .number("momentum", -1, 1, "SGD's momentum", \.momentum),
    .flag("nesterov", "SGD with Nesterov's momentum", \.nesterov),
    .number("weight-decay", -1, 10, "weight decay; 0 for none", \.weightDecay),
    .number("clip", 0, 1e6, "largest norm of the gradient", \.clip),
    .share(
      "ema", "DECAY", "validate and save a running mean of the weights, such as 0.999",
      \.averageDecay),
    .integer(
      "patience", 1...1_000_000, "end after so many validations without a better one",
      \.patience),
    .text("schedule", "NAME", "constant, step, multistep, cosine, plateau", \.schedule),
    .integer("warmup", 0...1_000_000, "steps of linear warm-up", \.warmup),
    .textOrJSON(
      "augment", "none|light|standard|FILE", "how pictures are varied: a preset, or a JSON file",
      \.augment),
    .flag(
      "shuffle", "new order of the samples in each epoch (--no-shuffle: file order)", \.shuffle),
    .textOrJSON(
      "split", "random|file-order|FILE",
      "how validation images are chosen, or a file that lists them", \.split),
    .share(
      "val-fraction", "F", "share of the images kept for validation", \.validationFraction),
    .text("val", "PATH", "a data set of its own for validation", \.validation),
    .integer(
      "overfit", 1...1000, "check: train and validate on so many samples until they are known",
      \.overfit),
    .integer("seed", 0...Int(Int32.max), "seed of everything random", \.seed),
    RecipeOption(
      name: "device", placeholder: "auto|cpu|cuda[:N]",
      expected: "auto, cpu, cuda, or cuda:N with the number of a GPU",
      help: "what computes; auto takes a GPU where one can train",
      get: {
        $0.device.map { .string($0) }
      },
      setText: { recipe, text in
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard
          ["auto", "cpu", "cuda"].contains(text)
            || (parts.count == 2 && parts[0] == "cuda" && Int(parts[1]).map { $0 >= 0 } == true)
        else { return false }
        recipe.device = text
        return true
      }),
    .choice(
      "precision", ["auto", "fp32", "tf32", "bf16", "fp16"],
      "what maps are computed with; bf16: half their memory; tf32 and fp16 on GPUs", \.precision),
    .integer("threads", 1...256, "compute threads", \.threads),
    .integer("loaders", 1...256, "threads that read and augment pictures", \.loaders),
    .choice(
      "cropping", ["auto", "host", "device"],
      "what crops and varies pictures: the loaders' threads, or the GPU; auto: the threads",
      \.cropping),
    RecipeOption(
      name: "checkpoint-every", placeholder: "STEPS|DURATION",
      expected: "a number of steps (200) or a duration (90s, 5m, 1h)",
      help: "how often the complete state is saved",
      get: { $0.checkpointEvery.map { .string($0) } },
      setText: { recipe, text in
        guard CheckpointInterval(text) != nil else { return false }
        recipe.checkpointEvery = text
        return true
      }),
    .integer("keep", 2...1000, "states that are kept", \.keep),
    .text("mirror", "FOLDER", "keep a second copy of the run there", \.mirror),
    RecipeOption(
      name: "price", placeholder: "PER_HOUR", expected: "a price such as $2.50 or 1.20€",
      help: "what the machine costs per hour, with its currency sign",
      get: { $0.price.map { .string($0) } },
      setText: { recipe, text in
        guard HourlyPrice(text) != nil else { return false }
        recipe.price = text
        return true
      }),
    .number(
      "budget", 0, 1e9, "money (with --price) before which the run is saved and ended", \.budget),
    .flag(
      "tensorboard", "write TensorBoard files into the run folder too", \.writesTensorBoard),
  ]
}

extension RecipeOption {
  static func text(
    _ name: String, _ placeholder: String, _ help: String,
    _ path: any WritableKeyPath<RunRecipe, String?> & Sendable
  ) -> RecipeOption {
    RecipeOption(
      name: name, placeholder: placeholder, expected: "text", help: help,
      get: { $0[keyPath: path].map { .string($0) } },
      setText: { recipe, text in
        if text.isEmpty { return false }
        recipe[keyPath: path] = text
        return true
      })
  }

  /// A word, or JSON in its place: what a file said, so that a recipe is whole without the file.
  static func textOrJSON(
    _ name: String, _ placeholder: String, _ help: String,
    _ path: any WritableKeyPath<RunRecipe, String?> & Sendable
  ) -> RecipeOption {
    RecipeOption(
      name: name, placeholder: placeholder, expected: placeholder, help: help,
      get: { recipe in
        recipe[keyPath: path].map { text in
          text.hasPrefix("{") ? (try? JSONValue(parsing: text)) ?? .string(text) : .string(text)
        }
      },
      setText: { recipe, text in
        if text.isEmpty { return false }
        recipe[keyPath: path] = text
        return true
      })
  }

  static func choice(
    _ name: String, _ choices: [String], _ help: String,
    _ path: any WritableKeyPath<RunRecipe, String?> & Sendable
  ) -> RecipeOption {
    RecipeOption(
      name: name, placeholder: choices.joined(separator: "|"),
      expected: choices.joined(separator: ", "), help: help,
      get: { $0[keyPath: path].map { .string($0) } },
      setText: { recipe, text in
        guard choices.contains(text) else { return false }
        recipe[keyPath: path] = text
        return true
      })
  }

  static func flag(
    _ name: String, _ help: String, _ path: any WritableKeyPath<RunRecipe, Bool?> & Sendable
  ) -> RecipeOption {
    RecipeOption(
      name: name, placeholder: nil, expected: "true or false", help: help,
      get: { $0[keyPath: path].map { .bool($0) } },
      setText: { recipe, text in
        guard let value = Bool(text) else { return false }
        recipe[keyPath: path] = value
        return true
      })
  }

  static func integer(
    _ name: String, _ range: ClosedRange<Int>, _ help: String,
    _ path: any WritableKeyPath<RunRecipe, Int?> & Sendable
  ) -> RecipeOption {
    RecipeOption(
      name: name, placeholder: "N",
      expected: "a whole number from \(range.lowerBound) to \(range.upperBound)", help: help,
      get: { $0[keyPath: path].map { .integer(Int64($0)) } },
      setText: { recipe, text in
        guard let value = Int(text), range.contains(value) else { return false }
        recipe[keyPath: path] = value
        return true
      })
  }

  /// A number above 0 and below 1.
  static func share(
    _ name: String, _ placeholder: String, _ help: String,
    _ path: any WritableKeyPath<RunRecipe, Double?> & Sendable
  ) -> RecipeOption {
    RecipeOption(
      name: name, placeholder: placeholder, expected: "a number above 0 and below 1", help: help,
      get: { $0[keyPath: path].map { .number($0) } },
      setText: { recipe, text in
        guard let value = Double(text), value > 0, value < 1 else { return false }
        recipe[keyPath: path] = value
        return true
      })
  }

  /// A number above `low` and at most `high`.
  static func number(
    _ name: String, _ low: Double, _ high: Double, _ help: String,
    _ path: any WritableKeyPath<RunRecipe, Double?> & Sendable
  ) -> RecipeOption {
    RecipeOption(
      name: name, placeholder: "X",
      expected: low < 0 ? "a number from 0 to \(high)" : "a number above 0, at most \(high)",
      help: help,
      get: { $0[keyPath: path].map { .number($0) } },
      setText: { recipe, text in
        guard let value = Double(text), value.isFinite, value > low, value <= high,
          low > -1 || value >= 0
        else { return false }
        recipe[keyPath: path] = value
        return true
      })
  }
}
