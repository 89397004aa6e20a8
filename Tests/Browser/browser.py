"""A real browser, headless, driven over the W3C WebDriver protocol by what Python brings."""

import base64
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
TAB, ENTER, ESCAPE = "\ue004", "\ue007", "\ue00c"
HOME, END, LEFT, UP, RIGHT, DOWN = "\ue011", "\ue010", "\ue012", "\ue013", "\ue014", "\ue015"

# Words that lie over others or stick out of the window.
LAYOUT = """
  const words = [...document.querySelectorAll("h1, h2, p, figcaption, .axis span, strong, li, button, a, label, .state")]
    .filter((node) => node.checkVisibility() && node.innerText && ![...node.children].some((child) => child.innerText)
      && !node.closest("dialog, .skip"));
  const boxes = words.map((node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    return { text: node.innerText, ...range.getBoundingClientRect().toJSON() };
  });
  const over = [];
  boxes.forEach((a, index) => boxes.slice(index + 1).forEach((b) => {
    if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1) over.push([a.text, b.text]);
  }));
  return { over, out: boxes.filter((box) => box.right > innerWidth + 0.5 || box.left < -0.5).map((box) => box.text),
    wide: document.documentElement.scrollWidth, inner: innerWidth, count: boxes.length }"""


class Browser:
    """Chromium with a profile of its own; `with Browser() as browser:` ends it and its driver."""

    def __init__(self, width=1280, height=900, dark=False):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.driver = subprocess.Popen(
            [shutil.which("chromedriver"), f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.base = f"http://127.0.0.1:{port}"
        arguments = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
            f"--window-size={width},{height}",
        ] + (["--force-dark-mode"] if dark else [])
        options = {"args": arguments, "binary": shutil.which("chromium")}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        try:
            for attempt in range(100):
                try:
                    self.call("GET", "/status")
                    break
                except OSError:
                    time.sleep(0.05)
            session = self.call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        except Exception:
            self.driver.kill()
            raise
        self.base += f"/session/{session['sessionId']}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.call("DELETE", "")
        finally:
            self.driver.kill()  # some parents block the gentler signals
            self.driver.wait()

    def call(self, method, path, body=None):
        data = None if body is None and method == "GET" else json.dumps(body or {}).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(json.load(error)["value"]["message"]) from None

    def open(self, address):
        self.call("POST", "/url", {"url": address})

    def run(self, script, *arguments):
        """What a function body returns in the page."""
        return self.call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def find(self, selector):
        return self.call("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def text(self, selector):
        """Nothing where nothing is like that, or not yet."""
        return self.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def click(self, selector):
        self.call("POST", f"/element/{self.find(selector)}/click")

    def type(self, selector, text):
        """Keys into a field; the path of a file into a chooser."""
        self.call("POST", f"/element/{self.find(selector)}/value", {"text": text})

    def press(self, *keys):
        """Keys as somebody without a mouse presses them, to whatever has the focus."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.call("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def resize(self, width, height):
        """The inside of the window, also where it is narrower than a window may be."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def theme(self, name):
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def send(self, command, **parameters):
        return self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def picture(self, path):
        """The whole page, below the window too."""
        shot = self.send("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot))

    def log(self):
        """What the page complained of since the last call."""
        return [f"{line['level']}: {line['message']}" for line in self.call("POST", "/se/log", {"type": "browser"})]

    def wait(self, what, condition, seconds=240):
        """Asks until something is true, and answers it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            value = condition()
            if value:
                return value
            time.sleep(0.05)
        raise AssertionError(f"did not come within {seconds} s: {what}")
