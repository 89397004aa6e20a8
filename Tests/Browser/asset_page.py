"""The page of one asset."""

import urllib.request

from browser import END, ENTER, HOME, RIGHT
from server import MODEL, MODELS, SCRATCH, check, ridley

# How far what the canvas shows is from frames as the server decodes them, by their numbers.
COMPARE = """
  const [numbers, base, done] = arguments;
  const canvas = document.querySelector(".screens canvas");
  const pixels = (source) => {
    const pen = new OffscreenCanvas(160, 90).getContext("2d", { willReadFrequently: true });
    pen.drawImage(source, 0, 0, 160, 90);
    return pen.getImageData(0, 0, 160, 90).data;
  };
  const shown = pixels(canvas);
  Promise.all(numbers.map((number) => new Promise((resolve, reject) => {
    const picture = new Image();
    picture.onload = () => {
      const other = pixels(picture);
      let sum = 0;
      for (let at = 0; at < other.length; at += 1) sum += Math.abs(other[at] - shown[at]);
      resolve(sum / other.length);
    };
    picture.onerror = () => fetch(picture.src).then((answer) => answer.text().then((text) => reject(new Error(`no frame ${number}: ${answer.status} ${text.slice(0, 200)}`))), reject);
    picture.src = `${base}/frames/${number}`;
  }))).then(done, (error) => done(String(error)));"""


def told(browser):
    """What is said of the canvas."""
    return browser.run("return document.querySelector('.screens canvas')?.getAttribute('aria-label')") or ""


def rows(browser):
    """The predictions of the frame that is shown: words and moments."""
    return browser.run("return [...document.querySelectorAll('.moment .now')].map((one) => one.innerText.split('\\n'))")


def is_frame(browser, base, number):
    """The canvas shows this frame and neither neighbour."""
    numbers = [other for other in (number - 1, number, number + 1) if other >= 0]
    found = browser.call("POST", "/execute/async", {"script": COMPARE, "args": [numbers, base]})
    assert isinstance(found, list), found
    assert numbers[found.index(min(found))] == number, (numbers, found)


def place(browser):
    """Where the film is: minutes, seconds and hundredths as the page says them, in seconds."""
    minutes, seconds = browser.text(".place").split(" of ")[0].split(":")
    return int(minutes) * 60 + float(seconds)


def frames(browser, server, asset, base, lines):
    """`lines` are the predictions as `ridley analyze` wrote them."""
    browser.open("about:blank")
    browser.open(f"{server.address}/#/library/{asset}")
    browser.wait("the first frame", lambda: told(browser).startswith("line.mp4 at 0:00.00, with "))
    assert browser.text("h1") == "line.mp4" and browser.text("nav a[aria-current=page]") == "Library"
    for number in (0, 7, 33, 60, 8):
        if number < 10:
            browser.run("document.querySelector('.timeline').focus()")
            browser.press(HOME)
            browser.wait("the beginning", lambda: place(browser) == 0)
            browser.press(*[RIGHT] * number)
        else:
            browser.open("about:blank")
            browser.open(f"{server.address}/#/library/{asset}?t={number / 25}")
        wanted = sorted((one["label"], f"{one['score']:.2f}") for one in lines if one["frame"] == number)
        moment = f"0:{number / 25:05.2f}"
        browser.wait(f"frame {number}", lambda: told(browser).startswith(f"line.mp4 at {moment}"))
        browser.wait("its predictions", lambda: sorted((row[0].split(" ")[0], row[-1]) for row in rows(browser)) == wanted)
        is_frame(browser, base, number)
    check("over each frame lies exactly what was found on it")

    browser.press(HOME)
    browser.click(".controls button")
    browser.wait("the film to play", lambda: place(browser) > 0.6)
    browser.click(".controls button")
    browser.wait("the film to stand", lambda: browser.text(".controls button") == "Play")
    here = place(browser)
    browser.run("return new Promise((done) => setTimeout(done, 400))")
    assert place(browser) == here
    is_frame(browser, base, round(here * 25))
    assert {row[0].split(" ")[-1] for row in rows(browser)} <= {f"0:{here:05.2f}"}, rows(browser)
    check("where a film is stopped while it plays, picture and predictions are of one frame")


def timeline(browser, base):
    seen = "return [document.querySelector('.timeline').getAttribute('aria-valuetext'), document.querySelector('.timeline').getAttribute('aria-valuenow')]"
    asked = "return performance.getEntriesByType('resource').filter((one) => one.name.includes('/timeline')).map((one) => new URL(one.name).searchParams.get('to'))"
    browser.run("document.querySelector('.timeline').focus()")
    browser.press(END)
    browser.wait("the end", lambda: browser.run(seen)[0] == "0:03.96")
    browser.press("+", "+")
    browser.wait("a part of time", lambda: any(float(to) - 4 < 0.01 for to in browser.run(asked)[1:]))
    browser.press("-", "-", HOME)
    browser.wait("the beginning", lambda: browser.run(seen)[0] == "0:00.00")
    box = browser.run("return document.querySelector('.timeline').getBoundingClientRect().toJSON()")
    drag = lambda kind, share: browser.run("""const node = document.querySelector('.timeline'); const box = node.getBoundingClientRect();
        node.setPointerCapture = () => null;
        node.dispatchEvent(new PointerEvent(arguments[0], { clientX: box.left + box.width * arguments[1], clientY: box.top + 30, button: 0, pointerId: 1, bubbles: true }))""", kind, share)
    drag("pointerdown", 0.5)
    drag("pointermove", 0.75)
    drag("pointerup", 0.75)
    browser.wait("the moment that was dragged to", lambda: 2.2 < float(browser.run(seen)[1]) < 3.2)
    assert box["width"] > 300
    check("the time line is dragged, zoomed and walked by keys, and asks for what is in sight")


def back(browser, base, lines):
    browser.run("document.querySelector('.timeline').focus()")
    browser.press(HOME)
    browser.wait("the first frame", lambda: place(browser) == 0 and rows(browser))
    # The list is made anew as frames come, and takes what had the focus with it.
    for attempt in range(3):
        browser.run("document.querySelector('.moment .now button').focus()")
        browser.press(ENTER)
        try:
            browser.wait("the way back", lambda: any(word in (browser.text(".trace dl") or "") for word in ("worker", "Ridley")), 20)
            break
        except AssertionError:
            if attempt == 2:
                raise
    text = browser.text(".trace")
    model = lines[0]["model"].split("@")[1]
    assert model in text and "Frame" in text and "Pipeline" in text, text
    assert browser.run("return document.querySelectorAll('.log li').length") > 0
    browser.wait("its frame", lambda: browser.run("return document.querySelector('.still canvas')?.width > 100"))
    assert "n=" in browser.run("return location.hash")
    address = browser.run("return location.href")
    browser.open("about:blank")
    browser.open(address)
    browser.wait("the same way back", lambda: model in (browser.text(".trace") or ""))
    browser.click(".trace header button")
    assert browser.run("return document.querySelector('.trace').hidden")
    check("a prediction leads back to frame, model, pipeline, worker and log, and its address does too")


def beside(browser, server, asset):
    """A second analysis, which looked at some frames alone, beside the first."""
    ridley("analyze", asset, "--models", str(MODELS), "--model", MODEL, "--every", "200ms", "--threshold", "0.4",
           "--library", str(SCRATCH / "library"), "--output", str(SCRATCH / "second"))
    browser.open("about:blank")
    browser.open(f"{server.address}/#/library/{asset}")
    browser.wait("both analyses", lambda: browser.run("return document.querySelector('#analysis-b')?.options.length") == 3)
    told_all = "return [...document.querySelectorAll('.screens canvas')].map((one) => one.getAttribute('aria-label'))"
    browser.run("const one = document.querySelector('#analysis-b'); one.value = one.options[2].value; one.dispatchEvent(new Event('change'))")
    browser.wait("two pictures", lambda: len(browser.run(told_all)) == 2 and all(", with" in text for text in browser.run(told_all)))
    browser.run("document.querySelector('.timeline').focus()")
    browser.press(RIGHT)
    # The newer one did not look at the second frame, and says nothing of it.
    browser.wait("the second frame", lambda: [", with" in text for text in browser.run(told_all)] == [False, True])
    assert all(text.startswith("line.mp4 at 0:00.04") for text in browser.run(told_all)), browser.run(told_all)
    browser.wait("an address", lambda: "&b=" in browser.run("return location.hash"))
    assert browser.run("return document.querySelectorAll('.screens figcaption').length") == 2
    check("two analyses stand beside each other on one frame, and none shows what it did not look at as its own")


def editing(browser, server, asset):
    browser.run("document.querySelector('#asset-tags').value = 'line, night, <i>x</i>'; document.querySelector('#asset-brand').value = 'Corona'; document.querySelector('#asset-campaign').value = ''")
    browser.click(".edit button")
    browser.wait("it to be saved", lambda: browser.text(".edit + .outcome") == "Saved.")
    browser.wait("what is said above", lambda: "Corona · 0:04 · analysed · line · night · <i>x</i>" == browser.text(".crumbs [role=status]"))
    body = b'{"tags":["other"]}'
    request = urllib.request.Request(f"{server.address}/v1/assets/{asset}", body, {"Content-Type": "application/json"}, method="PATCH")
    urllib.request.urlopen(request, timeout=30).read()
    browser.run("document.querySelector('#asset-name').value = 'shift.mp4'")
    browser.click(".edit button")
    browser.wait("a refusal", lambda: "changed meanwhile" in browser.text(".edit + .outcome"))
    browser.wait("what came in between", lambda: browser.text(".crumbs [role=status]").endswith("analysed · other"))
    browser.click(".edit button")
    browser.wait("the name", lambda: browser.text("h1") == "shift.mp4")
    browser.run("document.querySelector('#asset-name').value = 'line.mp4'")
    browser.click(".edit button")
    browser.wait("the name", lambda: browser.text("h1") == "line.mp4")
    noise = [line for line in browser.log() if "412" not in line]
    assert not noise, noise
    check("what is said of an asset is changed, and not over a change of another")


def deleting(browser, server, asset):
    browser.open(f"{server.address}/#/library/{asset}")
    browser.wait("the page", lambda: browser.text("h1") == "shot-00001.jpg")
    browser.wait("the picture", lambda: browser.run("return document.querySelector('.screens canvas')?.width > 100"))
    browser.run("document.querySelector('.panel > p > .danger').focus()")
    browser.press(ENTER)
    assert browser.run("return document.querySelector('.panel dialog').open && document.activeElement.value") == "cancel"
    browser.press(ENTER)
    assert browser.text("h1") == "shot-00001.jpg"
    browser.press(ENTER)
    browser.click(".panel dialog button[value=delete]")
    browser.wait("the library", lambda: browser.text("h1") == "Library")
    browser.wait("what is left", lambda: browser.run("return [...document.querySelectorAll('.grid > li:not([hidden]) b')].map((one) => one.innerText)") == ["line.mp4"])
    browser.run("location.hash = arguments[0]", f"#/library/{asset}")
    browser.wait("that it is gone", lambda: "There is no asset" in (browser.text(".empty") or ""))
    noise = [line for line in browser.log() if "404" not in line]
    assert not noise, noise
    check("an asset is deleted after a question, and its page says so")
