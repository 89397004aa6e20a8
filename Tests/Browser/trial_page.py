"""The page of a trial in a browser: PAGE. Decides on two differences, and prints what both buttons would save, a line each."""

import json
import os
import sys

sys.path.append(os.path.dirname(os.path.abspath(__file__)))

from browser import Browser  # noqa: E402

# In the place of a download; the script's own, so that the page's policy is not asked.
KEEP = "window.saved = []; URL.createObjectURL = (blob) => { blob.text().then((text) => saved.push(text)); return '#'; }"

with Browser() as browser:
    browser.open("file://" + os.path.abspath(sys.argv[1]))
    browser.run("for (const image of document.images) image.loading = 'eager'")
    shown = "return document.images.length > 0 && [...document.images].every((image) => image.naturalWidth > 0)"
    browser.wait("every picture", lambda: browser.run(shown))
    browser.run(KEEP)
    for place, decision in ((0, "older"), (1, "newer")):
        browser.run(f"document.querySelector('input[name=d{place}][value={decision}]').click()")
    said = browser.run("return document.getElementById('decided').textContent")
    assert said.startswith("2 of "), said
    for button, count in (("save", 1), ("save-coco", 2)):
        browser.run(f"document.getElementById('{button}').click()")
        browser.wait(button, lambda: browser.run("return saved.length") == count)
    for text in browser.run("return saved"):
        print(json.dumps(json.loads(text)))
