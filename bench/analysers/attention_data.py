"""What bench/analysers/attention and memorability share: the Python they need, and models for Ridley."""
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

import environment  # noqa: E402
from environment import say  # noqa: E402,F401

ROOT = os.path.dirname(os.path.dirname(HERE))
FOLDER = os.path.join(ROOT, "build", "bench", "attention")


def installed():
    """This very script in a Python that has what it stands on."""
    environment.enter(sys.argv[0], os.path.join(FOLDER, "venv"), os.path.join(HERE, "attention-requirements.txt"))


def model(name, files, manifest):
    """A folder of models with one in it."""
    folder = os.path.join(FOLDER, "models")
    shutil.rmtree(os.path.join(folder, name), ignore_errors=True)
    os.makedirs(os.path.join(folder, name))
    for path in files:
        shutil.copy(path, os.path.join(folder, name))
    with open(os.path.join(folder, name, "model.yaml"), "w") as out:
        out.write(manifest)
    return folder


def made(name, mirror=None):
    """A folder of models with the one of the checkout's manifest in it, made by tools/network."""
    folder = os.path.join(FOLDER, "made")
    shutil.copytree(os.path.join(ROOT, "models", name), os.path.join(folder, name), dirs_exist_ok=True)
    command = [os.path.join(ROOT, "tools", "network"), name, "--to", os.path.join(folder, name)]
    if subprocess.run(command + (["--mirror", mirror] if mirror else []), stdout=subprocess.DEVNULL).returncode:
        raise SystemExit(f"skipped: {name} could not be made here")
    return folder


def analyze(ridley, files, name, folder, more=()):
    """The predictions of each file, in the order of the files."""
    command = [ridley, "analyze", *files, "--model", name, "--models", folder, "--json", "--force", "--output",
               os.path.join(FOLDER, "report"), *more]
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if ran.returncode != 0:
        raise SystemExit(f"bench: ridley failed: {ran.stderr.strip() or ran.stdout.strip()}")
    return [file["predictions"] for file in json.loads(ran.stdout)["files"]]
