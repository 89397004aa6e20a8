"""Prints for each zone that is named its offset at the end of 1969, and every change of it until 2100, by zoneinfo."""
import sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
STEP = 24 * 3600


def offset(zone, time):
    return round((EPOCH + timedelta(seconds=time)).astimezone(zone).utcoffset().total_seconds())


for name in sys.argv[1:]:
    zone, time = ZoneInfo(name), 0
    known = offset(zone, 0)
    line = [name, str(known)]
    while time < 4_102_444_800:
        there = offset(zone, time + STEP)
        if there != known:
            low, high = time, time + STEP
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(zone, middle) == known else (low, middle)
            line.append(f"{high}:{there}")
            known = there
        time += STEP
    print(" ".join(line))
