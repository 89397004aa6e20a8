#!/usr/bin/env python3
"""A server that records is killed (kill -9) at random instants: every clip and segment is whole and there once, and nothing is left on the disk that belongs to nobody.

Usage: kills.py RIDLEY MODELS SCRATCH [ROUNDS [SEED]]. Prints a line for each thing that holds.
"""
import random
import subprocess
import sys
import time

from events import SCRATCH, Server, check, code_belt, draw_belt, moment, prepare, wait

COUNT, SEED = (int(sys.argv[place]) if len(sys.argv) > place else usual for place, usual in ((4, 6), (5, 1)))
CONFIGURATION = f"""films: [{SCRATCH}/films]
streams:
  belt: {{source: "{SCRATCH}/films/belt.mp4?loop=1", pipeline: belt, budget: 5s, clips: {{before: 1s, after: 500ms}}, record: {{segment: 2s}}}}
"""


def recorded(server):
    """All assets."""
    found, after = [], ""
    while after is not None:
        page = server.ask("GET", f"/v1/assets?limit=500{after and '&after=' + after}")[1]
        found, after = found + page["assets"], page.get("next")
    return found


def all_events(server):
    found, after = [], ""
    while after is not None:
        page = server.ask("GET", f"/v1/events?stream=belt&limit=500{after and '&after=' + after}")[1]
        found, after = found + page["events"], page.get("next")
    return found


def whole(path):
    """All of it can be decoded, without a word of what is missing."""
    told = subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:v", "-fps_mode", "passthrough", "-f", "null", "-"], capture_output=True, text=True)
    return told.returncode == 0 and not told.stderr


def look(server, seen):
    """What is kept is whole, and there once."""
    assets = recorded(server)
    for asset in assets:
        if asset["asset"] not in seen:
            seen.add(asset["asset"])
            path = SCRATCH / f"lib/objects/objects/{asset['object'][:2]}/{asset['object']}"
            assert path.stat().st_size == asset["bytes"] and whole(path), asset
            assert abs(asset["duration"] - (moment(asset["to"]) - moment(asset["from"]))) < 0.1, asset
    clips = [asset["event"] for asset in assets if asset["recording"] == "clip"]
    assert len(clips) == len(set(clips)), "an event has two clips"
    spans = sorted((moment(asset["from"]), moment(asset["to"])) for asset in assets if asset["recording"] == "continuous")
    assert all(b[0] >= a[1] - 0.05 for a, b in zip(spans, spans[1:])), "something was recorded twice"
    return assets


def main():
    prepare()
    draw_belt()
    code_belt()
    dice, seen, left = random.Random(SEED), set(), SCRATCH / "lib/recordings"
    print(f"# seed {SEED}, {COUNT} rounds of two kills", flush=True)
    for number in range(COUNT):
        server = Server(CONFIGURATION)
        time.sleep(dice.uniform(0, 8))
        server.kill()
        server.process.wait(30)
        waiting = [path.name for path in left.iterdir()] if left.exists() else []
        server = Server(CONFIGURATION)
        wait("what was left to be finished", lambda: not any((left / name).exists() for name in waiting), 60)
        look(server, seen)
        # At once, while others are being begun; sometimes in the middle of finishing.
        time.sleep(dice.uniform(0, 4))
        server.kill()
        server.process.wait(30)
    server = Server(f"films: [{SCRATCH}/films]\n")
    wait("all to be finished", lambda: not list(left.iterdir()), 60)
    assets, events = look(server, seen), all_events(server)
    clips = sum("clip" in event for event in events)
    assert events and len(events) - clips <= 2 * COUNT, (len(events), clips)
    assert all(event["state"] == "over" for event in events)
    check(f"{2 * COUNT} kills: {clips} clips and {len(assets) - clips} segments, each whole and there once, of {len(events)} events")
    needed = {asset[name] for asset in assets for name in ("object", "thumbnail")} | {event["snapshot"] for event in events if "snapshot" in event}

    def orphans():
        return {path.name for path in (SCRATCH / "lib/objects/objects").glob("*/*")} - needed
    wait("the collection", lambda: not orphans(), 90)
    assert not list((SCRATCH / "lib/objects/staging").iterdir())
    check("nothing lies on the disk that belongs to nobody")
    server.end()


if __name__ == "__main__":
    main()
