"""Tables that we replace, clone, convert and drop, read by Spark and delta-rs; and Spark's clones by us."""
from deltalake import DeltaTable


def rows_of(frame):
    return sorted(tuple(row) for row in frame.collect())


def test_a_clone_of_ours_is_read_and_changed_by_spark(lake, spark):
    lake.sql("CREATE TABLE made.source PARTITIONED BY (k) AS SELECT i AS id, 'k y:' || (i % 2) AS k FROM range(6) r(i)")
    lake.sql("DELETE FROM made.source WHERE id = 2")
    lake.sql("CREATE TABLE made.clone SHALLOW CLONE made.source")

    clone = f"delta.`{lake.path('made.clone')}`"
    assert rows_of(spark.sql(f"SELECT id FROM {clone}")) == [(0,), (1,), (3,), (4,), (5,)]
    assert spark.sql(f"DESCRIBE HISTORY {clone}").first()["operation"] == "CLONE"
    spark.sql(f"DELETE FROM {clone} WHERE id = 0")
    spark.sql(f"UPDATE {clone} SET id = 10 WHERE id = 1")
    lake.sql("DELETE FROM made.clone WHERE id = 3")
    assert rows_of(spark.sql(f"SELECT id FROM {clone}")) == [(4,), (5,), (10,)]
    assert lake.sql("SELECT id FROM made.clone ORDER BY id") == [{"id": 4}, {"id": 5}, {"id": 10}]
    assert lake.sql("SELECT count(*) AS n FROM made.source") == [{"n": 5}]


def test_a_clone_of_spark_is_read_and_changed_by_us(lake, spark):
    lake.sql("CREATE TABLE made.origin AS SELECT i AS id FROM range(6) r(i)")
    lake.sql("DELETE FROM made.origin WHERE id = 2")
    path = lake.path("made.theirs")
    spark.sql(f"CREATE TABLE delta.`{path}` SHALLOW CLONE delta.`{lake.path('made.origin')}`")

    lake.sql("UPDATE made.theirs SET id = 10 WHERE id = 1")
    assert [row["id"] for row in lake.sql("SELECT id FROM made.theirs ORDER BY id")] == [0, 3, 4, 5, 10]
    assert rows_of(spark.sql(f"SELECT id FROM delta.`{path}`")) == [(0,), (3,), (4,), (5,), (10,)]


def test_a_table_that_we_replace_is_read_with_its_versions(lake, spark):
    lake.sql("CREATE TABLE made.replaced PARTITIONED BY (k) AS SELECT i AS id, i % 2 AS k FROM range(4) r(i)")
    lake.sql("CREATE OR REPLACE TABLE made.replaced AS SELECT 'n' || id AS name FROM made.replaced")

    path = str(lake.path("made.replaced"))
    assert rows_of(spark.read.format("delta").load(path)) == [("n0",), ("n1",), ("n2",), ("n3",)]
    assert spark.read.format("delta").option("versionAsOf", 0).load(path).count() == 4
    operations = [row["operation"] for row in spark.sql(f"DESCRIBE HISTORY delta.`{path}`").collect()]
    assert operations == ["CREATE OR REPLACE TABLE AS SELECT", "CREATE TABLE AS SELECT"]


def test_what_we_convert_is_read_by_spark_and_delta_rs(lake, spark):
    path = lake.path("made.converted")
    frame = spark.sql("SELECT CAST(id AS INT) AS id, TIMESTAMP '2026-01-31 10:00:00' AS at, DATE '2026-01-31' AS day, "
                      "CASE id WHEN 0 THEN NULL WHEN 1 THEN 'x y%/é' ELSE 'z' END AS k FROM range(3)")
    frame.write.partitionBy("k").parquet(str(path))
    lake.sql("CONVERT TO DELTA parquet.`made/converted` PARTITIONED BY (k STRING)")

    columns = ["id", "at", "day", "k"]
    assert rows_of(spark.read.format("delta").load(str(path)).select(columns)) == rows_of(frame.select(columns))
    theirs = DeltaTable(str(path)).to_pyarrow_table().to_pylist()
    assert sorted((row["id"], row["k"] or "") for row in theirs) == [(0, ""), (1, "x y%/é"), (2, "z")]
    spark.sql(f"INSERT INTO delta.`{path}` SELECT 7, TIMESTAMP '2026-01-31 10:00:00', DATE '2026-02-01', 'z'")
    assert lake.sql("SELECT count(*) AS n FROM made.converted WHERE k = 'z'") == [{"n": 2}]


def test_a_table_that_we_drop_is_none_for_others(lake, spark):
    lake.sql("CREATE TABLE made.dropped AS SELECT 1 AS id")
    path = lake.path("made.dropped")
    lake.sql("DROP TABLE made.dropped")

    assert not path.exists()
    assert not DeltaTable.is_deltatable(str(path))
