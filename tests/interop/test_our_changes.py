"""Rows that we change with INSERT, UPDATE, DELETE and MERGE, read by Spark and delta-rs; and theirs by us in turn.

The oracle is Spark: the same statements run there on a table of its own, and all must agree after each.
"""
import pytest
from deltalake import DeltaTable, QueryBuilder

import lakes

CREATE = ("CREATE TABLE {table} (id BIGINT NOT NULL, kind STRING, amount DECIMAL(18,2), day DATE) USING DELTA "
          "{partitioning} TBLPROPERTIES ('delta.enableDeletionVectors' = '{vectors}')")
ROWS = "SELECT CAST(id AS BIGINT), CONCAT('k', id % 3), CAST(id * 1.25 AS DECIMAL(18,2)), DATE '2026-01-31' FROM {range}"
# In the words that both engines share.
STATEMENTS = [
    "DELETE FROM {table} WHERE id % 10 = 3",
    "UPDATE {table} SET amount = amount + 100, kind = 'changed' WHERE id BETWEEN 20 AND 29",
    "DELETE FROM {table} WHERE kind = 'k1' AND id > 60",
    "MERGE INTO {table} AS t USING (SELECT id + 50 AS id, kind, amount, day FROM {table} WHERE id < 60) AS s ON t.id = s.id "
    "WHEN MATCHED AND s.kind = 'k0' THEN DELETE WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *",
    "UPDATE {table} SET day = DATE '2026-02-01' WHERE id IN (1, 70, 105)",
    "MERGE INTO {table} AS t USING (SELECT id, 'gone' AS note FROM {table} WHERE id % 7 = 0) AS s ON t.id = s.id "
    "WHEN MATCHED THEN UPDATE SET kind = s.note WHEN NOT MATCHED BY SOURCE AND t.id > 100 THEN DELETE",
    "INSERT INTO {table} SELECT 1000, CAST(NULL AS STRING), CAST(1 AS DECIMAL(18,2)), CAST(NULL AS DATE)",
    "DELETE FROM {table} WHERE kind IS NULL",
    "INSERT INTO {table} REPLACE WHERE kind = 'k2' SELECT id + 2000, kind, amount, day FROM {table} WHERE kind = 'k2' AND id < 50",
    "INSERT OVERWRITE {table} SELECT id + 5, kind, amount, day FROM {table} WHERE kind = 'k0'",
]
FORMS = [("true", ""), ("false", ""), ("true", "PARTITIONED BY (kind)"), ("false", "PARTITIONED BY (kind)")]


def texts(rows):
    return [{name: lakes.as_text(value) for name, value in row.items()} for row in rows]


def by_spark(spark, path):
    return texts(row.asDict() for row in spark.read.format("delta").load(str(path)).collect())


def both_by_spark(spark, ours, theirs):
    """The rows of two tables of one schema, read in one go: Spark takes its time for each."""
    assert names_and_types(spark, ours) == names_and_types(spark, theirs)
    sides = {"ours": [], "theirs": []}
    for row in spark.sql(f"SELECT *, 'ours' AS side FROM {ours} UNION ALL SELECT *, 'theirs' FROM {theirs}").collect():
        values = row.asDict()
        sides[values.pop("side")].append(values)
    return texts(sides["ours"]), texts(sides["theirs"])


def names_and_types(spark, table):
    return [(field.name, field.dataType) for field in spark.table(table).schema.fields]


def by_delta_rs(path):
    rows = QueryBuilder().register("t", DeltaTable(str(path))).execute("SELECT * FROM t").read_all()
    return texts(__import__("pyarrow").table(rows).to_pylist())


@pytest.fixture
def twins(lake, spark, request, tmp_path):
    """A table of ours and one of Spark's with the same rows in several files."""
    vectors, partitioning = request.param
    name = "changes." + "".join(c if c.isalnum() else "_" for c in request.node.name)
    lake.sql(CREATE.format(table=name, vectors=vectors, partitioning=partitioning))
    path = tmp_path / "twin"
    spark.sql(CREATE.format(table=f"delta.`{path}`", vectors=vectors, partitioning=partitioning))
    for first in (0, 40, 80):
        lake.sql(f"INSERT INTO {name} " + ROWS.format(range=f"range({first}, {first + 40}) AS r(id)"))
        spark.sql(f"INSERT INTO delta.`{path}` " + ROWS.format(range=f"range({first}, {first + 40})"))
    return name, f"delta.`{path}`"


@pytest.mark.parametrize("twins", FORMS, indirect=True)
def test_the_same_statements_give_the_same_rows(lake, spark, twins):
    ours, theirs = twins
    columns = lake.columns(ours)
    for statement in STATEMENTS:
        lake.sql(statement.format(table=ours))
        spark.sql(statement.format(table=theirs))
        seen, expected = both_by_spark(spark, f"delta.`{lake.path(ours)}`", theirs)
        lakes.same_rows(lake.rows(ours, columns), expected, columns, "id")
        lakes.same_rows(seen, expected, columns, "id")
        lakes.same_rows(by_delta_rs(lake.path(ours)), expected, columns, "id")


@pytest.mark.parametrize("twins", FORMS[:1], indirect=True)
def test_spark_and_we_change_one_table_in_turn(lake, spark, twins):
    ours, _ = twins
    table = f"delta.`{lake.path(ours)}`"
    for n in range(4):
        lake.sql(f"DELETE FROM {ours} WHERE id % 20 = {n}")
        spark.sql(f"DELETE FROM {table} WHERE id % 20 = {n + 4}")
        spark.sql(f"UPDATE {table} SET amount = 0 WHERE id % 20 = {n + 8}")
        lake.sql(f"UPDATE {ours} SET kind = 'us' WHERE id % 20 = {n + 12}")

    rows = lake.sql(f"SELECT count(*) AS n, count(*) FILTER (amount = 0) AS zero, count(*) FILTER (kind = 'us') AS us FROM {ours}")
    # Of 120 rows, twenty groups of six: four groups went by us, four by Spark; four each were changed.
    assert rows == [{"n": 72, "zero": 24, "us": 24}]
    lakes.same_rows(lake.rows(ours), by_spark(spark, lake.path(ours)), lake.columns(ours), "id")
    operations = [row["operation"] for row in spark.sql(f"DESCRIBE HISTORY {table}").collect()]
    assert operations[:4] == ["UPDATE", "UPDATE", "DELETE", "DELETE"]
    assert spark.read.format("delta").option("versionAsOf", 3).load(str(lake.path(ours))).count() == 120
