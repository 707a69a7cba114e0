"""Writes the golden files of Tests/BackendTests/Goldens: losses of the first steps in float32 and
float64. The gradients are in files of their own: gradients.py.

Float32 runs drift apart from step to step, so PyTorch runs several times: with oneDNN's convolutions and
with its own, in both layouts. What lies among them and around float64 is what float32 can say.

    python3 Tests/Peers/golden.py [CASE...]

On a GPU, and longer, for `posetop-device-check losses FOLDER`: with PyTorch's float32, TF32 and mixed precision
beside its float64.

    python3 Tests/Peers/golden.py --device cuda --steps 200 --out FOLDER [CASE...]
"""

import argparse
import json
import pathlib

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


def run(case, dtype, steps, onednn=True, layout=torch.contiguous_format):
    with torch.backends.mkldnn.flags(enabled=onednn):
        return train(case, dtype, steps, layout)


def train(case, dtype, steps, layout, device="cpu", mixed=None):
    model, head, loss_name, width, height, batch, rule, base, warmup, frozen = case
    network = networks.build(model, head, width, height)
    values.initialise(network)
    network.to(device, dtype, memory_format=layout)
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
    images, points, weights = (t.to(device) for t in values.batches(BATCHES, batch, width, height))
    scaler = torch.amp.GradScaler(device, enabled=mixed == torch.float16)
    history = []
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate(step, base, warmup)
        at = step % BATCHES
        optimizer.zero_grad()
        with torch.autocast(device, mixed, enabled=mixed is not None):
            prediction = network(images[at].to(dtype, memory_format=layout))
        result = losses.loss(
            loss_name, prediction if mixed is None else prediction.float(), points[at].to(dtype), weights[at].to(dtype),
            width, height)
        scaler.scale(result).backward()
        scaler.step(optimizer)
        scaler.update()
        history.append(float(result))
    return history, network


def samples(count):
    return [index * 2654435761 % count for index in range(min(64, count))]


def on_gpu(case, steps):
    """PyTorch's losses on a GPU by precision."""

    def train_there(dtype, mixed=None, tf32=False):
        torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = tf32
        return train(case, dtype, steps, torch.channels_last, "cuda", mixed)[0]

    return {
        "losses_float64": train_there(torch.float64), "losses_float32": train_there(torch.float32),
        "losses_tf32": train_there(torch.float32, tf32=True),
        "losses_bf16": train_there(torch.float32, torch.bfloat16),
        "losses_fp16": train_there(torch.float32, torch.float16)}


def on_processor(case, steps):
    """PyTorch's losses on the processor: float64, and float32 in several ways."""
    runs = [
        run(case, torch.float32, steps, onednn, layout)[0]
        for onednn in (True, False) for layout in (torch.contiguous_format, torch.channels_last)]
    double, _ = run(case, torch.float64, steps)
    return {"losses_float32": runs[0], "more_losses_float32": runs[1:], "losses_float64": double}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cases", nargs="*")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--out", type=pathlib.Path, default=FOLDER)
    arguments = parser.parse_args()
    arguments.out.mkdir(exist_ok=True, parents=True)
    for name in arguments.cases or CASES:
        case = CASES[name]
        keys = ["model", "head", "loss", "width", "height", "batch", "optimizer", "lr", "warmup", "frozen"]
        document = dict(zip(keys, case))
        model, head, _, width, height = case[:5]
        document["parameters"] = sum(p.numel() for p in networks.build(model, head, width, height).parameters())
        document["pytorch"] = torch.__version__
        document |= (on_processor if arguments.device == "cpu" else on_gpu)(case, arguments.steps)
        (arguments.out / f"{name}.json").write_text(json.dumps(document, separators=(",", ":")) + "\n")
        double = document["losses_float64"]
        print(name, document["parameters"], double[:3], document["losses_float32"][-1], double[-1], flush=True)


if __name__ == "__main__":
    main()
