"""A job of Ridley by Dask: every task of its plan is a task of Dask's, and the merge of an item depends on its pieces.

    dask scheduler ; dask worker SCHEDULER --nthreads 1 --nworkers 4     # ridley_task.py is in their PYTHONPATH
    python ridley_dask.py JOB tcp://SCHEDULER:8786                       # again where it ended early, or after 'ridley job retry'
"""

import sys

from distributed import Client, as_completed, wait

import ridley_task
from ridley_task import NeverDone, OtherPlan, TryAgain, WrongCall

# Items whose tasks Dask holds at a time: its scheduler keeps each task in memory.
BATCH = 500
# How often open items are begun anew before this gives up: where workers were lost too often, or an item became one task.
ROUNDS = 5


def plan(job, item):
    """None where it cannot be said yet: that must not pass for one task, since the others would be left out."""
    try:
        return ridley_task.plan_patiently(job, item)
    except TryAgain:
        return None


def task(job, item, number, after=()):
    """`after` are the item's pieces, for the merge. An ending that says something about the film is a value: Dask retries errors at once."""
    try:
        ridley_task.run_patiently(job, item, number)
    except (NeverDone, OtherPlan, TryAgain) as ending:
        return type(ending).__name__
    return "Done"


def send(client, job, items):
    """Sends the items' tasks as their plans come; returns once all are done."""
    # Never pure: a task of the same name that is run again is meant to be run again. Never kept: what was published needs no memory here.
    plans = {client.submit(plan, job, item, pure=False): item for item in items}
    held = []
    for planned in as_completed(plans):
        count = planned.result() if planned.status == "finished" else None
        if count is None:
            continue  # the next round has it again
        item = plans[planned]
        pieces = [client.submit(task, job, item, number, pure=False) for number in range(count - 1)]
        held.append(client.submit(task, job, item, count - 1, pieces, pure=False))
    wait(held)
    for future in [*plans, *held]:
        # What Dask gave up because its workers were killed over and over stays open, for the next round.
        if future.status == "error" and isinstance(future.exception(), WrongCall):
            future.result()


def main(job, scheduler):
    with Client(scheduler) as client:
        for _ in range(ROUNDS):
            items = ridley_task.all_open_items(job)
            if not items:
                return 0
            for first in range(0, len(items), BATCH):
                send(client, job, items[first : first + BATCH])
    return 75 if ridley_task.all_open_items(job) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
