"""Spark looks at the history of a table of ours, reads its old versions and its change feed, and vacuums it.

What it must see is worked out by hand from the statements of kinds.changed().
"""
import os
import time

import pytest

import kinds
from values import ordered, plain

BEGIN = [(n, f"k{n % 3}", f"{n * 0.5:.2f}") for n in range(12)]
DELETED = [row for row in BEGIN if row[0] not in (1, 6)]
UPDATED = [(row[0], "new", "100.00") if row[0] in (2, 9) else row for row in DELETED]
VERSIONS = {3: BEGIN, 4: DELETED, 5: UPDATED, 6: kinds.CHANGED, 7: kinds.CHANGED}
OPERATIONS = ["CREATE TABLE", "WRITE", "WRITE", "WRITE", "DELETE", "UPDATE", "MERGE", "OPTIMIZE"]
# Of each version that changes rows.
FEED = {4: [("delete", 1), ("delete", 6)],
        5: [("update_postimage", 2), ("update_postimage", 9), ("update_preimage", 2), ("update_preimage", 9)],
        6: [("delete", 3), ("insert", 20), ("update_postimage", 7), ("update_preimage", 7)]}
FORMS = {"plain": "'delta.enableDeletionVectors' = 'false'",
         "rich": "'delta.columnMapping.mode' = 'name', 'delta.enableInCommitTimestamps' = 'true'"}


def dicts(rows):
    return ordered(dict(zip(["id", "kind", "amount"], plain(list(row)))) for row in rows)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("engine", ["spark4", "spark35"])
def test_spark_tells_and_travels_and_cleans_our_tables(lake, request, engine, form):
    spark = request.getfixturevalue(engine)
    table = f"changes.upkeep_{engine}_{form}"
    path = lake.path(table)
    theirs = f"delta.`{path}`"
    for statement in kinds.changed(kinds.CREATE + f" TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true', {FORMS[form]})"):
        lake.sql(statement.replace("{t}", table))
    lake.sql(f"OPTIMIZE {table}")

    history = sorted(spark.run(f"DESCRIBE HISTORY {theirs}"), key=lambda row: int(row["version"]))
    assert [row["operation"] for row in history] == OPERATIONS
    for version, rows in VERSIONS.items():
        assert ordered(spark.run(f"SELECT * FROM {theirs} VERSION AS OF {version}")) == dicts(rows)
    assert ordered(spark.run(f"SELECT * FROM {theirs} TIMESTAMP AS OF '{history[5]['timestamp']}'")) == dicts(UPDATED)
    told = spark.run(f"SELECT * FROM table_changes_by_path('{path}', 1)")
    for version, changes in FEED.items():
        assert sorted((row["_change_type"], int(row["id"])) for row in told if row["_commit_version"] == str(version)) == changes
    assert {row["_commit_version"] for row in told} == {"1", "2", "3", "4", "5", "6"}

    # All files that no version of today has go when they are old enough: those of rows, vectors and changes.
    then = time.time() - 8 * 24 * 3600
    files = [file for file in path.iterdir() if file.is_file()] + list((path / "_change_data").glob("*"))
    for file in files:
        os.utime(file, (then, then))
    spark.run("SET spark.databricks.delta.retentionDurationCheck.enabled = false")
    spark.run(f"VACUUM {theirs} RETAIN 0 HOURS")
    left = [file for file in files if file.exists()]
    assert len(left) == 1, "OPTIMIZE left one file, all others are of old versions"
    assert ordered(spark.read(path)) == dicts(kinds.CHANGED)
    lake.sql(f"UPDATE {table} SET kind = 'after' WHERE id = 0")
    after = [(0, "after", "0.00"), *kinds.CHANGED[1:]]
    assert ordered(spark.read(path)) == dicts(after)
    assert [row["n"] for row in lake.sql(f"SELECT count(*) AS n FROM {table} WHERE kind = 'after' OR amount > 2")] == [8]
    lake.check(table)
