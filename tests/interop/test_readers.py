"""Every kind of table that we write, read by every engine that is not ours.

The rows are worked out by hand beside the statements (kinds.py). Where an engine does not read a kind, the limit stands
here with where it is written down, and the test sees that it is still that one.
"""
import pathlib
import re

import pytest

from kinds import KINDS
from limits import LIMITS, WRITERS
from values import ordered, plain_time

ENGINES = ["claimlake", "delta_rs", "duckdb", "spark4", "spark35", "trino"]


def read_by_us(lake, table):
    """Numbers keep their digits: JSON's are taken as texts, those of doubles as Python writes them."""
    types = {row["column_name"]: row["column_type"] for row in lake.sql(f"DESCRIBE {table}")}
    written = {"BLOB": "hex({0})", "DOUBLE": "{0}::VARCHAR", "FLOAT": "{0}::VARCHAR", "TIMESTAMP WITH TIME ZONE": "{0}::TIMESTAMP"}
    select = ", ".join(f"{written.get(kind, '{0}').format(quoted(name))} AS {quoted(name)}" for name, kind in types.items())
    rows = lake.sql(f"SELECT {select} FROM {table}", parse_float=str, parse_int=str)
    return [{name: as_written(value, types[name]) for name, value in row.items()} for row in rows]


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def as_written(value, kind):
    if kind in ("DOUBLE", "FLOAT") and value is not None:
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(repr(float(value)), repr(float(value)))
    if kind == "BLOB" and value is not None:
        return value.lower()
    if kind.startswith("TIMESTAMP") and value is not None:
        return plain_time(value.replace("T", " "))
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


@pytest.fixture
def read(request, kinds, readings):
    """Reads a table with an engine by its name."""
    def read(engine, table):
        if engine == "claimlake":
            return read_by_us(kinds, table)
        if engine == "spark4":
            return request.getfixturevalue("spark4").read(kinds.path(table))
        if engine not in readings:
            request.getfixturevalue(engine)  # skips, and says why
        return readings[engine][table].result()
    return read


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("engine", ENGINES)
def test_rows_of_our_tables(read, engine, kind):
    limit = LIMITS.get((engine, kind.name))
    if limit is not None and limit.message is not None:
        with pytest.raises(Exception) as refused:
            read(engine, kind.table)
        assert re.search(limit.message, str(refused.value)), f"another limit than {limit.where}: {refused.value}"
        return
    rows = ordered(read(engine, kind.table))
    expected = kind.expected()
    if limit is not None:
        assert rows != expected, f"{engine} reads this kind now: take the limit out ({limit.where})"
        expected = ordered(limit.rows(row) for row in expected)
    assert rows == expected


def test_the_docs_name_each_limit():
    page = (pathlib.Path(__file__).parents[2] / "docs" / "reference" / "delta.md").read_text(encoding="utf-8")
    for limit in [*LIMITS.values(), *WRITERS.values()]:
        assert limit.where in page
    names = {kind.name for kind in KINDS}
    assert {kind for _, kind in LIMITS} <= names
