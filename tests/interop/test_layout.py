"""Tables that we lay out along a curve, and clustered tables in turn with Spark.

The oracle is Spark: what it says of a table of ours, and that it and we go on with each other's files.
"""
import json

import pytest

import lakes

ROWS = ("SELECT CAST(hash({0} + i) % 1000 AS INT) AS a, CAST(hash(-i - {0}) % 1000 AS INT) AS b, i AS id, 'n' || i AS name "
        "FROM range({0}, {0} + {1}) AS r(i)")


@pytest.fixture(scope="module")
def empty_lake(tmp_path_factory):
    lake = lakes.Lake(tmp_path_factory.mktemp("layout") / "lake")
    lake.run("init")
    yield lake
    lake.check()


def actions(path, kind):
    """The actions of one kind, in the order of the log."""
    found = []
    for file in sorted((path / "_delta_log").glob("*.json")):
        found += [json.loads(line)[kind] for line in file.read_text().splitlines() if kind in json.loads(line)]
    return found


def same_rows(lake, spark, table):
    ours = lake.sql(f"SELECT count(*) AS n, sum(a) AS a, sum(b) AS b, sum(id) AS id FROM {table}")[0]
    theirs = spark.sql(f"SELECT count(*) AS n, sum(a) AS a, sum(b) AS b, sum(id) AS id FROM delta.`{lake.path(table)}`").first().asDict()
    assert {k: int(v) for k, v in ours.items()} == {k: int(v) for k, v in theirs.items()}
    return int(ours["n"])


def test_spark_reads_what_is_ordered_and_says_by_what(empty_lake, spark):
    lake, table = empty_lake, "gold.ordered"
    lake.run("sql", f"CREATE TABLE {table} AS " + ROWS.format(0, 2000))
    lake.run("sql", f"INSERT INTO {table} " + ROWS.format(2000, 500))
    lake.run("sql", f"DELETE FROM {table} WHERE a < 10")
    lake.run("sql", f"OPTIMIZE {table} ZORDER BY (a, b)")
    same_rows(lake, spark, table)
    last = spark.sql(f"DESCRIBE HISTORY delta.`{lake.path(table)}` LIMIT 1").first()
    assert last.operation == "OPTIMIZE"
    assert json.loads(last.operationParameters["zOrderBy"]) == ["a", "b"]
    assert last.operationMetrics["numRemovedFiles"] == "2"


@pytest.mark.parametrize("mode", ["none", "name"])
def test_spark_and_we_cluster_one_table_in_turn(empty_lake, spark, mode):
    lake, table = empty_lake, f"gold.clustered_{mode}"
    path = lake.path(table)
    lake.run("sql", f"CREATE TABLE {table} CLUSTER BY (a, b) TBLPROPERTIES ('delta.columnMapping.mode' = '{mode}') AS "
             + ROWS.format(0, 1000))
    detail = spark.sql(f"DESCRIBE DETAIL delta.`{path}`").first()
    assert detail.clusteringColumns == ["a", "b"]
    lake.run("sql", f"OPTIMIZE {table}")
    assert same_rows(lake, spark, table) == 1000
    # Theirs goes on with our files, and says the same of its own.
    spark.sql(f"INSERT INTO delta.`{path}` VALUES (1, 2, 3, 'x'), (4, 5, 6, 'y')")
    spark.sql(f"OPTIMIZE delta.`{path}`")
    assert same_rows(lake, spark, table) == 1002
    added = [add for add in actions(path, "add") if "clusteringProvider" in add]
    assert len(added) >= 2
    assert {add["clusteringProvider"] for add in added} == {"liquid"}
    assert len({add["tags"]["ZCUBE_ZORDER_BY"] for add in added}) == 1
    # And ours with theirs.
    lake.run("sql", f"INSERT INTO {table} " + ROWS.format(5000, 10))
    lake.run("sql", f"OPTIMIZE {table}")
    assert same_rows(lake, spark, table) == 1012
    spark.sql(f"OPTIMIZE delta.`{path}` FULL")
    assert same_rows(lake, spark, table) == 1012


def test_a_clustered_table_of_spark_is_gone_on_with(empty_lake, spark):
    lake, table = empty_lake, "gold.theirs"
    path = lake.path(table)
    spark.sql(f"CREATE TABLE delta.`{path}` (a INT, b INT, id BIGINT, name STRING) USING delta CLUSTER BY (id, name)")
    spark.sql(f"INSERT INTO delta.`{path}` VALUES (1, 2, 3, 'x'), (4, 5, 6, 'y')")
    assert json.loads(lake.sql(f"DESCRIBE DETAIL {table}")[0]["clusteringColumns"]) == ["id", "name"]
    lake.run("sql", f"OPTIMIZE {table}")
    lake.run("sql", f"ALTER TABLE {table} CLUSTER BY (a)")
    assert spark.sql(f"DESCRIBE DETAIL delta.`{path}`").first().clusteringColumns == ["a"]
    spark.sql(f"ALTER TABLE delta.`{path}` CLUSTER BY NONE")
    assert json.loads(lake.sql(f"DESCRIBE DETAIL {table}")[0]["clusteringColumns"]) == []
    assert same_rows(lake, spark, table) == 2


def test_spark_lets_tags_through_and_reads_files_without_bounds(empty_lake, spark):
    lake, table = empty_lake, "gold.tagged"
    path = lake.path(table)
    lake.run("sql", f"CREATE TABLE {table} AS " + ROWS.format(0, 100))
    lake.run("sql", f"ALTER TABLE {table} ALTER COLUMN name SET TAGS ('pii')")
    spark.sql(f"INSERT INTO delta.`{path}` VALUES (1, 2, 3, 'x')")
    spark.sql(f"ALTER TABLE delta.`{path}` ALTER COLUMN id COMMENT 'the key'")
    assert same_rows(lake, spark, table) == 101
    assert spark.sql(f"SELECT count(*) AS n FROM delta.`{path}` WHERE name = 'n7'").first().n == 1
    fields = json.loads(actions(path, "metaData")[-1]["schemaString"])["fields"]
    assert fields[3]["metadata"] == {"claimlake.tags": ["pii"]}
