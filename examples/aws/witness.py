#!/usr/bin/env python3
"""Stands for the image in the emulator: runs the function, and writes what its log says of tasks as contest.py's witness writes it of programs.

RIDLEY is the program, RIDLEY_HOME where the lines go.
"""

import json
import os
import subprocess
import sys

CODES = {"done": 0, "NeverDone": 65, "TryAgain": 75, "OtherPlan": 2, "WrongCall": 2}


def note(*what):
    with open(os.path.join(os.environ["RIDLEY_HOME"], "witness.log"), "a") as file:
        file.write(" ".join(map(str, what)) + "\n")


def main():
    function = subprocess.Popen([os.environ["RIDLEY"], "function", "task"], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    for line in function.stderr:
        sys.stderr.write(line)
        sys.stderr.flush()
        told = json.loads(line) if line.startswith("{") else {}
        if "job" not in told:
            continue
        words = ["task", told["do"], f"{told['job']}/{told['item']}", told.get("number", "")]
        if told["message"] == "a task begins":
            note("begun", os.getpid(), *words)
        elif told["message"] == "a task ended":
            note("ended", os.getpid(), CODES[told["ending"]], *words)
    sys.exit(max(0, function.wait()))


if __name__ == "__main__":
    main()
