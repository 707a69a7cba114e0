"""pycocotools' figures for the drawn persons and detections of ScoringTests.swift.

    python3 Tests/Peers/coco_scores.py [PICTURES]
    python3 Tests/Peers/coco_scores.py ANNOTATIONS DETECTIONS

Prints the ten numbers. The drawn set is a function of splitmix64, the same as in Swift.
"""
import contextlib
import io
import json
import sys
import tempfile

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

MASK = (1 << 64) - 1
KEYPOINTS = 17


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


class Random:
    def __init__(self, key):
        self.key = key

    @staticmethod
    def named(seed, name):
        value = 0xCBF29CE484222325
        for byte in name.encode():
            value = ((value ^ byte) * 0x100000001B3) & MASK
        return Random(mix(seed ^ value))

    def stream(self, first, second=0):
        one = mix(self.key ^ mix((first + 0xA0761D6478BD642F) & MASK))
        return Random(mix(one ^ mix((second + 0xE7037ED1A0B428DB) & MASK)))

    def bits(self, index, below):
        return mix((self.key + (index + 1) * 0x9E3779B97F4A7C15) & MASK) % below


def drawn(pictures):
    random = Random.named(17, "score")
    images, annotations, detections = [], [], []
    for image in range(1, pictures + 1):
        images.append({"id": image, "file_name": f"{image}.png", "width": 640, "height": 640})
        dice = random.stream(image)
        for person in range(dice.bits(0, 5)):
            one = random.stream(image, person + 1)
            x, y = one.bits(0, 400), one.bits(1, 300)
            w, h = 12 + one.bits(2, 200), 20 + one.bits(3, 260)
            crowd = one.bits(4, 12) == 0
            empty = crowd or one.bits(5, 9) == 0
            places, points, labelled = [], [], 0
            for k in range(KEYPOINTS):
                px, py = x + one.bits(11 + 3 * k, w + 1), y + one.bits(12 + 3 * k, h + 1)
                v = 0 if empty else one.bits(10 + 3 * k, 3)
                places.append((px, py))
                points += [px, py, v] if v else [0, 0, 0]
                labelled += v > 0
            annotations.append({
                "id": len(annotations) + 1, "image_id": image, "category_id": 1,
                "bbox": [x, y, w, h], "area": w * h // 2, "iscrowd": int(crowd),
                "keypoints": points, "num_keypoints": labelled})
            for copy in range(one.bits(6, 3)):
                found = random.stream(image, 1000 + 10 * person + copy)
                spread = found.bits(0, 16)
                detections.append(detection(image, found, [
                    (px + found.bits(1 + 2 * k, 2 * spread + 1) - spread,
                     py + found.bits(2 + 2 * k, 2 * spread + 1) - spread)
                    for k, (px, py) in enumerate(places)]))
        for copy in range(25 if image % 10 == 0 else dice.bits(1, 3)):
            found = random.stream(image, 5000 + copy)
            detections.append(detection(image, found, [
                (found.bits(1 + 2 * k, 600), found.bits(2 + 2 * k, 600))
                for k in range(KEYPOINTS)]))
    truth = {"images": images, "annotations": annotations, "categories": [
        {"id": 1, "name": "person", "keypoints": [str(k) for k in range(KEYPOINTS)]}]}
    return truth, detections


def detection(image, found, points):
    return {"image_id": image, "category_id": 1, "score": found.bits(100, 50) / 50,
            "keypoints": [value for x, y in points for value in (x, y, 0.5)]}


def scores(truth, detections):
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(truth)
        evaluation = COCOeval(coco, coco.loadRes(detections), "keypoints")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return [float(value) for value in evaluation.stats]


def main():
    if len(sys.argv) == 3:
        print(json.dumps(scores(sys.argv[1], sys.argv[2])))
        return
    truth, detections = drawn(int(sys.argv[1]) if len(sys.argv) == 2 else 60)
    with tempfile.TemporaryDirectory() as folder:
        for name, value in (("truth", truth), ("found", detections)):
            with open(f"{folder}/{name}.json", "w") as file:
                json.dump(value, file)
        print(json.dumps(scores(f"{folder}/truth.json", f"{folder}/found.json")))
        print(len(truth["annotations"]), len(detections))


if __name__ == "__main__":
    main()
