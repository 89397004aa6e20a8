"""Vision models behind one call: `Client().predict("clip.mp4", model="line-inspector")`.

docs/python.md shows what there is.
"""

from ._assets import Analysis, Asset, Change
from ._client import Client
from ._errors import (
    BadInput, Busy, Conflict, Denied, Disconnected, Late, NotFound, NotStarted, RidleyError, ServerError, TimedOut, TooLarge, UnexpectedAnswer,
)
from ._following import Following
from ._jobs import Job, JobItem
from ._models import Model, ModelMetadata, TensorSpec, Version
from ._predictions import Box, KeptPrediction, Mask, ModelPredictions, PipelinePredictions, Point, Prediction, Predictions
from ._search import Alert, Explanation, Moment, SearchPage, SimilarMoment, SimilarPage, WordsMoment, WordsPage
from ._streams import Frame, Stream, StreamEvent

__all__ = [
    "Alert", "Analysis", "Asset", "BadInput", "Box", "Busy", "Change", "Client", "Conflict", "Denied", "Disconnected", "Explanation", "Following",
    "Frame", "Job", "JobItem", "KeptPrediction", "Late", "Mask", "Model", "ModelMetadata", "ModelPredictions", "Moment", "NotFound", "NotStarted", "PipelinePredictions", "Point", "Prediction",
    "Predictions", "RidleyError", "SearchPage", "ServerError", "SimilarMoment", "SimilarPage", "Stream", "StreamEvent", "TensorSpec", "TimedOut",
    "TooLarge", "UnexpectedAnswer", "Version", "WordsMoment", "WordsPage",
]
