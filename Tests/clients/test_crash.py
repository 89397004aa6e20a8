"""A server whose process crashes is at work again at once, and ends as it is told to."""
import os
import signal
import time
import urllib.request

import conftest
import pytest


@pytest.fixture
def alone(ridley, tmp_path):
    """A server that no other test uses."""
    conftest.make_repository(os.path.join(tmp_path, "models"))
    served = conftest.Served(ridley, str(tmp_path))
    yield served
    served.stop()


def worker(served):
    """The process that serves, if there is one now; the one that was started only looks after it."""
    number = served.process.pid
    with open(f"/proc/{number}/task/{number}/children") as file:
        return next((int(child) for child in file.read().split()), None)


def names(served):
    with urllib.request.urlopen(f"http://{served.address}/v1/models", timeout=5) as answer:
        return answer.read()


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL])
def test_a_crash_is_mended(alone, number):
    first, before = worker(alone), names(alone)
    os.kill(first, number)
    end = time.monotonic() + 30
    while worker(alone) in (None, first) or not alone.is_ready():
        assert alone.process.poll() is None and time.monotonic() < end, alone.told()
        time.sleep(0.02)
    assert names(alone) == before
    assert "crash" in alone.told()
    assert alone.stop() == 0
