"""Ridley's side of every recipe: the tasks of a job as functions, which return, or raise what their program ended with.

Needs Python 3.9 and nothing else. The environment says where things are, for whoever starts a job and for every worker alike:
RIDLEY_HOME with the library in its folder 'library', or RIDLEY_STORE, RIDLEY_OBJECTS and RIDLEY_BUS; RIDLEY_MODELS; RIDLEY is the
program, where it is not 'ridley' in PATH.
"""

import json
import os
import subprocess
import time

PROGRAM = os.environ.get("RIDLEY", "ridley")


class NeverDone(Exception):
    """The item has failed for good; 'ridley job show JOB --failed' tells why. Another attempt would say the same."""


class TryAgain(Exception):
    """Another attempt, a little later, may do better."""


class OtherPlan(Exception):
    """The item is one task by now, since it cannot be looked at for sure in pieces: ask for its plan again."""


class WrongCall(Exception):
    """There is no such job, no right to it, or the words are wrong: no attempt fares better until somebody has looked."""


def words(job, item, number):
    """The program and its words for a task, for engines that start programs themselves."""
    return [PROGRAM, "task", "run", f"{job}/{item}", str(number)]


def judge(code, text):
    """Returns where a task is done, and raises where it is not."""
    text = text.strip()[-2000:]
    if code == 0:
        return
    if code == 65:
        raise NeverDone(text)
    if code == 2 and "has no task" in text:
        raise OtherPlan(text)
    if code in (2, 3, 6):
        raise WrongCall(text)
    raise TryAgain(text or f"it ended with {code}")


def run(job, item, number):
    """Does one task of an item. It may be done twice, late, or in two places at once: what comes of it is published once."""
    done = subprocess.run(words(job, item, number), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace")
    judge(done.returncode, done.stderr)


def patiently(call, *words, attempts=6):
    """For engines whose own attempts have no pauses between them: 1, 2, 4, 8 and 16 seconds are waited."""
    for attempt in range(attempts):
        try:
            return call(*words)
        except TryAgain:
            if attempt == attempts - 1:
                raise
            time.sleep(2**attempt)


def run_patiently(job, item, number):
    return patiently(run, job, item, number)


def plan_patiently(job, item):
    return patiently(plan, job, item)


def plan(job, item):
    """How many tasks an item is: pieces, and the merge of them as the last one, or a single task, as what crashes whoever cuts it is."""
    done = subprocess.run([PROGRAM, "task", "plan", f"{job}/{item}", "--json"], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
    judge(done.returncode, done.stderr)
    return json.loads(done.stdout)["tasks"]


def open_items(job, after=None, limit=1000):
    """A page of the numbers of items that are not over, and where the next page begins, None after the last.

    After 'ridley job retry' these are the items that are tried again, and no others.
    """
    state, after = (after or "waiting:").split(":", 1)
    listed = [PROGRAM, "job", "show", job, "--items", state, "--limit", str(limit), "--json"] + (["--after", after] if after else [])
    done = subprocess.run(listed, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
    judge(done.returncode, done.stderr)
    page = json.loads(done.stdout)
    numbers = [item["number"] for item in page["items"]]
    if page.get("next"):
        return numbers, f"{state}:{page['next']}"
    return numbers, "cut:" if state == "waiting" else None


def all_open_items(job):
    """All of them, each once, listed before any is begun: what is begun meanwhile moves from one list to the other."""
    found, after = {}, None
    while True:
        numbers, after = open_items(job, after)
        found.update(dict.fromkeys(numbers))
        if after is None:
            return list(found)
