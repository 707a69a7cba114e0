"""Trains posetop's lite in PyTorch with posetop's default recipe on the same pictures, and writes the
validation people as a COCO results file for `posetop score`.

    python3 Tests/Peers/train_lite.py RUN RESULTS.json --epochs N [--threads N] [--seed N]

RUN is a posetop run on a COCO data set: its recipe.json says the data, the validation pictures and
the input. Crops are decoded once and kept; the warp of each epoch is a grid_sample. Needs torch and PIL.
"""

import argparse
import json
import math
import pathlib
import time

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

import losses
import networks
import values

COCO = ("nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder left_elbow right_elbow "
        "left_wrist right_wrist left_hip right_hip left_knee right_knee left_ankle right_ankle").split()
PAIRS = [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]
MEAN, STD = torch.tensor([.485, .456, .406]), torch.tensor([.229, .224, .225])
REACH = 2.4  # side of the kept region in crops


def people(recipe):
    path = pathlib.Path(recipe["dataset"])
    file = path if path.is_file() else next(path.glob("*.json"))
    document = json.loads(file.read_text())
    names = [n.lower().replace(" ", "_") for n in document["categories"][0]["keypoints"]]
    order = [names.index(n) for n in COCO]
    images = {i["id"]: i for i in document["images"]}
    for a in document["annotations"]:
        points = np.array(a["keypoints"], dtype=float).reshape(-1, 3)[order]
        at = points[points[:, 2] > 0]
        box = a["bbox"]
        low, high = at[:, :2].min(0), at[:, :2].max(0)
        if max(box[2:]) <= max(high - low) / 4 or min(box[2:]) <= 1:
            box = [*low, *(high - low)]
        yield images[a["image_id"]], file.parent / "images" / images[a["image_id"]]["file_name"], box, points


class Person:
    """A kept region of a picture, and the map from the crop's pixels to it."""

    def __init__(self, image, path, box, points, width, height):
        x, y, w, h = box
        w, h = max(w, h * width / height) * 1.25, max(h, w * height / width) * 1.25
        self.image, self.points = image["id"], points
        self.scale = (width - 1) / w
        self.center = np.array([x + box[2] / 2, y + box[3] / 2])
        side = np.array([w, h]) * REACH
        low = self.center - side / 2
        region = Image.open(path).convert("RGB").transform(
            (int(width * REACH), int(height * REACH)), Image.EXTENT, (*low, *(low + side)),
            Image.BICUBIC if self.scale > 1 else Image.BILINEAR) if self.scale > .5 else \
            self.reduced(path, low, side, width, height)
        self.pixels = torch.from_numpy(np.asarray(region).copy()).permute(2, 0, 1)

    def reduced(self, path, low, side, width, height):
        picture = Image.open(path).convert("RGB")
        factor = 1
        while factor * 2 * self.scale <= 1:
            factor *= 2
        picture = picture.reduce(factor)
        return picture.transform(
            (int(width * REACH), int(height * REACH)), Image.EXTENT,
            (*(low / factor), *((low + side) / factor)), Image.BILINEAR)


def sample(person, width, height, random):
    """A crop [3, H, W] with its points and weights; random None for the plain one."""
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    zoom, angle, shift, mirror = 1.0, 0.0, np.zeros(2), False
    center, scale = person.center, person.scale
    if random is not None:
        if random.random() < .3 and (person.points[:, 2] > 0).sum() > 8:
            lower = np.arange(17) >= 11
            half = person.points[(lower != (random.random() < .7)) & (person.points[:, 2] > 0), :2]
            size = half.max(0) - half.min(0) if len(half) > 2 else np.zeros(2)
            if size.max() > 4:
                w = max(size[0], size[1] * width / height) * 1.5
                center, scale = half.mean(0), (width - 1) / w
        zoom = 1 / (1 + .3 * np.clip(random.standard_normal(), -1, 1))
        if random.random() < .6:
            angle = math.radians(40 * np.clip(random.standard_normal(), -2, 2))
        shift = .05 * random.uniform(-1, 1, 2) * [width, height]
        mirror = random.random() < .5
    turn = zoom * scale * np.array(
        [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    points = (person.points[:, :2] - center) @ turn.T + middle + shift
    weights = (person.points[:, 2] > 0).astype(np.float32)
    if mirror:
        points[:, 0] = width - 1 - points[:, 0]
        points, weights = points[PAIRS], weights[PAIRS]
    # From the crop's pixels to the region's -1...1.
    back = np.linalg.inv(turn)
    flip = np.diag([-1.0, 1.0]) if mirror else np.eye(2)
    a = back @ flip
    b = back @ (-(middle + shift) + (np.array([width - 1, 0]) if mirror else 0)) + center - person.center
    norm = person.scale * 2 / ((np.array([width, height]) - 1) * REACH)
    theta = np.zeros((2, 3))
    theta[:, :2] = norm[:, None] * a * ((np.array([width, height]) - 1) / 2)
    theta[:, 2] = norm * (a @ middle + b)
    grid = F.affine_grid(
        torch.from_numpy(theta).float()[None], (1, 3, height, width), align_corners=True)
    image = F.grid_sample(person.pixels[None].float() / 255, grid, align_corners=False)[0]
    if random is not None:
        contrast = 1 + .2 * random.uniform(-1, 1)
        gain = torch.from_numpy(contrast * (1 + .1 * random.uniform(-1, 1, 3))).float()
        image = image * gain[:, None, None] + (1 - contrast) / 2 + .15 * random.uniform(-1, 1)
    image = (image.clamp(0, 1) - MEAN[:, None, None]) / STD[:, None, None]
    inside = ((points >= -.5) & (points < np.array([width, height]) - .5)).all(1)
    return image, torch.from_numpy(points).float(), torch.from_numpy(weights * inside)


def dark(maps):
    """Peaks with DARK's Newton step, in pixels of the maps, and their heights (NumPy)."""
    k, h, w = maps.shape
    radius = max(1, int(2.75 * max(1.5, 2 * w / 48)))
    deviation = .3 * (radius - 1) + .8
    kernel = torch.exp(-torch.arange(-radius, radius + 1).float() ** 2 / (2 * deviation**2))
    kernel = kernel / kernel.sum()
    soft = F.conv2d(maps[:, None], kernel[None, None, :, None], padding=(radius, 0))
    soft = F.conv2d(soft, kernel[None, None, None], padding=(0, radius))[:, 0].clamp_min(1e-10).log()
    found = []
    for index in range(k):
        place = int(maps[index].argmax())
        x, y = place % w, place // w
        dx = dy = 0.0
        if 1 < x < w - 2 and 1 < y < h - 2:
            l = soft[index, y - 2:y + 3, x - 2:x + 3].double().numpy()
            gx, gy = (l[2, 3] - l[2, 1]) / 2, (l[3, 2] - l[1, 2]) / 2
            xx, yy = (l[2, 4] - 2 * l[2, 2] + l[2, 0]) / 4, (l[4, 2] - 2 * l[2, 2] + l[0, 2]) / 4
            xy = (l[3, 3] - l[3, 1] - l[1, 3] + l[1, 1]) / 4
            det = xx * yy - xy * xy
            if det > 1e-12 and xx < 0:
                sx, sy = -(yy * gx - xy * gy) / det, -(xx * gy - xy * gx) / det
                if abs(sx) <= 1.5 and abs(sy) <= 1.5:
                    dx, dy = sx, sy
        found.append((x + dx, y + dy, float(maps[index].max())))
    return np.array(found)


def validate(network, persons, width, height, path):
    network.eval()
    records = []
    with torch.no_grad():
        for start in range(0, len(persons), 32):
            part = persons[start:start + 32]
            maps = network(torch.stack([sample(p, width, height, None)[0] for p in part]))
            for person, each in zip(part, maps):
                found = dark(each)
                ratio = np.array([(width - 1) / (each.shape[2] - 1), (height - 1) / (each.shape[1] - 1)])
                places = (found[:, :2] * ratio - [(width - 1) / 2, (height - 1) / 2]) / person.scale
                sure = found[:, 2][found[:, 2] > .2]
                points = np.concatenate([places + person.center, found[:, 2:]], 1)
                records.append({"image_id": person.image, "category_id": 1, "score": float(sure.mean())
                                if len(sure) else 0.0, "keypoints": points.flatten().tolist()})
    pathlib.Path(path).write_text(json.dumps(records))
    network.train()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("run")
    parser.add_argument("results")
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    recipe = json.loads((pathlib.Path(given.run) / "recipe.json").read_text())
    width, height = map(int, recipe["input"].split("x"))
    batch = recipe["batch"]
    begin = time.perf_counter()
    held = set(recipe["validation_images"])
    training, validation = [], []
    for image, path, box, points in people(recipe):
        side = validation if image["file_name"] in held else training
        side.append(Person(image, path, box, points, width, height))
    network = networks.build("lite", "heatmap", width, height)
    values.initialise(network, given.seed)
    network.train()
    groups = [
        {"params": [p for p in network.parameters() if p.dim() > 1], "weight_decay": recipe["weight-decay"]},
        {"params": [p for p in network.parameters() if p.dim() == 1], "weight_decay": 0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=recipe["lr"])
    per_epoch = -(-len(training) // batch)
    total, warmup, step = given.epochs * per_epoch, recipe["warmup"], 0
    random = np.random.default_rng(given.seed)
    print(f"{len(training)} + {len(validation)} people, read in {time.perf_counter() - begin:.0f} s", flush=True)
    for epoch in range(given.epochs):
        start, summed = time.perf_counter(), 0.0
        order = random.permutation(len(training))
        for at in range(0, len(order), batch):
            rate = recipe["lr"] * (1 + math.cos(math.pi * min(1, max(0, (step - warmup) / (total - warmup))))) / 2
            rate *= min(1, .001 + .999 * step / (warmup - 1))
            for group in optimizer.param_groups:
                group["lr"] = rate
            images, points, weights = map(torch.stack, zip(*(
                sample(training[i], width, height, random) for i in order[at:at + batch])))
            optimizer.zero_grad()
            loss = losses.loss("heatmap-mse", network(images), points, weights, width, height)
            loss.backward()
            optimizer.step()
            step += 1
            summed += float(loss.detach()) * len(images)
        trained = time.perf_counter() - start
        validate(network, validation, width, height, given.results)
        print(f"epoch {epoch + 1}: loss {summed / len(order):.5f}, {trained:.1f} s, with validation "
              f"{time.perf_counter() - start:.1f} s", flush=True)
    print(f"done after {time.perf_counter() - begin:.0f} s", flush=True)


if __name__ == "__main__":
    main()
