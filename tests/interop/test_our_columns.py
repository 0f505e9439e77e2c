"""Columns that we map, rename, drop, move, widen and add with ALTER TABLE, read and written by Spark and delta-rs.

The oracle is Spark: the same statements run there on a table of its own.
"""
import json

import pyarrow
import pyarrow.parquet
import pytest
from deltalake import DeltaTable, QueryBuilder

import lakes

COLUMNS = ("id INT NOT NULL, kind STRING, amount DECIMAL(8,2), s STRUCT<a: INT, b: STRING>, "
           "l ARRAY<STRUCT<e: INT>>, m MAP<STRING, STRUCT<v: SMALLINT>>")
# The rows with these numbers, in the words of each engine.
OURS = ("SELECT i::INT, 'k' || (i % 3), (i * 1.25)::DECIMAL(8,2), {{'a': i::INT, 'b': 'b' || i}}, [{{'e': i::INT}}], "
        "MAP {{'x': {{'v': i::SMALLINT}}}} FROM range({0}, {1}) AS r(i)")
THEIRS = ("SELECT INT(id), CONCAT('k', id % 3), CAST(id * 1.25 AS DECIMAL(8,2)), named_struct('a', INT(id), 'b', CONCAT('b', id)), "
          "array(named_struct('e', INT(id))), map('x', named_struct('v', SMALLINT(id))) FROM range({0}, {1})")
# In the words that both share; each is one step.
STATEMENTS = [
    "ALTER TABLE {table} SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name')",
    "ALTER TABLE {table} RENAME COLUMN kind TO sort",
    "ALTER TABLE {table} RENAME COLUMN s.b TO c",
    "ALTER TABLE {table} RENAME COLUMN l.element.e TO f",
    "UPDATE {table} SET sort = 'changed' WHERE id BETWEEN 10 AND 19",
    "ALTER TABLE {table} DROP COLUMN s.a",
    "ALTER TABLE {table} ADD COLUMNS (s.a STRING FIRST, note STRING COMMENT 'words' AFTER id)",
    "UPDATE {table} SET note = 'n', s.a = 'new' WHERE id % 7 = 0",
    "ALTER TABLE {table} SET TBLPROPERTIES ('delta.enableTypeWidening' = 'true')",
    "ALTER TABLE {table} ALTER COLUMN id TYPE BIGINT",
    "ALTER TABLE {table} ALTER COLUMN amount TYPE DECIMAL(14,4)",
    "ALTER TABLE {table} ALTER COLUMN m.value.v TYPE INT",
    "ALTER TABLE {table} ALTER COLUMN amount FIRST",
    "ALTER TABLE {table} ALTER COLUMN id DROP NOT NULL",
    "DELETE FROM {table} WHERE id % 11 = 3",
    "MERGE INTO {table} AS t USING (SELECT CAST(5000000000 AS BIGINT) AS id, 'far' AS sort) AS s ON t.id = s.id "
    "WHEN NOT MATCHED THEN INSERT (id, sort) VALUES (s.id, s.sort)",
    "ALTER TABLE {table} DROP COLUMN sort",
]
PROPERTIES = "TBLPROPERTIES ('delta.enableDeletionVectors' = '{vectors}'{mode})"


@pytest.fixture(scope="module")
def empty_lake(tmp_path_factory):
    lake = lakes.Lake(tmp_path_factory.mktemp("columns") / "lake")
    lake.run("init")
    yield lake
    lake.close()


def name_of(request):
    return "gold." + "".join(c if c.isalnum() else "_" for c in request.node.name).lower()


def canonical(rows):
    """Whole rows as texts, with the names of structs' fields but not their kind of object."""
    def plain(value):
        if hasattr(value, "asDict"):
            value = value.asDict()
        if isinstance(value, dict):
            return {str(k): plain(v) for k, v in value.items()}
        if isinstance(value, list):
            if value and isinstance(value[0], tuple) and not hasattr(value[0], 'asDict'):  # a map as Arrow gives it
                return {str(k): plain(v) for k, v in value}
            return [plain(v) for v in value]
        return None if value is None else lakes.canonical(lakes.as_text(value))
    return sorted((plain(row) for row in rows), key=repr)


def by_us(lake, table):
    """Texts of numbers are what JSON has; the engine's own text of a map would be another one."""
    names = [row["column_name"] for row in lake.sql(f"DESCRIBE {table}")]
    columns = ", ".join(f"{n}::VARCHAR AS {n}" if n in ("id", "amount") else n for n in names)
    return canonical(lake.sql(f"SELECT {columns} FROM {table}"))


def by_spark(spark, table):
    return canonical(spark.sql(f"SELECT * FROM {table}").collect())


def by_delta_rs(path):
    rows = QueryBuilder().register("t", DeltaTable(str(path))).execute("SELECT * FROM t").read_all()
    return canonical(pyarrow.table(rows).to_pylist())


def check_all(lake, spark, ours, theirs):
    path = f"delta.`{lake.path(ours)}`"
    assert schema(spark, path) == schema(spark, theirs)
    sides = {"ours": [], "theirs": []}
    for row in spark.sql(f"SELECT *, 'ours' AS side FROM {path} UNION ALL SELECT *, 'theirs' FROM {theirs}").collect():
        values = row.asDict()
        sides[values.pop("side")].append(values)
    expected = canonical(sides["theirs"])
    assert by_us(lake, ours) == expected
    assert canonical(sides["ours"]) == expected
    return expected


def schema(spark, table):
    return spark.table(table).schema.simpleString()


@pytest.mark.parametrize("vectors,partitioning", [("true", ""), ("false", "PARTITIONED BY (kind)")])
def test_the_same_statements_give_the_same_table(empty_lake, spark, request, tmp_path, vectors, partitioning):
    lake, ours, theirs = empty_lake, name_of(request), f"delta.`{tmp_path / 'twin'}`"
    create = f"CREATE TABLE {{}} ({COLUMNS}) USING DELTA {partitioning} " + PROPERTIES.format(vectors=vectors, mode="")
    lake.sql(create.format(ours))
    spark.sql(create.format(theirs))
    for first in (0, 20):
        lake.sql(f"INSERT INTO {ours} " + OURS.format(first, first + 20))
        spark.sql(f"INSERT INTO {theirs} " + THEIRS.format(first, first + 20))
    widens = False
    for statement in STATEMENTS:
        if partitioning and statement.endswith("DROP COLUMN sort"):
            continue
        if "s.a = " in statement:  # our UPDATE sets whole columns
            lake.sql(f"UPDATE {ours} SET note = 'n', s = {{'a': 'new', 'c': s.c}} WHERE id % 7 = 0")
        else:
            lake.sql(statement.format(table=ours))
        spark.sql(statement.format(table=theirs))
        expected = check_all(lake, spark, ours, theirs)
        widens = widens or "enableTypeWidening" in statement
        if not widens:
            assert by_delta_rs(lake.path(ours)) == expected
    # delta-rs 1.x reads no table whose types may widen.
    with pytest.raises(Exception, match="TypeWidening"):
        by_delta_rs(lake.path(ours))


@pytest.mark.parametrize("mode", ["name", "id"])
def test_a_new_table_is_mapped_from_the_start(empty_lake, spark, request, mode):
    lake, ours = empty_lake, name_of(request)
    lake.sql(f"CREATE TABLE {ours} ({COLUMNS}) PARTITIONED BY (kind) "
             + PROPERTIES.format(vectors="true", mode=f", 'delta.columnMapping.mode' = '{mode}'"))
    lake.sql(f"INSERT INTO {ours} " + OURS.format(0, 10))
    table = f"delta.`{lake.path(ours)}`"
    spark.sql(f"INSERT INTO {table} " + THEIRS.format(10, 20))
    spark.sql(f"ALTER TABLE {table} RENAME COLUMN s.a TO z")
    spark.sql(f"ALTER TABLE {table} ADD COLUMNS (late STRING)")
    lake.sql(f"UPDATE {ours} SET late = 'us' WHERE id < 5")
    spark.sql(f"UPDATE {table} SET late = 'them' WHERE id > 15")
    lake.sql(f"OPTIMIZE {ours}")

    rows = by_us(lake, ours)
    assert len(rows) == 20 and rows == by_spark(spark, table) == by_delta_rs(lake.path(ours))
    assert {row["late"] for row in rows} == {None, "us", "them"}
    # A filter on what statistics and partition values say finds its rows in both.
    where = "WHERE kind = 'k1' AND id > 12"
    assert spark.sql(f"SELECT id FROM {table} {where}").count() == len(lake.sql(f"SELECT id FROM {ours} {where}")) == 3

    ids = {field["metadata"]["delta.columnMapping.physicalName"]: field["metadata"]["delta.columnMapping.id"]
           for field in json.loads(DeltaTable(str(lake.path(ours))).schema().to_json())["fields"]}
    for file in lake.path(ours).rglob("*.parquet"):
        if "_delta_log" in file.parts:
            continue
        for field in pyarrow.parquet.read_schema(file):
            assert int(field.metadata[b"PARQUET:field_id"]) == ids[field.name]


def test_types_widen_under_each_others_hands(empty_lake, spark, request):
    lake, ours = empty_lake, name_of(request)
    lake.sql(f"CREATE TABLE {ours} (b TINYINT, s SMALLINT, i INT, f FLOAT, d DATE, n DECIMAL(4,1)) "
             "TBLPROPERTIES ('delta.enableTypeWidening' = 'true')")
    table = f"delta.`{lake.path(ours)}`"
    lake.sql(f"INSERT INTO {ours} VALUES (1, 2, 3, 0.5, DATE '2026-01-31', 12.5), (-128, -32768, -5, -0.25, NULL, -0.1)")
    for column, kind in [("b", "DOUBLE"), ("s", "INT"), ("i", "DECIMAL(12,2)"), ("f", "DOUBLE"), ("d", "TIMESTAMP_NTZ"),
                         ("n", "DECIMAL(10,3)")]:
        lake.sql(f"ALTER TABLE {ours} ALTER COLUMN {column} TYPE {kind}")
    spark.sql(f"INSERT INTO {table} VALUES (1.5, 100000, 7.25, 0.1, TIMESTAMP_NTZ '2026-02-01 10:00:00', 99.125)")
    spark.sql(f"ALTER TABLE {table} ALTER COLUMN s TYPE BIGINT")
    lake.sql(f"INSERT INTO {ours} VALUES (2.5, 5000000000, 1, 1, NULL, 1)")

    names = ["b", "s", "i", "f", "d", "n"]
    left = sorted(tuple(lakes.canonical(row[n]) or "" for n in names) for row in lake.sql(
        "SELECT " + ", ".join(f"{n}::VARCHAR AS {n}" for n in names) + f" FROM {ours}"))
    right = sorted(tuple(lakes.canonical(lakes.as_text(row[n])) or "" for n in names) for row in spark.table(table).collect())
    assert left == right
    assert len(left) == 4
    assert spark.sql(f"SELECT 1 FROM {table} WHERE s < 0 AND n < 0").count() == 1


@pytest.mark.parametrize("mode", ["name", "id"])
def test_the_change_feed_of_a_mapped_table_is_read(empty_lake, spark, request, mode):
    lake, ours = empty_lake, name_of(request)
    lake.sql(f"CREATE TABLE {ours} PARTITIONED BY (kind) TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true', "
             f"'delta.columnMapping.mode' = '{mode}') AS SELECT i AS id, 'k' || (i % 2) AS kind, {{'a': i}} AS s FROM range(10) r(i)")
    lake.sql(f"UPDATE {ours} SET s = {{'a': 77}} WHERE id = 3")
    lake.sql(f"DELETE FROM {ours} WHERE id = 4")
    feed = (spark.read.format("delta").option("readChangeFeed", "true").option("startingVersion", 1)
            .load(str(lake.path(ours))).collect())
    told = sorted((row["_change_type"], row["id"], row["kind"], row["s"]["a"]) for row in feed)
    assert told == [("delete", 4, "k0", 4), ("update_postimage", 3, "k1", 77), ("update_preimage", 3, "k1", 3)]


def test_a_table_without_its_features_is_read_by_all(empty_lake, spark, request):
    lake, ours = empty_lake, name_of(request)
    lake.sql(f"CREATE TABLE {ours} (id INT, kind STRING) PARTITIONED BY (kind) TBLPROPERTIES ('delta.columnMapping.mode' = 'name', "
             "'delta.enableTypeWidening' = 'true', 'delta.dropFeatureTruncateHistory.retentionDuration' = 'interval 0 hours')")
    lake.sql(f"INSERT INTO {ours} SELECT i, 'k' || (i % 2) FROM range(20) r(i)")
    lake.sql(f"ALTER TABLE {ours} RENAME COLUMN id TO number")
    lake.sql(f"ALTER TABLE {ours} ALTER COLUMN number TYPE BIGINT")
    lake.sql(f"DELETE FROM {ours} WHERE number < 5")
    for feature in ("deletionVectors", "columnMapping", "typeWidening"):
        try:
            lake.run("sql", f"ALTER TABLE {ours} DROP FEATURE {feature}")
        except AssertionError as wait:
            assert "TRUNCATE HISTORY" in str(wait)
        lake.sql(f"ALTER TABLE {ours} DROP FEATURE {feature} TRUNCATE HISTORY")

    table = f"delta.`{lake.path(ours)}`"
    detail = spark.sql(f"DESCRIBE DETAIL {table}").collect()[0]
    assert (detail["minReaderVersion"], detail["minWriterVersion"]) == (1, 2)
    rows = canonical(lake.sql(f"SELECT number::VARCHAR AS number, kind FROM {ours}"))
    assert len(rows) == 15 and rows == by_spark(spark, table) == by_delta_rs(lake.path(ours))
    spark.sql(f"INSERT INTO {table} VALUES (100, 'k0')")
    assert lake.sql(f"SELECT count(*) AS n FROM {ours} WHERE number = 100") == [{"n": 1}]
