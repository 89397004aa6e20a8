"""The Python client against the built program: what it asks is what the server describes, and what docs/python.md shows runs."""
import concurrent.futures
import copy
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request

import conftest
import numpy as np
import pytest

import described
import ridley as api
from ridley import _routes

CHECKOUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Some seconds of the line that the demo draws, and a picture of it."""
    folder = tmp_path_factory.mktemp("film")
    clip, picture = str(folder / "clip.mp4"), str(folder / "picture.png")
    draw = ["python3", os.path.join(CHECKOUT, "training", "line.py"), "--video", clip, "--truth", str(folder / "truth.json"), "--seconds", "3"]
    drawn = subprocess.run(draw, stdin=subprocess.DEVNULL, capture_output=True)
    if drawn.returncode:
        pytest.skip(f"the film could not be drawn (it needs numpy and ffmpeg): {drawn.stderr[-300:]}")
    subprocess.run(["ffmpeg", "-v", "error", "-ss", "2", "-i", clip, "-frames:v", "1", picture], check=True, stdin=subprocess.DEVNULL)
    return folder


@pytest.fixture(scope="module")
def whole(ridley, film, tmp_path_factory):
    """A server of everything: models, pipelines, a library, and a film that is played as a camera."""
    folder = str(tmp_path_factory.mktemp("whole"))
    models = os.path.join(folder, "models")
    conftest.make_repository(models)
    shutil.copytree(os.path.join(CHECKOUT, "models", "line-inspector"), os.path.join(models, "line-inspector"))
    with open(os.path.join(folder, "ridley.yaml"), "w") as file:
        file.write(f"films: [{film}]\n")
    more = ["--pipelines", os.path.join(CHECKOUT, "pipelines"), "--library", os.path.join(folder, "library")]
    found = conftest.Served(ridley, folder, "--config", os.path.join(folder, "ridley.yaml"), *more)
    yield found
    assert found.stop() == 0, found.told()


@pytest.fixture
def client(whole):
    with api.Client(f"http://{whole.address}") as found:
        yield found


# What the client asks, and what the server describes


@pytest.fixture(scope="module")
def document(whole):
    with urllib.request.urlopen(f"http://{whole.address}/openapi.json") as answer:
        return json.load(answer)


def test_every_route_is_as_the_server_describes_it(document):
    description = described.Description(document)
    assert len(_routes.ROUTES) > 40
    assert [trouble for route in _routes.ROUTES for trouble in description.troubles(route)] == []


def changes(document):
    """The description with one thing changed in it, each time another."""
    def changed(change):
        other = copy.deepcopy(document)
        change(other["paths"], other["components"]["schemas"], other["components"]["parameters"])
        return other

    return {
        "a route that is gone": changed(lambda paths, schemas, _: paths.pop("/v1/assets/{asset}/content")),
        "another method": changed(lambda paths, *_: paths["/v1/jobs"].update(put=paths["/v1/jobs"].pop("post"))),
        "a query that is called otherwise": changed(lambda *all: all[2]["Threshold"].update(name="least")),
        "a query that is needed": changed(lambda *all: paths_query(all[0], "/v1/models/{model}/predict", "post")),
        "a member that is called otherwise": changed(lambda _, schemas, __: schemas["AlertRequest"]["properties"].pop("timeZone")),
        "a member that is needed": changed(lambda _, schemas, __: schemas["JobRequest"]["required"].append("reason")),
        "an answer's member that is gone": changed(lambda _, schemas, __: schemas["Predictions"]["properties"].pop("frames")),
        "one that may be missing": changed(lambda _, schemas, __: schemas["Asset"]["required"].remove("added")),
        "one of another type": changed(lambda _, schemas, __: schemas["Moment"]["properties"].update(series={"type": "integer"})),
        "one that may be null": changed(lambda _, schemas, __: schemas["Job"]["properties"].update(cost={"type": ["number", "null"]})),
        "a member of a member": changed(lambda _, schemas, __: schemas["Mask" if "Mask" in schemas else "Prediction"]["properties"]["mask"]["properties"].pop("counts")),
        "events that are none": changed(lambda paths, *_: paths["/v1/changes"]["get"]["responses"]["200"]["content"].pop("text/event-stream")),
    }


def paths_query(paths, path, method):
    paths[path][method]["parameters"].append({"name": "why", "in": "query", "required": True, "schema": {"type": "string"}})


def test_a_route_that_changed_is_found(document):
    for what, other in changes(document).items():
        description = described.Description(other)
        assert any(description.troubles(route) for route in _routes.ROUTES), what


def test_types():
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", os.path.join(sys.prefix, "mypy"), os.path.join(CHECKOUT, "python", "ridley")],
        capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr


# Pictures, clips and tensors


def test_predict(client, film):
    found = client.predict(film / "clip.mp4", model="line-inspector", every=0.5)
    assert found.frames == 6 and found.task == "detection" and found.model.startswith("line-inspector@sha256:")
    assert found and all(one.label and 0 <= one.score <= 1 and 0 <= one.box.left <= 1 and one.time is not None for one in found)
    picture = client.predict(str(film / "picture.png"), "line-inspector", threshold=np.float32(0.5), labels=["good", "chip"])
    assert picture.frames == 1 and {one.label for one in picture} <= {"good", "chip"} and picture[0].time is None
    assert picture.raw["predictions"][0]["label"] == picture[0].label
    tracked = client.run_pipeline(film / "clip.mp4", "parts")
    assert tracked.pipeline.startswith("parts@") and any(one.track for one in tracked)
    assert client.draw(film / "picture.png", "line-inspector")[:2] == b"\xff\xd8"


def test_every_way_to_give_a_picture_is_the_same(client, film, tmp_path):
    content = (film / "picture.png").read_bytes()
    strange = tmp_path / "bild ünï\udcff%2F?.png"
    strange.write_bytes(content)
    with open(film / "picture.png", "rb") as open_file, open(film / "picture.png", "rb") as pipe_source:
        pipe = subprocess.Popen(["cat"], stdin=pipe_source, stdout=subprocess.PIPE)
        ways = [film / "picture.png", os.fspath(strange), content, bytearray(content), memoryview(content), open_file, pipe.stdout]
        answers = [client.predict(way, "line-inspector").predictions for way in ways]
        pipe.stdout.close()
        pipe.wait()
    assert all(one == answers[0] for one in answers) and answers[0]


def test_what_is_no_picture(client, tmp_path):
    with pytest.raises(FileNotFoundError):
        client.predict("nowhere.png", "line-inspector")
    with pytest.raises(IsADirectoryError):
        client.predict(tmp_path, "line-inspector")
    with pytest.raises(TypeError, match="RGB or BGR"):
        client.predict(np.zeros((8, 8, 3), np.uint8), "line-inspector")
    with pytest.raises(TypeError, match="'rb'"), open(__file__) as text:
        client.predict(text, "line-inspector")
    for content in (b"", b"no picture"):
        with pytest.raises(api.BadInput) as caught:
            client.predict(content, "line-inspector")
        assert caught.value.kind == "bad-input" and caught.value.status == 400 and caught.value.request and str(caught.value)
    with pytest.raises(api.NotFound) as caught:
        client.predict(b"x", "line-inspectr")
    assert "line-inspector" in str(caught.value) and caught.value.status == 404


def test_a_film_that_is_too_large_is_told_at_once(client, tmp_path):
    huge = tmp_path / "huge.mp4"
    with open(huge, "wb") as file:
        file.truncate(4 << 30)
    begun = time.monotonic()
    with pytest.raises(api.TooLarge):
        client.predict(huge, "line-inspector")
    assert time.monotonic() - begun < 5
    assert client.is_ready()


def test_late(client, film):
    with pytest.raises(api.Late):
        client.predict(film / "clip.mp4", "line-inspector", every=0.04, timeout=0.001)


KINDS = {"f32": np.float32, "f16": np.float16, "u8": np.uint8, "i8": np.int8, "i32": np.int32, "i64": np.int64}


@pytest.mark.parametrize("kind", KINDS)
def test_infer(client, kind):
    a, b = (np.arange(12).reshape(4, 3) % 5).astype(KINDS[kind]), np.full((4, 3), 2, KINDS[kind])
    model = f"add-{kind}"
    ways = {
        "as it is": (a, b), "columns first": (np.asfortranarray(a), b), "every second": (np.repeat(a, 2, 1)[:, ::2], b),
        "backwards": (a[::-1][::-1], b[::-1]), "the other byte order": (a.astype(a.dtype.newbyteorder(">")), b), "read-only": (np.broadcast_to(a, a.shape), b),
    }
    for name, (one, two) in ways.items():
        found = client.infer(model, {"a": one, "b": two})
        assert set(found) == {"sum", "product"} and found["sum"].dtype == KINDS[kind], name
        assert np.array_equal(found["sum"], a + 2) and np.array_equal(found["product"], a * 2), name
    found["sum"][0, 0] = 1  # an answer may be written to
    assert list(client.infer(model, {"a": a, "b": b}, outputs=["sum"])) == ["sum"]


def test_tensors_that_are_refused(client):
    a = np.ones((1, 3), np.float32)
    with pytest.raises(api.BadInput, match="FP32"):
        client.infer("add-f32", {"a": a.astype(np.float64), "b": a})
    with pytest.raises(api.BadInput, match="FP32"):
        client.infer("add-f32", {"a": a > 0, "b": a})
    with pytest.raises(api.BadInput):
        client.infer("add-f32", {"a": np.zeros((0, 3), np.float32), "b": np.zeros((0, 3), np.float32)})
    with pytest.raises(TypeError, match="complex"):
        client.infer("add-f32", {"a": a.astype(complex), "b": a})
    with pytest.raises(api.BadInput):
        client.infer("add-f32", {"a": np.array(["x", "y", "z"]), "b": a})
    with pytest.raises(TypeError):
        client.infer("add-f32", [a, a])
    with pytest.raises(api.Late):
        client.infer("add-f32", {"a": a, "b": a}, timeout=1e-6)
    assert client.infer("add-f32", {"a": a, "b": a}, version="1")["sum"][0, 0] == 2


def test_threads_share_a_client(client):
    def ask(number):
        a = np.full((2, 3), number, np.float32)
        return np.array_equal(client.infer("add-f32", {"a": a, "b": a})["sum"], a + a)

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert all(pool.map(ask, range(200)))


def test_a_forked_process_has_connections_of_its_own(client):
    a = np.ones((1, 3), np.float32)
    assert client.infer("add-f32", {"a": a, "b": a})["sum"][0, 0] == 2
    children = []
    for number in range(3):
        child = os.fork()
        if child == 0:
            b = a * number
            os._exit(0 if all(client.infer("add-f32", {"a": a, "b": b})["sum"][0, 0] == 1 + number for _ in range(20)) else 1)
        children.append(child)
    assert all(client.infer("add-f32", {"a": a, "b": a * 9})["sum"][0, 0] == 10 for _ in range(20))
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0, 0]


# Models, the library, jobs, searches, streams


def test_models(client):
    names = {one.name: one for one in client.models.list()}
    assert names["line-inspector"].versions[0].state == "ready" and names["broken"].versions[0].reason
    assert client.models.get("add-f32").name == "add-f32"
    assert client.models.metadata("add-f32").inputs[0] == api.TensorSpec(name="a", datatype="FP32", shape=(-1, 3))
    assert client.models.metadata("add-f32", "1").versions
    assert {"parts", "line"} <= set(client.models.pipelines())
    client.models.set_alias("add-f32", "old", "1")
    assert client.models.get("add-f32").aliases["old"] == "1"
    client.models.remove_alias("add-f32", "old")
    assert "old" not in client.models.get("add-f32").aliases
    client.models.unload("add-u8")
    with pytest.raises(api.Busy):
        client.infer("add-u8", {"a": np.ones((1, 3), np.uint8), "b": np.ones((1, 3), np.uint8)})
    client.models.load("add-u8")
    assert client.infer("add-u8", {"a": np.ones((1, 3), np.uint8), "b": np.ones((1, 3), np.uint8)})


def test_the_library_from_a_film_to_a_find(client, film, tmp_path):
    name = "linie ünï – 1.mp4"
    with client.assets.changes(after="0") as changes:
        asset = client.assets.add(film / "clip.mp4", name=name, brand="Aurora", tags=["night", "belt"])
        assert next(one for one in changes if one.asset.asset == asset.asset).change == "added"
    assert asset.name == name and asset.kind == "video" and set(asset.tags) == {"night", "belt"} and asset.added.tzinfo
    assert client.assets.add((film / "clip.mp4").read_bytes(), name=name, brand="Aurora").asset == asset.asset
    with pytest.raises(ValueError, match="name"):
        client.assets.add(b"bytes")
    job = client.jobs.start("parts", select={"brand": "Aurora"})
    states = [one.state for one in client.jobs.follow(job.job)]
    assert states[-1] == "finished" and client.jobs.wait(job.job, timeout=5).done == 1
    assert [one.of for one in client.jobs.items(job.job)] == [asset.asset]
    assert job.job in [one.job for one in client.jobs.list(limit=10)]
    kept = list(client.assets.predictions(asset.asset))
    assert len(kept) > 3 and [one.n for one in kept] == sorted(one.n for one in kept) and any(one.track for one in kept)
    assert list(client.assets.predictions(asset.asset, limit=3)) == kept[:3]
    finds = found(lambda: list(client.search.find("label:good,scratch,chip,hole-missing", limit=5)))
    assert all(moment.asset == asset.asset and moment.start <= moment.end for find in finds for moment in find)
    assert client.search.explain("label:good").ways and client.search.page("label:good").asOf
    with pytest.raises(api.BadInput, match="character 1"):
        list(client.search.find("lable:good"))
    assert client.assets.save(asset.asset, tmp_path / "again.mp4") == asset.bytes
    assert (tmp_path / "again.mp4").read_bytes() == (film / "clip.mp4").read_bytes()
    assert client.assets.export(asset.asset, client.assets.get(asset.asset).results[0].pipeline, "coco", tmp_path / "coco.json") > 100
    assert "night" in client.assets.edit(asset.asset, tags=["night"]).tags
    assert [one.asset for one in client.assets.list(brand="Aurora", text="linie")] == [asset.asset]
    client.assets.delete(asset.asset)
    with pytest.raises(api.NotFound):
        client.assets.get(asset.asset)
    assert sorted(os.listdir(tmp_path)) == ["again.mp4", "coco.json"]


def found(ask):
    """What there is within ten seconds."""
    end = time.monotonic() + 10
    while not (answer := ask()):
        assert time.monotonic() < end, "nothing was found"
        time.sleep(0.1)
    return answer


def test_alerts(client):
    alert = client.alerts.add("cracks", "label:chip score:>.5", time_zone="Europe/Berlin")
    assert client.alerts.add("cracks", "label:chip score:>.5", time_zone="Europe/Berlin").alert == alert.alert
    assert [one.name for one in client.alerts.list()] == ["cracks"]
    with pytest.raises(api.Conflict):
        client.alerts.add("cracks", "label:scratch")
    client.alerts.remove("cracks")
    assert client.alerts.list() == ()
    with pytest.raises(api.NotFound):
        client.alerts.remove("cracks")


def test_streams(client, film):
    with pytest.raises(api.NotFound):
        client.streams.predictions("line")
    stream = client.streams.put("line", f"{film}/clip.mp4?loop=1", model="line-inspector", rate=10)
    assert stream.name == "line" and [one.name for one in client.streams.list()] == ["line"]
    with client.streams.predictions("line") as frames:
        first, second = next(frames), next(frames)
    assert second.frame > first.frame and second.width > 0 and second.age_ms >= 0
    assert frames.is_closed and list(frames) == []
    frames = client.streams.predictions("line")  # one that nobody reads holds nobody up
    client.streams.put("line", f"{film}/clip.mp4?loop=1", model="line-inspector", rate=5)
    assert client.streams.get("line").rate == 5
    client.streams.remove("line")
    with pytest.raises((api.Disconnected, StopIteration)):
        for _ in range(10_000):
            next(frames)
    once = client.streams.put("once", f"{film}/clip.mp4", model="line-inspector")
    assert once.name == "once"
    with client.streams.events("once") as events:
        assert list(events) == []  # it ends where the film does
    assert [one for one in client.events.list(stream="once")] == []
    client.streams.remove("once")


def test_searches_by_words_say_what_is_missing(client):
    with pytest.raises(api.ServerError) as caught:
        client.search.words("a cracked part")
    assert caught.value.message
    with pytest.raises(TypeError, match="least"):
        client.search.words("a cracked part", threshold=3)


# A server of one's own


def program(ridley, tmp_path):
    """An environment in which 'ridley' is the built program."""
    os.makedirs(tmp_path / "bin", exist_ok=True)
    if not os.path.lexists(tmp_path / "bin/ridley"):
        os.symlink(ridley, tmp_path / "bin/ridley")
    known = {name: value for name, value in os.environ.items() if not name.startswith("RIDLEY_")}
    return known | {
        "PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "PYTHONPATH": os.path.join(CHECKOUT, "python"), "RIDLEY_HOME": str(tmp_path / "home"),
        "RIDLEY_CACHE": str(tmp_path.parent / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}


BEGIN = """
    import os, sys, time, urllib.request, urllib.error, ridley
    client = ridley.Client(models=sys.argv[1])
    print(client.address, flush=True)
"""


def start(script, ridley, film, tmp_path):
    words = [sys.executable, "-c", textwrap.dedent(BEGIN) + textwrap.dedent(script), os.path.join(CHECKOUT, "models"), str(film)]
    return subprocess.Popen(words, env=program(ridley, tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def is_gone(address):
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=5).close()
        except urllib.error.HTTPError:
            pass
        except OSError:
            return True
        time.sleep(0.05)
    return False


ENDS = {
    "close": "client.close(); client.close()",
    "nothing": "pass",
    "an exception": "raise SystemExit(0)",
    "letting go": "del client; print('let go', flush=True); time.sleep(0.1)",
    "a fork": "child = os.fork()\nif child == 0: sys.exit(0)\nos.waitpid(child, 0); assert client.is_ready()",
}


@pytest.mark.parametrize("end", ENDS)
def test_a_server_of_ones_own_ends_with_its_client(ridley, film, tmp_path, end):
    script = 'found = client.predict(sys.argv[2] + "/picture.png", "line-inspector"); assert len(found)\n'
    script += "try:\n    urllib.request.urlopen(client.address + '/v1/models'); raise AssertionError('anybody may ask')\n"
    script += "except urllib.error.HTTPError as error:\n    assert error.code == 401\n" + ENDS[end]
    ran = start(script, ridley, film, tmp_path)
    told, errors = ran.communicate(timeout=240)
    assert ran.returncode == 0, errors
    assert is_gone(told.split()[0])


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_it_ends_where_its_process_is_ended(ridley, film, tmp_path, how):
    ran = start("time.sleep(60)", ridley, film, tmp_path)
    address = ran.stdout.readline().strip()
    ran.send_signal(how)
    ran.communicate(timeout=240)
    assert address.startswith("http://127.0.0.1:") and is_gone(address)


def test_what_hinders_a_server_is_said(tmp_path, ridley):
    known = program(ridley, tmp_path)
    script = "import ridley\ntry:\n    ridley.Client(models='/nowhere')\nexcept ridley.NotStarted as error:\n    print(error)"
    ran = subprocess.run([sys.executable, "-c", script], env=known, capture_output=True, text=True, timeout=240)
    assert ran.returncode == 0 and "/nowhere" in ran.stdout, ran.stderr
    ran = subprocess.run([sys.executable, "-c", script], env=known | {"PATH": "/nowhere"}, capture_output=True, text=True, timeout=240)
    assert "no program 'ridley'" in ran.stdout, ran.stderr


def test_the_command_is_the_program(ridley, tmp_path):
    known = program(ridley, tmp_path)
    command = [sys.executable, "-m", "ridley"]
    assert subprocess.run([*command, "version"], env=known, capture_output=True, text=True).stdout.startswith("ridley")
    assert subprocess.run([*command, "analyze", "nowhere"], env=known, capture_output=True).returncode == subprocess.run(
        [ridley, "analyze", "nowhere"], env=known, capture_output=True).returncode


def test_the_command_changes_nothing_for_the_program(ridley, tmp_path):
    known = program(ridley, tmp_path)
    os.unlink(tmp_path / "bin/ridley")
    stand_in = tmp_path / "bin/ridley"
    stand_in.write_text('#!/bin/sh\ngrep -E "SigIgn|SigBlk" /proc/self/status; echo "$$ $1"; cat; exit 7\n')
    stand_in.chmod(0o755)
    words = "wörd \udcff"
    plain = subprocess.Popen([stand_in, words], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    wrapped = subprocess.Popen([sys.executable, "-m", "ridley", words], env=known, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    told = [each.communicate(b"in")[0].replace(str(each.pid).encode() + b" ", b"PID ") for each in (plain, wrapped)]
    assert told[0] == told[1] and b"PID w" in told[0] and told[0].endswith(b"in")
    assert plain.returncode == wrapped.returncode == 7


# What docs/python.md shows


def test_examples(whole, film, tmp_path):
    with open(os.path.join(CHECKOUT, "docs", "python.md")) as file:
        blocks = re.findall(r"^```python\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL)
    assert len(blocks) > 5
    for name in ("clip.mp4", "picture.png"):
        shutil.copy(film / name, tmp_path / name)
    script = tmp_path / "examples.py"
    script.write_text("\n".join(block.replace("FILMS", str(film)) for block in blocks))
    known = os.environ | {"RIDLEY_URL": f"http://{whole.address}", "PYTHONPATH": os.path.join(CHECKOUT, "python")}
    ran = subprocess.run([sys.executable, "-B", str(script)], cwd=tmp_path, env=known, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-4000:]
