#!/usr/bin/env python3
"""Writes moments.jsonl and queries.tsv anew: queries, and the moments that they find.

What is expected is said beside each query as a function on moments; no query is parsed here.
"""
import fnmatch, json, os
from oracle import ALL, DAY, HOUR, MOMENTS, at, between, chains, clock, day, f32, start, step, utc

N1, N2, N3, N4 = utc(2024, 3, 31, 10), utc(2024, 10, 27, 12), utc(2024, 11, 6, 12, 34, 56, 789000), utc(2024, 4, 1, 5, 30)
BERLIN, NEW_YORK, LORD_HOWE, APIA = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"
EVER = utc(9000, 1, 1)
LINES = []


def find(query, expected, now=N3, place="UTC"):
    found = expected if isinstance(expected, list) else [m for m in ALL if expected(m)]
    LINES.append((query, now, place, " ".join(m.id for m in found)))


def refuse(query, error, now=N3, place="UTC"):
    LINES.append((query, now, place, "! " + error))


def label(*names):
    return lambda m: m.label in names


def glob(pattern):
    return lambda m: m.label is not None and fnmatch.fnmatchcase(m.label, pattern)


def zoned(*names):
    return lambda m: any(name in m.zones for name in names)


def both(*parts):
    return lambda m: all(part(m) for part in parts)


def either(*parts):
    return lambda m: any(part(m) for part in parts)


def no(part):
    return lambda m: not part(m)


def since(moment):
    return lambda m: m.began >= moment


def until(moment):
    return lambda m: m.began < moment


def daily(place, first, last):
    def fits(m):
        time = clock(place, m.began)
        return first <= time < last if first < last else time >= first or time < last
    return fits


def names():
    find("person", label("person"))
    find("label:person", label("person"))
    find("LABEL:person", label("person"))
    find("Person", label("Person"))
    find("PERSON", label("PERSON"))
    find("label:car,truck", label("car", "truck"))
    find("car,truck", label("car", "truck"))
    find('"big car"', label("big car"))
    find("big\\ car", label("big car"))
    find('label:"big car",dog', label("big car", "dog"))
    find('big" "car', label("big car"))
    find("car*", glob("car*"))
    find('"car*"', label("car*"))
    find("car\\*", label("car*"))
    find("car**", glob("car*"))
    find("*car", glob("*car"))
    find("c?r", glob("c?r"))
    find("?og", glob("?og"))
    find("*", lambda m: m.label is not None)
    find("-*", lambda m: m.label is None)
    find("p*n", glob("p*n"))
    find("*r*k*", glob("*r*k*"))
    find("a\\:b", label("a:b"))
    find('"a:b"', label("a:b"))
    find("label:a:b", label("a:b"))
    find('"near"', label("near"))
    find("label:near", label("near"))
    find("zone:dock", zoned("dock"))
    find("zone:dock*", zoned("dock", "dock-2"))
    find("zone:dock-2,gate", zoned("dock-2", "gate"))
    find("zone:dock zone:gate", both(zoned("dock"), zoned("gate")))
    find('stream:"dock north"', lambda m: m.stream == "dock north")
    find("camera:gate", lambda m: m.stream == "gate")
    find("stream:yard:2", lambda m: m.stream == "yard:2")
    find("stream:*", lambda m: m.stream is not None)
    find("-stream:*", lambda m: m.stream is None)
    find("asset:*", lambda m: m.asset is not None)
    asset = next(m.asset for m in ALL if m.asset)
    find(f"asset:{asset}", lambda m: m.asset == asset)
    find(f"asset:{asset[:4]}*", lambda m: (m.asset or "").startswith(asset[:4]))
    find("is:red", lambda m: "red" in m.traits)
    find("colour:red,blue", lambda m: "red" in m.traits or "blue" in m.traits)
    find("color:hi-vis", lambda m: "hi-vis" in m.traits)
    find("trait:b*", lambda m: "big" in m.traits or "blue" in m.traits)
    find("rule:intrusion", lambda m: m.rule == "intrusion")
    find("rule:line-?", lambda m: m.rule == "line-3")
    find("-rule:*", lambda m: m.rule is None)
    find("kind:event", lambda m: m.kind == "event")
    find("kind:safety,product", lambda m: m.kind in ("safety", "product"))
    find("model:traffic", lambda m: m.series == "traffic")
    find("series:traffic*", lambda m: m.series.startswith("traffic"))
    find("track:3", lambda m: m.track == 3)
    find("track:1,2", lambda m: m.track in (1, 2))
    find("state:open", lambda m: m.open)
    find("state:over", lambda m: not m.open)
    find("forklift\u00a0zone:gate", both(label("forklift"), zoned("gate")))


def unicode():
    find("caf\u00e9", label("caf\u00e9"))
    find("cafe\u0301", label("cafe\u0301"))
    find("caf?", glob("caf?"))
    find("caf??", glob("caf??"))
    find("\u732b", label("\u732b"))
    find("?", glob("?"))
    find("\u732b OR dog", label("\u732b", "dog"))
    find("stream:\u00e9tage", lambda m: m.stream == "\u00e9tage")
    find("stream:e\u0301tage", lambda m: False)
    find('zone:"Hof \u00fc"', zoned("Hof \u00fc"))
    find("zone:Hof*", zoned("Hof \u00fc"))
    find("-\u732b", no(label("\u732b")))


def texts():
    has = lambda *texts: lambda m: m.text in texts
    find('text:"way out"', has("Way out", "WAY OUT to the gate"))
    find("text:way", has("Way out", "WAY OUT to the gate", "out of the way"))
    find('text:"out the"', has())
    find("text:way text:of", has("out of the way"))
    find("text:strasse", has("Stra\u00dfe 7"))
    find('text:"STRASSE 7"', has("Stra\u00dfe 7"))
    find("text:stra*", has("Stra\u00dfe 7"))
    find("text:stra", has())
    find("text:\u6771\u4eac", has("\u6771\u4eac\u99c5"))
    find("text:\u4eac\u99c5", has("\u6771\u4eac\u99c5"))
    find("text:\u6771\u99c5", has())
    find('text:"\u6771 \u4eac"', has("\u6771\u4eac\u99c5", "\u6771 \u4eac"))
    find("text:\u6771", has("\u6771\u4eac\u99c5", "\u6771 \u4eac"))
    find("text:cafe", has("caf\u00e9 delivery"))
    find("text:CAF\u00c9", has("caf\u00e9 delivery"))
    find("text:deliver", has("deliver 42"))
    find("text:deliver*", has("deliver 42", "caf\u00e9 delivery"))
    find("text:deliver,7", has("deliver 42", "Stra\u00dfe 7"))
    find('text:"b c"', has("a-b c"))
    find("text:a-b", has("a-b c"))
    find('-text:"way out"', no(has("Way out", "WAY OUT to the gate")))


def numbers():
    score = lambda fits: lambda m: m.score is not None and fits(m.score)
    find("score:>.5", score(lambda s: s > 0.5))
    find("score:>=.5", score(lambda s: s >= 0.5))
    find("score:>=0.9", score(lambda s: s >= f32(0.9)))
    find("score:>.9", score(lambda s: s > f32(0.9)))
    find("score:<.2", score(lambda s: s < f32(0.2)))
    find("score:<=.2", score(lambda s: s <= f32(0.2)))
    find("score:.5..0.9", score(lambda s: 0.5 <= s <= f32(0.9)))
    find("score:.1...2", score(lambda s: f32(0.1) <= s <= f32(0.2)))
    find("score:0..1", score(lambda s: True))
    find("score:>=1", score(lambda s: s >= 1))
    find("score:>1", score(lambda s: False))
    find("score:<0", score(lambda s: False))
    find("-score:>.5", no(score(lambda s: s > 0.5)))
    length = lambda fits: lambda m: fits(m.ended - m.began)
    find("duration:>5s", length(lambda d: d > 5000))
    find("duration:>=5s", length(lambda d: d >= 5000))
    find("duration:<5s", length(lambda d: d < 5000))
    find("duration:<=500ms", length(lambda d: d <= 500))
    find("duration:1m..5m", length(lambda d: 60_000 <= d <= 300_000))
    find("duration:4s..9s", length(lambda d: 4000 <= d <= 9000))
    find("duration:0s..0s", length(lambda d: d == 0))
    find("duration:>=1.5s", length(lambda d: d >= 1500))
    find("duration:<1h", length(lambda d: d < HOUR))


def logic():
    person, car, truck, dog, dock, red = label("person"), label("car"), label("truck"), label("dog"), zoned("dock"), lambda m: "red" in m.traits
    find("person zone:dock", both(person, dock))
    find("person AND zone:dock", both(person, dock))
    find("person and zone:dock And is:red", both(person, dock, red))
    find("person OR car", either(person, car))
    find("person or car oR truck", either(person, car, truck))
    find("person zone:dock OR car", either(both(person, dock), car))
    find("person OR car zone:dock", either(person, both(car, dock)))
    find("(person OR car) zone:dock", both(either(person, car), dock))
    find("zone:dock (person OR car)", both(dock, either(person, car)))
    find("((person))", person)
    find("(person)(zone:dock)", both(person, dock))
    find("person(zone:dock)", both(person, dock))
    find("-person", no(person))
    find("NOT person", no(person))
    find("not person not car", both(no(person), no(car)))
    find("--person", person)
    find("NOT NOT person", person)
    find("NOT -person", person)
    find("-(person OR car)", both(no(person), no(car)))
    find("-(person zone:dock)", either(no(person), no(dock)))
    find("NOT (person OR car) zone:dock", both(no(person), no(car), dock))
    find("NOT person OR zone:dock", either(no(person), dock))
    find("car -zone:dock", both(car, no(dock)))
    find("car -zone:dock -is:red", both(car, no(dock), no(red)))
    find("-label:car,truck zone:dock", both(no(label("car", "truck")), dock))
    find("-zone:*", lambda m: not m.zones)
    find("person -person", lambda m: False)
    find("person OR -person", lambda m: True)
    find("(person OR car) AND (zone:dock OR is:red)", both(either(person, car), either(dock, red)))
    find("(car (zone:dock OR (is:red -truck)))", both(car, either(dock, red)))
    find("truck AND NOT (zone:dock OR NOT is:red)", both(truck, no(dock), red))
    find("(" * 20 + "dog" + ")" * 20, dog)
    find(" OR ".join(["person"] * 64), person)
    find("car OR (truck AND zone:dock) OR dog -is:red", either(car, both(truck, dock), both(dog, no(red))))


def absolute():
    first = utc(2024, 3, 31, 1)
    find("after:2024-03-31T01:00Z", since(first))
    find("before:2024-03-31T01:00Z", until(first))
    find("after:2024-03-31T01:00:00.250Z", since(first + 250))
    find("after:2024-03-31T01:05:01.5Z", since(utc(2024, 3, 31, 1, 5, 1, 500000)))
    find("after:2024-03-31t01:00z", since(first))
    find("after:2024-03-31T03:00+02:00", since(first))
    find("after:2024-03-30T20:00-05:00", since(first))
    find("after:2024-03-31T06:45+0545", since(first))
    find("after:2024-03-31T02:00+01", since(first))
    find("after:2024-03-31 before:2024-04-01", between(utc(2024, 3, 31), utc(2024, 4, 1)))
    find('after:"2024-03-31 01:00" before:"2024-03-31 2am"', between(first, first + HOUR))
    find("on:2024-03-31", between(utc(2024, 3, 31), utc(2024, 4, 1)))
    find("during:2024-03-31", between(utc(2024, 3, 31), utc(2024, 4, 1)))
    find("on:2024-03", between(utc(2024, 3, 1), utc(2024, 4, 1)))
    find("after:2024-11", since(utc(2024, 11, 1)))
    find("before:1970-01-02", until(utc(1970, 1, 2)))
    find("before:1970-01-01", until(0))
    find("-on:2024-03-31", no(between(utc(2024, 3, 31), utc(2024, 4, 1))))
    find("on:2024-03-31 OR on:2024-03-30", between(utc(2024, 3, 30), utc(2024, 4, 1)))
    find("on:2024-02-29", lambda m: False)
    find("after:2024-03-31T01:00[Europe/Berlin]", since(at(BERLIN, 2024, 3, 31, 1)), place=NEW_YORK)
    find("on:2024-03-31[Asia/Kathmandu]", day("Asia/Kathmandu", 2024, 3, 31))
    find("on:2024-03-31 tz:Asia/Kathmandu", day("Asia/Kathmandu", 2024, 3, 31))
    find("tz:+05:30 on:2024-03-31", day("+05:30", 2024, 3, 31), place=BERLIN)
    find("tz:-08:00 on:2024-03-31 person", both(day("-08:00", 2024, 3, 31), label("person")))
    find("tz:UTC on:2024-03-31", day("UTC", 2024, 3, 31), place=BERLIN)
    find("on:2024-03-31", day("+14:00", 2024, 3, 31), place="+14:00")


def saving():
    # Berlin: 2024-03-31 02:00 is 03:00, and 2024-10-27 03:00 is 02:00.
    for month, number, days in ((3, 30, 24), (3, 31, 23), (10, 26, 24), (10, 27, 25), (10, 28, 24)):
        find(f"on:2024-{month:02}-{number}", day(BERLIN, 2024, month, number), place=BERLIN)
        find(f"tz:{BERLIN} -on:2024-{month:02}-{number}", no(day(BERLIN, 2024, month, number)))
        following = start(BERLIN, 2024, month, number) + days * HOUR
        assert following == start(BERLIN, 2024, month + (number == 31), 1 if number == 31 else number + 1)
    for hour in (1, 2, 3, 4):
        for half in (0, 30):
            moment = at(BERLIN, 2024, 3, 31, hour, half)
            find(f"after:2024-03-31T{hour:02}:{half:02}", since(moment), place=BERLIN)
    for hour in (1, 2, 3):
        moment = at(BERLIN, 2024, 10, 27, hour, 20)
        find(f"after:2024-10-27T{hour:02}:20 before:2024-10-28", between(moment, start(BERLIN, 2024, 10, 28)), place=BERLIN)
        find(f"before:2024-10-27T{hour:02}:20", until(moment), place=BERLIN)
    find("after:2024-10-27T02:30+02:00 before:2024-10-27T02:30+01:00", between(utc(2024, 10, 27, 0, 30), utc(2024, 10, 27, 1, 30)), place=BERLIN)
    # New York: 2024-03-10 02:00 is 03:00, 2024-11-03 02:00 is 01:00.
    for month, number in ((3, 10), (11, 3), (11, 2), (11, 4)):
        find(f"on:2024-{month:02}-{number:02}", day(NEW_YORK, 2024, month, number), place=NEW_YORK)
    for moment in ((3, 10, 2, 0), (3, 10, 2, 59), (3, 10, 3, 0), (11, 3, 1, 30), (11, 3, 2, 0)):
        text = "2024-{:02}-{:02}T{:02}:{:02}".format(*moment)
        find(f"after:{text}", since(at(NEW_YORK, 2024, *moment)), place=NEW_YORK)
        find(f"before:{text}[{NEW_YORK}]", until(at(NEW_YORK, 2024, *moment)))
    # Lord Howe: half an hour, 2024-04-07 02:00 is 01:30, 2024-10-06 02:00 is 02:30.
    for month, number in ((4, 6), (4, 7), (10, 5), (10, 6)):
        find(f"on:2024-{month:02}-{number:02}", day(LORD_HOWE, 2024, month, number), place=LORD_HOWE)
    for moment in ((4, 7, 1, 40), (10, 6, 2, 10), (10, 6, 2, 40)):
        text = "2024-{:02}-{:02}T{:02}:{:02}".format(*moment)
        find(f"after:{text}", since(at(LORD_HOWE, 2024, *moment)), place=LORD_HOWE)
    # Apia has no 2011-12-30.
    find("on:2011-12-29", day(APIA, 2011, 12, 29), place=APIA)
    find("on:2011-12-31", day(APIA, 2011, 12, 31), place=APIA)
    find("after:2011-12-30", since(start(APIA, 2011, 12, 30)), place=APIA)
    find("after:2011-12-30T12:00", since(at(APIA, 2011, 12, 30, 12)), place=APIA)
    refuse("on:2011-12-30", "the query, character 4: '2011-12-30' was no day in Pacific/Apia", place=APIA)


def clocks():
    find("after:18:00 before:06:00", daily("UTC", 18 * HOUR, 6 * HOUR))
    find("before:06:00 after:18:00", daily("UTC", 18 * HOUR, 6 * HOUR))
    find("after:06:00 before:18:00", daily("UTC", 6 * HOUR, 18 * HOUR))
    find("after:18:00", daily("UTC", 18 * HOUR, DAY))
    find("before:06:00", daily("UTC", 0, 6 * HOUR))
    find("after:6pm before:6am", daily(BERLIN, 18 * HOUR, 6 * HOUR), place=BERLIN)
    find("after:02:00 before:03:00", daily(BERLIN, 2 * HOUR, 3 * HOUR), place=BERLIN)
    find("after:02:00 before:03:00 on:2024-03-31", both(daily(BERLIN, 2 * HOUR, 3 * HOUR), day(BERLIN, 2024, 3, 31)), place=BERLIN)
    find("after:02:00 before:03:00 on:2024-10-27", both(daily(BERLIN, 2 * HOUR, 3 * HOUR), day(BERLIN, 2024, 10, 27)), place=BERLIN)
    find("after:noon before:midnight", daily("UTC", 12 * HOUR, 0), place="UTC")
    find("after:01:05:01.5", daily("UTC", 3_901_500, DAY))
    find('after:"7 am" before:7:30am', daily(NEW_YORK, 7 * HOUR, 7 * HOUR + 1_800_000), place=NEW_YORK)
    find("-after:18:00 before:06:00", both(daily("UTC", 0, 18 * HOUR), daily("UTC", 0, 6 * HOUR)))
    find("-(after:18:00 before:06:00)", no(daily("UTC", 18 * HOUR, 6 * HOUR)))
    find("person (after:22:00 OR before:02:00)", both(label("person"), either(daily("UTC", 22 * HOUR, DAY), daily("UTC", 0, 2 * HOUR))))
    find("after:22:00 before:2024-10-30", both(daily("UTC", 22 * HOUR, DAY), until(utc(2024, 10, 30))))
    find("tz:+05:30 after:06:00 before:07:00", daily("+05:30", 6 * HOUR, 7 * HOUR), place=NEW_YORK)
    find("(after:18:00) before:06:00", lambda m: False)


def relative():
    find("before:now", until(N3))
    find('after:"yesterday 7am" before:"yesterday 6pm"', between(at(BERLIN, 2024, 3, 30, 7), at(BERLIN, 2024, 3, 30, 18)), N1, BERLIN)
    find('label:car after:"yesterday 7am" before:"yesterday 6pm" -person', both(label("car"), between(at(BERLIN, 2024, 3, 30, 7), at(BERLIN, 2024, 3, 30, 18))), N1, BERLIN)
    find("on:today", day(BERLIN, 2024, 3, 31), N1, BERLIN)
    find("on:yesterday", day(BERLIN, 2024, 3, 30), N1, BERLIN)
    find("on:tomorrow", day(BERLIN, 2024, 4, 1), N1, BERLIN)
    find("on:today", day(BERLIN, 2024, 10, 27), N2, BERLIN)
    find("on:yesterday", day(NEW_YORK, 2024, 11, 5), N3, NEW_YORK)
    find("on:today tz:+14:00", day("+14:00", 2024, 11, 7), N3)
    find("after:today", since(start(BERLIN, 2024, 3, 31)), N1, BERLIN)
    find('after:"today 2:30am"', since(at(BERLIN, 2024, 3, 31, 2, 30)), N1, BERLIN)
    find('before:"today at noon"', until(at(BERLIN, 2024, 3, 31, 12)), N1, BERLIN)
    find('after:"YESTERDAY  7 AM"', since(at(BERLIN, 2024, 3, 30, 7)), N1, BERLIN)
    find('after:"24 hours ago"', since(N1 - DAY), N1, BERLIN)
    find('after:"1 day ago"', since(at(BERLIN, 2024, 3, 30, 12)), N1, BERLIN)
    find('after:"a day ago"', since(at(BERLIN, 2024, 10, 26, 13)), N2, BERLIN)
    find('after:"2 days ago"', since(N3 - 2 * DAY))
    find('after:"10 minutes ago"', since(N3 - 600_000))
    find('after:"10m ago"', since(N3 - 600_000))
    find('after:"90 s ago" before:now', between(N3 - 90_000, N3))
    find('after:"an hour ago"', since(N3 - HOUR))
    find('after:"1 week ago"', since(N3 - 7 * DAY))
    find('after:"1 week ago"', since(at(NEW_YORK, 2024, 10, 30, 7, 34, 56, 789000)), N3, NEW_YORK)
    find('after:"8 months ago"', since(utc(2024, 3, 6, 12, 34, 56, 789000)))
    find('after:"1 month ago"', since(at(BERLIN, 2024, 2, 29, 12)), N1, BERLIN)
    find('after:"12 years ago" before:"12 years ago"', lambda m: False)
    find('after:"13 years ago" before:"12 years ago"', between(utc(2011, 11, 6, 12, 34, 56, 789000), utc(2012, 11, 6, 12, 34, 56, 789000)))
    find('on:"2 days ago"', between(utc(2024, 11, 4), utc(2024, 11, 5)))
    find("on:monday", between(utc(2024, 11, 4), utc(2024, 11, 5)))
    find("on:Mon", between(utc(2024, 11, 4), utc(2024, 11, 5)))
    find('after:"last monday 7am"', since(utc(2024, 11, 4, 7)))
    find('after:"last monday 7am"', since(at(NEW_YORK, 2024, 11, 4, 7)), N3, NEW_YORK)
    find("on:wednesday", between(utc(2024, 11, 6), utc(2024, 11, 7)))
    find('on:"last wednesday"', between(utc(2024, 10, 30), utc(2024, 10, 31)))
    find('on:"last sunday"', day(NEW_YORK, 2024, 11, 3), N3, NEW_YORK)
    find("on:sunday", day(BERLIN, 2024, 3, 31), N1, BERLIN)
    find('on:"last sunday"', day(BERLIN, 2024, 3, 24), N1, BERLIN)
    find("on:monday", day(BERLIN, 2024, 4, 1), N4, BERLIN)
    find('after:"last monday 7am"', since(at(BERLIN, 2024, 3, 25, 7)), N4, BERLIN)
    find('on:"this week"', between(utc(2024, 11, 4), utc(2024, 11, 11)))
    find('on:"last week"', between(utc(2024, 10, 28), utc(2024, 11, 4)))
    find('on:"last week"', between(start(BERLIN, 2024, 3, 25), start(BERLIN, 2024, 4, 1)), N4, BERLIN)
    find('after:"last week"', since(utc(2024, 10, 28)))
    find('before:"this week"', until(utc(2024, 11, 4)))
    find('on:"last month"', between(start(BERLIN, 2024, 10, 1), start(BERLIN, 2024, 11, 1)), N3, BERLIN)
    find('during:"this month"', between(utc(2024, 11, 1), utc(2024, 12, 1)))
    find('on:"this year"', between(utc(2024, 1, 1), utc(2025, 1, 1)))
    find('before:"this year"', until(utc(2024, 1, 1)))
    find('after:"yesterday 7am[America/New_York]"', since(at(NEW_YORK, 2024, 11, 5, 7)))


def sequences():
    person, car, dog = label("person"), label("car"), label("dog")
    second, minute = 1000, 60_000
    find("person then car within 10s", chains(person, step(True, 10 * second), car))
    find("person then car", chains(person, step(True, minute), car))
    find("person THEN car WITHIN 1m", chains(person, step(True, minute), car))
    find("person near car within 5s", chains(person, step(False, 5 * second), car))
    find("person near car", chains(person, step(False, minute), car))
    find("car near car within 0s", chains(car, step(False, 0), car))
    find("* then * within 0s", chains(glob("*"), step(True, 0), glob("*")))
    find("person then person within 2s", chains(person, step(True, 2 * second), person))
    find("person then person within 2s same track", chains(person, step(True, 2 * second, True), person))
    find("person then person same track within 1h", chains(person, step(True, HOUR, True), person))
    find("person zone:dock then person zone:gate within 2m same track", chains(both(person, zoned("dock")), step(True, 2 * minute, True), both(person, zoned("gate"))))
    find("person then car then dog within 5m", chains(person, step(True, 5 * minute), car, step(True, 5 * minute), dog))
    find("person then car within 10s then -car within 5m", chains(person, step(True, 10 * second), car, step(True, 5 * minute), no(car)))
    find("person then car within 10s then -car", chains(person, step(True, 10 * second), car, step(True, 10 * second), no(car)))
    find("person then car within 3m then dog", chains(person, step(True, 3 * minute), car, step(True, 3 * minute), dog))
    find("* zone:* then zone:* within 2s same track", chains(both(glob("*"), lambda m: m.zones), step(True, 2000, True), lambda m: m.zones))
    find("* near * within 10s same track", chains(glob("*"), step(False, 10_000, True), glob("*")))
    find("person near car then dog within 3m", chains(person, step(False, 3 * minute), car, step(True, 3 * minute), dog))
    find("* then * then * then * within 3s", chains(glob("*"), step(True, 3000), glob("*"), step(True, 3000), glob("*"), step(True, 3000), glob("*")))
    find("* then * then * same track", chains(glob("*"), step(True, minute, True), glob("*"), step(True, minute, True), glob("*")))
    find("person OR dog then -person within 4s", chains(either(person, dog), step(True, 4000), no(person)))
    find("(person OR dog) zone:dock then (car OR truck)", chains(both(either(person, dog), zoned("dock")), step(True, minute), label("car", "truck")))
    find("kind:event then kind:sight within 500ms", chains(lambda m: m.kind == "event", step(True, 500), lambda m: m.kind == "sight"))
    find("car then dog within 1d", chains(car, step(True, DAY), dog))
    find("score:>.5 near text:way within 10s", chains(lambda m: m.score is not None and m.score > 0.5, step(False, 10_000), lambda m: m.text in ("Way out", "WAY OUT to the gate", "out of the way")))
    find("tz:Europe/Berlin person on:2024-10-27 then car within 5m", chains(both(person, day(BERLIN, 2024, 10, 27)), step(True, 5 * minute), car))
    find("person then car within 5m tz:Europe/Berlin", chains(person, step(True, 5 * minute), car))
    find("\u732b then caf\u00e9 within 5m", chains(label("\u732b"), step(True, 5 * minute), label("caf\u00e9")))
    find("unicorn then car", [])


def refusals():
    def no(query, place, *words, **more):
        refuse(query, "|".join([f"the query, character {place}:", *words]), **more)
    refuse("", "the query is empty")
    refuse("   ", "the query is empty")
    refuse("tz:Europe/Berlin", "nothing but a zone")
    refuse("x" * 2001, "2001 bytes")
    no("lable:car", 1, "'lable:' is no field (did you mean 'label:'?)")
    no("person zome:dock", 8, "'zome:' is no field (did you mean 'zone:'?)")
    no("\u732b\u732b cafe\u0301 foo:bar", 9, "'foo:' is no field")
    no("label:", 7, "nothing stands behind 'label:'", "label:car")
    no("person label: car", 14, "nothing stands behind 'label:'")
    no("after:", 7, "nothing stands behind 'after:'")
    no('label:""', 9, "nothing stands behind")
    no('""', 3, "empty")
    no("car,", 5, "missing beside this comma")
    no("car,,dog", 5, "missing beside this comma")
    no("label:,dog", 7, "missing beside this comma")
    no('person "big car', 8, "this quote is not closed")
    no("car\\", 4, "nothing stands behind '\\'")
    no("(person", 1, "this '(' is not closed")
    no("(person OR (car zone:dock)", 1, "this '(' is not closed")
    no("person)", 7, "closes nothing")
    no("()", 1, "nothing stands in these parentheses")
    no("person OR", 10, "nothing stands behind 'OR'")
    no("OR person", 1, "'OR' has nothing before it")
    no("person OR OR car", 11, "'OR' stands behind 'OR'")
    no("person AND", 11, "nothing stands behind 'AND'")
    no("(person OR)", 11, "')' stands behind 'OR'")
    no("NOT", 4, "nothing stands behind 'NOT'")
    no("- person", 1, "nothing stands behind '-'")
    no("person -", 8, "nothing stands behind '-'")
    no("person then", 12, "nothing stands behind 'then'")
    no("then car", 1, "'then' has nothing before it")
    no("person within 10s", 8, "said of a sequence")
    no("person same track", 8, "said of a sequence")
    no("(person then car)", 9, "stands in parentheses")
    no("dog (person near car) then cat", 13, "stands in parentheses")
    no("person then car within", 23, "no length of time behind 'within'")
    no("person then car within 10x", 24, "'10x' is no length of time", "ms, s, m, h or d")
    no("person then car within 25h", 24, "more than the day")
    no("person then car within 1s within 2s", 27, "second 'within'")
    no("person then car same dog", 17, "same track")
    no("person then car within 10s dog", 28, "behind the end of a step")
    no("a then b then c then d then e then f then g then h then i", 52, "8")
    no("score:.5", 7, "is no range", "score:>=.5")
    no("score:>5", 7, "'5' is no score", "0 to 1")
    no("score:>x", 7, "'x' is no score")
    no("score:.9...5", 7, "upside down")
    no("score:>=", 7, "'' is no score")
    no("duration:5s", 10, "is no range")
    no("duration:>5", 10, "'5' is no length of time")
    no("duration:>5 s", 10, "'5' is no length of time")
    no("duration:>5parsecs", 10, "'5parsecs' is no length of time")
    no("duration:5m..1m", 10, "upside down")
    no("track:x", 7, "'x' is no track's number")
    no("track:-1", 7, "'-1' is no track's number")
    no("kind:sigth", 6, "did you mean 'sight'?")
    no("state:opem", 7, "did you mean 'open'?")
    no("asset:film", 7, "'film' is no asset's id")
    no('text:"!!"', 7, "has no word")
    no("text:w*y", 7, "at its end alone")
    no("on:2026-02-30", 4, "'2026-02-30' does not exist", "February 2026 has 28 days")
    no("after:2023-02-29", 7, "February 2023 has 28 days")
    no("after:2024-13-01", 7, "months 01 to 12")
    no("after:2024-03-31T24:00", 7, "hours are 00 to 23")
    no("after:2024-03-31T08:61", 7, "is no time")
    no("after:2024-3-1", 7, "is no time")
    no("after:25:00", 7, "is no time")
    no("after:yestreday", 7, "did you mean 'yesterday'?")
    no('after:"yesterday 7"', 8, "is no time")
    no("after:yesterday 7am", 17, 'after:"yesterday 7am"')
    no("after:10 minutes ago", 7, "'10' is no time", '"10 minutes ago"')
    no("on:18:00", 4, "is no day")
    no('on:"10 minutes ago"', 5, "is no day")
    no("after:2024-04-01 before:2024-03-31", 18, "upside down")
    no("after:2024-04-01 before:2024-04-01", 18, "upside down")
    no("after:18:00 before:18:00", 13, "ends the time of day where it begins")
    no("after:18:00 after:19:00", 13, "second such time of day")
    no("before:00:00", 1, "before midnight")
    no("tz:Europe/Berln", 1, "there is no time zone 'Europe/Berln'", "did you mean 'Europe/Berlin'?")
    no("tz:../../etc/passwd", 1, "is no name of a time zone")
    no("tz:/etc/passwd", 1, "is no name of a time zone")
    no("tz:+25:00", 1, "is no distance from UTC")
    no("tz:UTC person tz:UTC", 15, "second tz:")
    no("person (tz:UTC car)", 9, "outside parentheses")
    no("-tz:UTC person", 2, "outside parentheses")
    no("tz:", 4, "nothing stands behind 'tz:'")
    no("after:2024-03-31T08:00Z[Europe/Berlin]", 7, "leave the zone in brackets out")
    no("after:18:00[Europe/Berlin]", 7, "has the zone of the query")
    no("after:2024-03-31[Europe/Nowhere]", 7, "there is no time zone 'Europe/Nowhere'")
    no(" OR ".join(["person"] * 65), 641, "more than 64 conditions")
    no("(" * 40 + "dog" + ")" * 40, 34, "more than 32 deep")
    no("-" * 40 + "dog", 34, "more than 32 deep")
    no('after:"9999999 days ago"', 8, "before the year 1")


for family in (names, unicode, texts, numbers, logic, absolute, saving, clocks, relative, sequences, refusals):
    family()
folder = os.path.dirname(os.path.abspath(__file__))
with open(folder + "/moments.jsonl", "w", encoding="utf-8") as file:
    for moment in MOMENTS:
        file.write(json.dumps({k: v for k, v in moment.items() if v not in (None, [])}, ensure_ascii=False) + "\n")
with open(folder + "/queries.tsv", "w", encoding="utf-8") as file:
    for line in LINES:
        file.write("\t".join(map(str, line)) + "\n")
print(len(LINES), "queries,", sum(line[3].startswith("!") for line in LINES), "of them refused,", len(ALL), "moments")
