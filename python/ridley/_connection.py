"""Connections to one server: kept and shared among threads, tried again where that does no harm."""

from __future__ import annotations

import http.client
import os
import select
import ssl
import threading
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from ._body import Body
from ._errors import Disconnected, RidleyError, TimedOut

IDLE = 50.0  # seconds that a connection is kept for; servers end theirs after 60
KEPT = 16
BLOCK = 256 << 10


class Address:
    """Where a server is: `http://127.0.0.1:8080`, `https://vision.example.org/ridley`, `[::1]:8080`."""

    def __init__(self, text: str) -> None:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{text!r} is no address: write it like http://127.0.0.1:8080")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("an address holds no user, password, query or fragment: a key is given as key=…")
        self.is_tls = parts.scheme == "https"
        self.host = parts.hostname
        self.port = parts.port or (443 if self.is_tls else 80)
        self.prefix = parts.path.rstrip("/")

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http{'s' if self.is_tls else ''}://{host}:{self.port}{self.prefix}"


class Key:
    """A key, which shows itself to nobody but the server."""

    def __init__(self, text: str) -> None:
        if not text or not text.isascii() or not text.isprintable() or " " in text:
            raise ValueError("the key is no key: it holds spaces, line ends or other signs that no key has")
        self._text = text

    @property
    def header(self) -> str:
        return f"Bearer {self._text}"

    def __repr__(self) -> str:
        return "Key(…)"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("keys are not pickled: make a client where it is used")


class Clock:
    """How long is still to be waited: for all of it, and for the next byte."""

    def __init__(self, total: float | None, stall: float | None) -> None:
        self._end = None if total is None else time.monotonic() + total
        self._total, self._stall = total, stall

    def left(self) -> float | None:
        """Seconds for the next step. Raises `TimedOut` where none are left."""
        if self._end is None:
            return self._stall
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimedOut(f"no whole answer within {self._total:g} s")
        return left if self._stall is None else min(left, self._stall)

    def has(self, seconds: float) -> bool:
        return self._end is None or time.monotonic() + seconds < self._end


class Connection:
    """One connection, which asks one thing at a time."""

    def __init__(self, address: Address, context: ssl.SSLContext | None) -> None:
        if address.is_tls:
            self._http: http.client.HTTPConnection = http.client.HTTPSConnection(address.host, address.port, context=context)
        else:
            self._http = http.client.HTTPConnection(address.host, address.port)
        self._address = address
        self.idle_since = 0.0
        # What was not sent to its end leaves the connection in nobody knows what state.
        self.is_spent = False

    @property
    def is_open(self) -> bool:
        return self._http.sock is not None

    def connect(self, clock: Clock) -> None:
        """Raises `Disconnected` where nobody is there: nothing was sent then."""
        self._http.timeout = clock.left()
        try:
            self._http.connect()
        except TimeoutError:
            raise TimedOut(f"{self._address} does not answer") from None
        except OSError as error:
            raise Disconnected(f"{self._address} cannot be reached: {error}", is_unsent=True) from error

    def ask(self, method: str, target: str, headers: Mapping[str, str], body: Body | None, clock: Clock) -> http.client.HTTPResponse:
        """Sends a request and reads the head of its answer. Whatever is raised, the connection is of no use after it."""
        self._wait(clock)
        try:
            self._http.putrequest(method, self._address.prefix + target, skip_accept_encoding=True)
            for name, value in headers.items():
                self._http.putheader(name, value)
            if body is None:
                if method in ("POST", "PUT", "PATCH"):
                    self._http.putheader("Content-Length", "0")
                self._http.endheaders()
            else:
                self._http.putheader("Content-Type", body.type)
                self._http.putheader(*(("Transfer-Encoding", "chunked") if body.length is None else ("Content-Length", str(body.length))))
                self._http.endheaders()
                self._send(body, clock)
            self._wait(clock)
            return self._http.getresponse()
        except _LocalFault as fault:
            raise fault.reason from None
        except TimeoutError as error:
            raise error if isinstance(error, TimedOut) else TimedOut(f"{self._address} did not answer in time") from None
        except (OSError, http.client.HTTPException) as error:
            if isinstance(error, RidleyError):
                raise
            raise Disconnected(f"the connection to {self._address} broke: {error or type(error).__name__}") from error

    def _send(self, body: Body, clock: Clock) -> None:
        """A server that has heard enough answers before everything is sent, and its answer is what counts."""
        blocks = body.blocks()
        while True:
            try:
                block = next(blocks, None)
            except Exception as error:
                raise _LocalFault(error)
            if block is None:
                break
            if body.length is None:
                block = b"%x\r\n%b\r\n" % (len(block), bytes(block))
            if not self._offer(block, clock):
                return
        if body.length is None:
            self._offer(b"0\r\n\r\n", clock)

    def _offer(self, block: bytes | memoryview, clock: Clock) -> bool:
        self._wait(clock)
        try:
            self._http.send(block)
        except (BrokenPipeError, ConnectionResetError):
            self.is_spent = True
            return False
        return True

    def _wait(self, clock: Clock) -> None:
        if self._http.sock is not None:
            self._http.sock.settimeout(clock.left())

    def read(self, response: http.client.HTTPResponse, clock: Clock) -> bytes:
        """The next bytes of an answer, as few as have come; none behind the last."""
        self._wait(clock)
        try:
            # `read1` knows no end of what has a length (before Python 3.12), and `peek` takes chunks that are cut off for the end.
            if response.chunked:
                block = response.read1(BLOCK)
            else:
                block = response.read(len(response.peek(BLOCK)) or 1) if response.length != 0 else response.read()
        except TimeoutError as error:
            raise error if isinstance(error, TimedOut) else TimedOut(f"{self._address} stopped in the middle of an answer") from None
        except (OSError, ValueError, AttributeError, http.client.HTTPException) as error:  # the third where another thread closed it
            raise Disconnected(f"{self._address} broke off in the middle of an answer: {error or type(error).__name__}") from error
        if not block and response.length:
            raise Disconnected(f"{self._address} broke off in the middle of an answer: {response.length} bytes are missing")
        return block

    def is_quiet(self) -> bool:
        """Nothing has come that nobody asked for, such as the end of the connection."""
        if self._http.sock is None:
            return False
        poll = select.poll()
        poll.register(self._http.sock, select.POLLIN | select.POLLERR | select.POLLHUP)
        return not poll.poll(0)

    def cut(self) -> None:
        """Wakes whoever reads from it."""
        if self._http.sock is not None:
            try:
                self._http.sock.shutdown(2)
            except OSError:
                pass

    def close(self) -> None:
        self._http.close()


class _LocalFault(Exception):
    """Carries what reading a body raised past what is said of connections."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(reason)
        self.reason = reason


class Pool:
    """Connections that are open and asked nothing; any thread."""

    def __init__(self, address: Address, context: ssl.SSLContext | None) -> None:
        self.address, self._context = address, context
        self._begin()

    def _begin(self) -> None:
        self._process, self._lock, self._free, self.is_closed = os.getpid(), threading.Lock(), list[Connection](), False

    def _own(self) -> None:
        """A process that was forked has its parent's connections, and leaves them to it."""
        if self._process != os.getpid():
            closed = self.is_closed
            self._begin()
            self.is_closed = closed

    def take(self, fresh: bool = False) -> Connection:
        """One that was kept, else a new one, which is not connected yet."""
        self._own()
        with self._lock:
            if self.is_closed:
                raise RidleyError("this client was closed: make another one")
            while self._free and not fresh:
                found = self._free.pop()
                if time.monotonic() - found.idle_since < IDLE and found.is_quiet():
                    return found
                found.close()
        return Connection(self.address, self._context)

    def give(self, connection: Connection) -> None:
        """Keeps one whose answer was read to its end."""
        connection.idle_since = time.monotonic()
        self._own()
        with self._lock:
            if not self.is_closed and not connection.is_spent and len(self._free) < KEPT:
                self._free.append(connection)
                return
        connection.close()

    def close(self) -> None:
        self._own()
        with self._lock:
            self.is_closed = True
            free, self._free = self._free, []
        for connection in free:
            connection.close()
