"""What is sent: bytes, files and JSON, in blocks."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from typing import Any, Protocol, Union

from ._errors import RidleyError

BLOCK = 256 << 10


class Readable(Protocol):
    """A file that is open for reading, in binary."""

    def read(self, size: int = -1, /) -> bytes: ...


# A path (a text is always one), the bytes themselves, or a file that is open.
Media = Union[str, "os.PathLike[str]", bytes, bytearray, memoryview, Readable]


class Body:
    """A body that is sent, perhaps more than once. `length` is `None` where it shows only at its end, `name` what a file is called."""

    length: int | None = None
    repeats = True
    name: str | None = None

    def __init__(self, type: str) -> None:
        self.type = type

    def blocks(self) -> Iterator[bytes | memoryview]:
        """All of it, from the beginning."""
        raise NotImplementedError


class Bytes(Body):
    """Parts that are in memory, which are not copied."""

    def __init__(self, type: str, *parts: bytes | bytearray | memoryview) -> None:
        super().__init__(type)
        self._parts = [memoryview(part).cast("B") for part in parts if len(part)]
        self.length = sum(part.nbytes for part in self._parts)

    def blocks(self) -> Iterator[bytes | memoryview]:
        for part in self._parts:
            for start in range(0, part.nbytes, BLOCK):
                yield part[start : start + BLOCK]


class JSON(Bytes):
    """A value as JSON; numbers that JSON does not have are refused."""

    def __init__(self, value: Any) -> None:
        super().__init__("application/json", json.dumps(value, allow_nan=False, ensure_ascii=False).encode())


class File(Body):
    """A file of the disk, opened anew for each time that it is sent."""

    def __init__(self, type: str, path: str | os.PathLike[str]) -> None:
        super().__init__(type)
        self._path = os.fspath(path)
        self.name = os.path.basename(self._path)
        found = os.stat(self._path)
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError(f"{self._path} is a folder: name a file in it")
        if stat.S_ISREG(found.st_mode):
            self.length = found.st_size
        else:
            self.repeats = False
        open(self._path, "rb").close()  # what cannot be read is told before anything is sent

    def blocks(self) -> Iterator[bytes | memoryview]:
        with open(self._path, "rb") as file:
            yield from _exactly(file, self.length, self._path)


class Open(Body):
    """A file that somebody else opened, from where it stands."""

    def __init__(self, type: str, file: Readable) -> None:
        super().__init__(type)
        self._file = file
        name = getattr(file, "name", None)
        self.name = os.path.basename(name) if isinstance(name, str) else None
        seek, tell = getattr(file, "seek", None), getattr(file, "tell", None)
        try:
            self._start: int | None = tell() if seek and tell else None
            if seek and self._start is not None:
                end = seek(0, os.SEEK_END)
                self.length = end - self._start if isinstance(end, int) else None
                seek(self._start)
        except (OSError, ValueError):
            self._start = None
        self.repeats = self._start is not None

    def blocks(self) -> Iterator[bytes | memoryview]:
        if self._start is not None:
            getattr(self._file, "seek")(self._start)
        yield from _exactly(self._file, self.length, self.name or "the file")


def _exactly(file: Readable, length: int | None, name: str) -> Iterator[bytes]:
    """Blocks of a file, which must hold as much as was announced: the last one is let go only once nothing is behind it."""
    taken, waiting = 0, b""
    while block := file.read(BLOCK):
        if not isinstance(block, (bytes, bytearray, memoryview)):
            raise TypeError(f"{name} is open as text: open it with 'rb'")
        taken += len(block)
        if length is not None and taken > length:
            break
        if waiting:
            yield waiting
        waiting = bytes(block)
    if length is not None and taken != length:
        raise RidleyError(f"{name} was changed while it was sent: try again when nobody writes it")
    if waiting:
        yield waiting


def media(value: Media) -> Body:
    """A picture or a film; what it is the server sees by its bytes."""
    kind = "application/octet-stream"
    if isinstance(value, (bytes, bytearray, memoryview)):
        return Bytes(kind, value)
    if isinstance(value, (str, os.PathLike)):
        return File(kind, value)
    if callable(getattr(value, "read", None)):
        return Open(kind, value)
    raise TypeError(
        f"{type(value).__name__} is no picture or film: give a path, the bytes of a file, or a file that is open. Pixels are encoded first, as PNG for "
        "example: whether they are RGB or BGR stands in no array")
