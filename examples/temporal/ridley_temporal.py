"""A job of Ridley by Temporal: a workflow for the job, one for each item, and an activity for each task of its plan.

    python ridley_temporal.py worker [--at 127.0.0.1:7233] [--tasks 4]     # on every machine
    python ridley_temporal.py start JOB [--at …]                           # waits for it; again after 'ridley job retry'
"""

import argparse
import asyncio
import os
import signal
import sys
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import RetryPolicy, WorkflowIDConflictPolicy
from temporalio.exceptions import ActivityError, ApplicationError, ChildWorkflowError
from temporalio.worker import Worker

with workflow.unsafe.imports_passed_through():
    import ridley_task

QUEUE = "ridley"
# A worker that says nothing for so long is lost, and its task is given to another: the server knows of no other sign.
SILENCE = timedelta(seconds=int(os.environ.get("RIDLEY_SILENCE_SECONDS", "30")))
# A history holds 51,200 events; a page of items, and an item of so many pieces at a time, stay far below.
PAGE, PIECES = 200, 500


def refused(ending):
    """What an exit code means, as Temporal has it: only TryAgain is tried again."""
    return ApplicationError(str(ending), type=type(ending).__name__, non_retryable=not isinstance(ending, ridley_task.TryAgain))


async def program(words):
    """Runs a program, says every second that it does, and ends it where the activity is cancelled."""
    process = await asyncio.create_subprocess_exec(*words, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE)
    reading = asyncio.ensure_future(process.communicate())
    try:
        while not (await asyncio.wait([reading], timeout=1))[0]:
            activity.heartbeat()
    except asyncio.CancelledError:
        process.terminate()  # the task is given back, and ends with 75
        await reading
        raise
    return process.returncode, reading.result()[1].decode(errors="replace")


@activity.defn
async def task(job: str, item: int, number: int) -> None:
    code, text = await program(ridley_task.words(job, item, number))
    try:
        ridley_task.judge(code, text)
    except Exception as ending:
        raise refused(ending) from None


@activity.defn
async def plan(job: str, item: int) -> int:
    return await asking(ridley_task.plan, job, item)


@activity.defn
async def open_items(job: str, after: "str | None") -> list:
    return list(await asking(ridley_task.open_items, job, after, PAGE))


async def asking(what, *words):
    """In a thread, while the server is told that somebody is at it."""
    asked = asyncio.ensure_future(asyncio.to_thread(what, *words))
    try:
        while not (await asyncio.wait([asked], timeout=1))[0]:
            activity.heartbeat()
        return asked.result()
    except Exception as ending:
        raise refused(ending) from None


def ending(error):
    """The name of what an activity ended with."""
    return getattr(error.cause, "type", None) or type(error.cause).__name__


def do(what, *words):
    return workflow.execute_activity(
        what, args=list(words), start_to_close_timeout=timedelta(hours=12), heartbeat_timeout=SILENCE,
        retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1), maximum_attempts=12))


@workflow.defn
class RidleyItem:
    """Returns 'Done', or 'NeverDone', which the library has the reason of."""

    @workflow.run
    async def run(self, job: str, item: int) -> str:
        for _ in range(3):
            count = await do(plan, job, item)
            for first in range(0, count - 1, PIECES):
                numbers = range(first, min(first + PIECES, count - 1))
                await asyncio.gather(*[do(task, job, item, number) for number in numbers], return_exceptions=True)
            try:
                # Always asked, also after pieces that failed: it is what says how the item is.
                await do(task, job, item, count - 1)
                return "Done"
            except ActivityError as error:
                if ending(error) == "NeverDone":
                    return "NeverDone"
                if ending(error) == "WrongCall":
                    raise
        raise ApplicationError(f"the item {item} is not done after three rounds", non_retryable=True)


@workflow.defn
class RidleyJob:
    """Begins a page of items after the other, and each page in a history of its own."""

    @workflow.run
    async def run(self, job: str, after: "str | None" = None, failed: int = 0) -> int:
        numbers, after = await do(open_items, job, after)
        results = await asyncio.gather(
            *[workflow.execute_child_workflow(RidleyItem.run, args=[job, number], id=f"ridley-{job}-{number}") for number in numbers],
            return_exceptions=True)
        for result in results:
            if isinstance(result, ChildWorkflowError):
                workflow.logger.error("an item is left open: %s", result.cause)
            elif isinstance(result, BaseException):
                raise result
        failed += sum(result != "Done" for result in results)
        if after is not None:
            workflow.continue_as_new(args=[job, after, failed])
        return failed


async def work(at, tasks):
    client = await Client.connect(at)
    worker = Worker(client, task_queue=QUEUE, workflows=[RidleyJob, RidleyItem], activities=[task, plan, open_items],
                    max_concurrent_activities=tasks, graceful_shutdown_timeout=timedelta(seconds=5))
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with worker:
        await stop.wait()


async def start(at, job):
    client = await Client.connect(at)
    failed = await client.execute_workflow(
        RidleyJob.run, args=[job, None, 0], id=f"ridley-{job}", task_queue=QUEUE, id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING)
    print(f"{failed} items are not done; 'ridley job show {job} --failed' tells why" if failed else "all items are done")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["worker", "start"])
    parser.add_argument("job", nargs="?")
    parser.add_argument("--at", default="127.0.0.1:7233")
    parser.add_argument("--tasks", type=int, default=os.cpu_count())
    asked = parser.parse_args()
    if asked.what == "start" and not asked.job:
        parser.error("say which job")
    if asked.what == "worker":
        asyncio.run(work(asked.at, asked.tasks))
    else:
        asyncio.run(start(asked.at, asked.job))
        # Past the end of Python, in which threads of Temporal's client abort the process now and then (sdk-python#300).
        sys.stdout.flush()
        os._exit(0)
