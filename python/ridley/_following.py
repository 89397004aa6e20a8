"""Streams of events as iterators."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Generic, TypeVar

from ._errors import Busy, Disconnected, RidleyError, TimedOut, UnexpectedAnswer
from ._events import Event, events
from ._routes import Route
from ._transport import Incoming, Transport

T = TypeVar("T")

STALL = 60.0  # seconds; a server gives a sign of life each 15
LONGEST_PAUSE = 5.0
_POSITION = re.compile(r"[0-9A-Za-z_.-]+")


class Following(Iterator[T], Generic[T]):
    """What a server tells, one after the other, as it happens.

    It ends by itself where the server says that nothing more will come. A connection that breaks is never taken for that: where `reconnect` seconds are
    given, it is made again for so long, and `Disconnected` is raised after them. It holds a connection: leave it by `with`, by `close()`, or by
    letting go of it. One thread reads it; any may close it.
    """

    def __init__(
        self, transport: Transport, route: Route, places: dict[str, str], query: dict[str, str], *, read: Callable[[Event], T | None],
        is_last: Callable[[T], bool] = lambda _: False, resumes: bool, reconnect: float,
    ) -> None:
        self._transport, self._route, self._places, self._query = transport, route, places, query
        self._read, self._is_last, self._resumes, self._patience = read, is_last, resumes, reconnect
        self._position: str | None = None
        self.is_closed = False
        self._open()

    def _open(self) -> None:
        query = self._query if self._position is None else {**self._query, "after": self._position}
        self._incoming: Incoming = self._transport.incoming(self._route, self._places, query, stall=STALL)
        self._events = events(self._incoming.read)  # which does not hold this object, so that letting go of it ends it

    def __iter__(self) -> Following[T]:
        return self

    def __next__(self) -> T:
        while not self.is_closed:
            try:
                event = next(self._events)
            except StopIteration:
                self._again(Disconnected("the server ended the stream without saying that it is over"))
            except (Disconnected, TimedOut) as error:
                self._again(error)
            except BaseException:
                self.close()
                raise
            else:
                found = self._heard(event)
                if found is not None:
                    return found
        raise StopIteration

    def _heard(self, event: Event) -> T | None:
        if not event.name:
            # Streams that go on where they ended begin with their position.
            if self._resumes and self._position is None and _POSITION.fullmatch(event.data):
                self._position = event.data
            return None
        if event.name == "ended":
            self.close()
            return None
        try:
            found = self._read(event)
        except BaseException:
            self.close()
            raise
        if self._resumes and event.id is not None:
            self._position = event.id
        if found is not None and self._is_last(found):
            self.close()
        return found

    def _again(self, cause: RidleyError) -> None:
        """Connects once more, for as long as is wanted."""
        if self.is_closed:
            return
        self._incoming.close()
        end, pause = time.monotonic() + self._patience, 0.2
        while time.monotonic() + pause < end:
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            try:
                return self._open()
            except (Disconnected, TimedOut, Busy) as error:
                cause = error
            except BaseException:
                self.close()
                raise
        self.close()
        raise cause

    def close(self) -> None:
        """Ends it. The second time does nothing."""
        self.is_closed = True
        incoming: Any = getattr(self, "_incoming", None)
        if incoming is not None:
            incoming.close()

    def __enter__(self) -> Following[T]:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()


def unknown(event: Event) -> UnexpectedAnswer:
    return UnexpectedAnswer(f"an event {event.name!r} came that this client does not know")
