"""Finds the program, and becomes it. Imports nothing of this package, so that the command starts quickly."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# Where the wheel has the program; a checkout has none there.
PROGRAM = os.path.join(HERE, "program", "bin", "ridley")
# Which libraries of the engine it was built with, one name a line.
ENGINE = os.path.join(HERE, "program", "engine")


class Missing(Exception):
    """What is needed is not here; the message says how it comes."""


def program() -> str:
    """The file of the program: the wheel's, else the one that is called by its name."""
    if os.path.isfile(PROGRAM):
        return PROGRAM
    found = shutil.which("ridley")
    if found is None:
        raise Missing("there is no program 'ridley': install the wheel that has it, or put it on PATH")
    return found


def environment() -> dict[str, str]:
    """What the program is started with: its own engine's folder is told where the program would not find it by itself."""
    known = dict(os.environ)
    if not os.path.isfile(ENGINE):
        return known
    with open(ENGINE, encoding="utf-8") as file:
        release, *names = file.read().split()
    usual = os.path.join(os.path.dirname(HERE), "openvino", "libs")
    for folder in (usual, *_folders()):
        if all(os.path.isfile(os.path.join(folder, name)) for name in names):
            if folder != usual:
                known["LD_LIBRARY_PATH"] = ":".join(filter(None, (folder, known.get("LD_LIBRARY_PATH"))))
            return known
    raise Missing(f"the inference engine is missing, or is another release: {sys.executable} -m pip install openvino=={release}")


def _folders() -> list[str]:
    """Where this Python would find the engine's package, which is not imported."""
    spec = importlib.util.find_spec("openvino")
    return [os.path.join(place, "libs") for place in (spec.submodule_search_locations or [])] if spec else []


def main() -> None:
    """Is replaced by the program: its signals, its exit code, its input and output are the command's own."""
    import signal

    try:
        file, known = program(), environment()
    except Missing as error:
        sys.exit(f"ridley: {error}")
    # Python ignores these, and what is ignored stays so in the program.
    for name in ("SIGPIPE", "SIGXFSZ"):
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    try:
        os.execve(file, ["ridley", *sys.argv[1:]], known)
    except OSError as error:
        sys.exit(f"ridley: {file} cannot be started: {error.strerror}")
