"""The page of the catalogue: products with pictures, links, and words of people who mean harm."""

import struct
import subprocess
import unicodedata
import urllib.parse

from server import SCRATCH, check

FOLDER = SCRATCH / "home" / "catalogue"
FILE = FOLDER / "products.ridley"
# What stands in the file of a catalogue for people who mean harm.
SCRIPT = '<img src="x" onerror="window.hurt=1"><script>window.hurt=2</script>'
HOSTILE = [
    ('<b>"%2e?#&\'x', SCRIPT, SCRIPT, "javascript:window.hurt=3"),
    ("茶-🍵-é", "\u202egnp.exe\u2066 " + "Z\u0335\u0321\u0322" * 30, "بيرة", "data:text/html,<script>window.hurt=4</script>"),
    ("long", "W" * 2048, "x" * 2048, "https://good.example@evil.example/" + "y" * 1900),
    ("z-vb", "\u0000nul\r\n\tlines", "", " JaVaScRiPt:window.hurt=5"),
]
EXTRA = 70


def words(text):
    raw = text.encode()
    return struct.pack("<I", len(raw)) + raw


def picture():
    """A JPEG as `catalogue add` keeps one."""
    path = SCRATCH / "thumbnail.jpg"
    make = ["-f", "lavfi", "-i", "smptebars=s=160x90", "-frames:v", "1", "-q:v", "5", path]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *make], check=True)
    return path.read_bytes()


def write(products):
    """A catalogue's file, as Sources/Insights/CatalogueFile.swift describes it: (id, name, brand, url, pictures, features, thumbnail) each."""
    body = b"RIDLYCAT" + struct.pack("<I", 2) + words("net@sha256:00") + struct.pack("<II", 2, len(products))
    # Products stand in the order of their ids as people compare them.
    for name, *said, pictures, features, thumbnail in sorted(products, key=lambda one: unicodedata.normalize("NFC", one[0])):
        body += words(name) + b"".join(map(words, said)) + struct.pack("<I", pictures)
        for number in range(pictures):
            body += words(f"{name} {number}") + words(f"{number}.png") + struct.pack("<ff", 1, 0)
            found = features if number == 0 else 0
            body += struct.pack("<I", int(found > 0))
            if found:
                body += struct.pack("<III", 100, 100, found) + struct.pack("<ff", 1, 1) * found + bytes(128 * found)
            body += struct.pack("<I", len(thumbnail)) + thumbnail
    FOLDER.mkdir(parents=True, exist_ok=True)
    plain = SCRATCH / "catalogue.plain"
    plain.write_bytes(body)
    key = b"ridley checksum 1"[:16].hex()
    mac = ["openssl", "mac", "-cipher", "AES-128-GCM", "-macopt", f"hexkey:{key}", "-macopt", "hexiv:" + "00" * 12, "-in", plain, "GMAC"]
    tag = bytes.fromhex(subprocess.run(mac, check=True, capture_output=True, text=True).stdout.strip())
    beside = FOLDER / "beside"
    beside.write_bytes(body + tag)
    beside.replace(FILE)


def shelf(seen):
    """`seen` is a label that the film of the library was analysed for."""
    small = picture()
    good = [("cola", "Cola 33 cl", "Acme", "https://cola.example/shop?a=1", 2, 200, small), ("fig", "fig", "", "", 1, 0, b""), (seen, f"Ware {seen}", "Acme", "", 1, 10, small)]
    return good + [(*one, 1, 0, small) for one in HOSTILE]


def names(browser):
    return browser.run("return [...document.querySelectorAll('.shelf .ware')].map((one) => one.dataset.product)")


def ware(browser, name, what):
    return browser.run(f"const ware = [...document.querySelectorAll('.shelf .ware')].find((one) => one.dataset.product === arguments[0]); return {what}", name)


def catalogue(browser, server, ask, layout):
    browser.open(f"{server.address}/#/catalogue")
    browser.wait("what to do", lambda: "ridley catalogue add shelf/" in (browser.text(".empty") or ""))
    assert browser.text("h1") == "Catalogue" and browser.text("nav a[aria-current=page]") == "Catalogue"
    FOLDER.mkdir(parents=True, exist_ok=True)
    FILE.write_bytes(b"nonsense")
    browser.open("about:blank")
    browser.open(f"{server.address}/#/catalogue")
    browser.wait("what is wrong", lambda: "no catalogue of ridley's" in (browser.text(".empty.trouble") or ""))
    browser.log()  # 404 and 503 are told there as well
    check("a server without a catalogue says how to make one, and a damaged one is told")

    total = next(one for one in ask(server, "/v1/totals?client=acme&limit=1000")["totals"] if one["measure"] == "score")
    write(shelf(total["label"]))
    browser.run("document.querySelector('.empty button').click()")
    browser.wait("all products", lambda: len(names(browser)) == 3 + len(HOSTILE))
    assert browser.text(".catalogue header [role=status]") == f"{3 + len(HOSTILE)} products"
    loaded = "return [...document.querySelectorAll('.shelf img')].filter((one) => one.complete && one.naturalWidth === 160).length"
    browser.wait("their pictures", lambda: browser.run(loaded) == 2 + len(HOSTILE))
    said = ware(browser, "cola", "ware.innerText").split("\n")
    assert [line for line in said if line] == ["Cola 33 cl", "Acme", "cola", "cola.example", "2 pictures", "geometry proves it"], said
    assert ware(browser, "cola", "ware.querySelector('a').href") == "https://cola.example/shop?a=1"
    said = [line for line in ware(browser, "fig", "ware.innerText").split("\n") if line]
    assert said == ["no picture kept", "fig", "1 picture", "told by likeness alone"], said
    check("products stand with picture, name, brand, link, number of pictures, and whether geometry proves them")

    hostile(browser)
    narrowing(browser, server, total)
    layout(browser, server, "catalogue", "#/catalogue?client=acme", lambda: len(names(browser)) == 3 + len(HOSTILE))
    write(shelf("fig2") + [(f"many-{number:03}", f"Many {number}", "", "", 1, 0, b"") for number in range(EXTRA)])
    browser.open("about:blank")
    browser.open(f"{server.address}/#/catalogue?q=many")
    browser.wait("the first page", lambda: len(names(browser)) == 60)
    assert browser.text(".catalogue header [role=status]") == f"{EXTRA} products, 60 of them shown"
    browser.run("document.querySelector('.catalogue > button').click()")
    browser.wait("the rest", lambda: len(names(browser)) == EXTRA and not browser.run("return document.querySelector('.catalogue > button').checkVisibility()"))
    assert len(set(names(browser))) == EXTRA
    check("a long catalogue comes page by page")


def hostile(browser):
    """Everything that a catalogue says is text, and only pages of the web are links."""
    assert browser.run("return window.hurt") is None
    for name, title, brand, _ in HOSTILE:
        inside = ware(browser, name, "[...ware.querySelectorAll('script, iframe, object, style, b, [onerror], [onclick]')].length")
        assert inside == 0, (name, inside)
        shown = ware(browser, name, "ware.querySelector('h2').textContent")
        assert shown == title or shown == title[:60] + "…", (name, shown)
    links = browser.run("return [...document.querySelectorAll('.shelf a')].map((one) => [one.protocol, one.textContent, one.rel, one.target])")
    web = ["https:", "noopener noreferrer nofollow", "_blank"]
    assert sorted(links) == sorted([["https:", "cola.example", *web[1:]], ["https:", "evil.example", *web[1:]]]), links
    for name, _, _, url in [HOSTILE[0], HOSTILE[1]]:
        assert url in ware(browser, name, "ware.innerText"), name
    safe = """
      const done = arguments[arguments.length - 1];
      import("/assets/catalogue.js").then(({ webAddress }) => done(arguments[0].map((text) => webAddress(text)?.href ?? null)), (error) => done(String(error)));"""
    given = ["http://a.example", "HTTPS://B.example/x", "javascript:1", " javascript:1", "java\nscript:1", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "blob:https://a.example/1", "//c.example", "/x", "x", "", "ftp://d.example"]
    found = browser.call("POST", "/execute/async", {"script": safe, "args": [given]})
    assert found == ["http://a.example/", "https://b.example/x"] + [None] * 12, found
    # A press on every card does nothing but what it says.
    browser.run("for (const one of document.querySelectorAll('.shelf .ware, .shelf .ware :not(a)')) one.click()")
    assert browser.run("return window.hurt") is None and browser.run("return location.hash").startswith("#/catalogue")
    complaints = browser.log()
    assert not complaints, f"the page complains: {complaints}"
    check("script in ids, names, brands and addresses stays text, and only http and https are links")


def narrowing(browser, server, total):
    browser.type("#catalogue-q", "ACME cola")
    browser.wait("one product", lambda: names(browser) == ["cola"])
    assert "q=ACME" in browser.run("return location.hash") and browser.run("return document.activeElement.id") == "catalogue-q"
    browser.run("location.hash = '#/catalogue?q=nothing+like+it'")
    browser.wait("words", lambda: "No product is like that." in (browser.text(".empty") or ""))
    browser.run("document.querySelector('.empty a').click()")
    browser.wait("all", lambda: len(names(browser)) == 3 + len(HOSTILE))
    assert browser.run("return document.querySelectorAll('.seen').length") == 0
    browser.run("const whose = document.querySelector('#catalogue-client'); whose.value = 'acme'; whose.dispatchEvent(new Event('input'))")
    browser.wait("what was found", lambda: browser.run("return document.querySelectorAll('.seen').length") == 3 + len(HOSTILE))
    assert "client=acme" in browser.run("return location.hash")
    said = ware(browser, total["label"], "ware.querySelector('.seen').innerText")
    assert said.startswith(f"in {total['count']} asset by {total['series']}"), said
    assert ware(browser, "cola", "ware.querySelector('.seen').innerText") == "in none of its assets"
    target = urllib.parse.parse_qs(ware(browser, total["label"], "ware.querySelector('.seen a').hash").split("?")[1])
    assert target == {"client": ["acme"], "series": [total["series"]], "label": [total["label"]]}, target
    check("words narrow the catalogue, and for a client it tells in how many assets each was found, and by what")
