"""Searches in words on the page of search, in a real browser against a real server: words.py RIDLEY MODELS SCRATCH

Each check prints a line; the first that fails ends the run with status 1. Pictures of the page are left in SCRATCH. The networks are made here: one knows
three colours by the names of what has them, the other where these names and some words lie.
"""

import json
import struct
import subprocess
import urllib.parse
import urllib.request

from browser import ENTER, ESCAPE, LAYOUT, Browser
from server import SCRATCH, Server, check, ridley

LABELS = ["dog", "cat", "beach"]
# Tokens and where they lie; the first three are the marks.
WORDS = {
    "[UNK]": [0, 0, 0, 1], "[CLS]": [0, 0, 0, 0.5], "[SEP]": [0, 0, 0, 0.25], "a": [0, 0, 0, 2], "dog": [8, 1, 0, 0], "cat": [1, 8, 0, 0],
    "beach": [0, 0, 8, 1], "puppy": [8, 2, 0, 0],
}
FLOAT, INT64 = 1, 7
CARDS = "return [...document.querySelectorAll('.finds .find')].map((one) => one.dataset.moment)"
QUIET = "return !document.querySelector('.search[aria-busy]') && document.querySelector('.search [role=status]').textContent !== 'Searching…'"
NO_NETWORK = "needs a network of texts, and it has none"


def varint(value):
    out = b""
    while value > 0x7F:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


def field(number, value):
    """One field of a message of protobuf: a whole number, text, or a message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    content = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(content)) + content


def port(name, element, sides):
    shape = b"".join(field(1, field(1, side) if isinstance(side, int) else field(2, side)) for side in sides)
    return field(1, name) + field(2, field(1, field(1, element) + field(2, shape)))


def node(kind, inputs, outputs, attribute=b""):
    return b"".join(field(1, one) for one in inputs) + b"".join(field(2, one) for one in outputs) + field(4, kind) + attribute


def tensor(name, element, sides, values):
    form = f"<{len(values)}{'q' if element == INT64 else 'f'}"
    return b"".join(field(1, side) for side in sides) + field(2, element) + field(8, name) + field(9, struct.pack(form, *values))


def onnx(nodes, tensors, inputs, outputs):
    """A file of ONNX: numbers of fields are those of onnx.proto."""
    graph = b"".join(field(1, one) for one in nodes) + field(2, "g") + b"".join(field(5, one) for one in tensors)
    graph += b"".join(field(11, one) for one in inputs) + b"".join(field(12, one) for one in outputs)
    return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 13))


def place(folder, network, texts, manifest):
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(network)
    for name, lines in texts.items():
        (folder / name).write_text("".join(f"{line}\n" for line in lines))
    files = ", ".join(f"{{path: {name}}}" for name in ["model.onnx", *texts])
    (folder / "model.yaml").write_text(f"name: {folder.name}\nsummary: s\nlicense: MIT\nfiles: [{files}]\n{manifest}")


def place_colours(models):
    """How probable a dog, a cat and a beach are is how red, green and blue a picture is."""
    axes = field(1, "axes") + field(8, 2) + field(8, 3) + field(20, 7)
    flat = field(1, "keepdims") + field(3, 0) + field(20, 2)
    network = onnx(
        [node("ReduceMean", ["image"], ["means"], field(5, axes) + field(5, flat)), node("Softmax", ["means"], ["probabilities"])], [],
        [port("image", FLOAT, [1, 3, 8, 8])], [port("probabilities", FLOAT, [1, 3])])
    manifest = "task: embedding\ninput: {color: rgb, resize: stretch, mean: 0, scale: 64}\noutput: {decoder: vector, scores: probabilities}\nlabels: labels.txt\n"
    place(models / "colours", network, {"labels.txt": LABELS}, manifest)


def place_words(models, name="sentences"):
    table = tensor("table", FLOAT, [len(WORDS), 4], [number for row in WORDS.values() for number in row])
    network = onnx(
        [node("Gather", ["table", "input_ids"], ["vectors"])], [table],
        [port("input_ids", INT64, ["batch", "tokens"])], [port("vectors", FLOAT, ["batch", "tokens", 4])])
    manifest = "task: tensor\noutput: {decoder: raw}\ntext: {vocabulary: vocab.txt, length: 16}\n"
    place(models / name, network, {"vocab.txt": list(WORDS)}, manifest)


def make_library(models):
    films = SCRATCH / "films"
    films.mkdir()
    colour = "color=c={}:s=320x180:r=5:d={}"
    draw = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i"]
    for name in ("red", "green", "blue"):
        subprocess.run([*draw, colour.format(name, 1), "-frames:v", "1", films / f"{name}.png"], check=True)
    both = ["-f", "lavfi", "-i", colour.format("red", 4), "-filter_complex", "[0][1]concat=n=2", "-pix_fmt", "yuv420p", films / "tides.mp4"]
    subprocess.run([*draw, colour.format("blue", 4), *both], check=True)
    ridley("analyze", *map(str, sorted(films.iterdir())), "--models", str(models), "--model", "colours", "--every", "1s",
           "--library", str(SCRATCH / "library"), "--output", str(SCRATCH / "out"), "--quiet")


def ask(server, words, **more):
    query = urllib.parse.urlencode({"words": words, "client": "local"} | more)
    with urllib.request.urlopen(f"{server.address}/v1/search/words?{query}", timeout=60) as answer:
        return json.load(answer)


def ids(answer):
    return [f"{one['asset']}@{one['time']:g}" for one in answer["found"]]


def given(browser, key):
    return urllib.parse.parse_qs(browser.run("return location.hash").partition("?")[2]).get(key, [""])[0]


def search(browser, server, words, **more):
    """The page shows what the server finds, in its order."""
    browser.run("document.querySelector('#search-words').value = ''")
    browser.type("#search-words", words + ENTER)
    wanted = ask(server, words, **more)
    browser.wait(words, lambda: given(browser, "words") == words and browser.run(QUIET) and browser.run(CARDS) == ids(wanted) and told(browser) == wanted["words"])
    return wanted


def told(browser):
    """The words of the last question that was answered."""
    asked = browser.run("return performance.getEntriesByType('resource').map((one) => one.name).filter((one) => one.includes('/v1/search/words?')).at(-1)") or ""
    return urllib.parse.parse_qs(urllib.parse.urlparse(asked).query).get("words", [""])[0]


def finding(browser, server):
    browser.open(server.address + "/#/search?client=local")
    browser.wait("the box for words", lambda: browser.run("return document.querySelector('#search-words').checkVisibility()"))
    assert browser.text("#search-words-note") == ""
    wanted = search(browser, server, "a puppy")
    assert len(wanted["found"]) == 4 and not browser.run("return document.querySelector('.search .empty').checkVisibility()"), wanted
    first = "const card = document.querySelector('.find'); return [card.querySelector('.what b').textContent, Number(card.querySelector('.score').textContent), card.querySelector('.because .fits').textContent]"
    name, score, why = browser.run(first)
    best = wanted["found"][0]
    assert name == "dog" and abs(score - best["similarity"]) < 0.006 and why.startswith("because of dog"), (name, score, why)
    status = browser.text(".search header [role=status]")
    assert status.startswith("4 findings · the most alike first") and f"of {wanted['films']} assets compared" in status, status
    assert not browser.run("return document.querySelector('.keep').checkVisibility()"), "alerts and links do not ask in words"
    browser.wait("a picture", lambda: browser.run("return document.querySelector('.find img')?.naturalWidth > 0"))
    browser.picture(SCRATCH / "words.png")
    check("what is searched for in words stands with how much it is alike, and because of which labels")

    reds = browser.run("return [...document.querySelectorAll('.find')].slice(0, 2).map((one) => one.querySelector('.what b').textContent)")
    assert reds == ["dog", "dog"], reds
    film = next(place for place, one in enumerate(wanted["found"]) if one["to"] > one["from"])
    browser.run("document.querySelectorAll('.find .play')[arguments[0]].click()", film)
    time = browser.wait("the film", lambda: browser.run("const video = document.querySelector('.theatre video'); return video && video.readyState >= 2 && !video.paused && video.currentTime"))
    from_ = wanted["found"][film]["from"]
    assert max(0, from_ - 1.2) <= time <= from_ + 4, (time, wanted["found"][film])
    browser.press(ESCAPE)
    check("a film plays from where it is like the words")


def limiting(browser, server):
    asset = ask(server, "a puppy")["found"][0]["asset"]
    browser.run("document.querySelector('#search-q').value = arguments[0]", f"NOT asset:{asset}")
    browser.run("document.querySelector('.asking button').click()")
    browser.wait("one asset less", lambda: given(browser, "q").startswith("NOT") and browser.run(QUIET) and browser.run(CARDS) == ids(ask(server, "a puppy", q=f"NOT asset:{asset}")))
    assert given(browser, "words") == "a puppy"
    browser.run("history.back()")
    browser.wait("the way back", lambda: given(browser, "q") == "" and browser.run(CARDS) == ids(ask(server, "a puppy")))
    check("a query beside the words limits what is compared, and the way back leads to the search before")
    search(browser, server, "zebra beach")
    assert "does not know “zebra”" in browser.text("#search-words-note")
    assert browser.run("return document.querySelector('.find .what b').textContent") == "beach"
    search(browser, server, "a " * 40 + "beach")
    assert "more words than the network takes" in browser.text("#search-words-note"), browser.text("#search-words-note")
    check("words that the network does not know, and those that it did not take, are told")
    browser.run("document.querySelector('#search-q').value = 'lable:x'")
    browser.run("document.querySelector('.asking button').click()")
    browser.wait("the mistake", lambda: browser.text(".mistake mark") == "lable:")
    check("a mistake in the query beside the words is shown as without them")


def layout(browser, server):
    for address in ("?words=a+puppy", ""):
        browser.open("about:blank")
        browser.open(f"{server.address}/#/search{address}")
        browser.wait("it", lambda: browser.run(QUIET) and browser.run("return document.querySelectorAll('.find').length") > 0 or address == "")
        for theme in ("light", "dark"):
            browser.theme(theme)
            for width in (1440, 760, 360):
                browser.resize(width, 800)
                found = browser.run(LAYOUT)
                assert not found["over"] and not found["out"] and found["wide"] <= found["inner"] == width, (address, theme, width, found)
                browser.picture(SCRATCH / f"words-{len(address)}-{width}-{theme}.png")
    browser.resize(1280, 900)
    browser.theme("light")
    check("nothing overlaps or sticks out at 1440, 760 and 360 pixels, light and dark")


def several(browser, models):
    place_words(models, "others")
    with Server(models, "--library", SCRATCH / "library", "--workers", "0", "--poll", "off") as server:
        browser.open(server.address + "/#/search?client=local")
        browser.wait("a choice", lambda: browser.run("const menu = document.querySelector('#search-network'); return menu.checkVisibility() && menu.options.length === 2"))
        browser.run("document.querySelector('#search-network').value = 'others'")
        search(browser, server, "beach", text_model="others")
        assert given(browser, "text_model") == "others"
        browser.open("about:blank")
        server.stop()
    check("of several networks of texts one is chosen")


def without(browser, models):
    with Server(models, "--library", SCRATCH / "library", "--workers", "0", "--poll", "off") as server:
        browser.open(server.address + "/#/search?client=local")
        browser.wait("the line", lambda: NO_NETWORK in browser.text("#search-words-note"))
        assert not browser.run("return document.querySelector('#search-words').checkVisibility()")
        browser.picture(SCRATCH / "words-none.png")
        browser.run("location.hash = '#/search?q=dog&client=local'")
        browser.wait("nothing", lambda: "Nothing is like that" in browser.text(".empty"))
        assert NO_NETWORK in browser.text("#search-words-note")
        browser.run("location.hash = '#/search?words=dog&client=local'")
        browser.wait("the server's words", lambda: "this server has no network of texts" in browser.text(".empty.trouble"))
        browser.open("about:blank")
        server.stop()
    check("a server without a network of texts says what it needs, under the box and to an address that asks for words")


def unable(browser, models):
    key = ridley("key", "create", "--client", "local", "--scope", "read")
    with Server(models, "--keys", str(SCRATCH / "home" / "keys.json"), "--library", SCRATCH / "library", "--workers", "0", "--poll", "off") as server:
        browser.open(server.address + "/#/search")
        browser.wait("the notice", lambda: "wants a key" in browser.text("#notice.trouble"))
        browser.click("#key-button")
        browser.type("#key-field", key + ENTER)
        browser.wait("why not", lambda: "it needs “infer”" in browser.text("#search-words-note"))
        assert not browser.run("return document.querySelector('#search-words').checkVisibility()")
        browser.open("about:blank")
        server.stop()
    check("a key that may not ask networks is told so in place of the box")


def main():
    models, bare = SCRATCH / "models", SCRATCH / "bare"
    place_colours(models)
    place_colours(bare)
    place_words(models)
    make_library(models)
    with Browser() as browser:
        with Server(models, "--library", SCRATCH / "library", "--workers", "0", "--poll", "off") as server:
            finding(browser, server)
            limiting(browser, server)
            layout(browser, server)
            bad = [line for line in browser.log() if line.startswith("SEVERE") and "(Bad Request)" not in line and not ("/v1/search/" in line and "(Not Found)" in line)]
            assert not bad, bad
            browser.open("about:blank")
            server.stop()
        without(browser, bare)
        unable(browser, models)
        several(browser, models)


main()
