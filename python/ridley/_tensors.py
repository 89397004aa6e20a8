"""Arrays as the Open Inference Protocol sends them: JSON in front, numbers behind it."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ._errors import RidleyError, UnexpectedAnswer

if TYPE_CHECKING:
    import numpy

TYPES = {
    "BOOL": "?", "UINT8": "u1", "UINT16": "<u2", "UINT32": "<u4", "UINT64": "<u8", "INT8": "i1", "INT16": "<i2", "INT32": "<i4", "INT64": "<i8",
    "FP16": "<f2", "FP32": "<f4", "FP64": "<f8",
}
NAMES = {wanted.lstrip("<"): name for name, wanted in TYPES.items()} | {"b1": "BOOL"}


def _numpy() -> Any:
    try:
        import numpy
    except ImportError:
        raise RidleyError("tensors are numpy arrays: install numpy to ask for them") from None
    return numpy


def request(
    inputs: Mapping[str, Any], outputs: Sequence[str] | None, timeout: float | None
) -> tuple[bytes, list[memoryview]]:
    """JSON and the parts behind it. Numbers are sent as they are: no type is made another one."""
    if not isinstance(inputs, Mapping):
        raise TypeError("inputs are arrays by their names: {'x': array}")
    heads, parts = [], []
    for name, value in inputs.items():
        kind, shape, part = _packed(name, value)
        heads.append({"name": name, "datatype": kind, "shape": shape, "parameters": {"binary_data_size": part.nbytes}})
        parts.append(part)
    head: dict[str, Any] = {"inputs": heads, "parameters": {"binary_data_output": True}}
    if outputs is not None:
        if isinstance(outputs, str):
            raise TypeError("outputs are a list of names")
        head["outputs"] = [{"name": name, "parameters": {"binary_data": True}} for name in outputs]
    if timeout is not None:
        head["parameters"]["timeout"] = max(1, round(timeout * 1e6))
    return json.dumps(head, ensure_ascii=False, allow_nan=False).encode(), parts


def _packed(name: str, value: Any) -> tuple[str, list[int], memoryview]:
    numpy = _numpy()
    array = numpy.asarray(value)
    if array.dtype.name == "bfloat16":
        return "BF16", list(array.shape), memoryview(numpy.ascontiguousarray(array).view("u2").reshape(-1)).cast("B")
    if array.dtype.kind in "OSU":
        text = b"".join(_text(name, one) for one in array.reshape(-1).tolist())
        return "BYTES", list(array.shape), memoryview(text)
    code = f"{array.dtype.kind}{array.dtype.itemsize}"
    if code not in NAMES or array.dtype.fields:
        raise TypeError(f"the tensor '{name}' has numbers of the type {array.dtype}, which no model takes: convert it")
    kind = NAMES[code]
    shape = list(array.shape)  # before anything is laid out anew, which makes a row of a single number
    laid = numpy.ascontiguousarray(array, dtype=TYPES[kind]).reshape(-1)
    return kind, shape, memoryview(laid.view("u1")) if laid.size else memoryview(b"")


def _text(name: str, value: Any) -> bytes:
    if isinstance(value, str):
        value = value.encode()
    if not isinstance(value, bytes):
        raise TypeError(f"the tensor '{name}' holds {type(value).__name__}, which is neither a number nor a text")
    return struct.pack("<I", len(value)) + value


def answer(text: bytes, head_size: str | None) -> dict[str, numpy.ndarray[Any, Any]]:
    """Arrays by their names, which may be written to."""
    try:
        size = len(text) if head_size is None else int(head_size)
        head = json.loads(text[:size])
        at, found = size, {}
        for one in head["outputs"]:
            count = one.get("parameters", {}).get("binary_data_size")
            if count is None:
                found[one["name"]] = _from_json(one)
            else:
                found[one["name"]] = _unpacked(one["datatype"], one["shape"], text[at : at + count])
                at += count
    except (ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        raise UnexpectedAnswer(f"the tensors of the answer cannot be read: {error}") from error
    if at != len(text):
        raise UnexpectedAnswer(f"the answer has {len(text) - at} bytes more than its tensors")
    return found


def _unpacked(kind: str, shape: list[int], text: bytes) -> Any:
    numpy = _numpy()
    if kind == "BYTES":
        return numpy.array(_texts(text, math.prod(shape)), dtype=object).reshape(shape)
    if kind == "BF16":
        # Each is the upper half of a number of 32 bits, so that nothing is lost.
        wide = numpy.frombuffer(text, "<u2").astype("<u4") << 16
        return wide.view("<f4").reshape(shape)
    return numpy.frombuffer(text, TYPES[kind]).reshape(shape).copy()


def _texts(text: bytes, count: int) -> list[bytes]:
    found, at = [], 0
    for _ in range(count):
        (size,) = struct.unpack_from("<I", text, at)
        found.append(text[at + 4 : at + 4 + size])
        at += 4 + size
        if at > len(text):
            raise ValueError("a text is cut off")
    return found


def _from_json(one: dict[str, Any]) -> Any:
    numpy = _numpy()
    kind = one["datatype"]
    if kind == "BYTES":
        return numpy.array([text.encode() for text in one["data"]], dtype=object).reshape(one["shape"])
    wanted = "<f4" if kind == "BF16" else TYPES[kind]
    return numpy.array([math.nan if value is None else value for value in one["data"]], dtype=wanted).reshape(one["shape"])
