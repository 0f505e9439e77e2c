"""Tables that delta-rs and Spark wrote into the lake's folder, read by our engine."""
import datetime
import decimal

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

import lakes


def batch(first, count):
    """Rows with every type that a table of ours has, nulls, and texts that are easy to spoil."""
    numbers = range(first, first + count)
    words = ["plain", "comma, quote \" and line\nend", "Žluťoučký 🐎", "", None, "50% #1/2"]
    moment = datetime.datetime(2026, 1, 31, 23, 59, 59, 999999, tzinfo=datetime.timezone.utc)
    return pa.table({
        "id": pa.array(numbers, pa.int64()),
        "small": pa.array([None if n % 7 == 0 else n % 100 for n in numbers], pa.int32()),
        "amount": pa.array([decimal.Decimal(n * 37 - 500).scaleb(-2) for n in numbers], pa.decimal128(18, 2)),
        "ratio": pa.array([n / 7 for n in numbers], pa.float64()),
        "flag": pa.array([None if n % 5 == 0 else n % 2 == 0 for n in numbers], pa.bool_()),
        "word": pa.array([words[n % len(words)] for n in numbers], pa.string()),
        "day": pa.array([datetime.date(1969, 12, 25) + datetime.timedelta(days=n) for n in numbers], pa.date32()),
        "moment": pa.array([moment + datetime.timedelta(microseconds=n) for n in numbers], pa.timestamp("us", "UTC")),
        "names": pa.array([[] if n % 4 == 0 else ["a", None, "b, c"][: n % 4] for n in numbers], pa.list_(pa.string())),
    })


def texts(rows):
    return [{name: lakes.as_text(value) for name, value in row.items()} for row in rows]


def same_as_delta_rs(lake, table):
    theirs = texts(DeltaTable(str(lake.path(table))).to_pyarrow_table().to_pylist())
    columns = list(theirs[0])
    lakes.same_rows(lake.rows(table, columns), theirs, columns, "id")
    return len(theirs)


def same_as_spark(lake, spark, table):
    theirs = texts(row.asDict() for row in spark.read.format("delta").load(str(lake.path(table))).collect())
    columns = list(theirs[0])
    lakes.same_rows(lake.rows(table, columns), theirs, columns, "id")
    return len(theirs)


def test_appended_by_delta_rs(lake):
    for start in range(0, 300, 100):
        write_deltalake(str(lake.path("theirs.rs_append")), batch(start, 100), mode="append")

    assert same_as_delta_rs(lake, "theirs.rs_append") == 300


def test_overwritten_by_delta_rs(lake):
    write_deltalake(str(lake.path("theirs.rs_overwrite")), batch(0, 50))
    write_deltalake(str(lake.path("theirs.rs_overwrite")), batch(1000, 70), mode="overwrite")

    assert same_as_delta_rs(lake, "theirs.rs_overwrite") == 70
    assert lake.sql("SELECT COUNT(*) AS n FROM theirs.rs_overwrite AT (VERSION => 0)")[0]["n"] == 50


@pytest.mark.parametrize("columns", [["small"], ["word", "flag"], ["day"]], ids="-".join)
def test_partitioned_by_delta_rs(lake, columns):
    table = "theirs.rs_by_" + "_".join(columns)
    # An empty text is null as a partition value, by the protocol.
    rows = batch(0, 90).filter(pa.compute.not_equal(pa.compute.fill_null(batch(0, 90)["word"], "-"), ""))
    write_deltalake(str(lake.path(table)), rows, partition_by=columns)

    assert same_as_delta_rs(lake, table) == rows.num_rows


def test_checkpointed_by_delta_rs(lake):
    table = "theirs.rs_checkpoint"
    for start in range(12):
        write_deltalake(str(lake.path(table)), batch(start * 10, 10), mode="append")
    DeltaTable(str(lake.path(table))).create_checkpoint()
    write_deltalake(str(lake.path(table)), batch(500, 10), mode="append")

    assert list((lake.path(table) / "_delta_log").glob("*.checkpoint*.parquet"))
    assert same_as_delta_rs(lake, table) == 130


def test_deleted_from_by_delta_rs(lake):
    table = "theirs.rs_delete"
    write_deltalake(str(lake.path(table)), batch(0, 100))
    DeltaTable(str(lake.path(table))).delete("id >= 40 AND id < 60")

    assert same_as_delta_rs(lake, table) == 80


def test_appended_and_overwritten_by_spark(lake, spark):
    table = "theirs.spark_overwrite"
    path = str(lake.path(table))
    frames = [spark.createDataFrame(batch(start, 60).to_pylist(), schema=SPARK_SCHEMA) for start in (0, 60, 900)]
    frames[0].write.format("delta").save(path)
    frames[1].write.format("delta").mode("append").save(path)
    assert same_as_spark(lake, spark, table) == 120
    frames[2].write.format("delta").mode("overwrite").save(path)

    assert same_as_spark(lake, spark, table) == 60
    assert lake.sql(f"SELECT COUNT(*) AS n FROM {table} AT (VERSION => 1)")[0]["n"] == 120


def test_partitioned_by_spark(lake, spark):
    table = "theirs.spark_partitioned"
    frame = spark.createDataFrame(batch(0, 80).to_pylist(), schema=SPARK_SCHEMA).where("word <> '' OR word IS NULL")
    frame.write.format("delta").partitionBy("word", "day").save(str(lake.path(table)))

    assert same_as_spark(lake, spark, table) > 60


def test_checkpointed_by_spark(lake, spark):
    table = "theirs.spark_checkpoint"
    for start in range(13):
        frame = spark.createDataFrame(batch(start * 5, 5).to_pylist(), schema=SPARK_SCHEMA)
        frame.coalesce(1).write.format("delta").mode("append").save(str(lake.path(table)))

    assert list((lake.path(table) / "_delta_log").glob("*.checkpoint*.parquet"))
    assert same_as_spark(lake, spark, table) == 65


def test_changed_by_spark(lake, spark):
    table = "theirs.spark_changed"
    path = str(lake.path(table))
    spark.createDataFrame(batch(0, 60).to_pylist(), schema=SPARK_SCHEMA).write.format("delta").save(path)
    spark.sql(f"UPDATE delta.`{path}` SET amount = amount + 1 WHERE id < 10")
    spark.sql(f"DELETE FROM delta.`{path}` WHERE id >= 50")

    assert same_as_spark(lake, spark, table) == 50


SPARK_SCHEMA = ("id BIGINT, small INT, amount DECIMAL(18,2), ratio DOUBLE, flag BOOLEAN, word STRING, day DATE, "
                "moment TIMESTAMP, names ARRAY<STRING>")
