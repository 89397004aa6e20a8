"""What is told of films as a whole, on their pages and beside each other."""

import subprocess

from server import SCRATCH, check, ridley


def add_films(library):
    """Two versions of a film, of three and of two scenes, each with its shots."""
    for name, scenes in [("long.mp4", ["testsrc2", "smptebars", "mandelbrot"]), ("short.mp4", ["testsrc2", "mandelbrot"])]:
        sources = [word for scene in scenes for word in ["-f", "lavfi", "-t", "2", "-i", f"{scene}=s=320x180:r=25"]]
        subprocess.run(
            ["ffmpeg", "-v", "error", *sources, "-filter_complex", f"concat=n={len(scenes)},format=yuv420p", "-c:v", "libx264", "-g", "12", str(SCRATCH / name)],
            check=True)
        ridley("analyze", str(SCRATCH / name), "--pipeline", "shots", "--output", str(SCRATCH / f"{name}.report"), "--library", library, "--client", "films")


def films(browser, server, ask):
    longer, shorter = (one["asset"] for one in ask(server, "/v1/assets?client=films")["assets"][::-1])
    browser.open("about:blank")
    browser.open(f"{server.address}/#/library/{longer}")
    spans = "return document.querySelectorAll('.insight.shots .shot').length"
    browser.wait("the shots", lambda: browser.run(spans) == 3)
    browser.run("document.querySelectorAll('.insight.shots .shot')[1].click()")
    browser.wait("the second shot's first frame", lambda: browser.text(".place").startswith("0:02.00"))
    check("the asset's page shows its shots, and a click leads to the first frame of one")

    browser.wait("the other film", lambda: browser.run("return document.querySelectorAll('#asset-beside option').length") == 2)
    browser.run("const other = document.querySelector('#asset-beside'); other.value = arguments[0]; other.dispatchEvent(new Event('change'))", shorter)
    browser.wait("both films", lambda: browser.text("h1") == "long.mp4 and short.mp4")
    browser.wait("the shots of both", lambda: browser.run(spans) == 5)
    rows = browser.run("return [...document.querySelectorAll('.differences tbody tr')].map((row) => row.innerText.split('\\t'))")
    assert rows[:2] == [["Length", "0:06.0", "0:04.0", "−2.0 s"], ["Shots", "3", "2", "−1"]], rows
    browser.run("document.querySelectorAll('.insight.shots .shot')[4].click()")
    browser.wait("both at one moment", lambda: browser.run("return [...document.querySelectorAll('.place')].map((one) => one.innerText.slice(0, 7))") == ["0:02.00"] * 2)
    # The longer one's scale is that of both.
    last = browser.run("const box = document.querySelectorAll('.insight.shots .lane')[1]; const [lane, shot] = [box, box.querySelectorAll('.shot')[1]].map((one) => one.getBoundingClientRect()); return (shot.right - lane.left) / lane.width")
    assert abs(last - 4 / 6) < 0.02, last
    check("two films stand beside each other on one scale of time, go together, and a table says what differs")
