"""The page of one job."""

from server import check


def stage(browser, name):
    return browser.run("return document.querySelector(`[data-stage=${arguments[0]}] strong`)?.innerText.replace('\\u202f', '')", name)


def names(browser, within):
    return browser.run("return [...document.querySelectorAll(arguments[0] + ' .items b')].map((one) => one.innerText)", within)


def flowing(browser, job):
    """Seven films, of which four are damaged."""
    assert browser.text("h1") == "flat" and browser.text("nav a[aria-current=page]") == "Jobs"
    browser.wait("the end", lambda: browser.text(".head .state") == "finished", 120)
    numbers = lambda: {name: stage(browser, name) for name in ("listed", "waiting", "cut", "done", "kept", "failed", "cancelled")}
    wanted = {"listed": "7", "waiting": "0", "cut": "0", "done": "3", "kept": "0", "failed": "4", "cancelled": "0"}
    browser.wait("its numbers", lambda: numbers() == wanted)
    assert browser.text(".head strong") == "7 of 7" and "took " in browser.text(".head .speed")
    bar = browser.run("const one = document.querySelector('.progress'); return [one.getAttribute('aria-valuenow'), one.getAttribute('aria-valuetext')]")
    assert bar == ["100", "100 %: 3 done, 4 failed"], bar
    about = browser.text(".aside")
    assert job in about and "Aurora" in about and "sha256:" in about and "line-inspector@" in about and "of 5.00 at 3.6 an hour" in about, about
    check("a job shows its stages with numbers, its money, its pipeline and its models")


def failing(browser, server, job):
    reasons = "return [...document.querySelectorAll('.reasons summary')].map((one) => [one.querySelector('.number').innerText, one.querySelector('.why').innerText])"
    found = browser.run(reasons)
    assert [number for number, _ in found] == ["3", "1"] and "not those that were added" in found[0][1], found
    assert browser.text("#failures-title + .quiet") == "4 items failed"
    browser.run("document.querySelector('.reasons summary').focus()")
    browser.press("\ue007")
    browser.wait("its items", lambda: sorted(names(browser, ".reasons")) == ["film-1.mp4", "film-2.mp4", "film-3.mp4"])
    words = browser.run("return document.querySelector('.reasons .items small').innerText")
    assert words.startswith("all of it · 1 attempt"), words
    pictures = "return [...document.querySelectorAll('.reasons .items img')].filter((one) => one.complete && one.naturalWidth > 0).length"
    browser.wait("their pictures", lambda: browser.run(pictures) == 3)
    browser.run("document.querySelector('.reasons .items a').click()")
    browser.wait("the asset", lambda: (browser.text("h1") or "").startswith("film-"))
    browser.run("history.back()")
    browser.wait("the job", lambda: browser.text("h1") == "flat" and len(browser.run(reasons)) == 2)
    browser.run("document.querySelector('[data-stage=failed]').click()")
    browser.wait("those that failed", lambda: len(names(browser, ".panel > ")) == 4)
    assert browser.run("return location.hash") == f"#/jobs/{job}?state=failed"
    assert browser.run("return document.querySelector('.tabs a[aria-current]').innerText") == "failed"
    check("failures stand together by their reason, and unfold into the assets with what of them it was")


def retrying(browser, job):
    browser.run("document.querySelector('[data-order=retry]').focus()")
    browser.press("\ue007")
    browser.wait("the end", lambda: stage(browser, "failed") == "0" and browser.text(".head .state") == "finished", 120)
    assert stage(browser, "done") == "7"
    assert browser.run("return document.activeElement.id") == "job-title", "the button is gone, and the focus with its page"
    browser.wait("no failures", lambda: not browser.run("return document.querySelector('.reasons').checkVisibility()"))
    browser.wait("none", lambda: names(browser, ".panel > ") == [])
    browser.run("document.querySelector('[data-stage=done]').click()")
    browser.wait("those that are done", lambda: len(names(browser, ".panel > ")) == 7)
    check("what failed is tried again, and nothing else")


def paging(browser, server, job, number):
    browser.open("about:blank")
    browser.open(f"{server.address}/#/jobs/{job}")
    shown = lambda: (browser.text("#items-title ~ p") or "").replace("\u202f", "")
    browser.wait("a page", lambda: shown() == "1 to 50")
    first = names(browser, ".panel > ")
    assert first[0] == f"shot-{number:05}.jpg" and len(first) == 50, first
    page = "[...document.querySelectorAll('nav[aria-label=\"Pages of items\"] a')].filter((one) => one.checkVisibility())"
    assert browser.run(f"return {page}.map((one) => one.innerText)") == ["Next page"]
    browser.run(f"{page}.at(-1).click()")
    browser.wait("the next", lambda: shown() == "51 to 100")
    browser.run(f"{page}.at(-1).click()")
    browser.wait("the third", lambda: shown() == "101 to 150")
    assert browser.run(f"return {page}.map((one) => one.innerText)") == ["First page", "Previous page", "Next page"]
    address = browser.run("return location.href")
    browser.run(f"{page}[1].click()")
    browser.wait("the second", lambda: shown() == "51 to 100")
    browser.open("about:blank")
    browser.open(address)
    browser.wait("the third by its address", lambda: shown() == "101 to 150")
    assert browser.run("return document.querySelectorAll('main *').length") < 900
    # In pages of one state nothing moves while items go there.
    browser.run("document.querySelector('.tabs a[data-state=done]').click()")
    browser.wait("those that are done", lambda: "more" in shown())
    held = names(browser, ".panel > ")
    browser.run("document.querySelector('.tabs a[data-state=waiting]').click()")
    browser.wait("those that wait", lambda: "more" in shown() and names(browser, ".panel > ") != held)
    held = names(browser, ".panel > ")
    browser.wait("that it is old", lambda: browser.run("return document.querySelector('.stale-items').checkVisibility({ visibilityProperty: true })"))
    assert names(browser, ".panel > ") == held
    browser.click(".stale-items")
    browser.wait("what waits now", lambda: names(browser, ".panel > ")[0] != held[0])
    check("items come fifty at a time, by state, with addresses of their own, and stand still")
