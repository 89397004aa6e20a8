"""Searches of what was analysed and seen, and the alerts that are searches too: docs/search.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ._body import Media, media
from ._json import Answer, named
from ._predictions import Box, Part
from ._routes import Route, members, words


@dataclass(frozen=True, kw_only=True)
class Moment(Answer):
    """A stretch of time of an asset or a stream in which something was found. `start` and `end` are moments as texts of ISO 8601, `offset` milliseconds."""

    moment: str
    kind: str
    start: str = named("from")
    end: str = named("to")
    series: str
    best: str
    asset: str | None = None
    stream: str | None = None
    offset: int | None = None
    label: str | None = None
    score: float | None = None
    track: int | None = None
    traits: tuple[str, ...] = ()
    zone: str | None = None
    rule: str | None = None
    text: str | None = None
    box: Box | None = None
    open: bool = False


@dataclass(frozen=True, kw_only=True)
class Incomplete(Answer):
    """Why an answer may lack something, and the way out."""

    reason: str
    message: str


@dataclass(frozen=True, kw_only=True)
class SearchPage(Answer):
    """Finds, the newest first: each is one moment, or those of a sequence. `next` goes on behind them."""

    found: tuple[tuple[Moment, ...], ...]
    ways: tuple[str, ...]
    asOf: str
    looked: int
    notes: tuple[str, ...] = ()
    incomplete: tuple[Incomplete, ...] = ()
    next: str | None = None


@dataclass(frozen=True, kw_only=True)
class Because(Answer):
    """A label for which words were found: its part of it, and how near the words are."""

    label: str
    share: float
    similarity: float


@dataclass(frozen=True, kw_only=True)
class SimilarMoment(Answer):
    """A stretch of an asset that is alike; `time`, `start` and `end` are seconds of the film."""

    asset: str
    series: str
    similarity: float
    time: float
    start: float = named("from")
    end: float = named("to")
    at: str
    track: int | None = None


@dataclass(frozen=True, kw_only=True)
class WordsMoment(SimilarMoment):
    because: tuple[Because, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SimilarPage(Answer):
    model: str
    found: tuple[SimilarMoment, ...]
    compared: int
    films: int
    asOf: str
    incomplete: tuple[Incomplete, ...] = ()


@dataclass(frozen=True, kw_only=True)
class WordsPage(Answer):
    """`unknown` are words that the network does not know, `cut` says that there were more than it takes."""

    model: str
    words: str
    textModel: str
    method: str
    found: tuple[WordsMoment, ...]
    compared: int
    films: int
    asOf: str
    cut: bool = False
    unknown: tuple[str, ...] = ()
    incomplete: tuple[Incomplete, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Explanation(Answer):
    query: str
    ways: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Alert(Answer):
    alert: str
    name: str
    owner: str
    query: str
    since: datetime
    timeZone: str | None = None


@dataclass(frozen=True, kw_only=True)
class AlertList(Answer):
    alerts: tuple[Alert, ...]


_VECTORS = ("client", "model", "gap", "series", "q", "time_zone", "least", "limit")
FIND = Route("GET", "/v1/search", query=("client", "q", "time_zone", "limit", "after"), answer=SearchPage, repeats=True)
EXPLAIN = Route("GET", "/v1/search/explanation", query=("client", "q", "time_zone"), answer=Explanation, repeats=True)
WORDS = Route("GET", "/v1/search/words", query=("words", "text_model", *_VECTORS), answer=WordsPage, repeats=True)
LIKE = Route("GET", "/v1/search/similar", query=("asset", "time", *_VECTORS), answer=SimilarPage, repeats=True)
PICTURE = Route("POST", "/v1/search/similar", query=_VECTORS, answer=SimilarPage)
ALERTS = Route("GET", "/v1/search/alerts", query=("client",), answer=AlertList, repeats=True)
ADD_ALERT = Route("POST", "/v1/search/alerts", query=("client",), body=("name", "query", "timeZone"), answer=Alert, repeats=True)
REMOVE_ALERT = Route("DELETE", "/v1/search/alerts/{alert}", query=("client",), reuses=False)


class Search(Part):
    """Searches: `client.search`."""

    def find(
        self, query: str, *, time_zone: str | None = None, client: str | None = None, limit: int | None = None
    ) -> Iterator[tuple[Moment, ...]]:
        """What a query finds, the newest first, page after page. `page` says beside that what an answer may lack."""
        after: str | None = None
        while limit is None or limit > 0:
            found = self.page(query, time_zone=time_zone, client=client, limit=200 if limit is None else min(limit, 200), after=after)
            yield from found.found
            after, limit = found.next, None if limit is None else limit - len(found.found)
            if after is None:
                return

    def page(
        self, query: str, *, time_zone: str | None = None, client: str | None = None, limit: int | None = None, after: str | None = None
    ) -> SearchPage:
        """One page, with what is to be known of it. A page may hold fewer than the limit, or none, and `next` all the same."""
        found: SearchPage = self._transport.ask(
            FIND, query=words(client=client, q=query, time_zone=time_zone, limit=limit, after=after))
        return found

    def explain(self, query: str, *, time_zone: str | None = None, client: str | None = None) -> Explanation:
        """How a query is understood, and which indexes it would read."""
        found: Explanation = self._transport.ask(EXPLAIN, query=words(client=client, q=query, time_zone=time_zone))
        return found

    def words(self, text: str, *, text_model: str | None = None, **how: Any) -> WordsPage:
        """What shows this, in words. `how` is as for `like`."""
        found: WordsPage = self._transport.ask(WORDS, query=words(words=text, text_model=text_model, **_named(how)))
        return found

    def like(self, asset: str, time: float, **how: Any) -> SimilarPage:
        """What is like the frame of an asset at this second.

        `how`: `model`, `gap` (seconds), `series`, `query` (a search that it must fit), `time_zone`, `least` (-1 to 1), `limit`, `client`.
        """
        found: SimilarPage = self._transport.ask(LIKE, query=words(asset=asset, time=time, **_named(how)))
        return found

    def picture(self, picture: Media, **how: Any) -> SimilarPage:
        """What is like a picture. `how` is as for `like`."""
        found: SimilarPage = self._transport.ask(PICTURE, query=words(**_named(how)), body=media(picture))
        return found


class Alerts(Part):
    """Searches that are asked of everything that comes in: `client.alerts`. What they find are events."""

    def add(self, name: str, query: str, *, time_zone: str | None = None, client: str | None = None) -> Alert:
        """Makes one; the same once more is the same alert."""
        found: Alert = self._transport.ask(
            ADD_ALERT, query=words(client=client), json=members(name=name, query=query, timeZone=time_zone))
        return found

    def list(self, *, client: str | None = None) -> tuple[Alert, ...]:
        found: AlertList = self._transport.ask(ALERTS, query=words(client=client))
        return found.alerts

    def remove(self, alert: str, *, client: str | None = None) -> None:
        """Takes one away, by its name; what it told stays."""
        self._transport.ask(REMOVE_ALERT, {"alert": alert}, words(client=client))


def _named(how: dict[str, Any]) -> dict[str, Any]:
    if "query" in how:
        how = {**how, "q": how["query"]}
        del how["query"]
    unknown = how.keys() - set(_VECTORS)
    if unknown:
        raise TypeError(f"there is no {sorted(unknown)}: what may be said is model, gap, series, query, time_zone, least, limit and client")
    return how
