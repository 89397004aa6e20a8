"""Reads JSON into dataclasses by their annotations."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from ._errors import UnexpectedAnswer

@dataclass(frozen=True, kw_only=True)
class Answer:
    """Something that the server told. `raw` is the JSON object that it was read from, with members that this version does not know."""

    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


def named(name: str, **how: Any) -> Any:
    """A field whose member in JSON is called otherwise."""
    return field(metadata={"name": name}, **how)


def member(one: dataclasses.Field[Any]) -> str:
    """What a field is called in JSON."""
    return str(one.metadata.get("name", one.name))


def is_optional(one: dataclasses.Field[Any]) -> bool:
    return one.default is not dataclasses.MISSING or one.default_factory is not dataclasses.MISSING


_FIELDS: dict[Any, tuple[tuple[dataclasses.Field[Any], Any], ...]] = {}


def fields(cls: Any) -> tuple[tuple[dataclasses.Field[Any], Any], ...]:
    """The fields that stand in JSON, each with its type."""
    found = _FIELDS.get(cls)
    if found is None:
        hints = typing.get_type_hints(cls)
        found = tuple((one, hints[one.name]) for one in dataclasses.fields(cls) if one.name != "raw")
        _FIELDS[cls] = found
    return found


def read(hint: Any, value: Any, place: str = "the answer") -> Any:
    """A value of JSON as a type says; `place` names it where it is not one."""
    if hint is Any:
        return value
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in parts:
            return None
        return read(next(part for part in parts if part is not type(None)), value, place)
    if origin is tuple:
        return _tuple(hint, parts, value, place)
    if origin in (dict, Mapping):
        _expect(isinstance(value, dict), place, "an object", value)
        return {key: read(parts[1], one, f"{place}.{key}") for key, one in value.items()}
    if isinstance(hint, type) and issubclass(hint, tuple):
        parts = tuple(typing.get_type_hints(hint).values())
        return hint(*_tuple(hint, parts, value, place))
    if dataclasses.is_dataclass(hint):
        return _object(hint, value, place)
    return _scalar(hint, value, place)


def _tuple(hint: Any, parts: tuple[Any, ...], value: Any, place: str) -> Any:
    _expect(isinstance(value, list), place, "a list", value)
    if len(parts) == 2 and parts[1] is Ellipsis:
        return tuple(read(parts[0], one, f"{place}[{index}]") for index, one in enumerate(value))
    _expect(len(value) == len(parts), place, f"a list of {len(parts)}", value)
    return tuple(read(part, one, f"{place}[{index}]") for index, (part, one) in enumerate(zip(parts, value)))


def _object(cls: Any, value: Any, place: str) -> Any:
    _expect(isinstance(value, dict), place, "an object", value)
    found: dict[str, Any] = {}
    for one, hint in fields(cls):
        name = member(one)
        if name in value:
            found[one.name] = read(hint, value[name], f"{place}.{name}")
        elif not is_optional(one):
            raise UnexpectedAnswer(f"{place} has no '{name}': the server may be of another version than this client")
    if issubclass(cls, Answer):
        found["raw"] = value
    return cls(**found)


def _scalar(hint: Any, value: Any, place: str) -> Any:
    if hint is float:
        _expect(isinstance(value, (int, float)) and not isinstance(value, bool), place, "a number", value)
        return float(value)
    if hint is datetime:
        _expect(isinstance(value, str), place, "a moment", value)
        return moment(value, place)
    if hint is int:
        _expect(isinstance(value, int) and not isinstance(value, bool), place, "a whole number", value)
    else:
        _expect(isinstance(value, hint), place, {str: "a text", bool: "true or false"}.get(hint, str(hint)), value)
    return value


def moment(text: str, place: str = "the answer") -> datetime:
    """A moment of ISO 8601, such as `2026-11-30T06:05:29.120Z`."""
    head, point, rest = text.partition(".")
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    zone = rest[len(digits):] if point else ""
    if head.endswith("Z"):
        head, zone = head[:-1], "Z"
    try:
        found = datetime.fromisoformat(head + (f".{digits[:6]:0<6}" if digits else "") + ("+00:00" if zone == "Z" else zone))
    except ValueError:
        raise UnexpectedAnswer(f"{place} is no moment: {text!r}") from None
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def written(value: datetime | str) -> str:
    """A moment as the server reads it; a text is passed on as it is."""
    if isinstance(value, str):
        return value
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone, so it may be any of many moments: use datetime(…, tzinfo=timezone.utc)")
    return value.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")


def _expect(holds: bool, place: str, what: str, value: Any) -> None:
    if not holds:
        shown = repr(value)
        raise UnexpectedAnswer(f"{place} is not {what}: {shown if len(shown) < 80 else shown[:77] + '…'}")
