"""The library of a server: its assets, and what was found on them."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ._body import Media, media
from ._events import Event
from ._following import Following, unknown
from ._json import Answer, named, read, written
from ._predictions import KeptPrediction, Part
from ._routes import Route, members, words
from ._transport import Incoming, elements, parsed, whole


@dataclass(frozen=True, kw_only=True)
class Analysis(Answer):
    """What one pipeline found on one asset; `pipeline` is the digest by which it is asked for."""

    pipeline: str
    series: str
    made: datetime
    count: int
    frames: int
    corrupt: int


@dataclass(frozen=True, kw_only=True)
class Asset(Answer):
    """A film or picture of the library; `raw` has what the film's file says of itself."""

    asset: str
    client: str
    name: str
    tags: tuple[str, ...]
    state: str
    bytes: int
    kind: str
    width: int
    height: int
    added: datetime
    analyses: int
    brand: str | None = None
    campaign: str | None = None
    reason: str | None = None
    duration: float | None = None
    captured: datetime | None = None
    results: tuple[Analysis, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AssetPage(Answer):
    assets: tuple[Asset, ...]
    next: str | None = None


@dataclass(frozen=True, kw_only=True)
class PredictionPage(Answer):
    predictions: tuple[KeptPrediction, ...]
    next: str | None = None


@dataclass(frozen=True, kw_only=True)
class Change(Answer):
    """Something that happened to an asset; `position` is where to go on."""

    position: str
    time: datetime
    change: str
    asset: Asset


ADD = Route("PUT", "/v1/files/{name}", query=("client", "brand", "campaign", "tags", "captured"), answer=Asset, repeats=True)
LIST = Route(
    "GET", "/v1/assets", query=("client", "brand", "campaign", "tags", "state", "kind", "q", "from", "before", "limit", "after"), answer=AssetPage,
    repeats=True)
SHOW = Route("GET", "/v1/assets/{asset}", answer=Asset, repeats=True)
EDIT = Route("PATCH", "/v1/assets/{asset}", body=("name", "tags", "brand", "campaign"), answer=Asset, reuses=False)
DELETE = Route("DELETE", "/v1/assets/{asset}", reuses=False)
CONTENT = Route("GET", "/v1/assets/{asset}/content", repeats=True)
PREDICTIONS = Route(
    "GET", "/v1/assets/{asset}/analyses/{analysis}/predictions", query=("from", "to", "limit", "after"), answer=PredictionPage, repeats=True)
EXPORT = Route("GET", "/v1/assets/{asset}/analyses/{analysis}/export", query=("format",), repeats=True)
CHANGES = Route("GET", "/v1/changes", query=("client", "after"), events=True, repeats=True)


class Assets(Part):
    """Films and pictures of the server's library: `client.assets`."""

    def add(
        self, film: Media, *, name: str | None = None, brand: str | None = None, campaign: str | None = None, tags: Sequence[str] | None = None,
        captured: datetime | str | None = None, client: str | None = None,
    ) -> Asset:
        """Brings a film or picture in; what is there already under the same name in the same group is answered.

        However long it takes; the client's timeout is for a server that takes nothing meanwhile.
        """
        body = media(film)
        called = name if name is not None else body.name
        if not called:
            raise ValueError("what is given as bytes needs a name: add(data, name='film.mp4')")
        query = words(client=client, brand=brand, campaign=campaign, tags=tags, captured=written(captured) if captured else None)
        incoming = self._transport.incoming(ADD, {"name": called}, query, body=body)
        found: Asset = read(Asset, parsed(whole(incoming), incoming.headers), "PUT /v1/files/{name}")
        return found

    def get(self, asset: str) -> Asset:
        found: Asset = self._transport.ask(SHOW, {"asset": asset})
        return found

    def list(
        self, *, brand: str | None = None, campaign: str | None = None, tags: Sequence[str] | None = None, state: str | None = None,
        kind: str | None = None, text: str | None = None, since: datetime | str | None = None, before: datetime | str | None = None,
        client: str | None = None, limit: int | None = None,
    ) -> Iterator[Asset]:
        """The newest first; all of them where no limit is given, a page of 200 a request."""
        query = words(client=client, brand=brand, campaign=campaign, tags=tags, state=state, kind=kind, q=text)
        query |= words(**{"from": written(since) if since else None, "before": written(before) if before else None})
        return elements(self._transport, LIST, "assets", {}, query, limit)

    def edit(
        self, asset: str, *, name: str | None = None, tags: Sequence[str] | None = None, brand: str | None = None, campaign: str | None = None
    ) -> Asset:
        """Changes what is given, and nothing else."""
        changed = members(name=name, tags=None if tags is None else list(tags), brand=brand, campaign=campaign)
        found: Asset = self._transport.ask(EDIT, {"asset": asset}, json=changed)
        return found

    def delete(self, asset: str) -> None:
        self._transport.ask(DELETE, {"asset": asset})

    def save(self, asset: str, path: str | os.PathLike[str]) -> int:
        """Writes an asset's bytes into a file, which is there whole or not at all; says how many there are."""
        incoming = self._transport.incoming(CONTENT, {"asset": asset})
        return _save(incoming, path)

    def export(self, asset: str, analysis: str, format: str, path: str | os.PathLike[str]) -> int:
        """Writes an analysis as `coco`, `csv`, … (docs/exports.md) into a file, which is there whole or not at all."""
        incoming = self._transport.incoming(EXPORT, {"asset": asset, "analysis": analysis}, {"format": format})
        return _save(incoming, path)

    def predictions(
        self, asset: str, analysis: str | None = None, *, since: float | None = None, until: float | None = None, limit: int | None = None
    ) -> Iterator[KeptPrediction]:
        """What an analysis of a film found, in the order of its frames; the newest analysis where none is named. Times are seconds of the film."""
        if analysis is None:
            results = self.get(asset).results
            if not results:
                raise ValueError(f"the asset {asset} was not analysed yet")
            analysis = max(results, key=lambda one: one.made).pipeline
        query = words(**{"from": since, "to": until})
        return elements(self._transport, PREDICTIONS, "predictions", {"asset": asset, "analysis": analysis}, query, limit)

    def changes(self, after: str | None = None, *, client: str | None = None, reconnect: float = 60) -> Following[Change]:
        """What happens to assets from now on, or behind a position, without a gap: the connection may break for `reconnect` seconds."""
        return Following(
            self._transport, CHANGES, {}, words(client=client, after=after), read=_change, resumes=True, reconnect=reconnect)


def _change(event: Event) -> Change:
    try:
        value = json.loads(event.data)
    except ValueError:
        raise unknown(event) from None
    found: Change = read(Change, value, "a change")
    return found


def _save(incoming: Incoming, path: str | os.PathLike[str]) -> int:
    count, part = 0, f"{os.fspath(path)}.{secrets.token_hex(4)}.part"
    try:
        with open(part, "xb") as file:
            while block := incoming.read():
                count += file.write(block)
        os.replace(part, path)
    except BaseException:
        if os.path.exists(part):
            os.unlink(part)
        raise
    finally:
        incoming.close()
    return count
