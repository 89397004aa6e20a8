"""The dashboard in a real browser, against the real server: dashboard.py RIDLEY MODELS SCRATCH

MODELS holds line-inspector. Each check prints a line; the first that fails ends the run with status 1. Pictures of the page
are left in SCRATCH.
"""

import base64
import contextlib
import shutil
import subprocess
import threading
import urllib.error
import urllib.request

from browser import ENTER, ESCAPE, LAYOUT, TAB, Browser
from server import MODEL, MODELS, SCRATCH, Server, check, draw_line, ridley


@contextlib.contextmanager
def load(address, picture):
    """Somebody asks for predictions all the time."""
    over = threading.Event()

    def ask():
        while not over.is_set():
            request = urllib.request.Request(
                f"{address}/v1/models/{MODEL}/predict", picture, {"Content-Type": "image/png"})
            urllib.request.urlopen(request, timeout=30).read()

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def card(browser, name=MODEL):
    """What stands on the card of a model, by lines; None where there is none."""
    text = browser.run(
        "return [...document.querySelectorAll('.card')].find((card) => card.querySelector('h2').innerText"
        ".startsWith(arguments[0]))?.innerText ?? null", name)
    return text and text.splitlines()


def heights(browser):
    return browser.run("return [...document.querySelectorAll('.bars rect')].map((bar) => Number(bar.getAttribute('height')))")


def models_page(browser, server):
    browser.open(server.address)
    lines = browser.wait("the card of the model", lambda: card(browser))
    assert "ready" in lines and any(line.startswith("detection · 0 running · 0 waiting") for line in lines), lines
    assert "No requests yet." in lines and heights(browser) == [0] * len(heights(browser)), lines
    assert browser.text("nav a[aria-current=page]") == "Models"
    assert browser.run("return [...document.querySelectorAll('a')].every((link) => link.getAttribute('href').startsWith('#'))")
    browser.wait("what the server says of itself", lambda: "connection" in (browser.text("#server") or ""))
    row = browser.wait("its versions", lambda: browser.text(".modelversions tbody tr"))
    assert MODEL in browser.text(".modelversions") and "ready" in row + browser.text(".modelversions"), row
    check("models stand on the page with their state and versions, and honestly without figures before anybody asked")

    evil = card(browser, "evil")
    assert "unavailable" in evil and any("<img src=x onerror=document.title=1>" in line for line in evil), evil
    assert browser.run("return document.querySelectorAll('.card img').length") == 0
    assert browser.run("return document.title") == "Models · Ridley"
    check("a reason that looks like markup is shown as text")


def moving(browser, server, picture):
    with load(server.address, picture):
        browser.wait("figures", lambda: any("requests since the server began" in line for line in card(browser)))
        browser.wait("bars", lambda: sum(height > 0 for height in heights(browser)) >= 3)
        first, lines = heights(browser), card(browser)
        rate = lines[lines.index("Answers a second") + 1]
        assert float(rate.replace("\u202f", "")) > 0, lines
        for word in ("p50", "p95", "p99"):
            assert lines[lines.index(f"{word} latency") + 1].removeprefix("> ").endswith(("ms", "s")), lines
        browser.wait("bars that move", lambda: heights(browser) != first)
        assert any(" running · " in line for line in card(browser)), card(browser)
    check("throughput, quantiles and histograms are there and move under load")


def tried(browser):
    """What the page says of the last picture, once it was answered."""
    return browser.wait("an answer", lambda: "prediction" in (browser.text(".outcome") or "") and browser.text(".outcome"))


def trying(browser, folder):
    browser.type("#try-file", str(folder / "part.png"))
    text = tried(browser)
    rows = browser.run("return [...document.querySelectorAll('.found li')].map((row) => row.innerText.split('\\n'))")
    assert rows and text.startswith(f"{len(rows)} prediction"), (text, rows)
    assert all(0 <= float(score) <= 1 for _, score in rows), rows
    size = browser.run("const c = document.querySelector('canvas'); return [c.width, c.height, c.getAttribute('aria-label')]")
    assert abs(size[0] / size[1] - 16 / 9) < 0.02 and rows[0][0] in size[2], size
    colored = (
        "const c = document.querySelector('canvas'); const p = new OffscreenCanvas(c.width, c.height).getContext('2d', "
        "{ willReadFrequently: true }); p.drawImage(c, 0, 0); const d = p.getImageData(0, 0, c.width, c.height).data;"
        "let n = 0; for (let i = 0; i < d.length; i += 4) n += d[i] === 47 && d[i + 1] === 125 && d[i + 2] === 225; return n")
    assert browser.run(colored) > 50, "no box in the first colour on the canvas"
    browser.picture(SCRATCH / "wide-light.png")
    check("a picture that was chosen is answered, and drawn with its boxes and labels")

    clip = str(folder / "part.mp4")
    make = ["ffmpeg", "-v", "error", "-y", "-loop", "1", "-i", str(folder / "part.png"), "-t", "2", "-r", "10", "-pix_fmt", "yuv420p"]
    subprocess.run([*make, clip], check=True)
    browser.run("document.querySelector('.outcome').textContent = ''")
    browser.type("#try-file", clip)
    text = tried(browser)
    # Every fifth of a second.
    assert " on 10 frames in " in text, text
    assert browser.run("return document.querySelector('.film').offsetHeight") > 0
    times = browser.run("return [...document.querySelectorAll('.found small')].map((one) => one.innerText)")
    assert times and times[0].strip() == "at 0:00.0", times
    browser.wait("boxes on the clip", lambda: browser.run(colored) > 50)
    browser.run("[...document.querySelectorAll('.found li[tabindex]')].at(-1).focus()")
    browser.wait("the frame of the last answer", lambda: browser.run("return Number(document.querySelector('.film input').value)") > 1)
    browser.picture(SCRATCH / "clip.png")
    check("a clip is answered too, plays with what was found on its frames, and shows the frame of an answer")
    browser.type("#try-file", str(folder / "part.png"))
    browser.wait("the picture", lambda: browser.run("return document.querySelector('.film').offsetHeight") == 0)
    tried(browser)

    send = """
      const bytes = Uint8Array.from(atob(arguments[0]), (one) => one.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], arguments[2], { type: arguments[3] }));
      const name = { drop: "dataTransfer", paste: "clipboardData" }[arguments[1]];
      document.querySelector(".outcome").textContent = "";
      document.querySelector(".zone").dispatchEvent(new (arguments[1] === "drop" ? DragEvent : ClipboardEvent)(
        arguments[1], { [name]: data, bubbles: true, cancelable: true }));"""
    coded = base64.b64encode((folder / "part.png").read_bytes()).decode()
    for way in ("drop", "paste"):
        browser.run(send, coded, way, "part.png", "image/png")
        assert tried(browser).startswith(f"{len(rows)} prediction"), way
    check("so is one that was dropped, and one that was pasted")

    browser.run(send, base64.b64encode(b"no picture").decode(), "drop", "text.txt", "text/plain")
    assert browser.wait("a refusal", lambda: browser.text(".outcome.trouble")) == "text.txt is no picture and no clip."
    browser.run(send, base64.b64encode(b"no picture").decode(), "drop", "broken.png", "image/png")
    browser.wait("a refusal", lambda: browser.text(".outcome.trouble") == "broken.png cannot be read as a picture here.")
    check("what is no picture is refused by name")


def layout(browser, folder):
    """Nothing sticks out and no words lie over others, in both themes, wide and narrow."""
    colors = {}
    for theme in ("light", "dark"):
        browser.theme(theme)
        for width in (1440, 760, 360):
            browser.resize(width, 800)
            found = browser.run(LAYOUT)
            assert found["count"] > 20 and not found["over"] and not found["out"], (theme, width, found)
            assert found["wide"] <= found["inner"] == width, (theme, width, found)
            browser.picture(SCRATCH / f"{width}-{theme}.png")
        colors[theme] = browser.run("return getComputedStyle(document.body).backgroundColor")
    assert colors["light"] != colors["dark"], colors
    browser.resize(1280, 900)
    check("nothing overlaps or sticks out at 1440, 760 and 360 pixels, light and dark")

    paper = "return getComputedStyle(document.body).backgroundColor"
    browser.theme("light")
    for shown in ("light", "dark"):
        browser.click("#theme-button")
        assert browser.text("#theme-button") == f"Theme: {shown}" and browser.run(paper) == colors[shown]
    browser.run("location.reload()")
    browser.wait("the page to be there again", lambda: card(browser))
    assert browser.run(paper) == colors["dark"], "the choice is kept"
    browser.click("#theme-button")
    assert browser.text("#theme-button") == "Theme: system" and browser.run(paper) == colors["light"]
    check("the theme is the system's, or the one that was chosen")


def keyboard(browser, server):
    browser.open(server.address)
    browser.wait("the page", lambda: card(browser))
    focus = "const node = document.activeElement; return node.id || node.innerText.trim()"
    seen = []
    order = ["Skip to the content", "Models", "Search", "Live", "Events", "Recordings", "Deliveries", "Fleet", "Library", "Catalogue", "Jobs", "Totals", "key-button", "theme-button", "try-model", "try-file"]
    for _ in order:
        browser.press(TAB)
        seen.append(browser.run(focus))
        ring = browser.run(
            "const node = document.activeElement.id === 'try-file' ? document.querySelector('.zone') : document.activeElement;"
            "return getComputedStyle(node).outlineStyle")
        assert ring != "none", (seen, ring)
    assert seen == order, seen
    browser.run("document.querySelector('.skip').focus()")
    browser.press(ENTER)
    assert browser.run(focus) == "content"
    browser.run("document.querySelector('#key-button').focus()")
    browser.press(ENTER)
    assert browser.run("return document.querySelector('#key-dialog').open") and browser.run(focus) == "key-field"
    browser.press(ESCAPE)
    assert not browser.run("return document.querySelector('#key-dialog').open") and browser.run(focus) == "key-button"
    check("everything is reached and shown by the keyboard, in order")


def reckoning(browser):
    """The page's own arithmetic, which knows no document."""
    script = """
      const done = arguments[arguments.length - 1];
      Promise.all([import("/assets/figures.js"), import("/assets/drawing.js")]).then(([f, d]) => {
        const boxes = Array.from({ length: 60 }, (_, i) => ({ box: [(i * 37 % 90) / 100, (i * 53 % 90) / 100, 0.1, 0.1], width: 70 }));
        const placed = d.place(boxes, [400, 300]).filter(Boolean);
        done({
          quantiles: [f.quantile([1, 2, 4], [0, 10, 0, 0], 0.5), f.quantile([1, 2, 4], [1, 0, 0, 9], 0.5), f.quantile([1], [0, 0], 0.5),
            f.quantile([1, 2], [4, 4, 0], 0.5), f.quantile([1, 2], [4, 4, 0], 1)],
          between: [f.between([1, 2], [3, 2]), f.between([3, 2], [1, 2]), f.between(undefined, [1]), f.between([1], [1, 2])],
          words: [f.short(0), f.short(0.123), f.short(9.999), f.short(41.27), f.short(1203.6), f.group(1234567), f.span(0.00084), f.span(0.0084),
            f.span(0.9996), f.span(1.234), f.span(75), f.age(59.9), f.age(3600), f.age(90000), f.bytes(312e6), f.count(1, "request")],
          placed: placed.length,
          apart: placed.every((a, i) => placed.every((b, j) => i === j || a.x + a.width <= b.x || b.x + b.width <= a.x
            || a.y + a.height <= b.y || b.y + b.height <= a.y)),
          inside: placed.every((one) => one.x >= 0 && one.y >= 0 && one.x + one.width <= 400 && one.y + one.height <= 300),
        });
      }, (error) => done({ error: String(error) }));"""
    found = browser.call("POST", "/execute/async", {"script": script, "args": []})
    assert found.get("quantiles") == [
        {"value": 1.5, "isOver": False}, {"value": 4, "isOver": True}, None, {"value": 1, "isOver": False},
        {"value": 2, "isOver": False}], found
    assert found["between"] == [[2, 0], None, None, None], found
    assert found["words"] == [
        "0", "0.12", "10.0", "41.3", "1\u202f204", "1\u202f234\u202f567", "840 µs", "8.4 ms", "1 s", "1.23 s", "75 s", "59 s",
        "1 h 0 min", "1 d 1 h", "312 MB", "1 request"], found
    assert found["placed"] > 10 and found["apart"] and found["inside"], found
    check("quantiles, numbers and places of labels are right")


def addresses(browser, server):
    """Pages by patterns, with parameters."""
    script = """
      const done = arguments[arguments.length - 1];
      import("/assets/router.js").then((router) => {
        const pages = ["/models/:name", "/models", "/models/new", "/a/:x/b/:y"].map((pattern) => ({ pattern }));
        const found = ["#/models/", "#/models/a%20b%2Fc?x=1&y=2?3", "#/models/new", "#/a/1/b/2", "#/nothing", "#/models/%zz", ""]
          .map((address) => router.find(pages, address)).map(({ page, parameters, query }) => [page.pattern, parameters, [...query]]);
        done({ found, addresses: [router.address("/models/:name", { name: "a b/c" }), router.address("/models")] });
      }, (error) => done({ error: String(error) }));"""
    found = browser.call("POST", "/execute/async", {"script": script, "args": []})
    assert found.get("addresses") == ["#/models/a%20b%2Fc", "#/models"], found
    assert found["found"] == [
        ["/models", {}, []], ["/models/:name", {"name": "a b/c"}, [["x", "1"], ["y", "2?3"]]], ["/models/new", {}, []],
        ["/a/:x/b/:y", {"x": "1", "y": "2"}, []], ["/models/:name", {}, []], ["/models/:name", {}, []], ["/models/:name", {}, []]], found

    headings = "return [...document.querySelectorAll('.card h2')].map((node) => node.innerText)"
    browser.run("location.hash = arguments[0]", f"#/models/{MODEL}")
    browser.wait("the page of one model", lambda: browser.text("h1") == MODEL and len(browser.run(headings)) == 1)
    assert browser.run("return document.title") == f"{MODEL} · Ridley" and card(browser) and browser.text("nav a[aria-current=page]") == "Models"
    browser.run("location.hash = '#/models/none'")
    browser.wait("the page of no model", lambda: browser.text(".empty") == "There is no model none here.")
    browser.run("history.back(); history.back()")
    browser.wait("all models", lambda: browser.text("h1") == "Models" and len(browser.run(headings)) == 2)
    check("an address with a parameter has its page, and the way back works")


def gone(browser, server, models):
    server.stop()
    notice = browser.wait("the notice", lambda: browser.text("#notice.trouble"))
    assert "does not answer" in notice and "What is shown is of" in notice and card(browser), notice
    with Server(models, port=server.port):
        browser.wait("the page to go on", lambda: browser.run("return document.querySelector('#notice').hidden"))
        assert "No requests yet." in card(browser), "a server that began anew counts from zero"
        noise = [line for line in browser.log() if "Failed to load resource" not in line and "ERR_" not in line]
        assert not noise, noise
    check("a server that is gone is told of, and the page goes on when it is back")


def keys(browser, models):
    good = ridley("key", "create", "--client", "acme", "--scope", "infer,read")
    blind = ridley("key", "create", "--client", "acme", "--scope", "infer")
    with Server(models, "--keys", str(SCRATCH / "home" / "keys.json")) as server:
        browser.open(server.address)
        assert "This server wants a key." in browser.wait("the notice", lambda: browser.text("#notice.trouble"))
        assert card(browser) is None
        for text, answer in (("rk_wrong", "does not take this key"), (blind, "this needs read"), (good, None)):
            browser.click("#key-button")
            browser.run("document.querySelector('#key-field').value = ''")
            browser.type("#key-field", text + ENTER)
            if answer:
                browser.wait(answer, lambda: answer in (browser.text("#notice") or ""))
        browser.wait("the models", lambda: card(browser))
        kept = "return [sessionStorage.length, localStorage.getItem('ridley.session'), document.cookie]"
        assert browser.run(kept) == [0, "1", ""], "the key is nowhere, and no script reads the cookie"
        browser.run("location.reload()")
        browser.wait("the models, by the session", lambda: card(browser) and browser.text("#key-button") == "Key: acme")
        browser.type("#try-file", str(SCRATCH / "part.png"))
        tried(browser)
        ridley("key", "revoke", good)
        browser.wait("the session to end", lambda: "The session has ended" in (browser.text("#notice") or ""))
        browser.click("#key-button")
        browser.click("#key-dialog button[value=forget]")
        browser.wait("the notice", lambda: "This server wants a key." in (browser.text("#notice") or ""))
        assert browser.run("return [sessionStorage.length, localStorage.length]") == [0, 0]
    check("a key is asked for, exchanged for a session that ends when it is revoked, and forgotten")


def strangers(server):
    """A server without keys on this machine is no prey for pages of other sites."""
    for headers in ({"Origin": "https://example.org"}, {"Origin": "null"}, {"Host": "example.org"}):
        request = urllib.request.Request(f"{server.address}/v2/repository/models/{MODEL}/unload", b"", headers, method="POST")
        try:
            urllib.request.urlopen(request, timeout=60)
            raise AssertionError(f"taken in spite of {headers}")
        except urllib.error.HTTPError as error:
            assert error.code == 403 and b"--keys" in error.read(), headers
    check("a page of another site, or under another name, is refused")


def nothing(browser):
    empty = SCRATCH / "empty"
    empty.mkdir()
    with Server(str(empty)) as server:
        browser.open(server.address)
        browser.wait("the empty page", lambda: "There are no models here yet." in (browser.text(".empty") or ""))
        assert browser.run("return document.querySelector('#try-model').disabled")
    check("a server without models says so")


def main():
    models = SCRATCH / "models"
    models.mkdir()
    shutil.copytree(MODELS / MODEL, models / MODEL)
    (models / "evil").mkdir()
    (models / "evil" / "model.yaml").write_text("name: evil\n'<img src=x onerror=document.title=1>': 1\n")
    draw_line(seconds=1)
    with Browser() as browser:
        with Server(str(models)) as server:
            models_page(browser, server)
            moving(browser, server, (SCRATCH / "part.png").read_bytes())
            trying(browser, SCRATCH)
            layout(browser, SCRATCH)
            keyboard(browser, server)
            reckoning(browser)
            addresses(browser, server)
            strangers(server)
            complaints = browser.log()
            assert not complaints, f"the page complains: {complaints}"
            gone(browser, server, str(models))
        keys(browser, str(models))
        nothing(browser)


main()
