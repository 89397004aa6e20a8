"""What one client, one file or one reader of a log does to a server, the others do not notice."""
import contextlib
import http.client
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import threading
import time

import conftest
import pytest
import test_crash

TENSOR = json.dumps({"inputs": [{"name": "b", "datatype": "FP32", "shape": [1, 4], "data": [1, 2, 3, 4]}]})


@pytest.fixture
def start(ridley, tmp_path):
    """Starts servers of one model and whatever else a test puts beside it, and ends them."""
    servers = []

    def begin(*options, prepare=None, **how):
        models = os.path.join(tmp_path, "models")
        if not os.path.exists(models):
            conftest.version(models, "add-f32", 1, "arithmetic-f32.onnx")
            if prepare:
                prepare(models)
        served = conftest.Served(ridley, str(tmp_path), *options, **how)
        servers.append(served)
        return served

    yield begin
    for served in servers:
        served.stop()


def ask(served, method, path, body=None, timeout=20, headers=None):
    """Status, headers and body of one request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=timeout)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def works(served):
    return ask(served, "GET", "/v2/models/add-f32/ready")[0] == 200


def configured(tmp_path, text):
    path = os.path.join(tmp_path, "ridley.yaml")
    with open(path, "w") as file:
        file.write(text)
    return ["--config", path]


def announce(served, count, key=None):
    """A request whose body is announced and does not come."""
    connection = socket.create_connection(("127.0.0.1", served.port))
    keyed = f"Authorization: Bearer {key}\r\n" if key else ""
    connection.sendall(
        f"POST /v2/models/add-f32/infer HTTP/1.1\r\nHost: 127.0.0.1\r\n{keyed}Content-Length: {count}\r\n\r\n".encode())
    return connection


def test_announced_bodies_take_nothing_from_others(start):
    served = start()
    with contextlib.ExitStack() as held:
        for _ in range(32):
            held.enter_context(announce(served, 64 << 20)).sendall(bytes(10_000))
        for _ in range(5):
            status, _, body = ask(served, "POST", "/v2/models/add-f32/infer", " " * 300_000 + TENSOR)
            assert status in (200, 400) and b"holds as much" not in body


def make_key(ridley, path, client):
    made = subprocess.run(
        [ridley, "key", "create", "--client", client, "--scope", "infer", "--keys", path, "--json"], check=True,
        capture_output=True, stdin=subprocess.DEVNULL)
    return json.loads(made.stdout)["key"]


def test_bodies_are_shared_by_key(ridley, start, tmp_path):
    keys = os.path.join(tmp_path, "keys.json")
    greedy, modest = make_key(ridley, keys, "greedy"), make_key(ridley, keys, "modest")
    served = start(*configured(tmp_path, "limits: { body: 4MiB, bodies: 8MiB }\n"), "--keys", keys)
    with contextlib.ExitStack() as held:
        refused = 0
        for _ in range(8):
            connection = held.enter_context(announce(served, 4 << 20, greedy))
            with contextlib.suppress(OSError):
                connection.sendall(bytes(2 << 20))
            connection.settimeout(0.5)
            with contextlib.suppress(OSError):
                refused += connection.recv(12) == b"HTTP/1.1 503"
        assert refused >= 5
        status, _, body = ask(
            served, "POST", "/v2/models/add-f32/infer", bytes(3 << 20), headers={"Authorization": f"Bearer {modest}"})
        assert status == 400, body


def test_more_connections_than_allowed_are_told(start, tmp_path):
    served = start(*configured(tmp_path, "limits: { connections: 4 }\n"))
    with contextlib.ExitStack() as held:
        for _ in range(4):
            held.enter_context(socket.create_connection(("127.0.0.1", served.port)))
        # The server takes connections when its thread has its turn.
        end = time.monotonic() + 10
        while (told := ask(served, "GET", "/healthz"))[0] != 503 and time.monotonic() < end:
            time.sleep(0.1)
        status, headers, body = told
        assert status == 503 and headers["Retry-After"] and b"too many connections" in body
    end = time.monotonic() + 10
    while not works(served) and time.monotonic() < end:
        time.sleep(0.1)
    assert works(served)


def test_a_half_closed_client_is_answered(start):
    served = start()
    for head in (f"POST /v2/models/add-f32/infer HTTP/1.1\r\nHost: a\r\nContent-Length: {len(TENSOR)}\r\n\r\n{TENSOR}",
                 "GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", served.port), 10) as connection:
            connection.sendall(head.replace("Host: a", "Host: 127.0.0.1").encode())
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while part := connection.recv(65536):
                answer += part
        assert answer.startswith(b"HTTP/1.1 ") and b"Content-Length" in answer and answer.count(b"HTTP/1.1") == 1, answer


def test_few_descriptors(start):
    """Connections take none of those that requests need; too many are told."""
    served = start("--poll", "300ms", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (96, 96)))
    open_before = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
    open_before.request("GET", "/healthz")
    assert open_before.getresponse().read()
    with contextlib.ExitStack() as held:
        for _ in range(150):
            with contextlib.suppress(OSError):
                held.enter_context(socket.create_connection(("127.0.0.1", served.port), 2))
        time.sleep(0.5)
        open_before.request("POST", "/v2/repository/models/add-f32/load")
        answer = open_before.getresponse()
        assert answer.status == 200, answer.read()
        answer.read()
        open_before.request("GET", "/v2/models/add-f32/ready")
        assert open_before.getresponse().status == 200
    assert "ulimit -n" in served.told()


def bad_files(models):
    for name in ("empty", "pipe/1", "broken/1"):
        os.makedirs(os.path.join(models, name))
    os.mkfifo(os.path.join(models, "pipe", "1", "model.onnx"))
    with open(os.path.join(models, "broken", "1", "model.yaml"), "w") as file:
        file.write("name: [")
    for name, text in (("aliased", "live: ["), ("blank", "")):
        conftest.version(models, name, 1, "arithmetic-f32.onnx")
        with open(os.path.join(models, name, "aliases.yaml"), "w") as file:
            file.write(text)
    os.symlink("/nowhere", os.path.join(models, "lost"))


def test_bad_files_cost_their_own_model(start):
    served = start(prepare=bad_files)
    assert works(served) and ask(served, "GET", "/v2/models/blank/ready")[0] == 200
    for name, words in (("empty", b"holds no version"), ("pipe", b"is a pipe"), ("broken", b"model.yaml:2:1:"),
                        ("aliased", b"aliases.yaml:2:1:"), ("lost", b"leads nowhere")):
        status, _, body = ask(served, "GET", f"/v2/models/{name}")
        assert status == 503 and words in body, (name, body)
        assert name in served.told()
    assert ask(served, "GET", "/v2/models/aliased/versions/1/ready")[0] == 200
    for path in ("/v1/models", "/v1/status", "/v2/models/pipe", "/v1/models/broken"):
        body = ask(served, "GET", path)[2]
        assert served.folder.encode() not in body and b"/nowhere" not in body, body
    problems = {problem["model"] for problem in json.loads(ask(served, "GET", "/v1/status")[2])["problems"]}
    assert problems == {"empty", "lost", "aliased"}


def test_poll_off(start):
    served = start("--poll", "off")
    conftest.version(os.path.join(served.folder, "models"), "late", 1, "arithmetic-f32.onnx")
    time.sleep(1)
    assert ask(served, "GET", "/v2/models/late/ready")[0] == 404
    assert ask(served, "POST", "/v2/repository/models/late/load")[0] == 200


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def is_alive(number):
    """Runs, and is not only waiting for its parent to notice its end."""
    try:
        with open(f"/proc/{number}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("reader", ["gone", "stuck"])
def test_a_reader_of_the_log(ridley, start, reader):
    """One that goes away, or does not read any more, does not end the server, nor keep it from being started again."""
    read, write = os.pipe()
    served = start(output=write)
    os.close(write)
    if reader == "gone":
        os.close(read)
    else:
        os.set_blocking(write_end := os.open(f"/proc/self/fd/{read}", os.O_WRONLY), False)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(write_end, bytes(4096))
    first = test_crash.worker(served)
    os.kill(first, signal.SIGSEGV)
    wait_for(lambda: test_crash.worker(served) not in (None, first) and served.is_ready())
    assert served.process.poll() is None
    assert served.stop() == 0
    if reader == "stuck":
        os.close(read)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGPIPE, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM])
def test_signals_that_mean_nothing(start, number):
    served = start()
    for process in (served.process.pid, test_crash.worker(served)):
        os.kill(process, number)
    time.sleep(0.3)
    assert served.process.poll() is None and works(served)
    assert served.stop() == 0


def test_the_worker_ends_with_its_supervisor(start):
    served = start()
    worker = test_crash.worker(served)
    served.process.kill()
    served.process.wait()
    wait_for(lambda: not is_alive(worker), 5)


def test_a_start_that_fails_after_a_crash_is_tried_again(ridley, start, tmp_path):
    keys = os.path.join(tmp_path, "keys.json")
    make_key(ridley, keys, "acme")
    served = start("--keys", keys)
    shutil.copy(keys, keys + ".good")
    with open(keys, "w") as file:
        file.write("{")
    time.sleep(1.5)
    assert ask(served, "GET", "/healthz")[0] == 200 and "keys.json:" in served.told()
    os.kill(test_crash.worker(served), signal.SIGSEGV)
    wait_for(lambda: "did not start" in served.told())
    assert served.process.poll() is None
    os.replace(keys + ".good", keys)
    wait_for(served.is_ready)
    assert served.stop() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("pause", [0.0, 0.02, 0.1, 0.3])
def test_it_ends_at_any_moment_of_its_start(ridley, tmp_path, number, pause):
    conftest.make_repository(os.path.join(tmp_path, "models"))
    homes = {"RIDLEY_HOME": str(tmp_path / "home"), "RIDLEY_CACHE": str(tmp_path / "cache")}
    process = subprocess.Popen(
        [ridley, "serve", "--models", str(tmp_path / "models"), "--listen", "127.0.0.1:0"], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | homes)
    time.sleep(pause)
    process.send_signal(number)
    assert process.wait(20) in (0, -number, 128 + number)


def test_many_clients_that_hang_up(start):
    """What they asked for is not done for nobody, and nothing is kept of them."""
    served = start()
    stop = time.monotonic() + 2

    def hang_up():
        while time.monotonic() < stop:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", served.port), 5) as connection:
                connection.sendall(
                    f"POST /v2/models/add-f32/infer HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(TENSOR)}\r\n\r\n{TENSOR}"
                    .encode())

    threads = [threading.Thread(target=hang_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # More may have come at once than there may be connections; that passes by itself.
    status, _, body = ask(served, "GET", "/v2/models/add-f32/ready")
    assert status == 200 or status == 503 and b"too many connections" in body, body
    wait_for(lambda: works(served), 10)

    def figure(name):
        lines = ask(served, "GET", "/metrics")[2].decode().splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith(name + " "))

    wait_for(lambda: figure("ridley_http_open_connections") <= 1 and figure("ridley_http_body_bytes") == 0, 10)
