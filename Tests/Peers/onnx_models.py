"""Runs posetop's ONNX files in ONNX Runtime and compares with what posetop itself makes of the same input.

    python3 Tests/Peers/onnx_models.py POSETOP

For every model and head: the checker passes; the plain graph, the one with the pixels' normalisation inside,
and the three decodings give posetop's numbers within 1e-4 (relative to the largest value or 1: keypoints are
pixels of the input, and float32 has seven digits), for a batch of two and for one picture. posetop's own numbers come from `export --example`.
"""

import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
from safetensors.numpy import load_file

CASES = [
    ("lite", "heatmap", "heatmap-mse", "96x128"), ("cnn", "regression", "mse", "64x64"),
    ("cnn-pooled", "regression", "mse", "224x224"), ("resnet18", "regression", "wing", "224x224"),
    ("resnet18", "regression", "rle", "128x128"), ("resnet18", "heatmap", "heatmap-mse", "192x256"),
    ("resnet18", "simcc", "simcc-kl", "128x160"), ("resnet34", "heatmap", "heatmap-mse", "96x128"),
    ("resnet50", "heatmap", "heatmap-mse", "192x256"), ("resnet50", "regression", "mse", "224x224"),
    ("resnet50", "simcc", "simcc-kl", "96x128"), ("resnet101", "heatmap", "heatmap-mse", "96x128"),
    ("hrnet-w32", "heatmap", "heatmap-mse", "96x128"),
]
LIMIT = 1e-4


def run(program, *words):
    done = subprocess.run([program, *map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"posetop {' '.join(map(str, words))}: {done.stderr}")


def outputs(path, feed):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"]).run(None, feed)


def flat_prediction(results):
    """ONNX's output as posetop's [N, H, W, C]."""
    if len(results) == 2:
        return np.concatenate(results, axis=2)
    return results[0].transpose(0, 2, 3, 1) if results[0].ndim == 4 else results[0]


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    worst = 0.0
    with tempfile.TemporaryDirectory(prefix="posetop-onnx-") as folder:
        folder = pathlib.Path(folder)
        run(program, "figures", folder / "data", "-n", "8")
        for model, head, loss, size in CASES:
            name = folder / f"{model}-{head}-{loss}"
            run(program, "train", folder / "data", "--run", name, "--model", model, "--head", head, "--loss", loss,
                "--input", size, "--epochs", "1", "--batch", "4", "--augment", "none", "--headless")
            file, example = folder / "model.onnx", folder / "example.safetensors"
            errors = []
            for decode in (None, "dark", "quarter", "none"):
                more = ["--decode", decode] if decode else []
                run(program, "export", name, "--to", "onnx", "-o", file, "--example", example, *more)
                onnx.checker.check_model(str(file), full_check=True)
                truth = load_file(str(example))
                both = outputs(file, {"images": truth["images"]})
                if decode is None:
                    wanted, got = truth["prediction"], flat_prediction(both)
                    errors.append(np.abs(got.reshape(wanted.shape) - wanted).max() / max(1, np.abs(wanted).max()))
                else:
                    errors.append(np.abs(both[0] - truth["keypoints"]).max() / max(1, truth["keypoints"].max()))
                one = outputs(file, {"images": truth["images"][1:]})
                errors.append(np.abs(one[0][0] - both[0][1]).max() / max(1, np.abs(both[0]).max()))
            run(program, "export", name, "--to", "onnx", "-o", file, "--normalize", "--decode", "dark")
            onnx.checker.check_model(str(file), full_check=True)
            wanted = outputs_dark(program, name, folder)
            errors.append(np.abs(outputs(file, {"images": truth["pixels"]})[0] - wanted).max()
                          / max(1, wanted.max()))
            print(f"{model:10} {head:10} {loss:12} {size:8} largest difference {max(errors):.2e}", flush=True)
            worst = max(worst, *errors)
    print(f"worst of all {worst:.2e}, limit {LIMIT}")
    sys.exit(0 if worst <= LIMIT else 1)


def outputs_dark(program, name, folder):
    """posetop's own keypoints, refined by DARK."""
    example = folder / "dark.safetensors"
    run(program, "export", name, "--to", "onnx", "-o", folder / "other.onnx", "--decode", "dark", "--example", example)
    return load_file(str(example))["keypoints"]


if __name__ == "__main__":
    main()
