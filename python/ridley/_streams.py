"""Live streams of a server, and what happens in them: docs/streams.md."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ._events import Event
from ._following import Following, unknown
from ._json import Answer, named, read, written
from ._predictions import Box, Part, Prediction
from ._routes import Route, members, words
from ._transport import elements


@dataclass(frozen=True, kw_only=True)
class Stream(Answer):
    """A live stream and how it does; `state` is `connecting`, `live`, `stalled`, `waiting`, `failed` or `ended`. `raw` has all figures."""

    name: str
    owner: str
    source: str
    budget_ms: float
    weight: float
    state: str
    since: float
    received: int
    decoded: int
    delivered: int
    drops: dict[str, int]
    pipeline: str | None = None
    model: str | None = None
    rate: float | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Frame(Answer):
    """What was seen in one picture of a stream, told while it was fresh.

    `time` is in seconds since the stream's first picture, `captured` in seconds since 1970, `shown` the picture's time in its film.
    """

    frame: int
    time: float
    captured: float
    shown: float
    age_ms: float
    width: int
    height: int
    predictions: tuple[Prediction, ...]
    pts: int | None = None


@dataclass(frozen=True, kw_only=True)
class StreamEvent(Answer):
    """What a rule or an alert saw: `state` is `open` or `over`, `start` when it began, `end` up to when it is known."""

    event: str
    owner: str
    stream: str
    rule: str
    state: str
    start: datetime = named("from")
    end: datetime = named("to")
    count: int
    zone: str | None = None
    line: str | None = None
    direction: str | None = None
    label: str | None = None
    score: float | None = None
    box: Box | None = None
    reason: str | None = None
    kind: str | None = None
    about: str | None = None
    asset: str | None = None
    offset: int | None = None


@dataclass(frozen=True, kw_only=True)
class EventPage(Answer):
    events: tuple[StreamEvent, ...]
    next: str | None = None


LIST = Route("GET", "/v1/streams", query=("client",), answer=tuple[Stream, ...], repeats=True)
SHOW = Route("GET", "/v1/streams/{stream}", query=("client",), answer=Stream, repeats=True)
PUT = Route(
    "PUT", "/v1/streams/{stream}", query=("client",), answer=Stream, repeats=True,
    body=("source", "view", "pipeline", "model", "budget_ms", "rate", "clips", "record", "force", "weight"))
REMOVE = Route("DELETE", "/v1/streams/{stream}", query=("client",), reuses=False)
FOLLOW = Route("GET", "/v1/streams/{stream}/predictions", query=("client",), events=True, repeats=True)
FOLLOW_EVENTS = Route("GET", "/v1/streams/{stream}/events", query=("client", "after"), events=True, repeats=True)
EVENTS = Route(
    "GET", "/v1/events", query=("client", "stream", "label", "zone", "kind", "from", "to", "limit", "after"), answer=EventPage, repeats=True)
EVENT = Route("GET", "/v1/events/{event}", query=("client",), answer=StreamEvent, repeats=True)
SNAPSHOT = Route("GET", "/v1/events/{event}/snapshot", query=("client",), repeats=True)


class Streams(Part):
    """Live streams: `client.streams`."""

    def list(self, *, client: str | None = None) -> tuple[Stream, ...]:
        found: tuple[Stream, ...] = self._transport.ask(LIST, query=words(client=client))
        return found

    def get(self, stream: str, *, client: str | None = None) -> Stream:
        found: Stream = self._transport.ask(SHOW, {"stream": stream}, words(client=client))
        return found

    def put(
        self, stream: str, source: str, *, pipeline: str | None = None, model: str | None = None, rate: float | None = None,
        budget_ms: float | None = None, weight: float | None = None, client: str | None = None, **more: Any,
    ) -> Stream:
        """Watches a source under a name, in place of what was watched under it. `more`: `view`, `clips`, `record`, `force` as docs/streams.md has them."""
        asked = members(
            source=source, pipeline=pipeline, model=model, rate=rate, budget_ms=budget_ms, weight=weight, **more)
        found: Stream = self._transport.ask(PUT, {"stream": stream}, words(client=client), json=asked)
        return found

    def remove(self, stream: str, *, client: str | None = None) -> None:
        self._transport.ask(REMOVE, {"stream": stream}, words(client=client))

    def predictions(self, stream: str, *, client: str | None = None, reconnect: float = 0) -> Following[Frame]:
        """What is seen, picture by picture, until the stream's film ends.

        Who reads slowly gets fewer pictures. What is seen while the connection is broken is told to nobody, so that it ends with `Disconnected` where
        no `reconnect` is given; `frame` shows the gap where one is.
        """
        return Following(
            self._transport, FOLLOW, {"stream": stream}, words(client=client), read=_frame, resumes=False, reconnect=reconnect)

    def events(
        self, stream: str, after: str | None = None, *, client: str | None = None, reconnect: float = 60
    ) -> Following[StreamEvent]:
        """What happens, as it begins, changes and ends; without a gap, though the connection may break for `reconnect` seconds."""
        return Following(
            self._transport, FOLLOW_EVENTS, {"stream": stream}, words(client=client, after=after), read=_event, resumes=True, reconnect=reconnect)


class Events(Part):
    """What happened: `client.events`."""

    def list(
        self, *, stream: str | None = None, label: str | None = None, zone: str | None = None, kind: str | None = None,
        since: datetime | str | None = None, until: datetime | str | None = None, client: str | None = None, limit: int | None = None,
    ) -> Iterator[StreamEvent]:
        """The newest first."""
        query = words(client=client, stream=stream, label=label, zone=zone, kind=kind)
        query |= words(**{"from": written(since) if since else None, "to": written(until) if until else None})
        return elements(self._transport, EVENTS, "events", {}, query, limit)

    def get(self, event: str, *, client: str | None = None) -> StreamEvent:
        found: StreamEvent = self._transport.ask(EVENT, {"event": event}, words(client=client))
        return found

    def snapshot(self, event: str, *, client: str | None = None) -> bytes:
        """The picture of its best moment, as JPEG."""
        return self._transport.reply(SNAPSHOT, {"event": event}, words(client=client)).body


def _frame(event: Event) -> Frame | None:
    if event.name != "frame":
        return None
    found: Frame = read(Frame, _parsed(event), "a frame")
    return found


def _event(event: Event) -> StreamEvent:
    found: StreamEvent = read(StreamEvent, _parsed(event), "an event")
    return found


def _parsed(event: Event) -> Any:
    try:
        return json.loads(event.data)
    except ValueError:
        raise unknown(event) from None
