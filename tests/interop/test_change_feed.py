"""The change feed of our tables as Spark and delta-rs read it, and that of Spark's tables as we read it.

The oracle is Spark: the same statements run there on a table of its own, and all must tell the same changes.
"""
import collections
import dataclasses
import pathlib

import pyarrow as pa
import pytest
from deltalake import DeltaTable

import lakes

CREATE = ("CREATE TABLE {table} (id BIGINT, kind STRING, amount DECIMAL(18,2)) USING DELTA {partitioning} TBLPROPERTIES "
          "('delta.enableChangeDataFeed' = 'true', 'delta.enableDeletionVectors' = '{vectors}')")
ROWS = "SELECT CAST(id AS BIGINT), CONCAT('k', id % 3), CAST(id * 1.25 AS DECIMAL(18,2)) FROM {range}"
# In the words that both engines share. None of them sets a row to what it was: Spark tells that, and we do not.
STATEMENTS = [
    "UPDATE {table} SET amount = amount + 100, kind = 'changed' WHERE id BETWEEN 30 AND 49",
    "DELETE FROM {table} WHERE id % 10 = 3",
    "DELETE FROM {table} WHERE id >= 80 AND id < 1000",
    "MERGE INTO {table} AS t USING (SELECT id + 50 AS id, 'merged' AS kind, amount + 1 AS amount FROM {table} WHERE id < 60) AS s "
    "ON t.id = s.id WHEN MATCHED AND s.id % 3 = 0 THEN DELETE WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *",
    "MERGE INTO {table} AS t USING (SELECT id + 500 AS id, kind, amount FROM {table} WHERE id < 10) AS s ON t.id = s.id "
    "WHEN NOT MATCHED THEN INSERT *",
    "MERGE INTO {table} AS t USING (SELECT 500 AS id) AS s ON t.id = s.id WHEN MATCHED THEN UPDATE SET kind = NULL "
    "WHEN NOT MATCHED BY SOURCE AND t.id > 500 THEN DELETE",
    "UPDATE {table} SET amount = NULL WHERE kind IS NULL",
    "OPTIMIZE {table}",
    "RESTORE TABLE {table} TO VERSION AS OF 5",
    "DELETE FROM {table}",
]
# What only Spark does to its table, for us to read.
OF_SPARK = [
    "INSERT OVERWRITE {table} " + ROWS.replace("{range}", "range(0, 20)"),
    "UPDATE {table} SET amount = amount WHERE id = 1",  # Spark tells it all the same
]
FORMS = [("true", ""), ("false", ""), ("true", "PARTITIONED BY (kind)"), ("false", "PARTITIONED BY (kind)")]
COLUMNS = ["id", "kind", "amount", "_change_type"]


@dataclasses.dataclass
class Feed:
    """A table, the version that it had after its rows came and after each statement, and what Spark reads of its feed."""
    table: str
    path: pathlib.Path
    versions: list
    told_by_spark: dict = None  # version -> rows

    def told_of(self, statement):
        first, last = self.versions[statement] + 1, self.versions[statement + 1]
        return [row for version in range(first, last + 1) for row in self.told_by_spark.get(version, [])]


def texts(rows):
    return [{name: lakes.as_text(row[name]) for name in COLUMNS} for row in rows]


def told_by_spark(spark, path, first):
    """All of the feed from a version on, by versions: Spark takes a second for each time that it is asked."""
    told = collections.defaultdict(list)
    read = spark.read.format("delta").option("readChangeFeed", "true").option("startingVersion", first)
    for row in read.load(str(path)).collect():
        told[row["_commit_version"]] += texts([row.asDict()])
    return told


def told_by_delta_rs(path, first, last):
    return texts(pa.table(DeltaTable(str(path)).load_cdf(starting_version=first, ending_version=last).read_all()).to_pylist())


def net(rows):
    """What is left when a row that goes and one like it that comes are taken for nothing."""
    sums = collections.Counter()
    for row in rows:
        sign = 1 if row["_change_type"] in ("insert", "update_postimage") else -1
        sums[row["id"], row["kind"], row["amount"]] += sign
    return {row: n for row, n in sums.items() if n}


@pytest.fixture(scope="module", params=FORMS, ids=["vectors", "copies", "vectors-partitioned", "copies-partitioned"])
def twins(lake, spark, request):
    """A table of ours and one of Spark's with the same history, both in the lake's folder."""
    vectors, partitioning = request.param
    feeds = []
    for who, run, statements in (("ours", lake.sql, STATEMENTS), ("theirs", spark.sql, STATEMENTS + OF_SPARK)):
        name = f"feeds.{who}_{request.param_index}"
        path = lake.path(name)
        table = name if who == "ours" else f"delta.`{path}`"
        run(CREATE.format(table=table, vectors=vectors, partitioning=partitioning))
        for first in (0, 40, 80):
            rows = f"range({first}, {first + 40})" + (" AS r(id)" if who == "ours" else "")
            run(f"INSERT INTO {table} " + ROWS.format(range=rows))
        feed = Feed(name, path, [3])
        for statement in statements:
            run(statement.format(table=table))
            feed.versions.append(DeltaTable(str(path)).version())
        feed.told_by_spark = told_by_spark(spark, path, 0)
        feeds.append(feed)
    return feeds


def test_the_same_statements_tell_the_same_changes(twins):
    ours, theirs = twins
    for i, statement in enumerate(STATEMENTS):
        told = ours.told_of(i), theirs.told_of(i)
        assert told[1] or "OPTIMIZE" in statement
        if "RESTORE" in statement:  # which rows go and come back depends on how they lie in files
            assert net(told[0]) == net(told[1])
        else:
            lakes.same_rows(*told, COLUMNS)


def test_delta_rs_is_told_what_spark_is_told(twins):
    ours, _ = twins
    for i in range(7):
        first, last = ours.versions[i] + 1, ours.versions[i + 1]
        assert first == last
        lakes.same_rows(told_by_delta_rs(ours.path, first, last), ours.told_of(i), COLUMNS)


def told_by_us(lake, table, *bounds):
    return lake.sql(f"SELECT CAST(id AS VARCHAR) AS id, kind, CAST(amount AS VARCHAR) AS amount, _change_type FROM "
                    f"table_changes('{table}', {', '.join(map(str, bounds))})")


def test_the_feed_of_a_table_of_spark_is_read_as_spark_reads_it(lake, spark, twins):
    _, theirs = twins
    told = theirs.told_by_spark
    for version in range(theirs.versions[-1] + 1):
        lakes.same_rows(told_by_us(lake, theirs.table, version, version), told.get(version, []), COLUMNS)
    lakes.same_rows(told_by_us(lake, theirs.table, 2), [row for version in told if version >= 2 for row in told[version]], COLUMNS)
    times = [row["timestamp"] for row in spark.sql(f"DESCRIBE HISTORY delta.`{theirs.path}`").collect()][::-1]
    seen = lake.sql(f"SELECT DISTINCT _commit_version AS v, CAST(_commit_timestamp AS VARCHAR) AS t FROM table_changes('{theirs.table}', 0)")
    assert {row["v"]: lakes.canonical(row["t"]) for row in seen} == {row["v"]: lakes.as_text(times[row["v"]]) for row in seen}


def test_the_feed_is_read_through_renamed_dropped_and_added_columns(lake, spark):
    name = "feeds.mapped"
    table = f"delta.`{lake.path(name)}`"
    spark.sql(f"CREATE TABLE {table} (id BIGINT, kind STRING, old INT) USING DELTA PARTITIONED BY (kind) TBLPROPERTIES "
              "('delta.enableChangeDataFeed' = 'true', 'delta.columnMapping.mode' = 'name', 'delta.enableDeletionVectors' = 'true')")
    spark.sql(f"INSERT INTO {table} VALUES (1, 'a', 7), (2, 'a', 8), (3, 'b', 9)")
    spark.sql(f"UPDATE {table} SET old = 70 WHERE id = 1")
    spark.sql(f"ALTER TABLE {table} RENAME COLUMN kind TO sort")
    spark.sql(f"ALTER TABLE {table} DROP COLUMN old")
    spark.sql(f"ALTER TABLE {table} ADD COLUMN note STRING")
    spark.sql(f"DELETE FROM {table} WHERE id = 2")
    spark.sql(f"UPDATE {table} SET note = 'n', sort = 'c' WHERE id = 3")

    rows = lake.sql(f"SELECT id, sort, note, _change_type AS t, _commit_version AS v FROM table_changes('{name}', 0) ORDER BY v, id, t")
    assert [tuple(row.values()) for row in rows] == [
        (1, "a", None, "insert", 1), (2, "a", None, "insert", 1), (3, "b", None, "insert", 1),
        (1, "a", None, "update_postimage", 2), (1, "a", None, "update_preimage", 2),
        (2, "a", None, "delete", 6),
        (3, "c", "n", "update_postimage", 7), (3, "b", None, "update_preimage", 7)]
