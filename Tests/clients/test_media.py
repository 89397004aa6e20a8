"""Pictures and clips over HTTP: pipelines answer as `ridley analyze` does, and a decoder that dies costs one request."""
import json
import os
import shutil
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

import conftest
import pytest

CHECKOUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PIPELINES = os.path.join(CHECKOUT, "pipelines")


@pytest.fixture(scope="module")
def inspector(ridley, tmp_path_factory):
    """A server of the model and the pipelines that come with the checkout."""
    folder = str(tmp_path_factory.mktemp("inspector"))
    shutil.copytree(os.path.join(CHECKOUT, "models", "line-inspector"), os.path.join(folder, "models", "line-inspector"))
    found = conftest.Served(ridley, folder, "--pipelines", PIPELINES)
    yield found
    assert found.stop() == 0, found.told()


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Some seconds of the line that the demo draws, and a picture of it."""
    folder = tmp_path_factory.mktemp("film")
    clip, picture = str(folder / "line.mp4"), str(folder / "line.png")
    draw = ["python3", os.path.join(CHECKOUT, "training", "line.py"), "--video", clip, "--truth", str(folder / "truth.json")]
    drawn = subprocess.run([*draw, "--seconds", "6"], stdin=subprocess.DEVNULL, capture_output=True)
    if drawn.returncode:
        pytest.skip(f"the film could not be drawn (it needs numpy and ffmpeg): {drawn.stderr[-300:]}")
    cut = ["ffmpeg", "-v", "error", "-ss", "2", "-i", clip, "-frames:v", "1", picture]
    subprocess.run(cut, check=True, stdin=subprocess.DEVNULL)
    return {"clip": clip, "picture": picture}


def post(served, path, body, timeout=60):
    """Status and body of an answer."""
    request = urllib.request.Request(f"http://{served.address}{path}", data=body, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def read(path):
    with open(path, "rb") as file:
        return file.read()


def analyze(ridley, path, pipeline, folder):
    """The predictions of the command line."""
    homes = {name: os.path.join(folder, name) for name in ("RIDLEY_HOME", "RIDLEY_CACHE")}
    command = [ridley, "analyze", path, "--pipeline", os.path.join(PIPELINES, f"{pipeline}.yaml"), "--json",
               "--models", os.path.join(CHECKOUT, "models"), "--output", os.path.join(folder, "report")]
    result = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, env=os.environ | homes, cwd=CHECKOUT)
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    return found["pipeline"], found["files"][0]["predictions"]


@pytest.mark.parametrize("kind", ["clip", "picture"])
@pytest.mark.parametrize("pipeline", ["line", "parts"])
def test_a_pipeline_answers_as_analyze_does(ridley, inspector, film, pipeline, kind, tmp_path):
    digest, expected = analyze(ridley, film[kind], pipeline, str(tmp_path))
    status, body = post(inspector, f"/v1/pipelines/{pipeline}/predict", read(film[kind]))
    assert status == 200, body
    found = json.loads(body)
    assert found["pipeline"] == f"{pipeline}@{digest}"
    for prediction in expected:
        prediction.pop("file", None)
        if kind == "picture":
            for key in ("frame", "time", "pts"):
                prediction.pop(key, None)
    assert found["predictions"] == expected
    # One picture is too little for a track to be told of.
    assert expected or kind == "picture"


def test_pipelines_say_what_they_lack(inspector, film):
    names = json.loads(urllib.request.urlopen(f"http://{inspector.address}/v1/pipelines").read())
    assert {"name": "line"} in names and {"name": "masks"} in names
    for path, status, words in [
        ("/v1/pipelines/masks/predict", 503, b"yunet"), ("/v1/pipelines/lime/predict", 404, b"did you mean 'line'"),
        ("/v1/pipelines/line/predict?every=1s", 400, b"the pipeline 'line' says itself"),
        ("/v1/pipelines/..%2Fline/predict", 404, b"nothing at"),
    ]:
        found = post(inspector, path, read(film["picture"]))
        assert found[0] == status and words in found[1], found


def asked(served, query, body):
    status, answer = post(served, f"/v1/models/line-inspector/predict{query}", body)
    return status, json.loads(answer)


def test_a_request_may_say_thresholds_and_labels(inspector, film):
    picture = read(film["picture"])
    usual, strict = (asked(inspector, query, picture)[1] for query in ("", "?threshold=0.95"))
    loose = asked(inspector, "?threshold=0.05&iou=0.9", picture)[1]["predictions"]
    assert len(strict["predictions"]) < len(usual["predictions"]) < len(loose)
    assert strict["model"] != usual["model"], "another threshold is another answer's identity"
    label = usual["predictions"][0]["label"]
    only = asked(inspector, f"?labels={label}", picture)[1]["predictions"]
    assert only == [one for one in usual["predictions"] if one["label"] == label]
    for query, words in [
        ("?labels=god", "did you mean 'good'"), ("?labels=,", "labels is ','"), ("?threshold=2", "a number from 0 to 1"),
        ("?top=0", "a whole number from 1 to 10000"),
    ]:
        status, answer = asked(inspector, query, picture)
        assert status == 400 and words in answer["error"]["message"], answer
    status, answer = post(inspector, "/v1/pipelines/line/predict?labels=good", picture)
    assert status == 400 and b"says itself what is told" in answer


def test_a_client_with_the_networks_own_tensor_is_told_where_it_is_taken(inspector):
    tensor = {"name": "images", "datatype": "FP32", "shape": [1, 3, 1, 1], "data": [0, 0, 0]}
    status, body = post(inspector, "/v2/models/line-inspector/infer", json.dumps({"inputs": [tensor]}).encode())
    assert status == 400 and b"the model takes UINT8" in body and b"a folder without model.yaml" in body, body


def counted(served, outcome):
    text = urllib.request.urlopen(f"http://{served.address}/metrics").read().decode()
    name = f'ridley_requests_total{{model="line-inspector",version="1",outcome="{outcome}"}} '
    return int(next(line for line in text.splitlines() if line.startswith(name)).removeprefix(name))


def test_a_clip_is_one_request(inspector, film):
    before = counted(inspector, "success"), counted(inspector, "failed"), counted(inspector, "refused")
    assert asked(inspector, "?every=0.5", read(film["clip"]))[1]["frames"] > 5
    assert post(inspector, "/v1/pipelines/line/predict", read(film["clip"]))[0] == 200
    assert asked(inspector, "", b"no picture")[0] == 400
    assert (counted(inspector, "success"), counted(inspector, "failed"), counted(inspector, "refused")) == (
        before[0] + 2, before[1], before[2])


def children(number):
    with open(f"/proc/{number}/task/{number}/children") as file:
        return [int(child) for child in file.read().split()]


def decoders(served):
    """Media processes of the server, whichever of its threads made them."""
    found = []
    for worker in children(served.process.pid):
        for thread in os.listdir(f"/proc/{worker}/task"):
            try:
                with open(f"/proc/{worker}/task/{thread}/children") as file:
                    found += [int(child) for child in file.read().split()]
            except OSError:
                pass
    return found


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGSTOP])
def test_a_decoder_that_dies_costs_one_request(inspector, film, number):
    picture, blows, clients = read(film["picture"]), 4, 20
    before = children(inspector.process.pid)
    stop, answers, lock = time.monotonic() + 6, [], threading.Lock()

    def ask():
        while time.monotonic() < stop:
            # A stopped process is given up at the request's deadline.
            answer = post(inspector, "/v1/models/line-inspector/predict?timeout=3s", picture)
            with lock:
                answers.append(answer)

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    struck = 0
    while struck < blows and time.monotonic() < stop - 1:
        time.sleep(0.4)
        for process in decoders(inspector)[:1]:
            os.kill(process, number)
            struck += 1
    for thread in threads:
        thread.join()
    failed = [answer for answer in answers if answer[0] != 200]
    assert struck == blows
    # A process that waits for work may be struck as well, which nobody notices.
    assert len(failed) <= blows, failed
    assert all("message" in json.loads(body)["error"] for _, body in failed)
    assert len(answers) - len(failed) > 5 * clients
    assert len({body for status, body in answers if status == 200}) == 1
    assert children(inspector.process.pid) == before, "the server itself was started again"
