"""Moments, and what is said of them without the language: times by zoneinfo, chains by trying all."""
import random, struct
from datetime import date, datetime, timedelta, timezone
from types import SimpleNamespace
from zoneinfo import ZoneInfo

UTC = timezone.utc
HOUR, DAY = 3_600_000, 86_400_000


def zone(name):
    if name[0] in "+-":
        hours, minutes = name[1:].split(":")
        distance = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-distance if name[0] == "-" else distance)
    return ZoneInfo(name)


def utc(*parts):
    return round(datetime(*parts, tzinfo=UTC).timestamp() * 1000)


def at(name, *parts):
    """Of two moments the first; a time that is skipped is as much later."""
    return round(datetime(*parts, tzinfo=zone(name)).timestamp() * 1000)


def start(name, *parts):
    """The first second of a day or of one behind it, found by trying."""
    wanted, place = date(*parts), zone(name)
    moment = utc(*parts) // 1000 - 172_800
    while datetime.fromtimestamp(moment, place).date() < wanted:
        moment += 60
    return moment * 1000


def day(name, *parts):
    after = date(*parts) + timedelta(days=1)
    first, last = start(name, *parts), start(name, after.year, after.month, after.day)
    return lambda m: first <= m.began < last


def clock(name, moment):
    """Milliseconds since midnight on the clock."""
    local = datetime.fromtimestamp(moment / 1000, zone(name))
    return ((local.hour * 60 + local.minute) * 60 + local.second) * 1000 + moment % 1000


def between(first, last):
    return lambda m: first <= m.began < last


def f32(number):
    return struct.unpack("<f", struct.pack("<f", number))[0]


# Moments: stretches of a few minutes around the hours at which clocks change, and others.
PLACES = [
    utc(2024, 3, 31, 0, 58), utc(2024, 3, 31, 1, 5), utc(2024, 3, 30, 6, 1), utc(2024, 3, 30, 22, 55), utc(2024, 3, 31, 9, 58),
    utc(2024, 10, 26, 22, 1), utc(2024, 10, 27, 0, 15), utc(2024, 10, 27, 1, 15), utc(2024, 10, 27, 11, 50), utc(2024, 10, 27, 22, 58),
    utc(2024, 3, 10, 6, 55), utc(2024, 3, 10, 7, 5), utc(2024, 11, 3, 5, 30), utc(2024, 11, 3, 6, 30), utc(2024, 11, 3, 3, 58),
    utc(2024, 4, 6, 14, 45), utc(2024, 4, 6, 15, 10), utc(2024, 10, 5, 15, 25), utc(2024, 11, 5, 5, 0), utc(2024, 11, 4, 6, 59),
    utc(2024, 11, 6, 12, 20), utc(2024, 11, 6, 10, 34), utc(2024, 11, 1, 0, 0), utc(2024, 10, 31, 22, 57), utc(2011, 12, 30, 9, 55),
    utc(2011, 12, 30, 10, 5), utc(2024, 4, 1, 5, 20), utc(2024, 3, 25, 5, 0), utc(2024, 1, 1, 0, 0), utc(1970, 1, 1, 0, 0),
    utc(2024, 10, 26, 12, 0), utc(2024, 10, 5, 12, 50), utc(2024, 4, 6, 1, 0), utc(2024, 10, 30, 12, 0), utc(2024, 3, 24, 8, 0),
]
LABELS = ["person", "person", "person", "car", "car", "truck", "dog", "Person", "big car", "caf\u00e9", "cafe\u0301", "\u732b", "car*", "a:b", "near", "forklift", None]
ZONES = ["dock", "gate", "yard", "dock-2", "Hof \u00fc", "aisle"]
TRAITS = ["red", "blue", "big", "hi-vis"]
RULES = [None, None, "intrusion", "loitering", "line-3"]
TEXTS = [None, None, None, "Way out", "WAY OUT to the gate", "out of the way", "Stra\u00dfe 7", "\u6771\u4eac\u99c5", "\u6771 \u4eac", "caf\u00e9 delivery", "deliver 42", "a-b c"]
STREAMS = ["gate", "dock", "dock north", "\u00e9tage", "yard:2"]
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def make_moments():
    dice, moments = random.Random(20), []
    assets = ["01J" + "".join(dice.choice(ALPHABET) for _ in range(23)) for _ in range(50)]
    for place in PLACES:
        # few, so that chains are found
        sources = [("asset", dice.choice(assets)), ("stream", dice.choice(STREAMS)), ("stream", dice.choice(STREAMS))]
        for _ in range(10):
            kind, source = dice.choice(sources)
            began = place + dice.choice([0, 1000, 5000, 60_000]) + dice.randrange(0, 400) * dice.choice([1, 1000, 1000])
            moments.append(
                {
                    "id": "", kind: source, "kind": dice.choice(["sight", "sight", "sight", "event", "safety", "content", "product"]), "began": began,
                    "ended": began + dice.choice([0, 500, 4000, 5000, 5001, 9000, 60_000, 300_000]), "label": dice.choice(LABELS),
                    "score": f32(dice.choice([0, 0.1, 0.2, 0.5, 0.50001, 0.7, 0.9, 1, dice.random()])) if dice.random() < 0.9 else None,
                    "track": dice.randrange(1, 6) if dice.random() < 0.6 else None, "traits": dice.sample(TRAITS, dice.randrange(0, 3)),
                    "zones": dice.sample(ZONES, dice.randrange(0, 2)), "rule": dice.choice(RULES), "text": dice.choice(TEXTS),
                    "series": dice.choice(["traffic", "traffic", "retail", "traffic-2"]), "open": dice.random() < 0.1,
                })
    # the same object again, and others close behind
    for first in [m for m in moments if dice.random() < 0.4]:
        began = first["ended"] + dice.choice([0, 500, 2000, 2001, 5000, 10_000, 10_001])
        again = {**first, "began": began, "ended": began + dice.choice([0, 3000]), "zones": dice.sample(ZONES, dice.randrange(0, 2))}
        moments.append(again if dice.random() < 0.6 else {**again, "label": dice.choice(["car", "dog", "person"]), "series": "retail"})
    dice.shuffle(moments)
    for number, moment in enumerate(moments):
        moment["id"] = f"{number:03}"
    return moments


MOMENTS = make_moments()
ALL = [SimpleNamespace(**{"asset": None, "stream": None, **m}) for m in MOMENTS]


def step(then, within, same_track=False):
    """Whether a moment may stand behind another in a chain."""
    def fits(a, b):
        if (a.asset, a.stream) != (b.asset, b.stream):
            return False
        if same_track and (a.track is None or a.track != b.track or a.series != b.series):
            return False
        if then:
            return b.began >= a.began and b.began - a.ended <= within
        return max(0, b.began - a.ended, a.began - b.ended) <= within
    return fits


def chains(*parts):
    """A condition, a link, a condition, …: the first moments of all chains, by trying all."""
    conditions, links = parts[0::2], parts[1::2]
    def extend(chain):
        if len(chain) == len(conditions):
            return True
        return any(
            all(b is not a for a in chain) and conditions[len(chain)](b) and links[len(chain) - 1](chain[-1], b) and extend(chain + [b])
            for b in ALL if (b.asset, b.stream) == (chain[0].asset, chain[0].stream))
    return [m for m in ALL if conditions[0](m) and extend([m])]
