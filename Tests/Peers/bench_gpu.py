"""Times training steps of posetop and PyTorch on the same GPU, in one run, and prints ratios.

    python3 Tests/Peers/bench_gpu.py [POSETOP] [--steps N] [CASE...]

A case is MODEL:HEAD:WIDTHxHEIGHT:BATCH. PyTorch runs as the tutorial does (eager, float32, as installed: TF32
convolutions), with automatic mixed precision (bf16, channels last, fused Adam), and at its best (the same,
compiled). Everything is on the GPU before the first step; a step is forward, backward and Adam.
Without POSETOP only PyTorch is timed.
"""

import argparse
import json
import statistics
import subprocess
import time

CASES = ["cnn:regression:224x224:32", "resnet50:heatmap:224x224:32"]


def torch_step(case, steps, mode):
    import torch

    import losses
    import networks
    import values

    model, head, size, batch = case.split(":")
    width, height = map(int, size.split("x"))
    network = networks.build(model, head, width, height).cuda()
    network.train()
    images, points, weights = values.batches(1, int(batch), width, height)
    images, points, weights = images[0].cuda(), points[0].cuda(), weights[0].cuda()
    if mode != "eager":
        network = network.to(memory_format=torch.channels_last)
        images = images.contiguous(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4, fused=mode != "eager")
    name = {"regression": "mse", "heatmap": "heatmap-mse"}[head]
    run = torch.compile(network) if mode == "compiled" else network
    times = []
    for step in range(5 + steps):
        torch.cuda.synchronize()
        start = time.perf_counter()
        optimizer.zero_grad()
        with torch.autocast("cuda", torch.bfloat16, enabled=mode != "eager"):
            prediction = run(images)
        losses.loss(name, prediction.float(), points, weights, width, height).backward()
        optimizer.step()
        torch.cuda.synchronize()
        if step >= 5:
            times.append(time.perf_counter() - start)
    return statistics.median(times), torch.cuda.max_memory_allocated()


def posetop_step(program, case, steps, precision):
    model, head, size, batch = case.split(":")
    command = [program, "bench", f"{model}:{head}", "--device", "cuda", "--input", size, "--batch", batch,
               "--steps", str(steps), "--precision", precision, "--optimizer", "adam", "--json"]
    text = subprocess.run(command, capture_output=True, text=True)
    if text.returncode != 0:
        return None
    return json.loads(text.stdout)["cases"][0]["median_seconds"]


def main():
    import torch

    parser = argparse.ArgumentParser()
    parser.add_argument("program", nargs="?")
    parser.add_argument("cases", nargs="*", default=CASES)
    parser.add_argument("--steps", type=int, default=30)
    arguments = parser.parse_args()
    print(torch.cuda.get_device_name(), "PyTorch", torch.__version__, "cuDNN", torch.backends.cudnn.version())
    for case in arguments.cases:
        row = {}
        for mode in ["eager", "amp", "compiled"]:
            row[mode], _ = torch_step(case, arguments.steps, mode)
        for precision in ["tf32", "bf16"] if arguments.program else []:
            row[precision] = posetop_step(arguments.program, case, arguments.steps, precision)
        print(case, " ".join(f"{k} {1e3 * v:.2f} ms" for k, v in row.items() if v))
        for precision in ["tf32", "bf16"]:
            if row.get(precision):
                ratios = " ".join(f"{row[m] / row[precision]:.2f}x {m}" for m in ["eager", "amp", "compiled"])
                print(f"  posetop {precision}: {ratios}")


if __name__ == "__main__":
    main()
