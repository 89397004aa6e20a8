"""TransNet V2 as ONNX, by PyTorch's own exporter; transnetv2_export.py does it in a Python of its own that has PyTorch."""
import os
import pathlib
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
REQUIREMENTS = HERE / "transnetv2-requirements.txt"


def made(sources, mirror=None):
    with tempfile.TemporaryDirectory() as folder:
        python = installed(pathlib.Path(folder) / "venv", mirror)
        target = pathlib.Path(folder) / "made"
        target.mkdir()
        if subprocess.run([python, HERE / "transnetv2_export.py", target]).returncode:
            raise ValueError("PyTorch could not write the network")
        return {path.name: path.read_bytes() for path in target.iterdir()}


def installed(venv, mirror=None):
    """A Python with the exporter, each of whose packages pip compares with its pinned digest."""
    python = os.environ.get("PYTHON", "python3.11")
    ways = ["--find-links", mirror] if mirror else []
    try:
        subprocess.run([python, "-m", "venv", venv], check=True)
        subprocess.run(
            [venv / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:",
             "--require-hashes", "--requirement", REQUIREMENTS, *ways], check=True)  # fmt: skip
    except (OSError, subprocess.CalledProcessError) as error:
        raise ConnectionError(
            f"the exporter could not be installed ({error}): it wants Python 3.11 with venv, and pip must find PyTorch's CPU wheel in an "
            "index or folder that PIP_EXTRA_INDEX_URL or PIP_FIND_LINKS name")
    return venv / "bin/python"
