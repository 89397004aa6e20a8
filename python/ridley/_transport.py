"""Asks routes of a server and reads what they answer."""

from __future__ import annotations

import http.client
import json
import random
import time
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ._body import JSON, Body
from ._connection import Clock, Connection, Key, Pool
from ._errors import Busy, Disconnected, RidleyError, ServerError, TimedOut, UnexpectedAnswer, server_error
from ._json import read
from ._routes import Route

LONGEST_PAUSE = 30.0
MOST_OF_A_FAILURE = 1 << 20
PAGE = 200
UNSAID: Any = object()


@dataclass(frozen=True)
class Reply:
    """An answer that was read to its end."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


class Incoming:
    """An answer that is read as it comes. Ending early costs its connection, and nothing else."""

    def __init__(self, connection: Connection, response: http.client.HTTPResponse, pool: Pool, clock: Clock) -> None:
        self.headers, self.status = response.headers, response.status
        self._connection, self._response, self._pool, self._clock = connection, response, pool, clock
        self.is_closed = False

    def read(self) -> bytes:
        """The next bytes, as few as have come; none at the end."""
        if self.is_closed:
            return b""
        try:
            block = self._connection.read(self._response, self._clock)
        except BaseException:
            self.close()
            raise
        if not block:
            self._end()
        return block

    def _end(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            if self._response.will_close:
                self._connection.close()
            else:
                self._pool.give(self._connection)

    def close(self) -> None:
        """Ends it where it is."""
        if not self.is_closed:
            self.is_closed = True
            self._connection.cut()
            self._connection.close()


class Transport:
    """One server, and how it is asked: by whom, how patiently, how often. Any thread."""

    def __init__(self, pool: Pool, key: Key | None, *, timeout: float | None, retries: int) -> None:
        self._pool, self._key, self._timeout, self._retries = pool, key, timeout, retries
        self._open: set[weakref.ref[Incoming]] = set()

    @property
    def address(self) -> str:
        return str(self._pool.address)

    def ask(
        self, route: Route, places: dict[str, str] = {}, query: dict[str, str] = {}, *, json: Any = UNSAID, body: Body | None = None,
        timeout: float | None = UNSAID, headers: dict[str, str] = {},
    ) -> Any:
        """What a route answers, read as it says; `None` where it answers nothing."""
        reply = self.reply(route, places, query, json=json, body=body, timeout=timeout, headers=headers)
        if route.answer is None:
            return None
        return read(route.answer, parsed(reply.body, reply.headers), f"{route.method} {route.path}")

    def reply(
        self, route: Route, places: dict[str, str] = {}, query: dict[str, str] = {}, *, json: Any = UNSAID, body: Body | None = None,
        timeout: float | None = UNSAID, headers: dict[str, str] = {},
    ) -> Reply:
        """What a route answers, as bytes. `timeout` is for all of it, in seconds."""
        if json is not UNSAID:
            unknown = json.keys() - set(route.body)
            if unknown:
                raise TypeError(f"{route.method} {route.path} takes no {sorted(unknown)}")
            body = JSON(json)
        clock = Clock(self._timeout if timeout is UNSAID else timeout, None)
        with_body = self._begin(route, places, query, body, headers, clock)
        return Reply(with_body.status, with_body.headers, whole(with_body))

    def incoming(
        self, route: Route, places: dict[str, str] = {}, query: dict[str, str] = {}, *, body: Body | None = None,
        headers: dict[str, str] = {}, stall: float | None = UNSAID,
    ) -> Incoming:
        """What a route answers, as it comes, or is sent, for however long: `stall` is how long the next byte may take, in seconds."""
        clock = Clock(None, self._timeout if stall is UNSAID else stall)
        found = self._begin(route, places, query, body, headers, clock)
        self._open.add(weakref.ref(found, self._open.discard))
        return found

    def close(self) -> None:
        self._pool.close()
        for reference in list(self._open):
            if (one := reference()) is not None:
                one.close()

    # One request, until it is answered or there is no more to be tried.

    def _begin(
        self, route: Route, places: dict[str, str], query: dict[str, str], body: Body | None, headers: dict[str, str], clock: Clock
    ) -> Incoming:
        target = route.target(places, query)
        sent = {"Accept": "text/event-stream" if route.events else "*/*", "User-Agent": "ridley-python", **headers}
        if self._key is not None:
            sent["Authorization"] = self._key.header
        for attempt in range(self._retries + 1):
            try:
                return self._once(route, target, sent, body, clock)
            except (Disconnected, Busy) as error:
                pause = 0.1 * 2**attempt * (1 + random.random())
                if isinstance(error, Busy):
                    pause = max(pause, error.retry_after or 0)
                is_last = attempt == self._retries or pause > LONGEST_PAUSE or not clock.has(pause)
                if is_last or (body is not None and not body.repeats) or not _may_repeat(route, error):
                    raise
            time.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _once(self, route: Route, target: str, headers: dict[str, str], body: Body | None, clock: Clock) -> Incoming:
        # What must not be done twice never goes out on a connection that the server may just have given up.
        connection = self._pool.take(fresh=not route.reuses)
        was_kept = connection.is_open
        try:
            return self._over(connection, route, target, headers, body, clock)
        except Disconnected:
            if not was_kept or (body is not None and not body.repeats):
                raise
        return self._over(self._pool.take(fresh=True), route, target, headers, body, clock)

    def _over(
        self, connection: Connection, route: Route, target: str, headers: dict[str, str], body: Body | None, clock: Clock
    ) -> Incoming:
        try:
            if not connection.is_open:
                connection.connect(clock)
            response = connection.ask(route.method, target, headers, body, clock)
        except BaseException:
            connection.close()
            raise
        incoming = Incoming(connection, response, self._pool, clock)
        if 200 <= response.status < 300:
            return incoming
        raise _failure(incoming, f"{route.method} {route.path}")


def _may_repeat(route: Route, error: RidleyError) -> bool:
    """429 says that nothing was done; so does a connection that was never made. 503 may mean that what was asked broke something."""
    if isinstance(error, Busy) and error.status == 429:
        return True
    return route.repeats or (isinstance(error, Disconnected) and error.is_unsent)


def whole(incoming: Incoming) -> bytes:
    """All that is still to come."""
    blocks = []
    while block := incoming.read():
        blocks.append(block)
    return b"".join(blocks)


def _failure(incoming: Incoming, asked: str) -> RidleyError:
    status, headers = incoming.status, incoming.headers
    text = b""
    try:
        while len(text) < MOST_OF_A_FAILURE and (block := incoming.read()):
            text += block
    except (Disconnected, TimedOut):
        pass  # the status is known
    finally:
        incoming.close()
    if status < 400:
        to = headers.get("Location")
        return UnexpectedAnswer(f"{asked} is answered with {status}" + (f" and leads to {to}, which is not followed" if to else ""))
    message, kind, request = _told(text)
    wait = headers.get("Retry-After", "")
    return server_error(
        message or f"{asked} is answered with {status} {http.client.responses.get(status, '')}".rstrip(), kind, status,
        request or headers.get("X-Request-Id"), float(wait) if wait.isascii() and wait.isdigit() else None)


def _told(text: bytes) -> tuple[str, str, str | None]:
    """Message, kind and request id of a failure."""
    try:
        error = json.loads(text)["error"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return "", "", None
    if isinstance(error, str):
        return error, "", None
    if not isinstance(error, dict):
        return "", "", None
    request = error.get("request")
    return str(error.get("message", "")), str(error.get("code", "")), request if isinstance(request, str) else None


def parsed(text: bytes, headers: http.client.HTTPMessage) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        kind = headers.get("Content-Type", "nothing that is named")
        raise UnexpectedAnswer(f"the answer is no JSON but {kind}: is it a Ridley that answers there?") from None


def elements(
    transport: Transport, route: Route, name: str, places: dict[str, str], query: dict[str, str], limit: int | None = None
) -> Iterator[Any]:
    """What stands under a name in the pages of a list, one request a page, `limit` at most."""
    left = limit
    while left is None or left > 0:
        page = transport.ask(route, places, {**query, "limit": str(PAGE if left is None else min(left, PAGE))})
        found = getattr(page, name)
        yield from found if left is None else found[:left]
        if page.next is None:
            return
        left = None if left is None else left - len(found)
        query = {**query, "after": page.next}
