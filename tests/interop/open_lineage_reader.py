"""Reads a file of OpenLineage events into the classes that OpenLineage generates from its schemas.

Run by the Python that has openlineage-python. Each event and facet must have all fields that its
class needs and no other, of the types that it says, and name the schema of just that class. Prints
how many events of each type and facets of each class there are, as JSON.
"""

import collections
import importlib
import json
import pkgutil
import sys
import types
import typing

import attr
from openlineage.client import generated
from openlineage.client.generated import base

FACETS = {}
for module in pkgutil.iter_modules(generated.__path__):
    for value in vars(importlib.import_module(f"{generated.__name__}.{module.name}")).values():
        if isinstance(value, type) and issubclass(value, base.BaseFacet):
            FACETS[value._get_schema()] = value

seen = collections.Counter()


def read(kind, value, where):
    """`value` of JSON as what the annotation `kind` says."""
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in typing.get_args(kind):
            return None
        return read(next(each for each in typing.get_args(kind) if each is not type(None)), value, where)
    if origin is list:
        return [read(typing.get_args(kind)[0], each, f"{where}[{i}]") for i, each in enumerate(value)]
    if origin is dict:
        return {key: read(typing.get_args(kind)[1], each, f"{where}.{key}") for key, each in value.items()}
    if isinstance(kind, type) and issubclass(kind, base.BaseFacet):
        return facet(value, kind, where)
    if isinstance(kind, type) and attr.has(kind):
        return of_class(kind, value, where)
    if kind in (str, int, bool):
        assert type(value) is kind, f"{where}: {value!r} is no {kind.__name__}"
    return value


def of_class(kind, value, where, left_out=()):
    known = {each.name: each for each in attr.fields(kind)}
    hints = typing.get_type_hints(kind)
    arguments = {}
    for key, each in value.items():
        if key in left_out:
            continue
        assert key in known, f"{where}: {kind.__name__} has no {key}"
        arguments[key] = read(hints[key], each, f"{where}.{key}")
    return kind(**arguments)


def facet(value, expected, where):
    kind = FACETS.get(value["_schemaURL"])
    assert kind is not None, f"{where}: no facet has the schema {value['_schemaURL']}"
    assert issubclass(kind, expected), f"{where}: {kind.__name__} is no {expected.__name__}"
    assert value["_producer"], where
    seen[kind.__name__] += 1
    return of_class(kind, value, where, ("_schemaURL", "_producer", "_deleted"))


def event(value):
    assert value["schemaURL"] == base.RunEvent._get_schema(), value["schemaURL"]
    seen[value["eventType"]] += 1
    body = {**value, "eventType": base.EventType[value["eventType"]]}
    return of_class(base.RunEvent, body, "event", ("schemaURL",))


with open(sys.argv[1], encoding="utf-8") as lines:
    for line in lines:
        event(json.loads(line))
json.dump(seen, sys.stdout)
