"""The losses in PyTorch, written from their formulae (Sources/Graph/Ops/Losses.swift)."""

import math

import torch
from torch.nn import functional as F

SIGMAS = torch.tensor([
    .026, .025, .025, .035, .035, .079, .079, .072, .072, .062, .062, .107, .107, .087, .087, .089, .089])


def gaussians(points, weights, width, height, maps):
    """Targets [N, K, h, w] of unbiased coordinates, and the weights of points that touch the map."""
    h, w = maps.shape[2:]
    sigma = max(1.5, 2 * w / 48)
    radius = 3 * sigma
    mx = points[..., 0] * ((w - 1) / (width - 1))
    my = points[..., 1] * ((h - 1) / (height - 1))
    dx = torch.arange(w, dtype=maps.dtype, device=maps.device) - mx[..., None]
    dy = torch.arange(h, dtype=maps.dtype, device=maps.device) - my[..., None]
    gx = torch.where(dx.abs() <= radius, torch.exp(-dx**2 / (2 * sigma**2)), 0)
    gy = torch.where(dy.abs() <= radius, torch.exp(-dy**2 / (2 * sigma**2)), 0)
    touches = (mx > -radius) & (mx < w - 1 + radius) & (my > -radius) & (my < h - 1 + radius)
    return gy[..., :, None] * gx[..., None, :], weights * touches


def adaptive_wing(p, t):
    alpha, omega, epsilon, theta = 2.1, 14.0, 1.0, 0.5
    d = (p - t).abs()
    q = alpha - t
    a = omega / (1 + (theta / epsilon) ** q) * q * (theta / epsilon) ** (q - 1) / epsilon
    c = theta * a - omega * torch.log1p((theta / epsilon) ** q)
    return torch.where(d < theta, omega * torch.log1p((d / epsilon) ** q), a * d - c)


def heatmap(name, maps, points, weights, width, height):
    target, weights = gaussians(points, weights, width, height, maps)
    area = maps.shape[2] * maps.shape[3]
    error = adaptive_wing(maps, target) if name == "adaptive-wing" else (maps - target) ** 2
    each = (error.sum((2, 3)) * weights) / area
    if name == "heatmap-mse-all":
        return each.mean()
    if name == "ohkm":
        return each.topk(min(8, each.shape[1]), 1).values.mean()
    return each.sum() / (weights > 0).sum()


def regression(name, prediction, points, weights, width, height):
    size = torch.tensor([width, height], dtype=prediction.dtype, device=prediction.device)
    p = prediction.view(points.shape)
    d = p - points / size
    labelled = (weights > 0).sum()
    if name == "oks":
        losses = []
        for n in range(len(p)):
            at = weights[n] > 0
            extent = points[n][at].amax(0) - points[n][at].amin(0)
            area = max(0.53 * float(extent.prod()), width * height / 100)
            square = ((d[n][at] * size) ** 2).sum(1)
            losses.append(1 - torch.exp(-square / (2 * area * (2 * SIGMAS[at].to(p.dtype)) ** 2)).mean())
        return torch.stack(losses).mean()
    w = weights[..., None]
    if name == "weighted-mse":
        joint = torch.tensor([1.0] * 7 + [1.2, 1.2, 1.5, 1.5, 1, 1, 1.2, 1.2, 1.5, 1.5])
        w = w * joint[None, :, None].to(p.dtype)
    pixels = (d * size).abs()
    if name == "smooth-l1":
        error = F.smooth_l1_loss(p, points / size, reduction="none")
    elif name == "wing":
        c = 10 - 10 * math.log(1 + 10 / 2)
        error = torch.where(pixels < 10, 10 * torch.log1p(pixels / 2), pixels - c)
    elif name == "soft-wing":
        b = 2 - 20 * math.log(1 + 2 / 0.5)
        error = torch.where(pixels < 2, pixels, 20 * torch.log1p(pixels / 0.5) + b)
    else:
        error = d**2
    return (error * w).sum() / (2 * labelled)


def simcc(prediction, points, weights, width, height, sigma=6.0):
    total = 0
    keep = weights
    starts = [(0, 2 * width), (2 * width, 2 * height)]
    for axis, (_, bins) in enumerate(starts):
        mu = points[..., axis] * 2
        keep = keep * ((mu > -3 * sigma) & (mu < bins - 1 + 3 * sigma))
    for axis, (start, bins) in enumerate(starts):
        logits = prediction[..., start : start + bins]
        mu = points[..., axis : axis + 1] * 2
        grid = torch.arange(bins, dtype=prediction.dtype, device=prediction.device)
        target = torch.exp(-((grid - mu) ** 2) / (2 * sigma**2)) / (sigma * math.sqrt(2 * math.pi))
        each = F.kl_div(F.log_softmax(logits, -1), target, reduction="none").mean(-1)
        total = total + (each * keep).sum()
    return total / (prediction.shape[0] * prediction.shape[1])


def likelihood(flow, prediction, points, weights, width, height):
    """mmpose's RLELoss with its Laplace residual."""
    p = prediction.view(*points.shape[:2], 4)
    sigma = p[..., 2:].sigmoid()
    error = (p[..., :2] - points / torch.tensor([width, height], dtype=p.dtype)) / (sigma + 1e-9)
    log_phi = flow.log_prob(error.reshape(-1, 2)).view(*points.shape[:2], 1)
    each = sigma.log() - log_phi + (2 * sigma).log() + error.abs()
    return (each * weights[..., None]).sum() / len(p)


def loss(name, prediction, points, weights, width, height, network=None):
    """The loss of that name; `prediction` as the network gives it, which RLE's flow belongs to."""
    if name == "rle":
        return likelihood(network.loss.flow, prediction, points, weights, width, height)
    if name == "simcc-kl":
        return simcc(prediction, points, weights, width, height)
    if prediction.dim() == 4:
        return heatmap(name, prediction, points, weights, width, height)
    return regression(name, prediction, points, weights, width, height)
