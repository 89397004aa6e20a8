"""A server of one's own, which lives as long as its client does."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import weakref
from collections.abc import Callable, Sequence

from . import _launch
from ._connection import Key
from ._errors import NotStarted

PATIENCE = 180.0  # seconds: a new network is tried for up to 120 of them
SCOPES = "infer,read,write,upload,admin"
_SERVING = re.compile(r"^ridley: serving at (http://\S+)$", re.MULTILINE)

# The server ends when the pipe on standard input does, however the client's process ends.
_WATCHED = (
    'exec 3<&0 </dev/null; "$@" 3<&- & server=$!; { read -r _ <&3; kill -TERM $server; } & watch=$!; '
    "wait $server; code=$?; kill $watch; exit $code")
# What a service manager tells this process is not for the server.
_NOT_INHERITED = ("LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "NOTIFY_SOCKET")


class Server:
    """`ridley serve` on a free port of this machine, which only who has its key may ask.

    It ends with `stop`, with this object, with the interpreter, and when this process is killed; never with a process that was forked from this one.
    """

    def __init__(self, options: Sequence[str] = ()) -> None:
        try:
            self._program, known = _launch.program(), _launch.environment()
        except _launch.Missing as error:
            raise NotStarted(str(error)) from None
        self._environment = {name: value for name, value in known.items() if name not in _NOT_INHERITED}
        folder = tempfile.mkdtemp(prefix="ridley-")
        self._log = os.path.join(folder, "log")
        try:
            keys = os.path.join(folder, "keys.json")
            self.key = self._make_key(keys)
            self._process, pipe = self._start(["--listen", "127.0.0.1:0", "--keys", keys, *options])
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        self._end = weakref.finalize(self, _stop, self._process, pipe, folder, os.getpid())
        self.address = self._read_address()

    def _make_key(self, keys: str) -> Key:
        asked = [self._program, "key", "create", "--client", "local", "--scope", SCOPES, "--keys", keys]
        made = subprocess.run(asked, env=self._environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        found = re.search(rb"\brk_\S+", made.stdout)
        if made.returncode != 0 or found is None:
            raise NotStarted(f"{self._program} cannot make a key: {made.stderr.decode(errors='replace').strip() or made.returncode}")
        return Key(found[0].decode())

    def _start(self, options: list[str]) -> tuple[subprocess.Popen[bytes], int]:
        reader, writer = os.pipe()
        try:
            with open(self._log, "wb") as log:
                # A terminal's Ctrl-C is the client's, so that it may still ask and end in order.
                process = subprocess.Popen(
                    ["sh", "-c", _WATCHED, "ridley", self._program, "serve", *options], env=self._environment, stdin=reader, stdout=log, stderr=log,
                    start_new_session=True)
        except BaseException:
            os.close(writer)
            raise
        finally:
            os.close(reader)
        return process, writer

    def _read_address(self) -> str:
        self.wait(lambda: _SERVING.search(self.told()) is not None)
        return _SERVING.findall(self.told())[0]  # type: ignore[no-any-return]

    def wait(self, holds: Callable[[], bool]) -> None:
        """Until something holds. Raises `NotStarted` where the server ended meanwhile, or where it never does."""
        end = time.monotonic() + PATIENCE
        while not holds():
            if self._process.poll() is not None or time.monotonic() > end:
                said = self.told()
                self.stop()
                raise NotStarted(f"the server did not start: {said.strip()[-2000:] or 'it said nothing'}")
            time.sleep(0.01)

    def told(self) -> str:
        """What the server wrote to its log."""
        try:
            with open(self._log, encoding="utf-8", errors="replace") as log:
                return log.read()
        except OSError:
            return ""

    def stop(self) -> None:
        """Ends it: what was accepted is answered. The second time does nothing."""
        self._end()


def _stop(process: subprocess.Popen[bytes], pipe: int, folder: str, owner: int) -> None:
    if os.getpid() != owner:
        return
    os.close(pipe)
    try:
        process.wait(40)
    except subprocess.TimeoutExpired:
        # The session is the server's own, so that this ends it and what it started.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    shutil.rmtree(folder, ignore_errors=True)
