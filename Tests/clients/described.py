"""Holds what a Python client sends and expects against an OpenAPI description."""
import dataclasses
import types
import typing
from datetime import datetime

from ridley import _json

SCALARS = {int: ("integer",), float: ("number", "integer"), str: ("string",), bool: ("boolean",), datetime: ("string",)}


class Description:
    """What a server says of its routes."""

    def __init__(self, document):
        self.document = document

    def resolved(self, node):
        while "$ref" in node:
            found = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            node = found
        return node

    def troubles(self, route):
        """What of a route is not as the client has it."""
        operations = self.document["paths"].get(route.path, {})
        operation = operations.get(route.method.lower())
        if operation is None:
            return [f"{route.method} {route.path} is not there"]
        found = self.asked(route, operation, [*operations.get("parameters", []), *operation.get("parameters", [])])
        found += self.answered(route, operation)
        return [f"{route.method} {route.path}: {one}" for one in found]

    def asked(self, route, operation, parameters):
        parameters = [self.resolved(one) for one in parameters]
        known = {one["name"] for one in parameters if one["in"] == "query"}
        needed = {one["name"] for one in parameters if one["in"] == "query" and one.get("required")}
        found = [f"takes no query {name}" for name in sorted(set(route.query) - known)]
        found += [f"needs the query {name}" for name in sorted(needed - set(route.query))]
        content = self.resolved(operation.get("requestBody", {})).get("content", {})
        if route.body:
            schema = self.resolved(content.get("application/json", {}).get("schema", {}))
            found += [f"takes no member {name}" for name in route.body if name not in schema.get("properties", {})]
            found += [f"needs the member {name}" for name in schema.get("required", []) if name not in route.body]
        return found

    def answered(self, route, operation):
        good = [self.resolved(one).get("content", {}) for status, one in operation["responses"].items() if status.startswith("2")]
        if route.events:
            return [] if any("text/event-stream" in one for one in good) else ["tells no events"]
        if route.answer is None:
            return []
        schemas = [one["application/json"]["schema"] for one in good if "application/json" in one]
        if not schemas:
            return ["answers no JSON"]
        return [trouble for schema in schemas for trouble in self.unlike(route.answer, schema, "answer")]

    def unlike(self, hint, schema, place):
        """What a type expects and a schema does not promise."""
        schema = self.resolved(schema)
        if hint is typing.Any:
            return []
        options = schema.get("anyOf") or schema.get("oneOf")
        kinds = schema.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else list(kinds)
        may_be_null = "null" in kinds or any(self.resolved(one).get("type") == "null" for one in options or [])
        is_optional = typing.get_origin(hint) in (typing.Union, types.UnionType)
        if is_optional:
            hint = next(one for one in typing.get_args(hint) if one is not type(None))
        found = [f"{place} may be null"] if may_be_null and not is_optional else []
        if options:
            rest = [one for one in options if self.resolved(one).get("type") != "null"]
            return found + [trouble for one in rest for trouble in self.unlike(hint, one, place)]
        return found + self.unlike_kind(hint, schema, kinds, place)

    def unlike_kind(self, hint, schema, kinds, place):
        origin = typing.get_origin(hint)
        if isinstance(hint, type) and issubclass(hint, tuple):
            return self.unlike(tuple[float, ...], schema, place)
        if origin is tuple:
            if "array" not in kinds:
                return [f"{place} is no list"]
            return self.unlike(typing.get_args(hint)[0], schema.get("items", {}), f"{place}[]")
        if origin is dict:
            return [] if "object" in kinds else [f"{place} is no object"]
        if dataclasses.is_dataclass(hint):
            return self.unlike_object(hint, schema, place)
        if "const" in schema or "enum" in schema:
            values = schema.get("enum", [schema.get("const")])
            return [] if all(isinstance(one, hint) for one in values) else [f"{place} is one of {values}"]
        if not set(kinds) - {"null"} & set(SCALARS[hint]):
            return [f"{place} is {kinds}, not {hint.__name__}"]
        return [f"{place} is no moment"] if hint is datetime and schema.get("format") != "date-time" else []

    def unlike_object(self, cls, schema, place):
        properties = schema.get("properties")
        if properties is None:
            return [f"{place} is no object"]
        found = []
        for one, hint in _json.fields(cls):
            name = _json.member(one)
            if name not in properties:
                # What may have other members than those that are named does not say that this one is not there.
                if schema.get("additionalProperties") is False:
                    found.append(f"{place} has no {name}")
            elif not _json.is_optional(one) and name not in schema.get("required", []):
                found.append(f"{place} may lack {name}")
            else:
                found += self.unlike(hint, properties[name], f"{place}.{name}")
        return found
