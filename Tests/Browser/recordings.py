"""The pages of what was recorded and told in a real browser, against a real server: recordings.py RIDLEY MODELS SCRATCH

MODELS holds line-inspector. Each check prints a line; the first that fails ends the run with status 1. Pictures of the pages are left in SCRATCH.
"""

import http.server
import json
import subprocess
import threading
import time
import urllib.request
from datetime import datetime

from browser import ENTER, LAYOUT, UP, Browser
from server import MODEL, MODELS, SCRATCH, Server, check, draw_line, eventually

PIPELINE = f"""infer: {{model: {MODEL}, threshold: 0.3}}
zones: {{left: {{polygon: [[0.02, 0.05], [0.5, 0.05], [0.5, 0.95], [0.02, 0.95]], anchor: center}}}}
track: {{high: 0.5, new: 0.6}}
rules: {{there: {{zone: left, votes: 2 of 3, hold: 300ms}}}}
"""
CONFIGURATION = """films: [{scratch}/films]
incidents: {{source: 1s}}
streams:
  still: {{source: films/still.mkv?loop=1, pipeline: line, rate: 3, budget: 2s, clips: {{before: 1s, after: 500ms}}, record: {{segment: 3s}}}}
  door: {{source: films/line.mp4?loop=1}}
  gone: {{source: "rtsp://127.0.0.1:9/none"}}
"""
LINE = {"pipeline": "line", "rate": 5, "budget_ms": 2000, "clips": {"before_ms": 1000, "after_ms": 500}, "record": {"segment_s": 3}}
ODD = "<img src=x onerror='window.bad=1'>"
VIDEO = "const video = document.querySelector(arguments[0]); return video && { time: video.currentTime, paused: video.paused, ready: video.readyState, address: video.currentSrc }"


class Receiver(http.server.BaseHTTPRequestHandler):
    """A webhook that answers the first attempt of each notice with 500."""

    seen = {}

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        name = self.headers["webhook-id"]
        Receiver.seen[name] = Receiver.seen.get(name, 0) + 1
        self.send_response(500 if Receiver.seen[name] == 1 else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def draw_films():
    """Parts for four seconds and none for two, so that events end; the same as a browser does not play it."""
    draw_line(4)
    rest = ["-vf", "tpad=stop_duration=2:color=gray", "-t", "6"]
    for name, options in (("line.mp4", ["-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-g", "25", "-pix_fmt", "yuv420p"]), ("still.mkv", ["-c:v", "mjpeg", "-q:v", "5", "-r", "10"])):
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", SCRATCH / "line.mp4", *rest, *options, SCRATCH / "films" / name], check=True)


def ask(server, path, body=None, method=None):
    request = urllib.request.Request(server.address + path, None if body is None else json.dumps(body).encode(), method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def press(browser, text, inside="main"):
    browser.run("[...document.querySelector(arguments[1]).querySelectorAll('button')].find((one) => one.checkVisibility() && one.textContent.trim() === arguments[0]).click()", text, inside)


def laid_out(browser):
    found = browser.run(LAYOUT)
    assert not found["over"] and not found["out"] and found["wide"] <= found["inner"], found


def with_clip(server, stream):
    return eventually(f"a clip of {stream}", lambda: next((one for one in ask(server, f"/v1/events?stream={stream}")["events"] if "clip" in one), None))


def with_gap(server):
    """A stream that is there, gone for two seconds, and there again."""
    line = LINE | {"source": f"{SCRATCH}/films/line.mp4?loop=1"}
    ask(server, "/v1/streams/line", line, "PUT")
    with_clip(server, "line")
    ask(server, "/v1/streams/line", method="DELETE")
    time.sleep(2)
    again = time.time()
    ask(server, "/v1/streams/line", line, "PUT")
    last = lambda: ask(server, "/v1/streams/line/recordings")["spans"][-1]
    eventually("some seconds more", lambda: moment(last()["from"]) > again - 1 and moment(last()["to"]) - moment(last()["from"]) > 3)


def plays(browser, selector, what):
    """Where it began, once it has played for half a second."""
    first = browser.wait(what, lambda: (lambda one: one if one and one["ready"] >= 2 and not one["paused"] else None)(browser.run(VIDEO, selector)))
    browser.wait(f"{what} to go on", lambda: browser.run(VIDEO, selector)["time"] > first["time"] + 0.5)
    return first


def overview(browser, server):
    browser.open(server.address + "/#/recordings")
    rows = "return Object.fromEntries([...document.querySelectorAll('.camera')].map((one) => [one.dataset.stream, one.innerText]))"
    browser.wait("the cameras", lambda: "2 of 4 cameras recorded" in browser.text("main [role=status]"))
    said = browser.run(rows)
    assert len(said) == 4 and "not recorded" in said["local/door"] and "event" in said["local/line"], said
    browser.wait("pictures of them", lambda: browser.run("return [...document.querySelectorAll('.camera .shot img')].filter((one) => one.naturalWidth > 50).length") == 2)
    browser.picture(SCRATCH / "recordings-overview.png")
    laid_out(browser)
    check("all cameras stand under each other, with what is recorded of them and what is not")


# The colours of the band where pictures are drawn, at shares of its width.
SHADES = """const canvas = document.querySelector(".band"), pen = canvas.getContext("2d");
  return arguments[0].map((share) => [...pen.getImageData(Math.round(share * canvas.width), Math.round(canvas.height * 24 / 74), 1, 1).data].join());"""


def point(browser, share, *kinds):
    browser.run("""const canvas = document.querySelector(".band"), box = canvas.getBoundingClientRect();
      canvas.setPointerCapture = () => null;
      for (const kind of arguments[1]) canvas.dispatchEvent(new PointerEvent(kind, { bubbles: true, button: 0, pointerId: 1, clientX: box.left + arguments[0] * box.width, clientY: box.top + 30 }));""", share, kinds)


def shares(browser, *moments):
    """Where moments stand on the band, as shares of its width."""
    first, last = [float(text) / 1000 for text in browser.run("return document.querySelector('.band').dataset.sight.split(' ')")]
    return [(at - first) / (last - first) for at in moments]


def day(browser, server):
    """One gap, over which it is played."""
    spans = ask(server, "/v1/streams/line/recordings")["spans"]
    before, behind = max(zip(spans, spans[1:]), key=lambda pair: moment(pair[1]["from"]) - moment(pair[0]["to"]))
    edge, again = moment(before["to"]), moment(behind["from"])
    browser.open(f"{server.address}/#/recordings/line?at={datetime.utcfromtimestamp(edge - 2).isoformat()}Z")
    browser.wait("the film", lambda: (browser.run(VIDEO, ".reel video") or {}).get("ready", 0) >= 2)
    browser.run("document.querySelector('.band').focus()")
    browser.press(*[UP] * 7)
    browser.wait("half a minute in sight", lambda: shares(browser, 0, 30)[1] - shares(browser, 0, 30)[0] > 1)
    places = shares(browser, edge - 1, (edge + again) / 2, again + 1)
    browser.wait("the band", lambda: (lambda found: found if found[0] == found[2] != found[1] else None)(browser.run(SHADES, places)))
    browser.wait("the gap to be told", lambda: " gap" in browser.text(".crumbs"))
    laid_out(browser)
    check("the band of the day shows what was recorded, and the gap in it")
    point(browser, places[0], "pointermove")
    browser.wait("the picture of that moment", lambda: browser.run("const one = document.querySelector('.peek canvas'); return one.checkVisibility() && one.width > 300"))
    seen = browser.run("return Number(document.querySelector('.peek canvas').dataset.moment)") / 1000
    assert abs(seen - (edge - 1)) < 0.1, seen - edge
    browser.picture(SCRATCH / "recordings-day.png")
    check("pointing at a moment shows its picture")
    point(browser, places[0], "pointerdown", "pointerup")
    plays(browser, ".reel video", "the film from there")
    browser.wait("what lies behind the gap", lambda: again - 0.1 < browser.run("return Date.parse(new URLSearchParams(location.hash.split('?')[1]).get('at'))") / 1000)
    browser.press("8")
    assert browser.run("return document.querySelector('.reel video').playbackRate") == 8
    browser.press(" ", "p")
    browser.wait("the pause", lambda: browser.run(VIDEO, ".reel video")["paused"])
    check("a click plays from there on, over the gap, as fast as is wanted")
    return edge


def kept(browser, server, edge):
    """A range is saved, and held; what is written in a reason is text."""
    begin, end = shares(browser, edge - 3, edge - 1)
    point(browser, begin, "pointerdown")
    point(browser, end, "pointermove", "pointerup")
    browser.run("HTMLAnchorElement.prototype.click = function () { window.saved = [this.href, this.download]; }")
    press(browser, "Save as a file")
    address, name = browser.wait("the file", lambda: browser.run("return window.saved"))
    with urllib.request.urlopen(address) as answer:
        assert answer.headers["Content-Type"] == "video/mp4" and name.startswith("line ") and len(answer.read()) > 10_000, name
    press(browser, "Hold…")
    browser.wait("the question", lambda: browser.run("return document.querySelector('dialog[open] #hold-reason') !== null"))
    browser.type("#hold-reason", ODD + ENTER)
    browser.wait("the hold", lambda: ODD in browser.text(".held"))
    holds = ask(server, "/v1/streams/line/holds")["holds"]
    assert [one["reason"] for one in holds] == [ODD] and not browser.run("return window.bad"), holds
    press(browser, "Release…", ".held")
    press(browser, "Take it away", "dialog[open]")
    browser.wait("no hold", lambda: browser.text(".held") == "")
    assert ask(server, "/v1/streams/line/holds")["holds"] == []
    check("a range of the day is saved as a file, held and let go")


def happened(browser, server):
    one, other = with_clip(server, "line"), with_clip(server, "still")
    browser.open(server.address + "/#/events?stream=line")
    browser.wait("events with clips", lambda: browser.run("return document.querySelectorAll('.playable .shot').length") >= 1)
    browser.run("document.querySelector('.playable .shot').click()")
    plays(browser, ".events video", "the clip in the list")
    browser.picture(SCRATCH / "events-playing.png")
    browser.open(f"{server.address}/#/events/{one['event']}")
    into = moment(one["from"]) - moment(one["clip"]["from"])
    browser.wait("the clip at the event's own moment", lambda: (lambda video: video and video["ready"] >= 2 and abs(video["time"] - max(0, into - 1)) < 0.1)(browser.run(VIDEO, ".screen video")))
    press(browser, "From its beginning")
    plays(browser, ".screen video", "the clip")
    browser.picture(SCRATCH / "event.png")
    laid_out(browser)
    press(browser, "Hold this")
    browser.wait("the hold", lambda: "Held" in browser.text(".keeping"))
    assert len(ask(server, "/v1/streams/line/holds")["holds"]) == 1
    press(browser, "Release")
    browser.wait("no hold", lambda: "Hold this" in browser.text(".keeping"))
    check("the clip of an event plays in the page, from the event's own moment, and is held")
    browser.open(f"{server.address}/#/events/{other['event']}")
    browser.wait("why it is not played", lambda: "does not play MJPEG" in browser.text(".stage .outcome"))
    browser.wait("its picture", lambda: browser.run("return document.querySelector('.screen img').naturalWidth") > 100)
    browser.open(server.address + "/#/events?kind=health")
    browser.wait("what the server lacked", lambda: "source gone" in browser.text(".events"))
    assert not browser.run("return [...document.querySelectorAll('.events .title')].some((one) => one.innerText === 'there')")
    browser.open(server.address + "/#/events?label=unicorn")
    browser.wait("none of them", lambda: "Nothing happened that is like that" in browser.text(".empty"))
    check("a clip that browsers do not play says so, and shows its picture; what a server lacked is told")


def told(browser, server, receiver):
    port = receiver.server_address[1]
    browser.open(server.address + "/#/deliveries")
    browser.wait("what to do", lambda: "ridley target add" in browser.text(".empty"))
    ask(server, "/v1/targets/alarm", {"address": f"http://127.0.0.1:{port}/", "phases": ["end"]}, "PUT")
    browser.wait("the target", lambda: "alarm" in browser.text(".target"))
    press(browser, "Test", ".target")
    attempts = "return [...document.querySelectorAll('.notices > li')].map((one) => [one.innerText, [...one.querySelectorAll('ol li')].map((line) => line.textContent)])"
    browser.run("new MutationObserver(() => document.querySelectorAll('.notices details').forEach((one) => (one.open = true))).observe(document.querySelector('.notices'), { childList: true })")
    found = lambda kind: next((lines for text, lines in browser.run(attempts) if kind in text and text.startswith("told") and len(lines) >= 2), None)
    lines = browser.wait("the test", lambda: found("test"))
    assert "500" in lines[0] and "200" in lines[1], lines
    browser.wait("an event that was told", lambda: found("event.end"))
    browser.picture(SCRATCH / "deliveries.png")
    laid_out(browser)
    check("a target's notices are shown with their attempts: 500 at first, then 200")
    press(browser, "Pause", ".target")
    browser.wait("the pause, and what waits", lambda: "Paused" in browser.text(".target") and "waiting" in browser.text(".target p:not(.facts)"))
    press(browser, "Resume", ".target")
    browser.wait("all of it told", lambda: browser.text(".target .state") == "all is told")
    press(browser, "Replay…", ".target")
    press(browser, "Tell it again", "dialog[open]")
    said = browser.wait("the replay", lambda: (lambda text: text if "told again" in text else None)(browser.text(".target .outcome")))
    eventually("a notice under the same id", lambda: max(Receiver.seen.values()) >= 3)
    check(f"a target is paused, resumed and told again ({said})")


def narrow(browser, server):
    browser.resize(360, 800)
    for dark in (False, True):
        browser.theme("dark" if dark else "light")
        for place in ("recordings", "recordings/line", "events", "deliveries"):
            browser.open(f"{server.address}/#/{place}")
            browser.wait(place, lambda: browser.text("main [role=status]") != "Asking…" and browser.text("h1") != "")
            laid_out(browser)
            browser.picture(SCRATCH / f"narrow-{place.replace('/', '-')}-{'dark' if dark else 'light'}.png")
    check("all of it fits 360 pixels")


def main():
    (SCRATCH / "films").mkdir()
    draw_films()
    (SCRATCH / "ridley.yaml").write_text(CONFIGURATION.format(scratch=SCRATCH))
    (SCRATCH / "pipelines").mkdir()
    (SCRATCH / "pipelines" / "line.yaml").write_text(PIPELINE)
    models = SCRATCH / "models"
    models.mkdir()
    (models / MODEL).symlink_to(MODELS / MODEL)
    receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    with Server(models, "--config", SCRATCH / "ridley.yaml", "--pipelines", SCRATCH / "pipelines", "--library", SCRATCH / "library", "--workers", "0", "--poll", "off") as server, Browser() as browser:
        with_gap(server)
        overview(browser, server)
        kept(browser, server, day(browser, server))
        happened(browser, server)
        told(browser, server, receiver)
        narrow(browser, server)
        bad = [line for line in browser.log() if line.startswith("SEVERE")]
        assert not bad, bad
        check("the browser complains of nothing")
        server.stop()


main()
