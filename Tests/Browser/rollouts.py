"""The pages of roll-outs and trials in a real browser, against the real server: rollouts.py RIDLEY MODELS SCRATCH

MODELS holds line-inspector. Each check prints a line; the first that fails ends the run with status 1. Pictures of the pages are left in SCRATCH.
"""

import json
import subprocess
import urllib.request

from browser import DOWN, ENTER, LAYOUT, UP, Browser
from server import ENVIRONMENT, MODEL, MODELS, RIDLEY, SCRATCH, Server, check, draw_line, ridley

LIBRARY = str(SCRATCH / "library")
NAME = "lines"
# In the place of a download; the script's own, so that the page's policy is not asked.
KEEP = """
  window.saved = [];
  URL.createObjectURL = (blob) => { blob.text().then((text) => saved.push(JSON.parse(text))); return "#"; };
  URL.revokeObjectURL = () => {};
  HTMLAnchorElement.prototype.click = () => {};"""


def prepare():
    """Two versions, of which the newer one is surer of what it tells, and a trial of it that does not pass."""
    draw_line(seconds=2)
    for threshold in ("0.3", "0.9"):
        ridley("model", "publish", MODEL, "--models", str(MODELS), "--as", NAME, "--threshold", threshold, "--library", LIBRARY, "--by", "ann")
    ridley("model", "alias", NAME, "live", "1", "--untried", "--library", LIBRARY)
    words = ["--on", str(SCRATCH / "line.mp4"), "--every", "200ms", "--rule", "appeared <= 0 and agreement > .9999", "--json"]
    place = ["--library", LIBRARY, "--work", str(SCRATCH / "trial"), "--by", "<b>ann</b>"]
    done = subprocess.run([RIDLEY, "model", "trial", f"{NAME}@2", *words, *place], env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 9, done
    return json.loads(done.stdout)


def ask(server, times):
    picture = (SCRATCH / "part.png").read_bytes()
    for number in range(times):
        headers = {"Content-Type": "image/png", "Routing-Key": f"{number}"}
        urllib.request.urlopen(urllib.request.Request(f"{server.address}/v1/models/{NAME}/predict", picture, headers), timeout=60).read()


def rows(browser, label):
    """What stands in a table, by its name."""
    return browser.run(
        "return [...document.querySelectorAll(`[aria-label=\"${arguments[0]}\"] tbody tr`)].map((row) => [...row.cells].map((cell) => cell.innerText))", label)


def layout(browser, page):
    for theme in ("light", "dark"):
        browser.theme(theme)
        for width in (1600, 1280, 1000):
            browser.resize(width, 900)
            found = browser.run(LAYOUT)
            assert found["count"] > 20 and not found["over"] and not found["out"], (page, theme, width, found)
            assert found["wide"] <= found["inner"] == width, (page, theme, width, found)
        browser.picture(SCRATCH / f"{page}-{theme}.png")
    browser.theme("light")
    browser.resize(1280, 900)


def order(browser, name, reason):
    """By the keyboard alone: the button, the reason, Enter."""
    browser.run(f"document.querySelector('[data-order={name}]').focus()")
    browser.press(ENTER)
    browser.wait("the question", lambda: browser.text("dialog[open] h2").lower().startswith(name))
    assert browser.run("return document.activeElement.id") == "rollout-reason"
    browser.press(*reason, ENTER)
    browser.wait("the question to be answered", lambda: not browser.text("dialog[open] h2"))


def rolling(browser, server):
    browser.open(server.address)
    browser.wait("the list of roll-outs", lambda: rows(browser, "Roll-outs"))
    line = rows(browser, "Roll-outs")[0]
    assert line[:3] == [NAME, "2 in place of 1", "running"] and line[3] == "step 1 of 3: shadow of 100 %", line
    layout(browser, "models")
    check("roll-outs stand on the page of models, with where each is")

    browser.run("document.querySelector('.rollouts a').click()")
    browser.wait("its page", lambda: browser.text("#rollout-now") == "Version 2 in place of 1")
    assert browser.text("[aria-current=step]") == "shadow of 100 %" and browser.text("nav a[aria-current=page]") == "Models"
    rule = {row[0]: row[1:] for row in rows(browser, "Rule")}
    assert rule["errors == 0"] == ["0", "holds"] and rule["evaluation.ap >= 1x"] == ["nothing yet", "open"], rule
    browser.wait("what it waits for", lambda: "evaluation.ap >= 1x (none is kept)" in browser.text(".news"))
    answers = lambda: [int(text) for text in rows(browser, "Both versions")[0][1:]]

    def seen():
        ask(server, 2)
        return min(answers()) > 0

    browser.wait("answers of both, without a reload", seen)
    layout(browser, "rollout")
    check("one has its steps, its rule with what each comparison is now, and what was seen of both, and goes on while the page is open")

    order(browser, "pause", "too dark")
    browser.wait("the pause", lambda: browser.text(".head .state") == "paused")
    visible = "return [...document.querySelectorAll('[data-order]')].filter((one) => one.checkVisibility()).map((one) => one.dataset.order)"
    assert browser.run(visible) == ["resume", "promote", "abort"]
    order(browser, "resume", "light again")
    browser.wait("its way on", lambda: browser.text(".head .state") == "running")
    reasons = [row[3] for row in browser.run(
        "return [...document.querySelectorAll('#rollout-past ~ div tbody tr')].map((row) => [...row.cells].map((cell) => cell.innerText))")]
    assert reasons[:2] == ["light again", "too dark"], reasons
    check("it is paused and resumed with a reason, by the keyboard, and both stand in what became of it")

    browser.run("document.querySelector('[data-order=abort]').click()")
    browser.wait("the question", lambda: browser.text("dialog[open] h2"))
    browser.press(ENTER)
    assert browser.text("dialog[open] h2"), "it wants a reason"
    browser.run("document.querySelector('dialog [value=no]').click()")
    browser.wait("the question to be gone", lambda: not browser.text("dialog[open] h2"))
    assert browser.text(".head .state") == "running"
    order(browser, "abort", "<i>enough</i>")
    browser.wait("its end", lambda: browser.text(".head .state") == "aborted")
    assert browser.run(visible) == [] and browser.text(".news") == "<i>enough</i>"
    assert ridley("model", "which", NAME, "live", "--library", LIBRARY).startswith(f"{NAME} 1 ")
    check("it is aborted with a reason and not without, and what is live stays")

    ridley("model", "rollout", f"{NAME}@2", "--canary", "50%,100%", "--every", "1h", "--library", LIBRARY)
    browser.wait("another one, without a reload", lambda: browser.text(".head .state") == "running")
    browser.wait("the version to be loaded", lambda: "the candidate gave" in browser.text(".news"))
    order(browser, "promote", "it is right")
    browser.wait("its end", lambda: browser.text(".head .state") == "promoted")
    assert ridley("model", "which", NAME, "live", "--library", LIBRARY).startswith(f"{NAME} 2 ")
    assert browser.run("return document.querySelectorAll('#rollout-past ~ div details').length") == 2
    check("another one is promoted once it was tried, and the one before stays to be read")


def trying(browser, server, told):
    browser.open(f"{server.address}/#/models/{NAME}")
    browser.wait("what the registry has", lambda: browser.text(".registry a"))
    browser.run("[...document.querySelectorAll('.registry a')].at(-1).click()")
    browser.wait("the trials", lambda: rows(browser, "Trials"))
    line = rows(browser, "Trials")[0]
    assert line[0] == f"version 2 beside {NAME}@1" and line[2:4] == ["<b>ann</b>", "not passed"], line
    layout(browser, "trials")
    browser.resize(1000, 900)
    cut = browser.run("return [...document.querySelectorAll('.life .scrolled')].filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.ariaLabel)")
    assert not cut, f"a table goes out of a window of 1000 pixels: {cut}"
    browser.resize(1280, 900)
    browser.run("document.querySelector('.life a').click()")
    count = told["differences_in_all"]
    status = lambda: browser.text(".finder + p [role=status]")
    browser.wait("the trial", lambda: status().startswith(f"{count} difference"))
    clauses = {row[0]: row[2] for row in rows(browser, "Rule")}
    assert clauses == {"appeared <= 0": "holds", "agreement > .9999": "does not hold"}, clauses
    assert browser.text("h1") == f"{NAME}@2 beside {NAME}@1" and "no evaluation" in browser.text("#trial-truth + p")
    check("a trial has its verdict by rule, and says what it cannot know")

    browser.run("for (const image of document.images) image.loading = 'eager'")
    browser.wait("pictures", lambda: browser.run(
        "return document.querySelectorAll('.cuts img').length > 1 && [...document.querySelectorAll('.cuts img')].every((image) => image.naturalWidth > 0)"))
    shown = browser.run("""
      return [...document.querySelectorAll(".cuts > li")].map((row) => [row.querySelector("b").innerText,
        ...["older", "newer"].map((side) => row.querySelectorAll(`rect.${side}`).length)])""")
    wanted = [[one["kind"], int("older" in one), int("newer" in one)] for one in told["differences"][:len(shown)]]
    assert shown == wanted, (shown, wanted)
    box = """
      const cut = document.querySelector(".cut:has(rect.older)"), at = cut.querySelector("rect.older").getBoundingClientRect();
      const all = cut.getBoundingClientRect();
      return [at.left >= all.left - 4, at.top >= all.top - 4, at.right <= all.right + 4, at.bottom <= all.bottom + 4, at.width > 8, at.height > 8]"""
    assert all(browser.run(box)), browser.run(box)
    layout(browser, "trial")
    heights = browser.run("return [...document.querySelectorAll('.cut')].map((one) => one.getBoundingClientRect().height)")
    assert heights and max(heights) <= 301, heights
    check("what differs stands there, the largest first, with pictures and the boxes of both versions side by side")

    browser.run(KEEP)
    browser.run("document.querySelector('.cuts > li').focus()")
    number = "return Number(document.activeElement.dataset.number)"
    browser.press("a", "r")
    assert browser.run(number) == min(2, count - 1)
    browser.press(UP, "u", "n", DOWN)
    assert ", 2 decided." in status(), status()
    for text, many in (("Save decisions", 1), ("Save as COCO", 2)):
        browser.run("[...document.querySelectorAll('button')].find((one) => one.innerText === arguments[0]).click()", text)
        browser.wait(text, lambda: browser.run("return saved.length") == many)
    plain, coco = browser.run("return saved")
    assert [one["decision"] for one in plain["decisions"]] == ["newer", "neither"] and plain["newer"] == f"{NAME}@2", plain
    assert plain["decisions"][0]["frame"] == told["differences"][0]["frame"] and len(coco["images"]) in (1, 2), coco
    assert [coco["images"][0][side] for side in ("width", "height")] == browser.run(
        "return fetch(arguments[0]).then((answer) => answer.json()).then(({ report }) => [report.differences[0].width, report.differences[0].height])",
        f"{server.address}/v1/registry/models/{NAME}/trials/{told['kept']}")
    check("keys say who is right and take it back, and what was said is saved as it is and as COCO")

    choose = "const one = document.getElementById(arguments[0]); one.value = arguments[1]; one.dispatchEvent(new Event('change'))"
    for place, value, fits in (
            ("trial-kind", "gone", lambda one: one["kind"] == "gone"), ("trial-label", "good", lambda one: any(one.get(side, {}).get("label") == "good" for side in ("older", "newer")))):
        browser.run(choose, place, value)
        many = sum(map(fits, told["differences"]))
        browser.wait(f"those of {value}", lambda: status().startswith(f"{many} difference"))
        browser.run(choose, place, "")
    browser.run(choose, "trial-state", "newer")
    browser.wait("those that were decided", lambda: status().startswith("1 difference "))
    browser.run("location.reload()")
    browser.wait("what was said to be there again", lambda: ", 2 decided." in status())
    check("kinds, labels and decisions narrow the list, and what was said is there after a reload")


def main():
    told = prepare()
    begin = ["--shadow", "100%", "--canary", "20%,100%", "--every", "1h", "--rule", "errors == 0 and agreement > .001 and evaluation.map >= 1x"]
    with Browser() as browser, Server(None, "--library", LIBRARY, "--workers", "0") as server:
        ridley("model", "rollout", f"{NAME}@2", *begin, "--library", LIBRARY, "--by", "ann")
        rolling(browser, server)
        trying(browser, server, told)
        complaints = browser.log()
        assert not complaints, f"the page complains: {complaints}"
        check("the pages complain of nothing")


main()
