"""Starts servers, sends them load and says what it cost them: what bench/serve and bench/serve-checks share."""
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import clips
import measure

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.abspath(os.path.join(clips.FOLDER, "serve"))
VENV = os.path.join(FOLDER, "venv")
PYTHON = os.path.join(VENV, "bin", "python")
ENGINE = os.path.abspath(os.path.join(HERE, "..", ".deps", "openvino"))
CACHE = os.path.join(FOLDER, "cache")
LOAD, BARE = os.path.join(FOLDER, "load"), os.path.join(FOLDER, "bare")
KINDS = {"u8": ("UINT8", [1, 224, 224, 3]), "f32": ("FP32", [1, 3, 224, 224])}
NEAR = {"f32": 0.02, "bf16": 0.2}  # as in servers/networks.py
PICTURES = 8
TICK = os.sysconf("SC_CLK_TCK")


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def make_environment():
    """The peers' Python, of pinned versions; the system's, where there is one: pytriton stumbles over others of the same number."""
    wanted = os.path.join(HERE, "servers", "requirements.txt")
    stamp = os.path.join(VENV, "requirements.txt")
    if os.path.exists(stamp) and open(stamp).read() == open(wanted).read():
        return
    say("installing the peers into build/bench/serve/venv")
    shutil.rmtree(VENV, ignore_errors=True)
    system = "/usr/bin/python3"
    python = system if os.path.exists(system) else sys.executable
    subprocess.run([python, "-m", "venv", "--without-pip", VENV], check=True)
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", PYTHON, "install", "--quiet", "--disable-pip-version-check",
         "--require-hashes", "-r", wanted], check=True)
    shutil.copy(wanted, stamp)


def make_programs():
    """The load generator, the bare engine and Triton's backend, from their one file each."""
    engine = [f"-I{ENGINE}/include", f"-L{ENGINE}/libs", "-lopenvino_c", f"-Wl,-rpath,{ENGINE}/libs"]
    backend = os.path.join(FOLDER, "backends", "openvino", "libtriton_openvino.so")
    for source, path, words in [
            ("load.c", LOAD, ["-lm"]), ("bare.c", BARE, engine),
            ("servers/triton_openvino.c", backend, ["-shared", "-fPIC", *engine])]:
        source = os.path.join(HERE, source)
        newest = max(os.path.getmtime(each) for each in (source, os.path.join(HERE, "load.h")))
        if not os.path.exists(path) or os.path.getmtime(path) < newest:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            subprocess.run(["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", path, source, *words], check=True)
    return os.path.dirname(os.path.dirname(backend))


def make_networks(precision):
    """The folder with networks, pictures and answers."""
    folder = os.path.join(FOLDER, "networks")
    onnx = clips.network("mobilenet-v2", clips.rendered(30), PYTHON)
    if not os.path.exists(os.path.join(folder, f"{PICTURES - 1}.{precision}.other.answer")):
        os.makedirs(folder, exist_ok=True)
        subprocess.run(
            [PYTHON, os.path.join(HERE, "servers", "networks.py"), onnx, os.path.join(clips.FOLDER, "frames.rgb"), folder,
             precision], check=True)
    return folder, onnx


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def tree(process):
    found = [process]
    for child in measure.children(process):
        found += tree(child)
    return found


def cpu_seconds(root):
    """Of the process and all below it, those that ended included."""
    ticks = 0
    for process in tree(root):
        try:
            with open(f"/proc/{process}/stat") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12]) + (int(fields[13]) + int(fields[14]))
    return ticks / TICK


def resident(root):
    """MiB in memory of the process and all below it; a page that several of them hold counts once in all."""
    return sum(resident_alone(process) for process in tree(root))


def resident_alone(process):
    """MiB in memory of one process, its part of pages that it shares; 0 where it is gone."""
    try:
        with open(f"/proc/{process}/smaps_rollup") as sizes:
            return next(int(line.split()[1]) for line in sizes if line.startswith("Pss:")) / 2**10
    except OSError:
        return 0


class Server:
    """One server in processes of its own, from start to end."""

    def __init__(self, name, command, environment=None, port=None):
        self.name, self.command, self.port = name, command, port or free_port()
        self.environment = os.environ | (environment or {}) | {"BENCH_PORT": str(self.port)}
        self.command = [word.replace("{port}", str(self.port)) for word in command]
        self.log_path = os.path.join(FOLDER, "logs", name.replace(" ", "-").replace(",", "") + ".log")
        self.process = None

    def start(self):
        os.makedirs(os.path.dirname(self.log_path), exist_ok=True)
        self.log = open(self.log_path, "w")
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, env=self.environment,
            process_group=0)  # not a session: those share the cores among each other first, and with the load generator then
        return self

    def until_answer(self, sent, seconds=60):
        """Seconds from the start to the end of the first answer with status 200 to these bytes."""
        while time.monotonic() - self.started < seconds:
            if self.process.poll() is not None:
                break
            if exchange(self.port, sent).startswith(b"HTTP/1.1 200"):
                return time.monotonic() - self.started
            time.sleep(0.002)
        raise Failure(f"{self.name} did not answer within {seconds} s; its log: {self.tail()}")

    def tail(self):
        with open(self.log_path) as log:
            return log.read()[-2000:]

    def get(self, path, method="GET", body=None, headers=None, timeout=30):
        """Status and JSON (or bytes) of a small request."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", method=method, data=json.dumps(body).encode() if body is not None else None,
            headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        try:
            return status, json.loads(text)
        except ValueError:
            return status, text

    def cpu(self):
        return cpu_seconds(self.process.pid)

    def memory(self):
        return resident(self.process.pid)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def idle(self, seconds=0.5):
        """The share of a core it takes while nobody asks anything."""
        before = self.cpu()
        time.sleep(seconds)
        return (self.cpu() - before) / seconds

    def stop(self):
        """Ends it as a supervisor would, and with it all that it started; gives its exit code."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            say(f"{self.name} did not end by itself")
        # Its group holds only what it started.
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        code = self.process.wait()
        self.log.close()
        self.process = None
        return code


class Failure(Exception):
    pass


def exchange(port, sent):
    """The bytes of the answer to one request on a connection of its own, empty where there is none."""
    try:
        with socket.create_connection(("127.0.0.1", port), 10) as connection:
            connection.sendall(sent)
            answer, need = b"", None
            while need is None or len(answer) < need:
                part = connection.recv(1 << 16)
                if not part:
                    return answer
                answer += part
                if need is None and b"\r\n\r\n" in answer:
                    head = answer.split(b"\r\n\r\n")[0]
                    lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
                    need = len(head) + 4 + int(lengths[0]) if lengths else None
            return answer
    except OSError:
        return b""


def head(path, length, **headers):
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {length}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def raw_request(kind, picture):
    return head(f"/{kind}", len(picture), Content_Type="application/octet-stream") + picture


def open_request(model, kind, picture, parameters=None, version=None, shape=None, **headers):
    """A request of the Open Inference Protocol with binary tensors."""
    datatype, usual = KINDS[kind]
    told = json.dumps({
        "inputs": [
            {"name": "image", "datatype": datatype, "shape": shape or usual, "parameters": {"binary_data_size": len(picture)}}],
        "parameters": {"binary_data_output": True} | (parameters or {})}, separators=(",", ":")).encode()
    told += b" " * (-len(told) % 64)
    path = f"/v2/models/{model}/versions/{version}/infer" if version else f"/v2/models/{model}/infer"
    return head(
        path, len(told) + len(picture), Content_Type="application/octet-stream", Inference_Header_Content_Length=len(told),
        **headers) + told + picture


def picture(folder, kind, number):
    with open(f"{folder}/{number}.{kind}", "rb") as file:
        return file.read()


def write_requests(name, folder, precision, kind, make, answers=("",)):
    """Files of requests for the load generator, each with its answers: make(bytes of a picture) gives a request's bytes."""
    os.makedirs(os.path.join(FOLDER, "requests"), exist_ok=True)
    found = []
    for number in range(PICTURES):
        path = os.path.join(FOLDER, "requests", f"{name}.{kind}.{number}")
        with open(path, "wb") as file:
            file.write(make(picture(folder, kind, number)))
        found.append(":".join([f"request={path}"] + [f"{folder}/{number}.{precision}{which}.answer" for which in answers]))
    return found


def load(port, seconds, *clients, log=None):
    """Runs the load generator; a client is (name, requests, {word: value}). Gives its JSON, clients by name."""
    return start_load(port, seconds, *clients, log=log).result()


def start_load(port, seconds, *clients, log=None):
    """The same in the background."""
    words = [LOAD, str(port), str(seconds)] + (["--log", log] if log else [])
    for name, requests, options in clients:
        words += [name, *requests, *(f"{word}={value}" for word, value in options.items())]
    return Running(subprocess.Popen(words, stdout=subprocess.PIPE))


class Running:
    """A load generator at work; as a context it does not outlive what it is measured for."""

    def __init__(self, process):
        self.process = process

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()

    def result(self):
        told, _ = self.process.communicate()
        if self.process.returncode != 0:
            raise Failure(f"the load generator ended with {self.process.returncode}")
        result = json.loads(told)
        result["clients"] = {client["name"]: client for client in result["clients"]}
        return result

    def end(self):
        """Its result, now."""
        self.process.send_signal(signal.SIGINT)
        return self.result()


def read_log(path):
    """What the load generator wrote: (client, request, status, answer, start, end, bytes), times in seconds."""
    with open(path) as lines:
        for line in lines:
            name, request, status, answer, start, end, size = line.split()
            yield name, int(request), int(status), int(answer), int(start) / 1e6, int(end) / 1e6, int(size)


def failures(client):
    """How many requests of a client did not get the right answer, by what happened instead."""
    found = {status: count for status, count in client["statuses"].items() if status != "200"}
    found |= {word: client[word] for word in ("lost", "late", "wrong") if client[word]}
    return found


def bare(networks, kind, precision, seconds, *hints):
    told = subprocess.run([BARE, f"{networks}/{kind}.xml", precision, str(seconds), *hints], check=True, stdout=subprocess.PIPE)
    return json.loads(told.stdout)
