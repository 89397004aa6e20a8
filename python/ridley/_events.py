"""Server-sent events, as they come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

MOST = 64 << 20  # bytes of one event


@dataclass(frozen=True)
class Event:
    """One event: its name, what it says, and the id to go on behind. A comment is one without a name."""

    name: str
    data: str
    id: str | None


def events(read: Callable[[], bytes]) -> Iterator[Event]:
    """Events in the order in which they come; `read` gives the next bytes, and none at the end. What is cut off at the end is no event."""
    name, id, data, size = "message", None, list[str](), 0
    for line in _lines(read):
        size += len(line)
        if size > MOST:
            raise ValueError("an event of more than 64 MiB")
        if not line:
            if data:
                yield Event(name, "\n".join(data), id)
            name, data, size = "message", [], 0
            continue
        field, _, value = line.decode("utf-8", "replace").partition(":")
        value = value.removeprefix(" ")
        if not field:
            yield Event("", value, id)
        elif field == "data":
            data.append(value)
        elif field == "event":
            name = value
        elif field == "id" and "\0" not in value:
            id = value


def _lines(read: Callable[[], bytes]) -> Iterator[bytes]:
    waiting = bytearray()
    while chunk := read():
        waiting += chunk
        if len(waiting) > MOST and b"\n" not in chunk:
            raise ValueError("an event of more than 64 MiB")
        *lines, rest = waiting.split(b"\n")
        waiting = bytearray(rest)
        for line in lines:
            yield bytes(line.removesuffix(b"\r"))
