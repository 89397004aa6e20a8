"""Damaged networks behind `ridley serve`, a good one among them that must answer all the time."""
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import numpy

WORDS = {"float32": "FP32", "float64": "FP64", "float16": "FP16", "int64": "INT64", "int32": "INT32", "int8": "INT8", "uint8": "UINT8",
         "bool": "BOOL", "uint16": "UINT16", "int16": "INT16", "uint32": "UINT32", "uint64": "UINT64"}


def near(numbers, theirs):
    """Within a thousandth of the range, or of the largest where all are alike."""
    ours, theirs = numpy.asarray(numbers, numpy.float64), numpy.asarray(theirs, numpy.float64)
    if ours.shape != theirs.shape:
        return False
    sound = numpy.isfinite(theirs)
    if not numpy.array_equal(sound, numpy.isfinite(ours)):
        return False
    if not sound.any():
        return True
    ours, theirs = ours[sound], theirs[sound]
    span = theirs.max() - theirs.min()
    if span <= 1e-3 * abs(theirs).max():
        span = abs(theirs).max()
    span = max(span, 1e-6)
    return bool(abs(ours - theirs).max() <= 1e-3 * span)


def get(port, path, body=None):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=json.dumps(body).encode() if body is not None else None)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except (OSError, ValueError) as error:
        return None, str(error)


def settled(port, names, seconds=240):
    """The state of each once none is loading: ready, or why not."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        status, listed = get(port, "/v2/repository/index", {})
        if status == 200:
            states = {each["name"]: (each.get("state", ""), each.get("reason", "")) for each in listed}
            if all(states.get(name, ("LOADING", ""))[0] not in ("LOADING", "") for name in names):
                return states
        time.sleep(0.2)
    return {name: ("HANG", "not ready or refused in time") for name in names}


def infer(port, name, theirs):
    arrays = zip(theirs["inputs_names"], numpy.load(theirs["inputs"]).values())
    inputs = [{"name": port_name, "shape": list(array.shape), "datatype": WORDS[str(array.dtype)], "data": array.ravel().tolist()}
              for port_name, array in arrays]
    return get(port, f"/v2/models/{name}/infer", {"inputs": inputs})


def unanswered(theirs):
    """What it means that ridley answers and the reference does not."""
    said = theirs.get("refused") or theirs.get("lost")
    if "lost" in theirs:
        return "answers, reference lost", said
    if "NOT_IMPLEMENTED" in said or "too large to try" in said:
        return "answers, reference cannot", said
    return "answers what the reference refuses", said


def compared(answer, theirs):
    outputs = {each["name"]: each for each in answer["outputs"]}
    for name, array in zip(theirs["outputs_names"], numpy.load(theirs["outputs"]).values()):
        mine = outputs.get(name)
        if mine is None:
            return "differs", f"output {name} is not among {sorted(outputs)}"
        numbers = [float("nan") if number is None else number for number in mine["data"]]
        array = numpy.asarray(array, numpy.float64)
        array[~numpy.isfinite(array)] = float("nan")
        if list(array.shape) != mine["shape"] or not near(numbers, array.ravel()):
            return "differs", f"{name}: {mine['shape']} {numbers[:6]} in place of {list(array.shape)} {array.ravel()[:6].tolist()}"
    return "right", ""


def serve(trial, variants, reference, folder):
    """All in one repository; each is ready or refused, and what is ready answers as the reference does."""
    models = os.path.join(folder, "models")
    shutil.rmtree(models, ignore_errors=True)
    for variant in variants:
        place = os.path.join(models, variant.name, "1")
        os.makedirs(place)
        for name, data in variant.files.items():
            with open(os.path.join(place, name), "wb") as file:
                file.write(data)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    log = open(os.path.join(folder, "serve.log"), "a")
    server = subprocess.Popen(
        [trial.ridley, "serve", "--models", models, "--listen", f"127.0.0.1:{port}"], env=trial.environment, stdout=log, stderr=log,
        stdin=subprocess.DEVNULL)
    try:
        states = settled(port, [variant.name for variant in variants])
        for variant in variants:
            state, reason = states.get(variant.name, ("", "not listed"))
            if state != "READY":
                verdict = "hang" if state == "HANG" else "refused" if reason else "refused without a word"
                trial.note("serve", variant, verdict, reason)
                continue
            theirs = reference.ask(os.path.join(models, variant.name, "1", variant.main))
            if "outputs" not in theirs:
                trial.note("serve", variant, *unanswered(theirs))
                continue
            status, answer = infer(port, variant.name, theirs)
            if status == 200:
                trial.note("serve", variant, *compared(answer, theirs))
            else:
                trial.note("serve", variant, "refused" if status and status < 500 else "server failed", str(answer))
        if server.poll() is not None:
            trial.note("serve", variants[0], "server died", f"exit code {server.returncode}")
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(60)
        except subprocess.TimeoutExpired:
            server.kill()
            trial.note("serve", variants[0], "hang", "SIGTERM did not end the server")
        log.close()
