"""The Python client beside servers that answer badly, late, by halves or not at all: each is a few lines here."""
import contextlib
import json
import os
import pickle
import signal
import socket
import threading
import time

import conftest  # noqa: F401  which says where the client is
import pytest

import ridley
from ridley import _body, _events, _json

FRAME = {"frame": 1, "time": 0.1, "captured": 1.0, "shown": 0.1, "age_ms": 5, "width": 8, "height": 8, "predictions": []}
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunk(text):
    return b"%x\r\n%b\r\n" % (len(text), text)


def event(name, data, id=None):
    return chunk((f"id: {id}\n" if id else "").encode() + f"event: {name}\ndata: {json.dumps(data)}\n\n".encode())


def answer(status, value, *headers):
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    head = "\r\n".join([f"HTTP/1.1 {status} Some", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers, "", ""])
    return head.encode() + body


def error(message="it is so", code="bad-input"):
    return {"error": {"code": code, "message": message, "request": "r-1"}}


class Server:
    """Hands each connection, with its number, to a function; `heads` has what was asked."""

    def __init__(self, handle, family=socket.AF_INET):
        self.listener = socket.socket(family)
        self.listener.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        self.listener.listen(32)
        self.port = self.listener.getsockname()[1]
        host = "[::1]" if family == socket.AF_INET6 else "127.0.0.1"
        self.address, self.handle, self.heads, self.count = f"http://{host}:{self.port}", handle, [], 0
        self.threads = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.count += 1
            threading.Thread(target=self.one, args=(connection, self.count), daemon=True).start()

    def one(self, connection, number):
        with connection, contextlib.suppress(OSError):
            self.handle(self, connection, number)

    def asked(self, connection):
        """Reads a request; `None` where the connection ends."""
        text = b""
        while b"\r\n\r\n" not in text:
            if not (block := connection.recv(1 << 16)):
                return None
            text += block
        head, _, body = text.partition(b"\r\n\r\n")
        self.heads.append(head.decode())
        lengths = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        while lengths and len(body) < lengths[0]:
            body += connection.recv(1 << 16)
        return head

    def close(self):
        self.listener.close()


@pytest.fixture
def serve():
    servers = []

    def begin(handle, **how):
        servers.append(Server(handle, **how))
        return servers[-1]

    yield begin
    for one in servers:
        one.close()


def always(*answers):
    """A server that gives these answers in turn, the last one again and again, on connections that stay."""
    left = list(answers)

    def handle(server, connection, number):
        while server.asked(connection) is not None:
            connection.sendall(left.pop(0) if len(left) > 1 else left[0])

    return handle


def wait(holds):
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


# What is tried again, and what is not


def test_one_connection_is_used_again(serve):
    server = serve(always(answer(200, [])))
    with ridley.Client(server.address) as client:
        assert [client.models.list() for _ in range(20)] == [()] * 20
    assert server.count == 1 and len(server.heads) == 20


def test_a_connection_that_the_server_gave_up_is_replaced(serve):
    def handle(server, connection, number):
        server.asked(connection)
        connection.sendall(answer(200, []))

    server = serve(handle)
    with ridley.Client(server.address, retries=0) as client:
        for _ in range(5):
            assert client.models.list() == ()
            time.sleep(0.02)
    assert server.count == 5


def test_one_that_is_given_up_under_the_request_is_replaced_once(serve):
    def handle(server, connection, number):
        server.asked(connection)
        connection.sendall(answer(200, []))
        if number == 1:
            server.asked(connection)  # and never answers
        else:
            always(answer(404, error()))(server, connection, number)

    server = serve(handle)
    with ridley.Client(server.address, retries=0) as client:
        client.models.list()
        with pytest.raises(ridley.UnexpectedAnswer):
            client.predict(b"x", "m")
    assert server.count == 2


def test_retry_after_is_waited_for(serve):
    server = serve(always(answer(429, error("the rate is used up", "exhausted"), "Retry-After: 1"), answer(200, [])))
    begun = time.monotonic()
    with ridley.Client(server.address) as client:
        assert client.models.list() == ()
    assert 1 <= time.monotonic() - begun < 3


def test_a_retry_after_that_is_too_long_is_told(serve):
    server = serve(always(answer(429, error("come later", "exhausted"), "Retry-After: 3600")))
    begun = time.monotonic()
    with ridley.Client(server.address) as client, pytest.raises(ridley.Busy, match="come later") as caught:
        client.models.list()
    assert caught.value.retry_after == 3600 and time.monotonic() - begun < 1 and len(server.heads) == 1


def test_what_may_have_broken_something_is_not_sent_again(serve):
    server = serve(always(answer(503, error("it crashed", "unavailable"), "Retry-After: 1")))
    with ridley.Client(server.address) as client:
        for ask in (lambda: client.predict(b"x", "m"), lambda: client.jobs.analyse("p", asset="a"), lambda: client.assets.delete("a")):
            before = len(server.heads)
            with pytest.raises(ridley.Busy, match="it crashed"):
                ask()
            assert len(server.heads) == before + 1
        before = len(server.heads)
        with pytest.raises(ridley.Busy):
            ridley.Client(server.address, retries=1).models.list()
        assert len(server.heads) == before + 2


def test_a_broken_connection(serve):
    def handle(server, connection, number):
        server.asked(connection)

    server = serve(handle)
    with ridley.Client(server.address, retries=2) as client:
        for ask, times in ((client.models.list, 3), (lambda: client.predict(b"x", "m"), 1), (lambda: client.jobs.start("p"), 3), (lambda: client.jobs.cancel("j"), 1)):
            server.heads.clear()
            with pytest.raises(ridley.Disconnected) as caught:
                ask()
            assert len(server.heads) == times and not caught.value.is_unsent
        keys = [line for head in server.heads for line in head.split("\r\n") if line.startswith("Idempotency-Key")]
        assert keys == []
        server.heads.clear()
        with pytest.raises(ridley.Disconnected):
            client.jobs.start("p")
        keys = {line for head in server.heads for line in head.split("\r\n") if line.startswith("Idempotency-Key")}
        assert len(keys) == 1 and len(server.heads) == 3


def test_nobody_is_there():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    with ridley.Client(address) as client, pytest.raises(ridley.Disconnected, match="cannot be reached") as caught:
        client.predict(b"x", "m")
    assert caught.value.is_unsent and not client.is_ready.__self__ is None
    with ridley.Client(address, retries=0) as client:
        assert not client.is_ready()


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n[", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1,2"])
def test_an_answer_that_breaks_off_is_none(serve, head):
    def handle(server, connection, number):
        server.asked(connection)
        connection.sendall(head)

    with ridley.Client(serve(handle).address) as client, pytest.raises(ridley.Disconnected, match="middle of an answer"):
        client.models.list()


def test_time_is_for_all_of_an_answer(serve):
    def handle(server, connection, number):
        server.asked(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            connection.sendall(b" ")
            time.sleep(0.05)

    begun = time.monotonic()
    with ridley.Client(serve(handle).address, timeout=0.5) as client, pytest.raises(ridley.TimedOut):
        client.models.list()
    assert 0.4 < time.monotonic() - begun < 2


def test_a_server_that_says_nothing(serve):
    server = serve(lambda server, connection, number: time.sleep(5))
    begun = time.monotonic()
    with ridley.Client(server.address, timeout=0.3) as client, pytest.raises(ridley.TimedOut):
        client.predict(b"x", "m")
    assert time.monotonic() - begun < 2 and server.count == 1


# What is answered


def test_what_is_no_ridley(serve):
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"
    moved = answer(302, b"", "Location: http://127.0.0.1:1/")
    other = answer(200, {"models": 3})
    for text, words in ((page, "text/html"), (moved, "not followed"), (other, "not a list")):
        with ridley.Client(serve(always(text)).address) as client, pytest.raises(ridley.UnexpectedAnswer, match=words):
            client.models.list()


def test_failures_say_what_the_server_said(serve):
    kinds = {400: ridley.BadInput, 401: ridley.Denied, 404: ridley.NotFound, 409: ridley.Conflict, 413: ridley.TooLarge, 504: ridley.Late, 500: ridley.ServerError}
    for status, kind in kinds.items():
        with ridley.Client(serve(always(answer(status, error()))).address, retries=0) as client, pytest.raises(kind, match="it is so") as caught:
            client.models.list()
        found = caught.value
        assert (found.kind, found.status, found.request) == ("bad-input", status, "r-1")
        again = pickle.loads(pickle.dumps(found))
        assert (type(again), str(again), again.status, again.request) == (type(found), str(found), found.status, found.request)
    for text in (answer(500, b"<html>"), answer(500, {"error": "short"}), answer(500, [1]), answer(500, {"error": {"message": None}})):
        with ridley.Client(serve(always(text)).address, retries=0) as client, pytest.raises(ridley.ServerError) as caught:
            client.models.list()
        assert str(caught.value)


def test_members_that_are_new_are_kept_and_those_that_lack_are_told():
    told = {"name": "m", "versions": [{"version": "1", "state": "ready", "speed": 3}], "aliases": {}, "new": [1]}
    model = _json.read(ridley.Model, told)
    assert model.raw["new"] == [1] and model.versions[0].raw["speed"] == 3 and model.versions[0].labels == ()
    for lacking in ("name", "versions", "aliases"):
        with pytest.raises(ridley.UnexpectedAnswer, match=lacking):
            _json.read(ridley.Model, {key: value for key, value in told.items() if key != lacking})
    with pytest.raises(ridley.UnexpectedAnswer, match=r"versions\[0\].version"):
        _json.read(ridley.Model, told | {"versions": [{"version": 1, "state": "ready"}]})


@pytest.mark.parametrize("text, second", [("2026-11-30T06:05:29Z", 0), ("2026-11-30T06:05:29.1Z", 100_000), ("2026-11-30T06:05:29.123456789Z", 123_456), ("2026-11-30T07:05:29.5+01:00", 500_000)])
def test_moments(text, second):
    found = _json.moment(text)
    assert (found.timestamp(), found.microsecond) == (1796018729 + second / 1e6, second)


# Streams of events


def test_events_are_cut_where_they_end():
    text = b": note\r\nid: 7\r\nevent: a\r\ndata: 1\r\ndata: 2\r\n\r\ndata:x\n\nevent: lost\ndata: 3\n"
    for size in (1, 2, 3, 7, 1000):
        blocks = [text[start : start + size] for start in range(0, len(text), size)]
        found = list(_events.events(lambda: blocks.pop(0) if blocks else b""))
        assert [(one.name, one.data, one.id) for one in found] == [("", "note", None), ("a", "1\n2", "7"), ("message", "x", "7")]


def test_a_stream_that_is_cut_off_is_not_over(serve):
    def handle(server, connection, number):
        server.asked(connection)
        connection.sendall(HEAD + event("frame", FRAME))

    with ridley.Client(serve(handle).address) as client, client.streams.predictions("s") as frames:
        assert next(frames).frame == 1
        with pytest.raises(ridley.Disconnected):
            next(frames)
        assert list(frames) == []


def test_a_stream_whose_server_only_ends_it_is_not_over(serve):
    def handle(server, connection, number):
        server.asked(connection)
        connection.sendall(HEAD + event("frame", FRAME) + b"0\r\n\r\n")
        time.sleep(1)

    with ridley.Client(serve(handle).address) as client, pytest.raises(ridley.Disconnected, match="over"):
        list(client.streams.predictions("s"))


def test_a_stream_that_is_over(serve):
    def handle(server, connection, number):
        server.asked(connection)
        connection.sendall(HEAD + event("frame", FRAME) + chunk(b": still here\n\n") + event("frame", FRAME | {"frame": 2}) + event("ended", {"state": "ended"}))
        server.asked(connection)

    with ridley.Client(serve(handle).address) as client:
        assert [one.frame for one in client.streams.predictions("s")] == [1, 2]


def change(number):
    asset = {"asset": "A", "client": "local", "name": "n", "tags": [], "state": "stored", "bytes": 1, "kind": "video", "width": 1, "height": 1,
             "added": "2026-11-30T06:05:29Z", "analyses": 0}
    return {"position": str(number), "time": "2026-11-30T06:05:29Z", "change": "added", "asset": asset}


@pytest.mark.parametrize("position", ["41", None])
def test_changes_go_on_where_they_ended(serve, position):
    """A server that is started again, and one that breaks off before the first change."""
    def handle(server, connection, number):
        head = server.asked(connection)
        after = int(head.split(b"after=")[1].split()[0]) if b"after=" in head else 41
        text = HEAD + chunk(b": %d\n\n" % after)
        if number == 1:
            connection.sendall(text)
        elif number == 2:
            connection.sendall(answer(503, error("starting", "unavailable"), "Retry-After: 1"))
        else:
            connection.sendall(text + event("added", change(after + 1), after + 1) + event("added", change(after + 2), after + 2)[:-9])

    server = serve(handle)
    with ridley.Client(server.address, retries=0) as client, client.assets.changes(position) as changes:
        assert [next(changes).position for _ in range(5)] == ["42", "43", "44", "45", "46"]
    assert server.count == 7


def test_patience_ends(serve):
    def handle(server, connection, number):
        server.asked(connection)
        if number == 1:
            connection.sendall(HEAD + event("frame", FRAME))

    begun = time.monotonic()
    with ridley.Client(serve(handle).address) as client, client.streams.predictions("s", reconnect=1) as frames:
        next(frames)
        with pytest.raises(ridley.Disconnected):
            next(frames)
    assert time.monotonic() - begun < 4


def endless(server, connection, number):
    server.asked(connection)
    connection.sendall(HEAD)
    with contextlib.suppress(OSError):
        while True:
            connection.sendall(event("frame", FRAME))
            time.sleep(0.01)
    server.gone = True


@pytest.mark.parametrize("leave", ["with", "close", "let go", "client"])
def test_an_iterator_that_is_left_gives_its_connection_back(serve, leave):
    server = serve(endless)
    client = ridley.Client(server.address)
    frames = client.streams.predictions("s")
    assert next(frames) and next(frames)
    if leave == "with":
        with frames:
            pass
    elif leave == "close":
        frames.close()
        frames.close()
    elif leave == "client":
        client.close()
    else:
        del frames
    wait(lambda: getattr(server, "gone", False))
    client.close()
    client.close()


def test_one_that_was_never_read_gives_its_connection_back(serve):
    server = serve(endless)
    with ridley.Client(server.address) as client:
        client.streams.predictions("s")
        wait(lambda: getattr(server, "gone", False))


def test_ctrl_c_in_an_iterator(serve):
    def handle(server, connection, number):
        server.asked(connection)
        if number == 1:
            connection.sendall(HEAD + event("frame", FRAME))
            server.rest = connection.recv(100)
        else:
            connection.sendall(answer(200, []))

    server = serve(handle)
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        with ridley.Client(server.address) as client:
            frames = client.streams.predictions("s")
            assert next(frames).frame == 1
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            with pytest.raises(KeyboardInterrupt):
                next(frames)
            assert frames.is_closed and client.models.list() == ()
    finally:
        signal.signal(signal.SIGALRM, before)
    wait(lambda: getattr(server, "rest", None) == b"")


def test_another_thread_ends_an_iterator(serve):
    def handle(server, connection, number):
        server.asked(connection)
        connection.sendall(HEAD + event("frame", FRAME))
        connection.recv(100)

    with ridley.Client(serve(handle).address) as client:
        frames = client.streams.predictions("s")
        next(frames)
        threading.Timer(0.2, frames.close).start()
        begun = time.monotonic()
        assert list(frames) == [] and time.monotonic() - begun < 5


def test_a_job_is_followed_over_a_restart(serve):
    job = {"job": "J", "owner": "local", "created": "2026-11-30T06:05:29Z", "priority": "low", "listed": 1, "listing": False, "done": 0, "kept": 0,
           "failed": 0, "cancelled": 0, "corrupt": 0, "price": 0, "cost": 0, "progress": 0, "pipelines": []}

    def handle(server, connection, number):
        server.asked(connection)
        state = "running" if number == 1 else "finished"
        connection.sendall(HEAD + event(state, job | {"state": state}))

    with ridley.Client(serve(handle).address) as client:
        assert [one.state for one in client.jobs.follow("J")] == ["running", "finished"]


# Addresses, keys, files


def test_ipv6(serve):
    try:
        server = serve(always(answer(200, [])), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with ridley.Client(server.address) as client:
        assert client.models.list() == () and client.address == server.address
    assert f"Host: [::1]:{server.port}" in server.heads[0]


def test_proxies_of_the_environment_are_not_asked(serve, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with ridley.Client(serve(always(answer(200, []))).address) as client:
        assert client.models.list() == ()


@pytest.mark.parametrize("text", ["ftp://host", "http://", "http://user:secret@host", "http://host:port", "http://host?key=1", "http://host:99999"])
def test_addresses_that_are_none(text):
    with pytest.raises(ValueError) as caught:
        ridley.Client(text)
    assert "secret" not in str(caught.value)


def test_a_prefix_of_the_address(serve, monkeypatch):
    server = serve(always(answer(200, [])))
    monkeypatch.setenv("RIDLEY_URL", f"{server.address}/vision/")
    monkeypatch.setenv("RIDLEY_KEY", "rk_from_outside")
    with ridley.Client() as client:
        client.models.list()
    assert server.heads[0].startswith("GET /vision/v1/models HTTP/1.1") and "Authorization: Bearer rk_from_outside" in server.heads[0]


def test_a_key_shows_itself_to_nobody_but_the_server(serve):
    server = serve(always(answer(401, error("no such key", "denied"))))
    client = ridley.Client(server.address, key="rk_secret")
    with pytest.raises(ridley.Denied) as caught:
        client.models.list()
    assert "Authorization: Bearer rk_secret" in server.heads[0]
    parts = [client, client._transport, client.models, caught.value, vars(client), vars(client._transport), vars(client._transport._key or 0).keys()]
    assert "rk_secret" not in "".join(map(repr, parts)) + "".join(map(str, parts))
    for bad in ("rk_secret\r\nX: 1", "rk_secret rest", "rk_sécret", "rk_secret\0"):
        with pytest.raises(ValueError) as caught:
            ridley.Client(server.address, key=bad)
        assert "secret" not in str(caught.value) and "sécret" not in str(caught.value)
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(client._transport._key)


def test_a_closed_client(serve):
    client = ridley.Client(serve(always(answer(200, []))).address)
    client.models.list()
    client.close()
    client.close()
    with pytest.raises(ridley.RidleyError, match="closed"):
        client.models.list()


def test_names_are_names(serve):
    server = serve(always(answer(404, error())))
    with ridley.Client(server.address) as client:
        for name in ("", ".", ".."):
            with pytest.raises(ValueError):
                client.models.get(name)
        with pytest.raises(ridley.NotFound):
            client.models.get("a/b?c#d é%2F")
    assert server.heads == [head for head in server.heads if head.startswith("GET /v1/models/a%2Fb%3Fc%23d%20%C3%A9%252F HTTP/1.1")]


def test_a_file_that_is_changed_while_it_is_sent(tmp_path):
    for change_to in (_body.BLOCK, 5 * _body.BLOCK):
        path = tmp_path / "film"
        path.write_bytes(bytes(3 * _body.BLOCK))
        body = _body.media(path)
        os.truncate(path, change_to)
        sent = 0
        with pytest.raises(ridley.RidleyError, match="changed"):
            for block in body.blocks():
                sent += len(block)
        assert sent < 3 * _body.BLOCK  # so that no server takes it for whole


def test_what_a_body_raises_is_raised(serve):
    class Broken:
        def read(self, size=-1):
            raise OSError(5, "the disk is broken")

    server = serve(always(answer(200, [])))
    with ridley.Client(server.address) as client:
        with pytest.raises(OSError, match="the disk is broken") as caught:
            client.predict(Broken(), "m")
        assert not isinstance(caught.value, ridley.RidleyError)
        assert client.models.list() == ()


def test_an_answer_before_everything_was_sent(serve):
    def handle(server, connection, number):
        connection.recv(1 << 16)
        connection.sendall(answer(413, error("too large", "too-large"), "Connection: close"))
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1 << 20):
            pass

    with ridley.Client(serve(handle).address) as client, pytest.raises(ridley.TooLarge, match="too large"):
        client.predict(bytes(32 << 20), "m")


def test_a_half_closed_wait_is_told_to_go_on(serve):
    def handle(server, connection, number):
        server.asked(connection)
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + answer(200, []))

    with ridley.Client(serve(handle).address) as client:
        assert client.models.list() == ()


def test_moments_without_a_zone_are_refused():
    import datetime

    with pytest.raises(ValueError, match="time zone"):
        _json.written(datetime.datetime(2026, 11, 30))
    assert _json.written(datetime.datetime(2026, 11, 30, tzinfo=datetime.timezone.utc)) == "2026-11-30T00:00:00Z"
