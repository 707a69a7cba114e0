import Datasets
import Imaging
import Pose
import Support

private let points = (0..<17).map { "[\($0 * 2 + 5), \($0 * 3 + 5)]" }
private let flat = (0..<17).map { "\($0 * 2 + 5), \($0 * 3 + 5), 2" }.joined(separator: ", ")

let datasetReaders = [
  annotations(
    "seed", "annotations.json", picture: "images/a.png",
    "[{\"image_name\": \"a.png\", \"keypoints\": [\(points.joined(separator: ", "))], \"bbox\": [1, 2, 30, 40]}]"
  ),
  annotations(
    "coco", "person_keypoints.json", picture: "images/a.png",
    """
    {"images": [{"id": 7, "file_name": "a.png", "width": 50, "height": 70}],
     "annotations": [{"id": 1, "image_id": 7, "category_id": 2, "keypoints": [\(flat)],
       "bbox": [2, 3, 40, 60], "area": 900, "iscrowd": 0, "num_keypoints": 17}],
     "categories": [{"id": 2, "name": "person", "skeleton": [[1, 2]], "keypoints":
      [\(KeypointSchema.coco17.keypoints.map { "\"\($0)\"" }.joined(separator: ", "))]}]}
    """),
  annotations(
    "mpii", "train.json", picture: "images/a.png",
    """
    [{"image": "a.png", "center": [30.5, 40], "scale": 0.25, "head_box": [10, 5, 30, 25],
      "joints": [\(points.prefix(16).joined(separator: ", "))],
      "joints_vis": [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]}]
    """),
  annotations(
    "aichallenger", "keypoint_annotations.json", picture: "a.jpg",
    """
    [{"image_id": "a", "human_annotations": {"human1": [1, 2, 40, 60]}, "keypoint_annotations":
      {"human1": [\((0..<14).map { "\($0 + 5), \($0 * 2 + 5), 1" }.joined(separator: ", "))]}}]
    """),
  annotations(
    "yolo-labels", "labels/a.txt", picture: "images/a.png",
    "0 0.5 0.5 0.4 0.8 0.1 0.2 2 0.3 0.4 1 0 0 0\n0 0.5 0.5 1 1 0.9 0.2 2 0.3 0.4 1 1 1 2\n",
    beside: ("data.yaml", "train: images\nkpt_shape: [3, 3]\n")),
  annotations(
    "yolo-yaml", "data.yaml", picture: "images/a.png",
    "path: .\ntrain: images  # all\nkpt_shape: [3, 3]\nflip_idx: [0, 2, 1]\nnames: {0: person}\n",
    beside: ("labels/a.txt", "0 0.5 0.5 0.4 0.8 0.1 0.2 2 0.3 0.4 1 0 0 0\n")),
  Reader(
    "detections",
    [
      """
      [{"image_id": 7, "category_id": 1, "keypoints": [\(flat)], "score": 0.25},
       {"image_id": 9, "category_id": 1, "bbox": [1, 2, 30, 40], "score": 0.75}]
      """
    ]
  ) { bytes in
    guard let found = try? COCODetections(path: try Scratch.write(bytes, "found.json")) else {
      return false
    }
    precondition(found.records.allSatisfy { $0.score.isFinite })
    return true
  },
]

/// A reader of an annotation file with one picture beside it.
private func annotations(
  _ name: String, _ file: String, picture: String, _ text: String,
  beside: (name: String, text: String)? = nil
) -> Reader {
  Reader(name, [text]) { bytes in
    let folder = "data-\(name)"
    if !Path.isFolder(Path.join(Scratch.folder, folder)) {
      let pixels = ImageBuffer(width: 50, height: 70)
      _ = try Scratch.write(
        picture.hasSuffix(".jpg")
          ? try ImageEncoder.jpeg(pixels, quality: 80) : try ImageEncoder.png(pixels),
        "\(folder)/\(picture)")
      if let beside { _ = try Scratch.write(Array(beside.text.utf8), "\(folder)/\(beside.name)") }
    }
    _ = try Scratch.write(bytes, "\(folder)/\(file)")
    guard let set = try? DatasetCatalog.open(path: Path.join(Scratch.folder, folder)) else {
      return false
    }
    for sample in set.samples {
      precondition(sample.keypoints.count == set.schema.count)
      precondition(sample.keypoints.allSatisfy { $0.x.isFinite && $0.y.isFinite })
    }
    return true
  }
}
