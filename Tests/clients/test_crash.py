"""A server whose process crashes is at work again at once, and ends as it is told to."""
import json
import os
import signal
import threading
import time
import urllib.error
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


def ask(served, model, rows=1, timeout=20):
    """Adds ones to ones; gives the status."""
    tensors = [{"name": name, "datatype": "FP32", "shape": [rows, 3], "data": [1] * 3 * rows} for name in "ab"]
    url = f"http://{served.address}/v2/models/{model}/infer"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, json.dumps({"inputs": tensors}).encode()), timeout=timeout) as answer:
            assert json.load(answer)["outputs"][0]["data"] == [2] * 3 * rows
            return 200
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def described(served, model):
    with urllib.request.urlopen(f"http://{served.address}/v1/models/{model}", timeout=5) as answer:
        return json.load(answer)["versions"][-1]


def own_process(served):
    """Of the one model that has one."""
    server = worker(served)
    with open(f"/proc/{server}/task/{spawner(server)}/children") as file:
        children = [int(child) for child in file.read().split()]
    for child in children:
        with open(f"/proc/{child}/cmdline") as file:
            if "model-process" in file.read():
                return child
    return None


def spawner(server):
    """The thread that starts processes."""
    for thread in os.listdir(f"/proc/{server}/task"):
        with open(f"/proc/{server}/task/{thread}/children") as file:
            if file.read().strip():
                return thread
    return server


def until(what, end=60):
    end += time.monotonic()
    while not what():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_model_that_was_at_work_has_a_process_of_its_own(alone):
    model = "add-f32"
    over = threading.Event()

    def flood():
        while not over.is_set():
            ask(alone, model, rows=1024)

    askers = [threading.Thread(target=flood) for _ in range(4)]
    for asker in askers:
        asker.start()
    # Which moment it is at work is not known from outside: it is tried until it was.
    for _ in range(20):
        time.sleep(1)
        server = worker(alone)
        os.kill(server, signal.SIGSEGV)
        until(lambda: worker(alone) not in (None, server) and alone.is_ready())
        if described(alone, model).get("isolated"):
            break
    over.set()
    for asker in askers:
        asker.join()
    assert described(alone, model)["isolated"], alone.told()
    assert "isolated" not in described(alone, "add-u8")
    server = worker(alone)
    assert ask(alone, model, rows=5) == 200
    for crash in range(2):
        until(lambda: ask(alone, model) == 200)
        os.kill(own_process(alone), signal.SIGSEGV)
        until(lambda: ask(alone, model) == 503)
        assert alone.is_ready() and worker(alone) == server
    until(lambda: described(alone, model)["state"] == "unavailable")
    assert "3 times" in described(alone, model)["reason"]
    with urllib.request.urlopen(f"http://{alone.address}/metrics", timeout=5) as answer:
        assert f'ridley_model_crashes{{model="{model}",version="2"}} 3' in answer.read().decode()
    load = urllib.request.Request(f"http://{alone.address}/v2/repository/models/{model}/load", b"{}")
    urllib.request.urlopen(load, timeout=60).read()
    assert ask(alone, model) == 200 and worker(alone) == server
    assert alone.told().count("the server crashed") <= 20
    assert alone.stop() == 0
