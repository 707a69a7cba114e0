"""Writes the golden gradients of Tests/BackendTests/Goldens/Gradients: the gradient of one batch in
float64 for every model, as norm and 64 sampled entries of each tensor.

    python3 Tests/Peers/gradients.py [CASE...]

A gradient jumps where a ReLU's input is zero or two values of a pooling window are equal, so two correct
programs that round differently may differ by a percent there. The networks are therefore moved away from
all such places: the bias before each ReLU is +a for even channels and -a for odd ones, a several standard
deviations of what it is added to, and the data's seed is the one whose smallest distance from a jump is
largest. The distance is written down beside PyTorch's own error in float32.
"""

import json
import pathlib
import sys

import torch
from torch.nn import functional as F

import golden
import losses
import networks
import values

FOLDER = pathlib.Path(__file__).parent.parent / "BackendTests" / "Goldens" / "Gradients"

# name: model, head, loss, width, height, batch
CASES = {
    "lite": ("lite", "heatmap", "heatmap-mse", 48, 64, 4),
    "cnn": ("cnn", "regression", "mse", 32, 32, 3),
    "cnn-pooled": ("cnn-pooled", "regression", "wing", 32, 32, 3),
    "resnet18": ("resnet18", "heatmap", "heatmap-mse", 64, 64, 4),
    "resnet18-regression": ("resnet18", "regression", "wing", 64, 64, 4),
    "resnet18-rle": ("resnet18", "regression", "rle", 64, 64, 4),
    "resnet18-simcc": ("resnet18", "simcc", "simcc-kl", 64, 64, 4),
    "resnet34": ("resnet34", "heatmap", "heatmap-mse", 64, 64, 4),
    "resnet50": ("resnet50", "heatmap", "heatmap-mse", 64, 64, 4),
    "resnet50-regression": ("resnet50", "regression", "mse", 64, 64, 4),
    "resnet101": ("resnet101", "heatmap", "heatmap-mse", 64, 64, 4),
    "hrnet-w32": ("hrnet-w32", "heatmap", "heatmap-mse", 64, 64, 4),
}
SEEDS = range(1, 5)


class Margins:
    """While it is open: the smallest distance from a jump, as a share of the layer's deviation."""

    def __enter__(self):
        self.smallest = float("inf")
        self.relu, self.pool = F.relu, F.max_pool2d
        F.relu, F.max_pool2d = self.watch_relu, self.watch_pool
        return self

    def __exit__(self, *_):
        F.relu, F.max_pool2d = self.relu, self.pool

    def note(self, distance, x):
        self.smallest = min(self.smallest, float(distance / x.detach().std()))

    def watch_relu(self, x, inplace=False):
        self.note(x.detach().abs().min(), x)
        return self.relu(x)

    def watch_pool(self, x, kernel, stride=None, padding=0, *_, **__):
        windows = F.unfold(
            F.pad(x.detach().flatten(0, 1)[:, None], [padding] * 4, value=-1e9), kernel, stride=stride or kernel)
        top = windows.topk(2, 1).values
        # Zeros that a ReLU made give no gradient, whichever of them wins.
        gap = torch.where(top[:, 0] > 0, top[:, 0] - top[:, 1], torch.inf)
        self.note(gap.min(), x)
        return self.pool(x, kernel, stride, padding)


def alternate(tensor, amplitude):
    signs = torch.ones_like(tensor)
    signs[1::2] = -1
    with torch.no_grad():
        tensor.copy_(signs * amplitude)


def separate(network, images):
    """Moves the network away from its kinks; the amplitude of each bias by its name."""
    amplitudes = {}
    last = [m for m in network.modules() if isinstance(m, (torch.nn.Linear, torch.nn.Conv2d))][-1]
    for name, module in network.named_modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            amplitudes[f"{name}.bias"] = 4.0
            alternate(module.bias, 4.0)
        elif isinstance(module, (torch.nn.Linear, torch.nn.Conv2d)) and module.bias is not None:
            if module is last or ".flow." in name or name.endswith("fc.2") or name in ("head", "final_layer") or "mlp_head" in name:
                continue
            seen = []
            hook = module.register_forward_hook(lambda _, __, out: seen.append(float(out.detach().std())))
            network(images)
            hook.remove()
            amplitude = float(f"{6 * seen[0]:.2g}")
            amplitudes[f"{name}.bias"] = amplitude
            alternate(module.bias, amplitude)
    return amplitudes


def gradients(case, seed, dtype):
    model, head, loss_name, width, height, batch = case
    network = networks.build(model, head, width, height, loss=loss_name)
    values.initialise(network)
    network.to(dtype).train()
    images, points, weights = (x[0].to(dtype) for x in values.batches(1, batch, width, height, seed=seed))
    # A deviation that is next to nothing makes an error that is next to infinite.
    scales = {"resnet.fc.2.weight": 0.01} if loss_name == "rle" else {}
    with torch.no_grad():
        for name, scale in scales.items():
            network.get_parameter(name).mul_(scale)
    amplitudes = separate(network, images)
    with Margins() as margins:
        result = losses.loss(loss_name, network(images), points, weights, width, height, network)
    result.backward()
    found = {n: p.grad.detach().double().flatten() for n, p in network.named_parameters()}
    return float(result), found, (amplitudes, scales), margins.smallest


def main():
    FOLDER.mkdir(exist_ok=True)
    torch.manual_seed(0)
    for name in sys.argv[1:] or CASES:
        case = CASES[name]
        tried = [(gradients(case, seed, torch.float64), seed) for seed in SEEDS]
        (value, exact, amplitudes, margin), seed = max(tried, key=lambda x: x[0][3])
        _, single, _, _ = gradients(case, seed, torch.float32)
        whole = sum(float(g.norm()) ** 2 for g in exact.values()) ** 0.5
        worst = max(
            float((single[n] - g).norm()) / max(float(g.norm()), 1e-2 * whole) for n, g in exact.items())
        document = dict(zip(["model", "head", "loss", "width", "height", "batch"], case))
        document |= {
            "seed": seed, "margin": margin, "float32_error": worst, "pytorch": torch.__version__,
            "loss_float64": value, "biases": amplitudes[0], "scales": amplitudes[1],
            "gradients": {
                n: {"norm": float(f"{float(g.norm()):.9g}"),
                    "samples": [float(f"{float(g[i]):.7g}") for i in golden.samples(len(g))]}
                for n, g in exact.items()}}
        (FOLDER / f"{name}.json").write_text(json.dumps(document, separators=(",", ":")) + "\n")
        print(f"{name:22} seed {seed} margin {margin:.1e} float32 error {worst:.1e} loss {value:.6g}", flush=True)


if __name__ == "__main__":
    main()
