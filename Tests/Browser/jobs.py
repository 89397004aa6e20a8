"""The pages of jobs in a real browser, against a real server with a real worker: jobs.py RIDLEY MODELS SCRATCH

MODELS holds line-inspector. RIDLEY_ITEMS says how many pictures the great job is about. Each check prints a line; the first that fails ends the
run with status 1. Pictures of the pages are left in SCRATCH.
"""

import hashlib
import http.server
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import threading
import time
import urllib.request

from browser import ENTER, ESCAPE, LAYOUT, TAB, Browser
from job_page import failing, flowing, paging, retrying
from server import MODEL, MODELS, SCRATCH, Server, check, draw_line, ridley

LIBRARY = SCRATCH / "library"
ITEMS = int(os.environ.get("RIDLEY_ITEMS", "2500"))
FLAT = """infer:
  model: line-inspector
  threshold: 0.5
"""


def ffmpeg(*words):
    subprocess.run(["ffmpeg", "-v", "error", "-y", *words], check=True)


def add(*words):
    ridley("library", "add", *map(str, words), "--library", str(LIBRARY), "--quiet")


def add_assets():
    """Films of one client, of which four are damaged once they are in the library, and many pictures of another."""
    folder = SCRATCH / "films"
    folder.mkdir()
    draw_line(seconds=2)
    shutil.copy(SCRATCH / "line.mp4", folder / "line.mp4")
    for number in range(1, 7):
        ffmpeg("-f", "lavfi", "-i", f"testsrc2=s=160x96:r=10:d=1,hue=h={number * 40}", "-c:v", "libx264", "-preset", "ultrafast",
               "-pix_fmt", "yuv420p", folder / f"film-{number}.mp4")
    add(folder, "--client", "acme", "--brand", "Aurora", "--campaign", "spring", "--tags", "night")
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=96x64", "-frames:v", "1", SCRATCH / "<b>bold.jpg")
    add(SCRATCH / "<b>bold.jpg", "--client", "acme", "--brand", "Borealis")
    shots = SCRATCH / "shots"
    shots.mkdir()
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25", "-frames:v", str(ITEMS), "-q:v", "8", shots / "shot-%05d.jpg")
    add(shots, "--client", "many")


def unlike(browser, server):
    """Sixty damaged pictures. Damage is told alike, so that reasons of their own are written into the store."""
    folder = SCRATCH / "unlike"
    folder.mkdir()
    ffmpeg("-f", "lavfi", "-i", "testsrc=size=64x48:rate=25", "-frames:v", "60", folder / "bad-%02d.jpg")
    add(folder, "--client", "bad")
    for asset in ask(server, "/v1/assets?client=bad&limit=100")["assets"]:
        file = object_of(asset)
        file.chmod(0o644)
        file.write_bytes(file.read_bytes()[:-1])
    job = ask(server, "/v1/jobs", {"client": "bad", "pipelines": ["flat"]})["job"]
    open_page(browser, server, f"#/jobs/{job}")
    count = "return document.querySelectorAll('.reasons details').length"
    browser.wait("the end", lambda: browser.text(".head .state") == "finished" and browser.run(count) == 1)
    tell_apart(job)
    open_page(browser, server, f"#/jobs/{job}")
    browser.wait("a page of reasons", lambda: browser.run(count) == 50)
    browser.click(".reasons + button")
    browser.wait("the others", lambda: browser.run(count) == 60)
    assert browser.run("return document.activeElement === document.querySelectorAll('.reasons summary')[50]")
    browser.run("[...document.querySelectorAll('.reasons summary')].at(-1).click()")
    browser.wait("its item", lambda: browser.run("return [...document.querySelectorAll('.reasons details')].at(-1).querySelectorAll('.items b').length") == 1)
    check("many reasons come by pages, and each unfolds into its own items")


def tell_apart(job):
    """Gives every failed item of a job a reason of its own."""
    store = sqlite3.connect(LIBRARY / "library.db", timeout=60)
    with store:
        def bodies(kind):
            query = "SELECT sort, body FROM item WHERE partition = ? AND sort LIKE ?"
            return [(sort, json.loads(body)) for sort, body in store.execute(query, (f"JOB#{job}", kind + "#%"))]

        (common, reason), = bodies("REASON")
        store.execute("DELETE FROM item WHERE partition = ? AND sort = ?", (f"JOB#{job}", common))
        version, = store.execute("SELECT max(version) FROM item").fetchone()
        for sort, item in bodies("ITEM"):
            text = f"damaged in way {item['number']}"
            digest = hashlib.sha256(text.encode()).hexdigest()
            own = reason | {"digest": digest, "reason": text, "item": item["number"], "count": 1}
            store.execute("UPDATE item SET body = ? WHERE partition = ? AND sort = ?", (json.dumps(item | {"reason": text}), f"JOB#{job}", sort))
            store.execute("INSERT INTO item (partition, sort, version, body) VALUES (?, ?, ?, ?)",
                (f"JOB#{job}", f"REASON#{digest}", version, json.dumps(own)))
    store.close()


def ask(server, path, body=None, **headers):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(server.address + path, data, {"Content-Type": "application/json"} | headers)
    return json.load(urllib.request.urlopen(request, timeout=60))


def listed(server, client="acme"):
    return ask(server, f"/v1/jobs?client={client}&limit=100")["jobs"]


def object_of(asset):
    """The file of an asset's bytes, below the library."""
    files = [path for path in (LIBRARY / "objects").rglob("*") if path.is_file()]
    return next(path for path in files if asset["object"] in path.relative_to(LIBRARY).as_posix().replace("/", ""))


def damage(server):
    """What was whole when it was added is not any more; gives what stood there."""
    kept = {}
    for asset in ask(server, "/v1/assets?client=acme&q=film")["assets"]:
        number = int(asset["name"][5])
        if number > 4:
            continue
        file = object_of(asset)
        kept[file] = file.read_bytes()
        file.chmod(0o644)
        half = kept[file][: len(kept[file]) // 2]
        # Three of the same length are others than were added; of one there is too little.
        file.write_bytes(half.ljust(len(kept[file]), b"\0") if number < 4 else half)
    assert len(kept) == 4
    return kept


def mend(kept):
    for file, bytes_ in kept.items():
        file.write_bytes(bytes_)


def choose(browser, field, value):
    browser.run("""const field = document.querySelector(arguments[0]); field.value = arguments[1];
        field.dispatchEvent(new Event("input", { bubbles: true }))""", field, value)


def rows(browser):
    """Name, state and counts of every job of the list."""
    return browser.run("""return [...document.querySelectorAll(".jobs > li")].map((row) =>
        [row.querySelector("b").innerText, row.querySelector(".state").innerText, row.querySelector(".counts").innerText.replaceAll("\\u202f", "")])""")


def buttons(browser, within="body"):
    return browser.run("""return [...document.querySelectorAll(arguments[0] + " .steering button")]
        .filter((one) => one.checkVisibility({ visibilityProperty: true })).map((one) => one.innerText)""", within)


def open_page(browser, server, address):
    browser.open("about:blank")
    browser.open(f"{server.address}/{address}")


def nothing(browser, server):
    open_page(browser, server, "#/jobs?client=acme")
    browser.wait("what to do", lambda: "ridley job start" in (browser.text(".empty") or ""))
    assert browser.text("h1") == "Jobs" and browser.text("nav a[aria-current=page]") == "Jobs"
    assert browser.run("return [...document.querySelectorAll('#pages a')].map((one) => one.innerText)") == ["Models", "Search", "Live", "Events", "Recordings", "Deliveries", "Fleet", "Library", "Catalogue", "Jobs", "Totals"]
    check("without a job the page says how one is started")


def starting(browser, server):
    """From the library, with its filters, by a double click."""
    open_page(browser, server, "#/library?client=acme&brand=Aurora&q=film")
    browser.wait("the assets", lambda: browser.run("return document.querySelectorAll('.grid > li:not([hidden])').length") == 6)
    browser.click(".library .apart")
    browser.wait("the form", lambda: browser.text("h1") == "Start a job" and "6 assets." in (browser.text(".starting .panel > .quiet") or ""))
    assert browser.run("return [document.querySelector('#filter-brand').value, document.querySelector('#filter-q').value]") == ["Aurora", "film"]
    browser.wait("pipelines", lambda: browser.run("return [...document.querySelectorAll('.choice')].map((one) => one.innerText)") == ["flat", "line", "parts", "shots"])
    pictures = "return [...document.querySelectorAll('.shots img')].filter((one) => one.complete && one.naturalWidth > 0).length"
    browser.wait("pictures", lambda: browser.run(pictures) == 6)
    choose(browser, "#filter-q", "")
    browser.wait("one more", lambda: "7 assets." in browser.text(".starting .panel > .quiet"))
    assert "q=" not in browser.run("return location.hash") and "brand=Aurora" in browser.run("return location.hash")
    browser.click(".work button.main")
    assert "Choose a pipeline" in browser.text(".work .outcome")
    browser.run("document.querySelectorAll('.choice input')[0].click()")
    choose(browser, "#job-budget", "5")
    browser.click(".work button.main")
    assert "A budget needs a price" in browser.text(".work .outcome") and browser.run("return document.activeElement.id") == "job-price"
    choose(browser, "#job-price", "3.6")
    # The first answer is lost on its way; the second press is a double one.
    browser.run("""const real = window.fetch; window.asked = [];
        window.fetch = async (path, options) => { const answer = await real(path, options);
          if (options?.method === "POST" && window.asked.push([options.headers.get("Idempotency-Key"), options.body]) === 1) throw new TypeError("lost");
          return answer; }""")
    browser.click(".work button.main")
    browser.wait("words", lambda: "press again, and it is started once" in browser.text(".work .outcome"))
    assert len(listed(server)) == 1
    browser.run("const button = document.querySelector('.work button.main'); button.click(); button.click()")
    job = listed(server)[0]
    browser.wait("the job", lambda: browser.run("return location.hash") == f"#/jobs/{job['job']}")
    asked = browser.run("return window.asked")
    assert len(listed(server)) == 1 and len(asked) == 2 and asked[0] == asked[1], asked
    assert job["selection"] == {"brand": "Aurora"} and job["budget"] == 5 and round(job["price"] * 3600, 6) == 3.6, job
    check("a job is started from the library with its filters, once, though an answer was lost and the button pressed twice")
    return job["job"]


def read_only(browser, job, key):
    """Nothing is offered that would be refused."""
    browser.click("#key-button")
    browser.type("#key-field", key + ENTER)
    browser.wait("the key", lambda: browser.text("#key-button") == "Key: acme")
    for address, is_there in [("#/jobs", lambda: len(rows(browser)) > 0), (f"#/jobs/{job}", lambda: browser.text(".head .counts, .head strong")),
                              ("#/library", lambda: browser.text(".grid b"))]:
        browser.run("location.hash = arguments[0]", address)
        browser.wait(address, is_there)
        assert buttons(browser) == [] and browser.run("return [...document.querySelectorAll('.apart')].filter((one) => one.checkVisibility()).length") == 0
    browser.run("location.hash = '#/jobs/new'")
    browser.wait("why not", lambda: "scope write" in (browser.text(".starting > .empty") or ""))
    assert browser.run("return document.querySelector('.work button.main').checkVisibility()") is False
    check("a key that reads sees jobs, and no button that would be refused")


def signed(browser, key):
    """With a session a job is steered by its proof."""
    browser.click("#key-button")
    browser.run("document.querySelector('#key-field').value = ''")
    browser.type("#key-field", key + ENTER)
    browser.wait("the form", lambda: browser.run("return document.querySelector('.work button.main').checkVisibility()"))
    browser.wait("pipelines", lambda: browser.run("return document.querySelectorAll('.choice').length") == 4)
    choose(browser, "#filter-brand", "Borealis")
    browser.wait("the one", lambda: "1 asset." in (browser.text(".starting .panel > .quiet") or ""))
    browser.run("[...document.querySelectorAll('.choice')].find((one) => one.innerText === 'parts').querySelector('input').click()")
    browser.click(".work button.main")
    browser.wait("the job", lambda: browser.text("h1") == "parts")
    browser.wait("its end", lambda: browser.text(".head .state") == "finished")
    check("with a session jobs are started too, and carried out")


def great(browser, server):
    """Many items: paused and resumed, while nothing moves."""
    open_page(browser, server, "#/jobs/new?client=many")
    browser.wait("pipelines", lambda: browser.run("return document.querySelectorAll('.choice').length") == 4)
    browser.run("document.querySelectorAll('.choice input')[0].click()")
    browser.click(".work button.main")
    browser.wait("the job", lambda: browser.run("return location.hash.length") > 30)
    browser.run("location.hash = '#/jobs?client=many'")
    browser.wait("it to run", lambda: rows(browser) and browser.run("return document.querySelector('.tally .some') !== null"))
    browser.wait("its rate", lambda: "a second" in browser.text(".speed") or "a minute" in browser.text(".speed"))
    browser.wait("the time left", lambda: " left" in browser.text(".speed"))
    # Where everything stands, and how far the bar is, for some seconds.
    seen = browser.call("POST", "/execute/async", {"script": """
      const done = arguments[arguments.length - 1];
      const places = () => JSON.stringify([...document.querySelectorAll(".jobs > li, .jobs .steering button, .jobs .progress, .jobs .counts")].map((one) => {
        const { left, top, height } = one.getBoundingClientRect(); return [left, top, height].map(Math.round); }));
      const found = { places: new Set(), shares: [], counts: new Set() };
      const end = performance.now() + 7000;
      (function look() {
        found.places.add(places());
        found.shares.push([...document.querySelectorAll(".progress span")].reduce((sum, one) => sum + Number.parseFloat(one.style.width), 0));
        found.counts.add(document.querySelector(".tally").innerText);
        if (performance.now() < end) setTimeout(look, 100);
        else done({ places: [...found.places], shares: found.shares, counts: found.counts.size });
      })();""", "args": []})
    assert len(seen["places"]) == 1, seen["places"]
    assert seen["shares"] == sorted(seen["shares"]) and seen["counts"] > 2, seen
    check("a job that runs moves its bar forward and nothing else")

    assert buttons(browser) == ["Pause", "Cancel…"]
    browser.click("[data-order=turn]")
    browser.wait("the pause", lambda: buttons(browser) == ["Resume", "Cancel…"] and rows(browser)[0][1] == "paused")
    time.sleep(2)
    job = listed(server, "many")[0]
    time.sleep(2)
    later = listed(server, "many")[0]
    assert later["done"] - job["done"] <= 1 and later["state"] == "paused" and later["done"] < ITEMS, (job, later)
    assert browser.text(".speed") == ""
    browser.run("document.querySelector('[data-order=turn]').focus()")
    browser.press(ENTER)
    browser.wait("it to go on", lambda: rows(browser)[0][1] == "running" and listed(server, "many")[0]["done"] > later["done"])
    check("a job is paused and resumed by keys or pointer")
    return job["job"]


def cancelling(browser, server, job):
    open_page(browser, server, f"#/jobs/{job}")
    browser.wait("the job", lambda: buttons(browser) == ["Pause", "Cancel…"])
    browser.run("document.querySelector('[data-order=cancel]').focus()")
    browser.press(ENTER)
    assert browser.run("return document.querySelector('.steering dialog').open && document.activeElement.value") == "no"
    assert "What was published stays" in browser.text(".steering dialog")
    browser.press(ENTER)
    browser.wait("no question", lambda: browser.run("return document.querySelector('.steering dialog') === null"))
    assert browser.run("return document.activeElement.innerText") == "Cancel…"
    browser.press(ENTER, ESCAPE)
    browser.wait("no question", lambda: browser.run("return document.querySelector('.steering dialog') === null"))
    assert listed(server, "many")[0]["state"] == "running"
    browser.press(ENTER)
    browser.click(".steering dialog button[value=yes]")
    browser.wait("the end", lambda: browser.text(".head .state") == "cancelled", 120)
    settled = lambda one: one["done"] + one["cancelled"]
    one = browser.wait("every item", lambda: next((one for one in listed(server, "many") if settled(one) == ITEMS), None))
    assert one["state"] == "cancelled" and one["done"] > 0 and one["cancelled"] > 0, one
    browser.wait("its numbers", lambda: browser.run("return document.querySelector('[data-stage=cancelled] strong').innerText.replace('\\u202f', '')") == str(one["cancelled"]))
    assert buttons(browser) == [], buttons(browser)
    check("a job is cancelled after a question, which can be answered with no")


def spending(browser, server):
    body = {"client": "many", "pipelines": ["line"], "select": {"text": "shot"}, "price": 1, "budget": 0.2}
    job = ask(server, "/v1/jobs", body)["job"]
    open_page(browser, server, f"#/jobs/{job}")
    browser.wait("the end of its money", lambda: browser.text(".head .state") == "budget spent")
    assert "budget is spent" in browser.text(".hint") and "of 0.2000 at 3600 an hour" in browser.text(".money"), browser.text(".money")
    before = listed(server, "many")[0]
    browser.run("document.querySelector('[data-order=turn]').focus()")
    browser.press(ENTER)
    assert browser.run("return document.activeElement.id") == "more-budget"
    # The last item may have cost more than there was.
    budget = round(max(0.2, before["cost"]) + 0.4, 4)
    browser.run(f"document.activeElement.value = '{budget}'")
    browser.press(ENTER)
    browser.wait("more", lambda: listed(server, "many")[0]["done"] > before["done"])
    browser.wait("the end of it", lambda: browser.text(".head .state") == "budget spent")
    assert f"of {budget:.{4 if budget < 1 else 2}f}" in browser.text(".money"), browser.text(".money")
    check("a job stops at its budget, and goes on with a higher one")


class Far(http.server.BaseHTTPRequestHandler):
    """A server that has no film, or none now, until it is told that it has."""

    has_film = False

    def do_GET(self):
        film = (SCRATCH / "line.mp4").read_bytes() if Far.has_film else b""
        self.send_response(200 if film else 503 if "busy" in self.path else 404)
        self.send_header("Content-Length", str(len(film)))
        self.end_headers()
        self.wfile.write(film)

    def log_message(self, *_):
        pass


def far(browser, server):
    """Jobs about addresses: one that has nothing, and one that may have something later."""
    films = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Far)
    threading.Thread(target=films.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{films.server_port}"
    body = lambda name: {"client": "far", "pipelines": ["flat"], "source": {"address": f"{address}/{name}.mp4"}}
    gone, busy = (ask(server, "/v1/analyses", body(name))["job"] for name in ("gone", "busy"))
    open_page(browser, server, f"#/jobs/{gone}")
    browser.wait("its end", lambda: browser.text(".head .state") == "failed")
    assert "has no 127.0.0.1" in browser.text(".hint.trouble") and "(404)" in browser.text(".hint"), browser.text(".hint")
    assert buttons(browser) == ["Retry"] and browser.text(".head strong") == "could not be fetched", buttons(browser)
    asked = "return performance.getEntriesByType('resource').filter(({ name }) => name.endsWith(arguments[0])).length"
    before = browser.run(asked, gone)
    time.sleep(4)
    assert browser.run(asked, gone) - before <= 1, "a job that is over is hardly looked at"
    layout(browser, server, "unfetched", f"#/jobs/{gone}", lambda: browser.text(".hint.trouble"))
    open_page(browser, server, f"#/jobs/{busy}")
    browser.wait("what it waits for", lambda: "of 7 failed" in browser.text(".hint"))
    assert "answered 503" in browser.text(".hint") and "The next is not before" in browser.text(".hint"), browser.text(".hint")
    assert buttons(browser) == ["Pause", "Cancel…"] and browser.text(".head strong") == "waits for its address"
    open_page(browser, server, "#/jobs?client=far")
    browser.wait("both", lambda: len(rows(browser)) == 2)
    assert [row[1] for row in rows(browser)] == ["running", "failed"], rows(browser)
    browser.wait("why", lambda: "(404)" in browser.run("return document.querySelectorAll('.jobs > li small')[3]?.innerText ?? ''"))
    Far.has_film = True
    open_page(browser, server, f"#/jobs/{gone}")
    browser.wait("the job", lambda: buttons(browser) == ["Retry"])
    browser.click("[data-order=retry]")
    browser.wait("the end", lambda: browser.text(".head .state") == "finished" and browser.text(".head strong") == "1 of 1")
    films.shutdown()
    check("a job whose address gives nothing says why, is not followed any more, and is tried again; one that waits says what for")


def pages(browser, server):
    """More jobs than a page holds, newer ones, and those in one state."""
    for number in range(34):
        ask(server, "/v1/jobs", {"client": "acme", "pipelines": ["flat"], "select": {"brand": f"None {number}"}})
    open_page(browser, server, "#/jobs?client=acme")
    browser.wait("a page", lambda: len(rows(browser)) == 30)
    browser.click(".jobpages > p > button")
    browser.wait("the rest", lambda: len(rows(browser)) == 36)
    assert rows(browser)[-1][0] == "flat" and rows(browser)[-2][0] == "parts"
    top = "return document.querySelector('.jobs > li').getBoundingClientRect().top"
    before = browser.run(top)
    ask(server, "/v1/jobs", {"client": "acme", "pipelines": ["line"], "select": {"brand": "Aurora"}})
    browser.wait("what is new", lambda: browser.text(".newer") == "Show 1 newer job")
    assert browser.run(top) == before and len(rows(browser)) == 36
    browser.click(".newer")
    browser.wait("it", lambda: len(rows(browser)) == 30 and rows(browser)[0][0] == "line")
    choose(browser, "#jobs-state", "cancelled")
    browser.wait("none", lambda: "No job is like that" in (browser.text(".empty") or ""))
    browser.run("history.back()")
    browser.wait("all", lambda: len(rows(browser)) == 30)
    choose(browser, "#jobs-client", "many")
    browser.wait("another client's", lambda: {row[0] for row in rows(browser)} == {"flat", "line"})
    check("jobs come by pages, by state and client, and new ones wait until they are asked for")


def layout(browser, server, name, address, arrived):
    open_page(browser, server, address)
    browser.wait(name, arrived)
    for theme in ("light", "dark"):
        browser.theme(theme)
        for width in (1400, 420):
            browser.resize(width, 900)
            browser.run("return new Promise((done) => setTimeout(done, 500))")
            found = browser.run(LAYOUT)
            assert found["count"] > 10 and not found["over"] and not found["out"], (name, theme, width, found)
            assert found["wide"] <= found["inner"] == width, (name, theme, width, found)
            unnamed = browser.run("""return [...document.querySelectorAll("main button, main a, main input, main select, main meter, main [role]")].filter((one) =>
                one.checkVisibility({ visibilityProperty: true }) && !one.innerText?.trim() && !one.ariaLabel && !one.labels?.length && !one.getAttribute("aria-labelledby") && !one.getAttribute("role")?.match(/status/))
                .map((one) => one.outerHTML.slice(0, 120))""")
            assert not unnamed, (name, unnamed)
            browser.picture(SCRATCH / f"{name}-{width}-{theme}.png")
    browser.resize(1280, 900)
    twice = browser.run("const all = [...document.querySelectorAll('[id]')].map((one) => one.id); return all.filter((id, at) => all.indexOf(id) !== at)")
    assert not twice, (name, twice)
    check(f"nothing overlaps, sticks out or lacks a name on {name} at 1400 and 420 pixels, light and dark")


def by_keys(browser, server):
    """From the top of the list to a job, and to its items."""
    open_page(browser, server, "#/jobs?client=acme")
    browser.wait("jobs", lambda: len(rows(browser)) == 30)
    browser.run("document.querySelector('#jobs-state').focus()")
    browser.press(TAB)
    assert browser.run("return document.activeElement.closest('.what') !== null"), browser.run("return document.activeElement.outerHTML")
    browser.press(ENTER)
    browser.wait("the job", lambda: browser.text("h1") == "line")
    browser.run("document.querySelector('.steering button:not(.away)')?.focus() ?? document.querySelector('#job-title').focus()")
    stops = []
    for _ in range(40):
        browser.press(TAB)
        stops.append(browser.run("const one = document.activeElement; return one.dataset.stage ?? one.dataset.state ?? one.tagName"))
        if stops[-1] == "cancelled" and "listed" in stops[:-1] and "cut" in stops[-8:]:
            if browser.run("return document.activeElement.closest('.tabs') !== null"):
                break
    assert [one for one in stops if one in ("listed", "waiting", "cut", "done")][:4] == ["listed", "waiting", "cut", "done"], stops
    check("the keyboard goes from the list to a job, through its stages, and to its items")


def reckoning(browser):
    """Rates, shares and words, which know no document."""
    found = browser.call("POST", "/execute/async", {"script": """
      const done = arguments[arguments.length - 1];
      import("/assets/jobfacts.js").then((f) => {
        const one = (more) => ({ job: "x", state: "running", round: 1, listed: 100, done: 0, kept: 0, failed: 0, cancelled: 0, progress: 0, listing: false, ...more });
        const walk = (...looks) => { const pace = new f.Pace(); for (const [now, more, pieces] of looks) pace.take(one(more), now, pieces); return pace; };
        const words = (...looks) => walk(...looks).words(one(looks.at(-1)[1]));
        const share = new f.Share();
        const shares = [{ progress: 500000 }, { progress: 400000 }, { progress: 1000000 }, { round: 2, progress: 1000000, done: 90 }, { round: 2, progress: 1000000, done: 95 }]
          .map((more) => share.take(one(more)));
        done({
          first: walk([0, {}]).rate, soon: walk([0, {}], [1, { done: 5 }]).rate, steady: words([0, {}], [10, { done: 20 }]),
          kept: walk([0, {}], [10, { kept: 50 }]).rate, open: words([0, {}], [10, { done: 20, listing: true }]), pieces: words([0, {}, 0], [10, {}, 0.5]),
          retried: walk([0, { failed: 9 }], [10, { failed: 0 }]).rate, paused: words([0, {}], [10, { done: 20, state: "paused" }]),
          shares, rates: [12.34, 0.5, 0.001].map(f.often), money: [0.000123, 2.5].map(f.money),
          spent: [{ price: 0 }, { price: 1, cost: 5e-6 }, { price: 1, cost: 5e-6, budget: 2 }].map((more) => f.spent(one(more))),
          about: [f.selection({}), f.selection({ brand: "A", campaign: "s", kind: "video", state: "failed", tags: ["x", "y"], text: "z", assets: ["a"] })],
          counted: [f.counted(one({ done: 3, listing: true })), f.counted(one({ listed: 0, state: "finished" })), f.counted(one({ fetching: true }))],
          over: Object.keys(f.states).filter((state) => f.isOver({ state })), retried_states: Object.keys(f.states).filter((state) => f.mayRetry(one({ state, failed: 0 }))),
        });
      }, (error) => done({ error: String(error) }));""", "args": []})
    assert found == {
        "first": None, "soon": None, "steady": "2.00 a second · about 40 s left", "kept": None, "open": "2.00 a second", "pieces": "3.00 a minute · about 33 min left",
        "retried": None, "paused": "", "shares": [0.5, 0.5, 1, 0.9, 0.95], "rates": ["12.3 a second", "30.0 a minute", "3.60 an hour"], "money": ["0.0001", "2.50"],
        "spent": ["", "cost 0.0000", "cost 0.0000 of 2.00"], "about": ["all assets", "A / s · videos · failed · tagged x and y · “z” · 1 by name"],
        "counted": ["3 of 100; more are being listed", "no asset was like that", "its address is being fetched"],
        "over": ["finished", "cancelled", "failed"], "retried_states": ["failed"]}, found
    check("rates, time left, shares and words are right")


def main():
    models, pipelines = SCRATCH / "models", SCRATCH / "pipelines"
    models.mkdir()
    (models / MODEL).symlink_to(MODELS / MODEL)
    pipelines.mkdir()
    for name in ("line", "parts"):
        shutil.copy(pathlib.Path(__file__).resolve().parents[2] / "pipelines" / f"{name}.yaml", pipelines)
    (pipelines / "flat.yaml").write_text(FLAT)
    add_assets()
    options = ["--library", str(LIBRARY), "--workers", "1", "--pipelines", str(pipelines)]
    with Browser() as browser:
        browser.call("POST", "/timeouts", {"script": 60_000})
        with Server(str(models), *options) as server:
            nothing(browser, server)
            kept = damage(server)
            job = starting(browser, server)
            flowing(browser, job)
            layout(browser, server, "job", f"#/jobs/{job}", lambda: browser.run("return document.querySelectorAll('.reasons details').length") == 2)
            failing(browser, server, job)
            mend(kept)
            retrying(browser, job)
            great_job = great(browser, server)
            paging(browser, server, great_job, ITEMS)
            layout(browser, server, "running", f"#/jobs/{great_job}", lambda: browser.run("return document.querySelectorAll('.items > li').length") == 50)
            cancelling(browser, server, great_job)
            spending(browser, server)
            far(browser, server)
            unlike(browser, server)
            reckoning(browser)
            complaints = [line for line in browser.log() if "429" not in line]
            assert not complaints, f"the page complains: {complaints}"
        keys = ["--keys", str(SCRATCH / "home" / "keys.json")]
        looks, changes = (ridley("key", "create", "--client", "acme", "--scope", scope) for scope in ("read", "read,write"))
        with Server(str(models), *options, *keys) as server:
            open_page(browser, server, "#/jobs")
            browser.wait("what to do", lambda: "wants a key" in (browser.text(".empty.trouble") or ""))
            read_only(browser, job, looks)
            signed(browser, changes)
        with Server(str(models), *options) as server:
            pages(browser, server)
            layout(browser, server, "jobs", "#/jobs?client=acme", lambda: len(rows(browser)) == 30)
            layout(browser, server, "start", "#/jobs/new?client=acme", lambda: browser.run("return document.querySelectorAll('.choice').length") == 4)
            by_keys(browser, server)


main()
