"""A server under a service manager such as systemd: what it is handed, what it tells, and whom it serves across restarts."""
import json
import os
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

import conftest
import pytest


class Manager:
    """Owns the listening socket and the place where the service tells its state, and starts the service, as systemd does."""

    def __init__(self, ridley, folder):
        self.ridley, self.folder = ridley, folder
        conftest.make_repository(os.path.join(folder, "models"))
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.told.bind(os.path.join(folder, "notify"))
        self.told.settimeout(60)
        self.process = None

    def command(self, *options):
        return [self.ridley, "serve", "--models", os.path.join(self.folder, "models"), *options]

    def start(self, *options, abstract=None, **how):
        own = {"RIDLEY_HOME": f"{self.folder}/home", "RIDLEY_CACHE": f"{self.folder}/cache",
               "NOTIFY_SOCKET": abstract or f"{self.folder}/notify"}
        # The number of the process must stand in LISTEN_PID, which only the process itself knows.
        words = ["/bin/sh", "-c", 'export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@"', "sh", *self.command(*options)]
        self.errors = open(os.path.join(self.folder, "errors"), "w+")
        self.process = subprocess.Popen(
            words, env=os.environ | own, stdin=subprocess.DEVNULL, stderr=self.errors, pass_fds=[3],
            preexec_fn=lambda: os.dup2(self.listener.fileno(), 3), **how)
        return self.process

    def wait_for(self, word):
        while True:
            said = self.told.recv(4096).decode().split("\n")
            if word in said:
                return said

    def stop(self):
        self.process.terminate()
        self.wait_for("STOPPING=1")
        return self.process.wait(60)


@pytest.fixture
def manager(ridley, tmp_path):
    found = Manager(ridley, str(tmp_path))
    yield found
    if found.process and found.process.poll() is None:
        found.process.kill()


def ask(address, timeout=60):
    tensors = [{"name": name, "datatype": "FP32", "shape": [1, 3], "data": [1] * 3} for name in "ab"]
    request = urllib.request.Request(f"http://{address}/v2/models/add-f32/infer", json.dumps({"inputs": tensors}).encode())
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status if json.load(answer)["outputs"][0]["data"] == [2] * 3 else "wrong"
    except urllib.error.HTTPError as error:
        return error.code
    except OSError as error:
        return repr(error)


def test_it_says_when_it_is_ready_and_when_it_stops(manager):
    manager.start()
    said = manager.wait_for("READY=1")
    assert f"STATUS=serving at http://{manager.address}" in said
    assert ask(manager.address) == 200
    assert manager.stop() == 0


def test_who_comes_while_models_are_loaded_waits_for_them(manager):
    manager.start()
    # No 503 from a server that is not ready yet: the connection waits in the socket.
    assert ask(manager.address) == 200
    assert manager.stop() == 0


def test_restarts_under_load_lose_no_request(manager):
    manager.start()
    manager.wait_for("READY=1")
    answers, is_over = [], threading.Event()

    def client():
        while not is_over.is_set():
            answers.append(ask(manager.address))

    clients = [threading.Thread(target=client) for _ in range(6)]
    for one in clients:
        one.start()
    for _ in range(4):
        before = len(answers)
        while len(answers) < before + 50:
            time.sleep(0.01)
        assert manager.stop() == 0
        manager.start()
        manager.wait_for("READY=1")
    is_over.set()
    for one in clients:
        one.join()
    assert len(answers) >= 200 and set(answers) == {200}, {answer: answers.count(answer) for answer in set(answers)}
    assert manager.stop() == 0


def test_a_crash_keeps_who_waits(manager):
    manager.start()
    manager.wait_for("READY=1")
    with open(f"/proc/{manager.process.pid}/task/{manager.process.pid}/children") as file:
        os.kill(int(file.read().split()[0]), 9)
    assert ask(manager.address) == 200
    manager.wait_for("READY=1")
    assert manager.stop() == 0


def test_no_second_address(manager):
    manager.start("--listen", "127.0.0.1:1")
    assert manager.process.wait(60) == 2
    manager.errors.seek(0)
    assert "'listen' says 127.0.0.1:1: say it in one place" in manager.errors.read()


def test_a_socket_for_another_process_is_not_taken(manager):
    process = subprocess.Popen(
        manager.command("--listen", "127.0.0.1:0"), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, pass_fds=[3],
        preexec_fn=lambda: os.dup2(manager.listener.fileno(), 3),
        env=os.environ | {"RIDLEY_HOME": manager.folder, "RIDLEY_CACHE": manager.folder, "LISTEN_PID": "1", "LISTEN_FDS": "1"})
    assert manager.address not in process.stderr.readline()
    process.terminate()
    assert process.wait(60) == 0


def test_a_trusted_proxy_asks_for_keys(ridley, tmp_path):
    os.mkdir(tmp_path / "models")
    refused = subprocess.run(
        [ridley, "serve", "--models", tmp_path / "models", "--listen", "127.0.0.1:0", "--trusted-proxy", "127.0.0.1"],
        env=os.environ | {"RIDLEY_HOME": str(tmp_path)}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert refused.returncode == 6 and "there are no keys" in refused.stderr, refused.stderr
