"""Writes the small PyTorch files of Tests/SupportTests/Fixtures."""

import collections
import pathlib

import torch

FOLDER = pathlib.Path(__file__).parent.parent / "SupportTests" / "Fixtures"


def main():
    FOLDER.mkdir(exist_ok=True)
    base = torch.arange(24, dtype=torch.float32) / 4
    state = collections.OrderedDict()
    state["layer.weight"] = base.reshape(2, 3, 4)
    state["layer.turned"] = base.reshape(4, 6).t()
    state["layer.part"] = base.reshape(4, 6)[1:3, 2:4]
    state["half"] = torch.tensor([0.5, -2.0, 65504.0, 6e-8]).half()
    state["brain"] = torch.tensor([1.0, -3.5]).bfloat16()
    state["double"] = torch.tensor([0.1, 1e30], dtype=torch.float64)
    state["parameter"] = torch.nn.Parameter(torch.tensor([7.0]))
    state["bn.num_batches_tracked"] = torch.tensor(3)
    torch.save(state, FOLDER / "state.pth")
    torch.save({"epoch": 3, "state_dict": state, "best": 0.5}, FOLDER / "nested.pth")
    torch.save({"weight": torch.zeros(2)}, FOLDER / "old.pth", _use_new_zipfile_serialization=False)


if __name__ == "__main__":
    main()
