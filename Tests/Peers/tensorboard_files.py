"""Reads the TensorBoard files of a run with TensorBoard's own reader and compares them with events.ndjson.

    python3 Tests/Peers/tensorboard_files.py POSETOP
"""

import json
import pathlib
import subprocess
import sys
import tempfile

from tensorboard.backend.event_processing import event_accumulator
from tensorboard.plugins.hparams import plugin_data_pb2


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory(prefix="posetop-tensorboard-") as folder:
        folder = pathlib.Path(folder)
        for words in (["figures", folder / "data", "-n", "24"],
                      ["train", folder / "data", "--run", folder / "run", "--epochs", "3", "--input", "48x64",
                       "--batch", "8", "--headless", "--tensorboard"]):
            subprocess.run([program, *map(str, words)], check=True, capture_output=True)
        events = [json.loads(line) for line in open(folder / "run/events.ndjson")]
        reader = event_accumulator.EventAccumulator(
            str(folder / "run"), size_guidance={"scalars": 0, "images": 0, "tensors": 0})
        reader.Reload()
        tags = reader.Tags()
        print("scalars:", len(tags["scalars"]), "images:", tags["images"])
        pairs = [("train/loss", "step", "loss"), ("train/learning_rate", "step", "lr"),
                 ("val/loss", "epoch", "val_loss"), ("val/PCK@0.1", "epoch", "PCK@0.1")]
        for tag, event, key in pairs:
            got = [(point.step, point.value) for point in reader.Scalars(tag)]
            wanted = [(record["step"], {**record, **record.get("metrics", {})}[key])
                      for record in events if record["event"] == event]
            assert [step for step, _ in got] == [step for step, _ in wanted], tag
            worst = max(abs(a - b) / max(1e-12, abs(b)) for (_, a), (_, b) in zip(got, wanted))
            assert worst < 1e-6, (tag, worst)
            print(f"{tag}: {len(got)} points, largest difference {worst:.1e}")
        images = reader.Images("samples")
        assert images and images[0].encoded_image_string.startswith(b"\x89PNG")
        print("samples:", len(images), "pictures", images[0].width, "x", images[0].height)
        metadata = reader.summary_metadata["_hparams_/session_start_info"]
        data = plugin_data_pb2.HParamsPluginData.FromString(metadata.plugin_data.content)
        settings = data.session_start_info.hparams
        assert settings["batch"].number_value == 8 and settings["input"].string_value == "48x64"
        assert settings["shuffle"].bool_value
        print("hyper-parameters:", len(settings))
        end = plugin_data_pb2.HParamsPluginData.FromString(
            reader.summary_metadata["_hparams_/session_end_info"].plugin_data.content)
        assert end.session_end_info.status == 1


if __name__ == "__main__":
    main()
