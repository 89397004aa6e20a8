"""Models of a server."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ._json import Answer
from ._predictions import Part
from ._routes import Route


@dataclass(frozen=True, kw_only=True)
class TensorSpec(Answer):
    """What an input or an output is: -1 in a shape is any number."""

    name: str
    datatype: str
    shape: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Version(Answer):
    """A version of a model; `state` is `loading`, `ready` or `unavailable`, the latter with a `reason`."""

    version: str
    state: str
    reason: str | None = None
    digest: str | None = None
    task: str | None = None
    inputs: tuple[TensorSpec, ...] = ()
    outputs: tuple[TensorSpec, ...] = ()
    labels: tuple[str, ...] = ()
    engine: str | None = None
    isolated: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Model(Answer):
    """A model with its versions and aliases; `problem` says what is wrong with its files."""

    name: str
    versions: tuple[Version, ...]
    aliases: dict[str, str]
    problem: str | None = None


@dataclass(frozen=True, kw_only=True)
class ModelMetadata(Answer):
    """What a model takes and gives, as tensors."""

    name: str
    versions: tuple[str, ...]
    platform: str
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Pipeline(Answer):
    name: str


LIST = Route("GET", "/v1/models", answer=tuple[Model, ...], repeats=True)
SHOW = Route("GET", "/v1/models/{model}", answer=Model, repeats=True)
METADATA = Route("GET", "/v2/models/{model}", answer=ModelMetadata, repeats=True)
METADATA_OF = Route("GET", "/v2/models/{model}/versions/{version}", answer=ModelMetadata, repeats=True)
LOAD = Route("POST", "/v2/repository/models/{model}/load", reuses=False)
UNLOAD = Route("POST", "/v2/repository/models/{model}/unload", reuses=False)
ALIAS = Route("PUT", "/v1/models/{model}/aliases/{alias}", body=("version",), repeats=True)
UNALIAS = Route("DELETE", "/v1/models/{model}/aliases/{alias}", reuses=False)
PIPELINES = Route("GET", "/v1/pipelines", answer=tuple[Pipeline, ...], repeats=True)


class Models(Part):
    """The models of a server: `client.models`."""

    def list(self) -> tuple[Model, ...]:
        found: tuple[Model, ...] = self._transport.ask(LIST)
        return found

    def get(self, model: str) -> Model:
        found: Model = self._transport.ask(SHOW, {"model": model})
        return found

    def metadata(self, model: str, version: str | None = None) -> ModelMetadata:
        """Which tensors a model takes and gives: what `infer` is to be given."""
        found: ModelMetadata
        if version is None:
            found = self._transport.ask(METADATA, {"model": model})
        else:
            found = self._transport.ask(METADATA_OF, {"model": model, "version": version})
        return found

    def pipelines(self) -> tuple[str, ...]:
        """Names of the pipelines that `predict` takes."""
        return tuple(one.name for one in self._transport.ask(PIPELINES))

    def load(self, model: str, *, timeout: float | None = None) -> None:
        """Loads a model again, and waits for it; the old one answers until then."""
        self._transport.ask(LOAD, {"model": model}, json={}, timeout=timeout)

    def unload(self, model: str) -> None:
        self._transport.ask(UNLOAD, {"model": model}, json={})

    def set_alias(self, model: str, alias: str, version: str) -> None:
        """Has an alias such as `live` point to a version."""
        self._transport.ask(ALIAS, {"model": model, "alias": alias}, json={"version": version})

    def remove_alias(self, model: str, alias: str) -> None:
        self._transport.ask(UNALIAS, {"model": model, "alias": alias})
