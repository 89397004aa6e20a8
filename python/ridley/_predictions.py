"""What networks find: docs/predictions.md says what each member means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ._json import Answer
from ._transport import Transport

if TYPE_CHECKING:
    import numpy


class Box(NamedTuple):
    """In fractions of the upright picture, from its left top corner."""

    left: float
    top: float
    width: float
    height: float

    def pixels(self, width: int, height: int) -> tuple[float, float, float, float]:
        """Left, top, right and bottom in a picture of this size."""
        left, top = self.left * width, self.top * height
        return left, top, left + self.width * width, top + self.height * height


@dataclass(frozen=True, kw_only=True)
class Point(Answer):
    """A named place, in fractions of the picture."""

    x: float
    y: float
    name: str | None = None
    score: float | None = None


@dataclass(frozen=True, kw_only=True)
class Mask(Answer):
    """Which cells of a grid over the whole picture are inside: run lengths down the columns, outside first. `share` is the part inside."""

    size: tuple[int, int]
    counts: tuple[int, ...]
    share: float

    def array(self) -> numpy.ndarray[Any, Any]:
        """The grid, rows and columns of truth."""
        import numpy

        inside = numpy.repeat(numpy.arange(len(self.counts)) % 2, self.counts)
        return inside.reshape(self.size, order="F").astype(bool)


@dataclass(frozen=True, kw_only=True)
class Prediction(Answer):
    """One thing that a network said of one frame. What does not apply is `None`; a score that is no number is too."""

    kind: str
    model: str
    frame: int | None = None
    time: float | None = None
    pts: int | None = None
    label: str | None = None
    score: float | None = None
    box: Box | None = None
    track: int | None = None
    parent: int | None = None
    state: str | None = None
    span: tuple[float, float] | None = None
    points: tuple[Point, ...] = ()
    mask: Mask | None = None
    text: str | None = None
    vector: tuple[float | None, ...] = ()
    tensor: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class KeptPrediction(Prediction):
    """One of an analysis that a library keeps; `n` is its number there."""

    n: int


@dataclass(frozen=True, kw_only=True)
class Predictions(Answer):
    """What was found in a picture or a clip: a sequence of predictions, the surest of a frame first.

    `width` and `height` are those of the upright picture in pixels, `frames` how many were looked at, `corrupt_frames` how many were damaged or missing.
    """

    width: int
    height: int
    frames: int
    corrupt_frames: int
    predictions: tuple[Prediction, ...]

    def __iter__(self) -> Iterator[Prediction]:
        return iter(self.predictions)

    def __len__(self) -> int:
        return len(self.predictions)

    def __getitem__(self, index: int) -> Prediction:
        return self.predictions[index]

    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True, kw_only=True)
class ModelPredictions(Predictions):
    """What one model found; `model` is its name and digest."""

    model: str
    version: str
    task: str


@dataclass(frozen=True, kw_only=True)
class PipelinePredictions(Predictions):
    """What a pipeline tells; `pipeline` is its name and digest, and each prediction names its model."""

    pipeline: str


class Part:
    """A part of a client: what it asks goes to the client's server."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
