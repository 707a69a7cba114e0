"""Times training steps of posetop and PyTorch in alternation, on the same cores, and prints a table.

    python3 Tests/Peers/bench.py POSETOP [--threads N] [--steps N] [CASE...]

A case is MODEL:HEAD:WIDTHxHEIGHT:BATCH, and :frozen for a frozen backbone. PyTorch runs as the tutorial does (eager, float32), and at its
best settings (channels last, bf16 autocast, fused Adam). Each side runs in a process of its own.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time

CASES = [
    "lite:heatmap:96x128:32", "resnet18:regression:224x224:32", "resnet18:heatmap:224x224:32",
    "cnn:regression:224x224:32", "resnet50:regression:224x224:16",
    "resnet18:regression:224x224:32:frozen",
]


def torch_step(case, threads, steps, best):
    import torch

    import losses
    import networks
    import values

    torch.set_num_threads(threads)
    model, head, size, batch, *frozen = case.split(":")
    width, height = map(int, size.split("x"))
    network = networks.build(model, head, width, height)
    network.train()
    if frozen:
        # As the tutorial does: nothing is trained but the new layers at the end.
        for name, parameter in network.named_parameters():
            parameter.requires_grad = ".fc." in name
    trained = [p for p in network.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(trained, lr=1e-4, fused=best)
    images, points, weights = values.batches(1, int(batch), width, height)
    images, points, weights = images[0], points[0], weights[0]
    if best:
        network = network.to(memory_format=torch.channels_last)
        images = images.contiguous(memory_format=torch.channels_last)
    name = {"regression": "mse", "heatmap": "heatmap-mse", "simcc": "simcc-kl"}[head]
    times = []
    for step in range(2 + steps):
        start = time.perf_counter()
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=best):
            prediction = network(images)
        losses.loss(name, prediction.float(), points, weights, width, height).backward()
        optimizer.step()
        if step >= 2:
            times.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"median_seconds": statistics.median(times), "peak_bytes": peak}))


def posetop_step(program, case, threads, steps):
    model, head, size, batch, *frozen = case.split(":")
    command = [program, "bench", f"{model}:{head}", "--input", size, "--batch", batch, "--threads",
               str(threads), "--steps", str(steps), "--optimizer", "adam", "--json"]
    if frozen:
        command += ["--freeze", "all"]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["cases"][0]


def peer(case, threads, steps, best):
    command = [sys.executable, __file__, "--torch", case, "--threads", str(threads), "--steps", str(steps)]
    return json.loads(subprocess.run(command + ["--best"] * best, check=True, capture_output=True).stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("words", nargs="*")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--torch")
    parser.add_argument("--best", action="store_true")
    given = parser.parse_args()
    if given.torch:
        return torch_step(given.torch, given.threads, given.steps, given.best)
    program, *cases = given.words
    print("case                                   posetop s  eager s  best s  x eager  x best  memory x")
    for case in cases or CASES:
        ours, eager, best = [], [], []
        for _ in range(given.rounds):
            ours.append(posetop_step(program, case, given.threads, given.steps))
            eager.append(peer(case, given.threads, given.steps, False))
            best.append(peer(case, given.threads, given.steps, True))
        o, e, b = (statistics.median(r["median_seconds"] for r in x) for x in (ours, eager, best))
        memory = max(r["peak_bytes"] for r in ours) / max(r["peak_bytes"] for r in eager)
        print(f"{case:38} {o:9.3f} {e:8.3f} {b:7.3f} {e / o:8.2f} {b / o:7.2f} {memory:9.2f}", flush=True)


if __name__ == "__main__":
    main()
