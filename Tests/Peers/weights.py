"""Loads posetop's weight files into PyTorch's networks (strict=True), compares what both predict, and gives
PyTorch's file back to posetop.

    python3 Tests/Peers/weights.py POSETOP

The pictures have the input's size already, so both see the same values bit for bit. Compared are the
validation losses of one epoch's weights, with batch norm's running statistics.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file

import losses
import networks
import values

CASES = [
    ("lite", "heatmap", "heatmap-mse", 48, 64), ("cnn", "regression", "mse", 64, 64),
    ("cnn-pooled", "regression", "mse", 64, 64), ("resnet18", "regression", "wing", 64, 64),
    ("resnet18", "heatmap", "heatmap-mse", 64, 64), ("resnet50", "heatmap", "heatmap-mse", 64, 64),
    ("resnet18", "simcc", "simcc-kl", 64, 64), ("resnet18", "regression", "rle", 64, 64),
    ("hrnet-w32", "heatmap", "heatmap-mse", 64, 64),
]
BATCH = 4
MEAN, DEVIATION = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


def dataset(folder, width, height, count=16):
    """Pictures of noise with keypoints in them, in the tutorial's layout; a batch of PyTorch's tensors."""
    path = pathlib.Path(folder) / f"{width}x{height}"
    (path / "images").mkdir(parents=True, exist_ok=True)
    _, points, _ = values.batches(1, count, width, height)
    random = np.random.default_rng(0)
    records, images = [], []
    for i in range(count):
        pixels = random.integers(0, 256, (height, width, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path / "images" / f"{i}.png")
        records.append({"image_name": f"{i}.png", "keypoints": points[0, i].double().tolist()})
        images.append(((pixels / 255 - MEAN) / DEVIATION).astype(np.float32).transpose(2, 0, 1))
    (path / "annotations.json").write_text(json.dumps(records))
    return path, torch.from_numpy(np.stack(images)), points[0]


def train(program, data, run, model, head, loss, size, *more):
    command = [program, "train", data, "--val", data, "--run", run, "--model", model, "--head", head, "--loss",
               loss, "--input", size, "--epochs", "1", "--batch", str(BATCH), "--augment", "none", "--headless",
               "--lr", "1e-3", *more]
    subprocess.run([str(word) for word in command], check=True, capture_output=True)
    return [json.loads(line) for line in open(f"{run}/events.ndjson")]


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        for model, head, loss, width, height in CASES:
            data, images, points = dataset(folder, width, height)
            run = pathlib.Path(folder) / f"{model}-{head}-{loss}"
            events = train(program, data, run, model, head, loss, f"{width}x{height}")
            ours = next(e["val_loss"] for e in events if e["event"] == "epoch")
            network = networks.build(model, head, width, height, loss=loss)
            state = load_file(run / "best.safetensors")
            network.load_state_dict(state, strict=True)
            network.eval()
            with torch.no_grad():
                theirs = np.mean([
                    float(losses.loss(loss, network(images[i : i + BATCH]), points[i : i + BATCH],
                                      torch.ones(BATCH, 17), width, height, network))
                    for i in range(0, len(images), BATCH)])
            torch.save(network.state_dict(), f"{folder}/state.pth")
            again = f"{run}-again"
            events = train(program, data, again, model, head, loss, f"{width}x{height}", "--init",
                           f"{folder}/state.pth", "--lr", "1e-30", "--steps", "1", "--warmup", "0")
            said = [e["message"]["text"] for e in events
                    if e["event"] == "notice" and "tensors" in json.dumps(e)]
            back = load_file(f"{again}/last.safetensors")
            equal = all(torch.equal(back[n], t) for n, t in state.items()
                        if "running" not in n and "tracked" not in n)
            print(f"{model:10} {loss:12} {len(state):4} tensors strict; val loss {ours:.7g}, PyTorch {theirs:.7g} "
                  f"({abs(ours / theirs - 1):.1e}); back equal: {equal}; {said[0]}", flush=True)


if __name__ == "__main__":
    main()
