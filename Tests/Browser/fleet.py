"""The pages of a fleet in a real browser, against a real centre with one real node: fleet.py RIDLEY MODELS SCRATCH

MODELS holds line-inspector. Each check prints a line; the first that fails ends the run with status 1. Pictures of the pages are left in SCRATCH.
"""

import json
import signal
import subprocess

from browser import LAYOUT, Browser
from server import ENVIRONMENT, MODELS, RIDLEY, SCRATCH, Server, check, draw_line, eventually, ridley

CENTRE, NODE = str(SCRATCH / "centre"), str(SCRATCH / "node")


class Node:
    """`ridley serve --join`, with a film as its camera."""

    def __init__(self, door, token=None):
        stream = {"source": str(SCRATCH / "line.mp4"), "model": "line-inspector"}
        (SCRATCH / "box.yaml").write_text(json.dumps({"films": [str(SCRATCH)], "streams": {"belt": stream}}))
        words = [RIDLEY, "serve", "--models", str(MODELS), "--library", NODE, "--config", str(SCRATCH / "box.yaml"), "--listen", "127.0.0.1:0", "--join", door]
        environment = ENVIRONMENT | ({"RIDLEY_TOKEN": token} if token else {})
        self.log = open(SCRATCH / "node.log", "a+")
        self.process = subprocess.Popen(words, env=environment, stdout=self.log, stderr=self.log)

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)


def rows(browser, label):
    return browser.run(
        "return [...document.querySelectorAll(`[aria-label=\"${arguments[0]}\"] tbody tr`)].map((row) => [...row.cells].map((cell) => cell.innerText))", label)


def layout(browser, page):
    for theme in ("light", "dark"):
        browser.theme(theme)
        for width in (1600, 1280, 1000):
            browser.resize(width, 900)
            found = browser.run(LAYOUT)
            assert found["count"] > 12 and not found["over"] and not found["out"], (page, theme, width, found)
            assert found["wide"] <= found["inner"] == width, (page, theme, width, found)
        browser.picture(SCRATCH / f"{page}-{theme}.png")
    browser.theme("light")
    browser.resize(1280, 900)


def nothing(browser, server):
    browser.open(server.address + "/#/fleet")
    browser.wait("the words for a fleet without nodes", lambda: "ridley edge token --for dock" in browser.text(".empty"))
    check("a centre without nodes says how one comes in")


def listed(browser, server):
    browser.open(server.address + "/#/fleet")
    browser.wait("the node, heard", lambda: rows(browser, "Nodes") and rows(browser, "Nodes")[0][3])
    row = rows(browser, "Nodes")[0]
    assert row[0] == "dock" and row[1] == "west" and row[2] in ("well", "has trouble 1 stream without pictures"), row
    assert row[3] in ridley("version") and row[7].endswith("free") and row[8].endswith("ago"), row
    assert "1 node" in browser.text("#fleet-title ~ [role=status]")
    browser.run("const one = document.querySelector('#fleet-group'); one.value = 'west'; one.dispatchEvent(new Event('change'))")
    browser.wait("the address of the group", lambda: browser.run("return location.hash") == "#/fleet?group=west")
    browser.open(server.address + "/#/fleet?group=east")
    browser.wait("no node of another group", lambda: browser.run("return !document.querySelector('.panel.life').hidden") and rows(browser, "Nodes") == [])
    browser.open(server.address + "/#/fleet")
    browser.wait("the node again", lambda: len(rows(browser, "Nodes")) == 1)
    layout(browser, "fleet")
    check("a node stands in the list with its version, its disk and when it was heard, and groups narrow it")


def one(browser):
    browser.run("document.querySelector('[data-node=dock] a').click()")
    browser.wait("the page of the node", lambda: browser.text("#node-title") == "dock" and rows(browser, "Streams"))
    assert rows(browser, "Streams")[0][0] == "belt"
    browser.wait("its model", lambda: any(row[0].startswith("line-inspector") and row[1] == "ready" and len(row[2]) == 12 for row in rows(browser, "Models")))
    facts = browser.run("return Object.fromEntries([...document.querySelectorAll('.numbers-of-trial > div')].map((one) => [one.firstChild.innerText, one.lastChild.innerText]))")
    assert {"Version", "Disk", "Memory", "Load", "Runs for", "Clock", "Came in"} <= set(facts) and facts["Starts"] == "1", facts
    assert browser.text("nav a[aria-current=page]") == "Fleet"
    layout(browser, "node")
    check("one node has its streams, its models by digest, and what its machine says")

    browser.run("document.querySelector('#node-log ~ p button').click()")
    browser.wait("the lines of its log", lambda: "serving at" in browser.text(".log"), seconds=60)
    assert browser.run("return document.querySelector('#node-log ~ p button').disabled") is False
    check("its log comes when it is asked for")


def shut_out(browser, server):
    ridley("edge", "revoke", "dock", "--library", CENTRE)
    browser.open(server.address + "/#/fleet")
    browser.wait("the node to be shut out", lambda: rows(browser, "Nodes") and rows(browser, "Nodes")[0][2] == "revoked", seconds=30)
    check("a node that was shut out stands there as that")


def main():
    draw_line(seconds=4)
    (SCRATCH / "centre.yaml").write_text(json.dumps({"edge": {"listen": "127.0.0.1:0"}}))
    with Browser() as browser, Server(str(MODELS), "--library", CENTRE, "--config", str(SCRATCH / "centre.yaml")) as server:
        nothing(browser, server)
        door = next(line for line in server.said().splitlines() if "nodes come in at" in line).split("nodes come in at ")[1].strip()
        token = ridley("edge", "token", "--for", "dock", "--group", "west", "--library", CENTRE)
        node = Node(door, token)
        try:
            eventually("the node to be heard", lambda: '"seen"' in ridley("edge", "list", "--library", CENTRE, "--json"), lambda: (SCRATCH / "node.log").read_text())
            listed(browser, server)
            one(browser)
            shut_out(browser, server)
        finally:
            node.end()
        complaints = browser.log()
        assert not complaints, f"the page complains: {complaints}"
        check("the pages complain of nothing")


main()
