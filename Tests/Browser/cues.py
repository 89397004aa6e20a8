"""WebVTT in the `<track>` of a browser: webvtt FILE JSONL NUMERATOR DENOMINATOR SECONDS. Prints one line when all cues are as expected."""

import functools
import http.server
import os
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [HERE, os.path.join(HERE, "..", "ExportsTests")]

from browser import Browser  # noqa: E402
from open_exports import Film, same  # noqa: E402

PAGE = b"""<!doctype html><meta charset=utf-8><video><track default kind=metadata src=export.vtt></video>
<script>const track = document.querySelector('track'); track.track.mode = 'hidden';
track.onload = () => document.title = 'loaded'; track.onerror = () => document.title = 'failed'</script>"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    extensions_map = {".vtt": "text/vtt; charset=utf-8", ".html": "text/html; charset=utf-8"}

    def log_message(self, *_):
        pass


def main(path, film):
    folder = os.path.dirname(path)
    with open(os.path.join(folder, "page.html"), "wb") as page:
        page.write(PAGE)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with Browser() as browser:
            browser.open(f"http://127.0.0.1:{server.server_address[1]}/page.html")
            state = browser.wait("the track", lambda: browser.run("return document.title"))
            assert state == "loaded", state
            found = browser.run(
                "return [...document.querySelector('track').track.cues]"
                ".map(cue => [cue.startTime, cue.endTime, cue.getCueAsHTML().textContent])")
        server.shutdown()
    # A half of a millisecond may be rounded either way.
    expected = sorted((text, start, end) for start, end, text in film.spans())
    found = sorted((text, start, end) for start, end, text in found)
    same([cue[0] for cue in found], [cue[0] for cue in expected])
    for (_, start, end), (text, first, last) in zip(found, expected):
        assert abs(start - first) < 0.0011 and abs(end - max(last, first + 0.001)) < 0.0011, (text, start, end, first, last)
    with open(path, encoding="utf-8", newline="\n") as file:
        starts = [line.split(" --> ")[0] for line in file.read().split("\n") if " --> " in line]
    assert len(starts) == len(found) and starts == sorted(starts)
    print(f"webvtt: {len(found)} cues as expected")


if __name__ == "__main__":
    main(sys.argv[2], Film(*sys.argv[3:]))
