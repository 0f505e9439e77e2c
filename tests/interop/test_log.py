"""What a table's log may carry beside its files: ids of rows, checkpoints of all forms, version checksums.

The oracle is Spark, which reads them of our tables and goes on, and whose tables we go on with.
"""
import json

import pytest

import lakes

TRACKED = "'delta.enableRowTracking' = 'true'"
STATEMENTS = [
    "INSERT INTO {table} VALUES (1, 'a'), (2, 'b'), (3, 'c')",
    "INSERT INTO {table} VALUES (4, 'd'), (5, 'e')",
    "UPDATE {table} SET v = 'B' WHERE id = 2",
    "DELETE FROM {table} WHERE id = 4",
    "MERGE INTO {table} AS t USING (SELECT 3 AS id, 'C' AS v) AS s ON t.id = s.id WHEN MATCHED THEN UPDATE SET v = s.v",
    "OPTIMIZE {table}",
    "UPDATE {table} SET v = 'E' WHERE id = 5",
]
# Of each row, by hand after the protocol: its id, and the version that wrote it last.
EXPECTED = [(1, 0, 1), (2, 1, 3), (3, 2, 5), (5, 4, 7)]


@pytest.fixture(scope="module")
def empty_lake(tmp_path_factory):
    lake = lakes.Lake(tmp_path_factory.mktemp("log") / "lake")
    lake.run("init")
    yield lake
    lake.close()
    lake.check()


def tracked_in_spark(spark, path):
    rows = spark.sql(f"SELECT id, _metadata.row_id, _metadata.row_commit_version FROM delta.`{path}` ORDER BY id").collect()
    return [(row[0], row[1], row[2]) for row in rows]


def tracked_by_us(lake, table):
    rows = lake.sql(f"SELECT id, coalesce(_row_id_kept, _row_id_base + file_row_number) AS row, "
                    f"coalesce(_row_version_kept, _row_version_base) AS version FROM {table} ORDER BY id")
    return [(row["id"], row["row"], row["version"]) for row in rows]


WAYS = {"vectors": "", "copies": ", 'delta.enableDeletionVectors' = 'false'", "mapped": ", 'delta.columnMapping.mode' = 'name'"}


@pytest.mark.parametrize("way", WAYS)
def test_rows_that_we_track_are_the_same_rows_to_spark(empty_lake, spark, way):
    table = f"gold.tracked_{way}"
    empty_lake.sql(f"CREATE TABLE {table} (id BIGINT, v STRING) TBLPROPERTIES ({TRACKED}{WAYS[way]})")
    for statement in STATEMENTS:
        empty_lake.sql(statement.format(table=table))

    assert tracked_in_spark(spark, empty_lake.path(table)) == EXPECTED
    assert tracked_by_us(empty_lake, table) == EXPECTED
    # Spark goes on, and we after it: nobody gives an id twice, and both see the same.
    spark.sql(f"UPDATE delta.`{empty_lake.path(table)}` SET v = 'A' WHERE id = 1")
    spark.sql(f"INSERT INTO delta.`{empty_lake.path(table)}` VALUES (6, 'f')")
    empty_lake.sql(f"UPDATE {table} SET v = 'F' WHERE id = 6")
    both = tracked_by_us(empty_lake, table)
    assert both == tracked_in_spark(spark, empty_lake.path(table))
    assert both[0][1] == 0 and len({row[1] for row in both}) == 5
    empty_lake.check(table)


def test_a_table_of_spark_that_tracks_rows_keeps_them(empty_lake, spark):
    path = empty_lake.path("gold.theirs")
    spark.sql(f"CREATE TABLE delta.`{path}` (id BIGINT, v STRING) USING delta TBLPROPERTIES "
              f"({TRACKED}, 'delta.enableDeletionVectors' = 'true')")
    for statement in STATEMENTS[:3]:
        spark.sql(statement.format(table=f"delta.`{path}`"))
    for statement in STATEMENTS[3:]:
        empty_lake.sql(statement.format(table="gold.theirs"))

    assert [row[0] for row in tracked_in_spark(spark, path)] == [1, 2, 3, 5]
    assert tracked_by_us(empty_lake, "gold.theirs") == tracked_in_spark(spark, path)
    assert [row[1] for row in tracked_in_spark(spark, path)] == [0, 1, 2, 4]
    empty_lake.check("gold.theirs")


FORMS = {
    "classic_typed": "'delta.checkpoint.writeStatsAsStruct' = 'true'",
    "classic_typed_only": "'delta.checkpoint.writeStatsAsStruct' = 'true', 'delta.checkpoint.writeStatsAsJson' = 'false'",
    "v2": "'delta.checkpointPolicy' = 'v2'",
    "v2_typed_only": "'delta.checkpointPolicy' = 'v2', 'delta.checkpoint.writeStatsAsStruct' = 'true', "
                     "'delta.checkpoint.writeStatsAsJson' = 'false', 'delta.columnMapping.mode' = 'name'",
}


@pytest.mark.parametrize("form", FORMS)
def test_checkpoints_of_each_form_are_read_by_others(empty_lake, spark, delta_rs, form):
    table = f"gold.{form}"
    empty_lake.sql(f"CREATE TABLE {table} (id BIGINT, price DECIMAL(20,4), s STRUCT<at: TIMESTAMP, t: STRING>, day DATE) "
                          f"PARTITIONED BY (day) TBLPROPERTIES ('delta.checkpointInterval' = '3', {FORMS[form]})")
    for i in range(1, 7):
        empty_lake.sql(f"INSERT INTO {table} SELECT {i}, {i}.5, {{'at': TIMESTAMP '2026-01-0{i} 10:00:00', 't': 'x{i}'}}, "
                              f"DATE '2026-01-0{i}'")
    path = empty_lake.path(table)
    # Nothing but the newest checkpoint and what is behind it: that one must be read.
    for version in range(6):
        (path / "_delta_log" / f"{version:020}.json").unlink()
    spark.sql(f"REFRESH TABLE delta.`{path}`")

    for source in (lambda: spark.sql(f"SELECT count(*), sum(id), max(s.t) FROM delta.`{path}` WHERE s.at >= TIMESTAMP '2026-01-03 00:00:00'"),
                   lambda: spark.sql(f"SELECT count(*), sum(id), max(s.t) FROM delta.`{path}` WHERE day >= DATE '2026-01-03'"),
                   lambda: spark.sql(f"SELECT count(*), sum(id), max(s.t) FROM delta.`{path}` WHERE price > 2.6")):
        assert tuple(source().collect()[0]) == (4, 18, "x6")
    if "name" not in FORMS[form]:
        assert sorted(int(row["id"]) for row in delta_rs.query(path, "SELECT id FROM t")) == list(range(1, 7))
    assert empty_lake.sql(f"SELECT count(*) AS n FROM {table} WHERE s.at >= TIMESTAMP '2026-01-03 00:00:00'") == [{"n": 4}]
    spark.sql(f"INSERT INTO delta.`{path}` SELECT 7, 7.5, named_struct('at', TIMESTAMP '2026-01-07 10:00:00', 't', 'x7'), DATE '2026-01-07'")
    assert empty_lake.sql(f"SELECT count(*) AS n FROM {table}") == [{"n": 7}]
    empty_lake.check(table)


def test_checksums_say_what_those_of_spark_say(empty_lake, spark):
    empty_lake.sql("CREATE TABLE gold.sums (id BIGINT) TBLPROPERTIES ('delta.enableInCommitTimestamps' = 'true')")
    empty_lake.sql("INSERT INTO gold.sums VALUES (1), (2)")
    path = empty_lake.path("gold.sums")
    spark.sql(f"INSERT INTO delta.`{path}` VALUES (3)")
    log = path / "_delta_log"
    ours, theirs = (json.loads((log / f"{version:020}.crc").read_text()) for version in (1, 2))

    assert ours["numFiles"] == 1 and theirs["numFiles"] > ours["numFiles"]
    for same in ("metadata", "protocol", "numMetadata", "numProtocol", "domainMetadata", "setTransactions"):
        assert canonical(ours[same]) == canonical(theirs[same]), same
    assert ours["inCommitTimestampOpt"] < theirs["inCommitTimestampOpt"]
    empty_lake.check("gold.sums")


def canonical(value):
    """Lists of names in any order; what is null or empty is not there."""
    if isinstance(value, dict):
        return {key: canonical(inner) for key, inner in value.items() if inner not in (None, {}, [])}
    if isinstance(value, list):
        return sorted((canonical(inner) for inner in value), key=str)
    return value
