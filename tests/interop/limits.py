"""What engines of others do not read of our tables, each with where that is written down."""
import dataclasses
from typing import Callable


@dataclasses.dataclass
class Limit:
    where: str                      # an issue, or the engine's own documentation
    message: str | None = None      # a pattern of what the engine says; or
    rows: Callable | None = None    # what it makes of a right row


def without(*columns):
    """The engine does not show these columns."""
    return lambda row: {name: value for name, value in row.items() if name not in columns}


def nulls_in(*columns):
    return lambda row: {name: None if name in columns else value for name, value in row.items()}


# Partition columns are looked up by their names, though the log holds them by their physical ones.
DUCKDB_343 = "duckdb/duckdb-delta#343"
# Its own list of features that it knows: crates/core/src/kernel/transaction/protocol.rs.
DELTA_RS_FEATURES = "delta-io/delta-rs#3249"
# What a file of unknown origin means by a day before the calendar of 1582 it asks to be told, by
# spark.sql.parquet.datetimeRebaseModeInRead; Spark 4 takes the day as it stands.
SPARK_31404 = "SPARK-31404"
# Delta 3.3 changes types of whole numbers up to INT only and asks for Delta 4 for the others.
DELTA_3728 = "delta-io/delta#3728"
# TIMESTAMP is read as TIMESTAMP(3) WITH TIME ZONE, rounded to it.
TRINO_20359 = "trinodb/trino#20359"
# A column whose type was widened by more than whole numbers up to INT is not shown.
TRINO_22433 = "trinodb/trino#22433"
# Its list of features has no in-commit timestamps for writers.
TRINO_20873 = "trinodb/trino#20873"

LIMITS = {
    ("duckdb", "mapped_by_name"): Limit(DUCKDB_343, rows=nulls_in("sort")),
    ("duckdb", "mapped_by_id"): Limit(DUCKDB_343, rows=nulls_in("sort")),
    ("duckdb", "odd_names"): Limit(DUCKDB_343, rows=nulls_in("ž🐎")),
    ("delta_rs", "widened"): Limit(DELTA_RS_FEATURES, message=r"Unsupported table features required: \[TypeWidening\]"),
    ("delta_rs", "widened_integers"): Limit(DELTA_RS_FEATURES, message=r"Unsupported table features required: \[TypeWidening\]"),
    ("delta_rs", "vacuum_protocol_checked"): Limit(DELTA_RS_FEATURES, message=r"Unsupported table features required: \[VacuumProtocolCheck\]"),
    ("spark35", "old_times"): Limit(SPARK_31404, message="READ_ANCIENT_DATETIME"),
    ("spark35", "widened"): Limit(DELTA_3728, message="DELTA_UNSUPPORTED_TYPE_CHANGE_IN_PREVIEW"),
    ("trino", "microseconds"): Limit(TRINO_20359, rows=lambda row: {
        "id": row["id"], "moment": {"1": "2026-02-01 00:00:00", "2": "1969-12-31 23:59:59"}[row["id"]]}),
    ("trino", "widened"): Limit(TRINO_22433, rows=without("s", "f", "d", "n")),
}

# What they do not write into our tables: (engine, form of test_written_in_turn.py).
WRITERS = {
    ("trino", "rich"): Limit(TRINO_20873, message=r"Unsupported writer features: \[inCommitTimestamp\]"),
    ("delta_rs", "rich"): Limit(DELTA_RS_FEATURES, message=r"Unsupported table features required: \[InCommitTimestamp\]"),
}
