"""Writes the golden files of Tests/BackendTests/Goldens: losses of the first steps in float32 and
float64. The gradients are in files of their own: gradients.py.

    python3 Tests/Peers/golden.py [CASE...]
"""

import json
import pathlib
import sys

import torch

import losses
import networks
import values

FOLDER = pathlib.Path(__file__).parent.parent / "BackendTests" / "Goldens"

# name: model, head, loss, width, height, batch, optimiser, rate, warm-up, frozen
CASES = {
    "cnn": ("cnn", "regression", "mse", 64, 64, 4, "adam", 1e-3, 0, False),
    "resnet18-wing": ("resnet18", "regression", "wing", 64, 64, 8, "sgd", 1e-4, 0, False),
    "resnet50-heatmap": ("resnet50", "heatmap", "heatmap-mse", 64, 64, 8, "adamw", 1e-3, 10, False),
    "resnet18-frozen": ("resnet18", "regression", "mse", 64, 64, 8, "adam", 1e-3, 0, True),
    "resnet18-simcc": ("resnet18", "simcc", "simcc-kl", 64, 64, 8, "adam", 1e-3, 0, False),
    "lite": ("lite", "heatmap", "heatmap-mse", 48, 64, 8, "adamw", 2e-3, 10, False),
    "hrnet-w32": ("hrnet-w32", "heatmap", "heatmap-mse", 64, 64, 4, "adam", 1e-3, 0, False),
}
STEPS = 50
BATCHES = 8


def rate(step, base, warmup):
    return base * (0.001 + 0.999 * step / (warmup - 1)) if step < warmup else base


def run(case, dtype, steps):
    model, head, loss_name, width, height, batch, rule, base, warmup, frozen = case
    network = networks.build(model, head, width, height)
    values.initialise(network)
    network.to(dtype)
    network.train()
    if frozen:
        network.eval()
        for name, parameter in network.named_parameters():
            parameter.requires_grad = ".fc." in name
    trained = {n: p for n, p in network.named_parameters() if p.requires_grad}
    decay = 0.01
    groups = [
        {"params": [p for p in trained.values() if p.dim() > 1], "weight_decay": decay},
        {"params": [p for p in trained.values() if p.dim() == 1], "weight_decay": 0},
    ]
    if rule == "sgd":
        optimizer = torch.optim.SGD(groups, lr=base, momentum=0.9)
    else:
        optimizer = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[rule](groups, lr=base)
    images, points, weights = values.batches(BATCHES, batch, width, height)
    history = []
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate(step, base, warmup)
        at = step % BATCHES
        optimizer.zero_grad()
        result = losses.loss(
            loss_name, network(images[at].to(dtype)), points[at].to(dtype), weights[at].to(dtype),
            width, height)
        result.backward()
        optimizer.step()
        history.append(float(result))
    return history, network


def samples(count):
    return [index * 2654435761 % count for index in range(min(64, count))]


def main():
    FOLDER.mkdir(exist_ok=True)
    for name in sys.argv[1:] or CASES:
        case = CASES[name]
        keys = ["model", "head", "loss", "width", "height", "batch", "optimizer", "lr", "warmup", "frozen"]
        single, network = run(case, torch.float32, STEPS)
        double, _ = run(case, torch.float64, STEPS)
        document = dict(zip(keys, case))
        document["parameters"] = sum(p.numel() for p in network.parameters())
        document["pytorch"] = torch.__version__
        document["losses_float32"] = single
        document["losses_float64"] = double
        (FOLDER / f"{name}.json").write_text(json.dumps(document, separators=(",", ":")) + "\n")
        print(name, document["parameters"], single[:3], single[-1], double[-1], flush=True)


if __name__ == "__main__":
    main()
