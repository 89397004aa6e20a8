"""The client."""

from __future__ import annotations

import json
import os
import ssl
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from . import _tensors
from ._assets import Assets
from ._body import Bytes, Media
from ._body import media as body_of
from ._connection import Address, Key, Pool
from ._errors import Disconnected, ServerError, UnexpectedAnswer
from ._jobs import Jobs
from ._models import Models
from ._predictions import ModelPredictions, PipelinePredictions
from ._routes import Route, words
from ._search import Alerts, Search
from ._server import Server
from ._streams import Events, Streams
from ._transport import UNSAID, Transport

if TYPE_CHECKING:
    import numpy

# How much longer than the server an answer is waited for, in seconds.
GRACE = 5.0
# How many bytes in front are JSON.
HEAD = "Inference-Header-Content-Length"

_OPTIONS = ("draw", "every", "timeout", "threshold", "iou", "top", "labels")
READY = Route("GET", "/readyz")
PREDICT = Route("POST", "/v1/models/{model}/predict", query=_OPTIONS, answer=ModelPredictions)
PREDICT_WITH = Route("POST", "/v1/models/{model}/versions/{version}/predict", query=_OPTIONS, answer=ModelPredictions)
PREDICT_BY = Route("POST", "/v1/pipelines/{pipeline}/predict", query=("timeout",), answer=PipelinePredictions)
INFER = Route("POST", "/v2/models/{model}/infer")
INFER_WITH = Route("POST", "/v2/models/{model}/versions/{version}/infer")


class Client:
    """Asks a server of Ridley; any number of threads may share one.

    Without an address it asks the server that `RIDLEY_URL` names, else one of its own, started from the program that came with this package and ended
    with the client; `models` and `library` are folders of that one. `key` is a key of the server, else what `RIDLEY_KEY` holds. `timeout` is how long
    a call may take altogether, in seconds; uploads and downloads may take any time as long as bytes move within it. What does no harm when it is done
    twice is tried `retries` times more. `tls` is what certificates are held to. Proxies of the environment are not asked.
    """

    def __init__(
        self, address: str | None = None, *, key: str | None = None, timeout: float | None = 60, retries: int = 2, tls: ssl.SSLContext | None = None,
        models: str | os.PathLike[str] | None = None, library: str | os.PathLike[str] | None = None,
    ) -> None:
        address = address or os.environ.get("RIDLEY_URL") or None
        self._server: Server | None = None
        secret: Key | None
        if address is None:
            if key is not None:
                raise ValueError("a key is of a server that is there: name its address, or set RIDLEY_URL")
            self._server = Server(_options(models, library))
            address, secret = self._server.address, self._server.key
        elif models is not None or library is not None:
            raise ValueError(f"models and library are of a server that is started here, and {address} is there already")
        else:
            key = key or os.environ.get("RIDLEY_KEY") or None
            secret = None if key is None else Key(key)
        self._transport = Transport(Pool(Address(address), tls), secret, timeout=timeout, retries=retries)
        self.models = Models(self._transport)
        self.assets = Assets(self._transport)
        self.jobs = Jobs(self._transport)
        self.search = Search(self._transport)
        self.alerts = Alerts(self._transport)
        self.streams = Streams(self._transport)
        self.events = Events(self._transport)
        if self._server is not None:
            self._server.wait(self.is_ready)

    def predict(
        self, media: Media, model: str, *, version: str | None = None, every: float | None = None, threshold: float | None = None,
        iou: float | None = None, top: int | None = None, labels: Sequence[str] | None = None, timeout: float | None = None,
    ) -> ModelPredictions:
        """What a model sees in a picture or a short clip.

        Of a clip one frame in `every` seconds is looked at (1 where nothing is said). `threshold`, `iou`, `top` and `labels` stand over the model's own.
        `timeout` is when the answer is not wanted any more, in seconds: the server drops what is late, and `Late` is raised.
        """
        route, places = _by_model(model, version)
        query = words(every=every, threshold=threshold, iou=iou, top=top, labels=labels, timeout=timeout)
        found: ModelPredictions = self._transport.ask(route, places, query, body=body_of(media), timeout=_patience(timeout))
        return found

    def run_pipeline(self, media: Media, pipeline: str, *, timeout: float | None = None) -> PipelinePredictions:
        """What a pipeline of the server tells of a picture or a short clip: tracks, zones, and what else it is made of."""
        found: PipelinePredictions = self._transport.ask(
            PREDICT_BY, {"pipeline": pipeline}, words(timeout=timeout), body=body_of(media), timeout=_patience(timeout))
        return found

    def draw(
        self, picture: Media, model: str, *, version: str | None = None, threshold: float | None = None, iou: float | None = None,
        top: int | None = None, labels: Sequence[str] | None = None, timeout: float | None = None,
    ) -> bytes:
        """A picture with what a model found drawn in, as JPEG."""
        route, places = _by_model(model, version)
        query = words(draw=True, threshold=threshold, iou=iou, top=top, labels=labels, timeout=timeout)
        return self._transport.reply(route, places, query, body=body_of(picture), timeout=_patience(timeout)).body

    def infer(
        self, model: str, inputs: Mapping[str, Any], *, version: str | None = None, outputs: Sequence[str] | None = None, timeout: float | None = None
    ) -> dict[str, numpy.ndarray[Any, Any]]:
        """Arrays in, arrays out, by their names; `models.metadata` says which. Wants numpy.

        Numbers are sent in the type that they have. BF16 comes back as 32 bits, which lose nothing, and texts as bytes. `timeout` as in `predict`.
        """
        head, parts = _tensors.request(inputs, outputs, timeout)
        body = Bytes("application/octet-stream", head, *parts)
        route, places = INFER, {"model": model}
        if version is not None:
            route, places = INFER_WITH, {"model": model, "version": version}
        reply = self._transport.reply(route, places, body=body, headers={HEAD: str(len(head))}, timeout=_patience(timeout))
        return _tensors.answer(reply.body, reply.headers.get(HEAD))

    def is_ready(self) -> bool:
        """Whether the server is there, and every model that it began with was loaded or given up."""
        try:
            return bool(json.loads(self._transport.reply(READY).body)["ready"])
        except (Disconnected, ServerError):
            return False
        except (ValueError, KeyError, TypeError):
            raise UnexpectedAnswer("the answer is not that of Ridley: is it another server that answers there?") from None

    @property
    def address(self) -> str:
        """Where the server is."""
        return self._transport.address

    def close(self) -> None:
        """Ends its connections, and a server of its own. The second time does nothing."""
        self._transport.close()
        if self._server is not None:
            self._server.stop()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Client({self.address!r})"


def _options(models: str | os.PathLike[str] | None, library: str | os.PathLike[str] | None) -> list[str]:
    given = {"--models": models, "--library": library}
    return [word for name, folder in given.items() if folder is not None for word in (name, os.path.abspath(folder))]


def _by_model(model: str, version: str | None) -> tuple[Route, dict[str, str]]:
    return (PREDICT, {"model": model}) if version is None else (PREDICT_WITH, {"model": model, "version": version})


def _patience(timeout: float | None) -> Any:
    """How long an answer is waited for that is not wanted any more after `timeout` seconds."""
    return UNSAID if timeout is None else timeout + GRACE
