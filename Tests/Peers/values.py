"""The engine's counter-based random numbers (Sources/Support/CounterRandom.swift), so that both sides
make the same initial weights, pictures and keypoints without exchanging files."""

import numpy as np
import torch

GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def mix(z):
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


class CounterRandom:
    def __init__(self, seed, name):
        state = 0xCBF29CE484222325
        for byte in name.encode():
            state = ((state ^ byte) * 0x100000001B3) % 2**64
        self.key = mix(np.array([seed ^ state], dtype=np.uint64))

    def bits(self, index):
        return mix(self.key + (np.asarray(index, dtype=np.uint64) + np.uint64(1)) * GOLDEN)

    def uniform(self, index):
        return (self.bits(index) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def normal(self, count):
        index = np.arange(count, dtype=np.uint64) * np.uint64(2)
        radius = np.sqrt(-2 * np.log(1 - self.uniform(index)))
        return radius * np.cos(2 * np.pi * self.uniform(index + np.uint64(1)))


def initial(name, tensor, kind, seed):
    """The first values of a parameter: kind is ("normal", deviation), ("uniform", bound) or a number."""
    if not isinstance(kind, tuple):
        return torch.full_like(tensor, kind)
    random = CounterRandom(seed, name)
    count = tensor.numel()
    if kind[0] == "normal":
        values = random.normal(count) * kind[1]
    else:
        values = (2 * random.uniform(np.arange(count)) - 1) * kind[1]
    return torch.from_numpy(values.astype(np.float32)).reshape(tensor.shape)


def initialise(model, seed=0):
    """Gives every parameter the engine's first values."""
    with torch.no_grad():
        for module_name, module in model.named_modules():
            for name, parameter in module.named_parameters(recurse=False):
                full = f"{module_name}.{name}" if module_name else name
                parameter.copy_(initial(full, parameter, rule(module, full, name, parameter), seed))


def rule(module, full, name, parameter):
    if isinstance(module, torch.nn.BatchNorm2d):
        return 1.0 if name == "weight" else 0.0
    if isinstance(module, torch.nn.Linear):
        if ".flow." in full and name == "weight":
            return ("uniform", 0.01 * (6 / (module.in_features + module.out_features)) ** 0.5)
        if "mlp_head" in full:
            return ("normal", 0.01) if name == "weight" else 0.0
        return ("uniform", 1 / module.in_features**0.5)
    if name == "bias":
        return 0.0
    if isinstance(module, torch.nn.ConvTranspose2d) or full in ("final_layer.weight", "head.weight"):
        return ("normal", 0.001)
    kernel = parameter.shape[2] * parameter.shape[3]
    return ("normal", (2 / (kernel * parameter.shape[0])) ** 0.5)


def batches(count, batch, width, height, keypoints=17, seed=1):
    """Noise pictures [N, 3, H, W], keypoints in px and weights; every fifth keypoint is missing."""
    total = count * batch
    pixels = CounterRandom(seed, "images").normal(total * height * width * 3).astype(np.float32)
    images = torch.from_numpy(pixels).reshape(count, batch, height, width, 3).permute(0, 1, 4, 2, 3)
    places = CounterRandom(seed, "keypoints").uniform(np.arange(total * keypoints * 2))
    places = places.reshape(count, batch, keypoints, 2)
    size = np.array([width, height], dtype=np.float64)
    points = torch.from_numpy((2 + places * (size - 5)).astype(np.float32))
    weights = torch.ones(count, batch, keypoints)
    weights.view(-1)[4::5] = 0
    return images.contiguous(), points, weights
