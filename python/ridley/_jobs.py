"""Jobs over the library of a server."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ._errors import RidleyError, TimedOut
from ._events import Event
from ._following import Following, unknown
from ._json import Answer, read
from ._predictions import Part
from ._routes import Route, members, words
from ._transport import elements

OVER = ("finished", "cancelled", "failed")


@dataclass(frozen=True, kw_only=True)
class JobPipeline(Answer):
    series: str
    digest: str
    models: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Job(Answer):
    """How far a job is: `state` is `running`, `paused`, `stopped` (its budget is spent), `finished`, `cancelled` or `failed`.

    `listed`, `done`, `kept` (answered before), `failed` and `cancelled` count its items, `progress` is in millionths.
    """

    job: str
    owner: str
    created: datetime
    state: str
    priority: str
    listed: int
    listing: bool
    done: int
    kept: int
    failed: int
    cancelled: int
    corrupt: int
    price: float
    cost: float
    progress: int
    pipelines: tuple[JobPipeline, ...]
    budget: float | None = None
    ended: datetime | None = None
    reason: str | None = None

    @property
    def is_over(self) -> bool:
        return self.state in OVER


@dataclass(frozen=True, kw_only=True)
class JobPage(Answer):
    jobs: tuple[Job, ...]
    next: str | None = None


@dataclass(frozen=True, kw_only=True)
class JobItem(Answer):
    """One asset under one pipeline; `of` is the asset, `reason` why it failed."""

    job: str
    number: int
    of: str
    under: int
    state: str
    corrupt: int | None = None
    reason: str | None = None
    code: str | None = None


@dataclass(frozen=True, kw_only=True)
class JobItemPage(Answer):
    items: tuple[JobItem, ...]
    next: str | None = None


_COMMON = ("pipelines", "client", "priority", "webhook", "secret")
START = Route("POST", "/v1/jobs", body=(*_COMMON, "select", "budget", "price"), answer=Job, repeats=True)  # repeats under its Idempotency-Key
ANALYSE = Route("POST", "/v1/analyses", body=(*_COMMON, "source"), answer=Job, reuses=False)
LIST = Route("GET", "/v1/jobs", query=("client", "state", "limit", "after"), answer=JobPage, repeats=True)
SHOW = Route("GET", "/v1/jobs/{job}", answer=Job, repeats=True)
FOLLOW = Route("GET", "/v1/jobs/{job}/events", events=True, repeats=True)
ITEMS = Route("GET", "/v1/jobs/{job}/items", query=("state", "limit", "after"), answer=JobItemPage, repeats=True)
PAUSE = Route("POST", "/v1/jobs/{job}/pause", answer=Job, reuses=False)
RESUME = Route("POST", "/v1/jobs/{job}/resume", body=("budget",), answer=Job, reuses=False)
CANCEL = Route("POST", "/v1/jobs/{job}/cancel", answer=Job, reuses=False)
RETRY = Route("POST", "/v1/jobs/{job}/retry", answer=Job, reuses=False)


class Jobs(Part):
    """Analyses of many assets: `client.jobs`."""

    def start(
        self, pipelines: str | Sequence[str], *, select: Mapping[str, Any] | None = None, priority: str | None = None, budget: float | None = None,
        price: float | None = None, webhook: str | None = None, secret: str | None = None, client: str | None = None,
    ) -> Job:
        """Starts a job over all assets, or those of a selection such as `{"brand": "Aurora"}`. It is started once, however often the connection breaks."""
        asked = members(
            pipelines=_list(pipelines), select=None if select is None else dict(select), priority=priority, budget=budget, price=price,
            webhook=webhook, secret=secret, client=client)
        found: Job = self._transport.ask(START, json=asked, headers={"Idempotency-Key": secrets.token_hex(16)})
        return found

    def analyse(
        self, pipelines: str | Sequence[str], *, asset: str | None = None, address: str | None = None, brand: str | None = None,
        campaign: str | None = None, tags: Sequence[str] | None = None, priority: str | None = None, client: str | None = None,
    ) -> Job:
        """Starts a job over one asset, or over what an address gives, which becomes an asset of this brand, campaign and tags."""
        if (asset is None) == (address is None):
            raise ValueError("name either an asset or an address")
        source = members(asset=asset, address=address, brand=brand, campaign=campaign, tags=None if tags is None else list(tags))
        found: Job = self._transport.ask(
            ANALYSE, json=members(pipelines=_list(pipelines), source=source, priority=priority, client=client))
        return found

    def get(self, job: str) -> Job:
        found: Job = self._transport.ask(SHOW, {"job": job})
        return found

    def list(self, *, state: str | None = None, client: str | None = None, limit: int | None = None) -> Iterator[Job]:
        """The newest first."""
        return elements(self._transport, LIST, "jobs", {}, words(client=client, state=state), limit)

    def items(self, job: str, *, state: str | None = None, limit: int | None = None) -> Iterator[JobItem]:
        return elements(self._transport, ITEMS, "items", {"job": job}, words(state=state), limit)

    def follow(self, job: str, *, reconnect: float = 60) -> Following[Job]:
        """How far a job is, at each change, until it is over; the newest state where the connection broke meanwhile."""
        return Following(
            self._transport, FOLLOW, {"job": job}, {}, read=_job, is_last=lambda found: found.is_over, resumes=False, reconnect=reconnect)

    def wait(self, job: str, *, timeout: float | None = None) -> Job:
        """The job once it is over, however it ended. Raises `TimedOut` after so many seconds; the job goes on then."""
        end = None if timeout is None else time.monotonic() + timeout
        pause = 0.1
        while not (found := self.get(job)).is_over:
            if found.state in ("paused", "stopped"):
                raise RidleyError(f"the job {job} is {found.state}, so that it will not end by itself: resume or cancel it")
            if end is not None and time.monotonic() + pause > end:
                raise TimedOut(f"the job {job} is not over after {timeout:g} s")
            time.sleep(pause)
            pause = min(1.5 * pause, 2)
        return found

    def pause(self, job: str) -> Job:
        found: Job = self._transport.ask(PAUSE, {"job": job})
        return found

    def resume(self, job: str, *, budget: float | None = None) -> Job:
        found: Job = self._transport.ask(RESUME, {"job": job}, json=members(budget=budget))
        return found

    def cancel(self, job: str) -> Job:
        found: Job = self._transport.ask(CANCEL, {"job": job})
        return found

    def retry(self, job: str) -> Job:
        """Tries the failed items again, and no others."""
        found: Job = self._transport.ask(RETRY, {"job": job})
        return found


def _list(pipelines: str | Sequence[str]) -> list[str]:
    return [pipelines] if isinstance(pipelines, str) else list(pipelines)


def _job(event: Event) -> Job:
    try:
        value = json.loads(event.data)
    except ValueError:
        raise unknown(event) from None
    found: Job = read(Job, value, "a job")
    return found
