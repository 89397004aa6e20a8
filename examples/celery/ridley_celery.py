"""A job of Ridley by Celery: every task of its plan is a task of Celery's.

    celery -A ridley_celery worker --concurrency 4        # on every machine
    python ridley_celery.py JOB                           # what 'ridley job start --external' told; again after 'ridley job retry'
"""

import os
import sys

from celery import Celery

import ridley_task
from ridley_task import NeverDone, OtherPlan, TryAgain, WrongCall

app = Celery("ridley_celery", broker=os.environ.get("CELERY_BROKER_URL", "redis://127.0.0.1:6379/0"))
app.conf.update(
    # A message is taken back where its process is killed; what a film does to Ridley never kills Celery's process.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    # Results are in the library: none here, so no chord that could lose one.
    task_ignore_result=True,
    # Redis lends a message out anew after this time: longer than the longest task, since it is also how long a lost machine is waited for.
    broker_transport_options={"visibility_timeout": int(os.environ.get("CELERY_VISIBILITY_SECONDS", "3600"))},
    broker_connection_retry_on_startup=True,
)

# So often 'last' asks for pieces that are not done before the item is begun anew, which costs little where they are.
PATIENCE = 40


def pause(retries):
    return min(2**retries, 30)


@app.task(bind=True, max_retries=None)
def item(self, job, number):
    """Cuts an item, and sends its tasks."""
    try:
        count = ridley_task.plan(job, number)
    except TryAgain as trouble:
        raise self.retry(exc=trouble, countdown=pause(self.request.retries))
    for task in range(count - 1):
        piece.delay(job, number, task)
    last.delay(job, number, count)


@app.task(bind=True, max_retries=20)
def piece(self, job, number, task):
    try:
        ridley_task.run(job, number, task)
    except TryAgain as trouble:
        raise self.retry(exc=trouble, countdown=pause(self.request.retries))
    except (NeverDone, OtherPlan):
        return  # 'last' is told the same, and acts upon it


@app.task(bind=True, max_retries=None)
def last(self, job, number, count):
    """The merge, or the only task. While pieces are not done it is tried again, and holds no process meanwhile."""
    try:
        ridley_task.run(job, number, count - 1)
    except NeverDone:
        return  # the item has failed, and the library has the reason
    except OtherPlan:
        item.delay(job, number)
    except TryAgain as trouble:
        if self.request.retries >= PATIENCE:
            item.delay(job, number)
            return
        raise self.retry(exc=trouble, countdown=pause(self.request.retries))


def submit(job):
    numbers = ridley_task.all_open_items(job)
    for number in numbers:
        item.delay(job, number)
    return len(numbers)


if __name__ == "__main__":
    try:
        print(f"{submit(sys.argv[1])} items were sent; 'ridley job show {sys.argv[1]}' tells how far they are")
    except WrongCall as refusal:
        sys.exit(str(refusal))
