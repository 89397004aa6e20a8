"""A Python of a bench's own, with the pinned packages that it stands on."""
import os
import shutil
import subprocess
import sys


def say(line):
    print(f"bench: {line}", file=sys.stderr, flush=True)


def made(folder, *lists, no_deps=False):
    """The Python in `folder` with the packages of these lists, each by its hash; made anew when a list changes."""
    python, stamp = os.path.join(folder, "bin", "python"), os.path.join(folder, "requirements.txt")
    wanted = "".join(open(each).read() for each in lists)
    if os.path.exists(stamp) and open(stamp).read() == wanted:
        return python
    say("installing what " + ", ".join(os.path.basename(str(each)) for each in lists) + f" names into {folder}")
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    for each in lists:
        words = ["install", "--quiet", "--disable-pip-version-check", "--require-hashes", *["--no-deps"] * no_deps, "-r", str(each)]
        subprocess.run([python, "-m", "pip", *words], check=True)
    with open(stamp, "w") as file:
        file.write(wanted)
    return python


def enter(script, folder, *lists, no_deps=False):
    """Goes on with the script in that Python; returns where it runs there already."""
    python = made(folder, *lists, no_deps=no_deps)
    if os.path.realpath(sys.prefix) != os.path.realpath(folder):
        os.execv(python, [python, os.path.abspath(script), *sys.argv[1:]])
