"""Which routes of the server the client asks, and what it sends and expects there; tests hold each against /openapi.json."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Any
from urllib.parse import quote

# Every route that a method of the client asks.
ROUTES: list[Route] = []


@dataclass(frozen=True)
class Route:
    """A method and a path of the API.

    `query` and `body` are the names that the client may send, `answer` is what JSON is read as: a dataclass, a tuple of one, or `None`. `repeats` says
    that asking twice does no more than asking once, so that the client asks again after the connection broke; `reuses`, that a connection will do that
    was kept, and once more a new one where the server had given that one up.
    """

    method: str
    path: str
    query: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    answer: Any = None
    events: bool = False
    repeats: bool = False
    reuses: bool = True

    def __post_init__(self) -> None:
        ROUTES.append(self)

    def target(self, places: dict[str, str], query: dict[str, str]) -> str:
        """The path with names in it, and what is asked behind it."""
        path = self.path
        for name, value in places.items():
            if not value or value in (".", ".."):
                raise ValueError(f"{name} is {value!r}, which is no name")
            path = path.replace("{" + name + "}", quote(value.encode("utf-8", "surrogateescape"), safe=""))
        unknown = query.keys() - set(self.query)
        if unknown or "{" in path:
            raise TypeError(f"{self.method} {self.path} is asked wrongly: {sorted(unknown) or path}")
        words = "&".join(f"{name}={quote(value.encode('utf-8', 'surrogateescape'), safe='')}" for name, value in query.items())
        return f"{path}?{words}" if words else path


def words(**named: Any) -> dict[str, str]:
    """What is asked in a query: `None` is left away, lists are joined by commas, truth is 1 and 0."""
    found: dict[str, str] = {}
    for name, value in named.items():
        if value is None:
            continue
        if isinstance(value, bool):
            found[name] = "1" if value else "0"
        elif isinstance(value, (str, Real)):
            found[name] = str(value)
        else:
            parts = [str(part) for part in value]
            if any("," in part for part in parts):
                raise ValueError(f"{name} must hold no comma: {parts}")
            found[name] = ",".join(parts)
    return found


def members(**named: Any) -> dict[str, Any]:
    """A body of JSON: `None` is left away."""
    return {name: value for name, value in named.items() if value is not None}
