"""Our tables, read by delta-rs and by Spark, hold the same rows as our own engine sees."""
import json

import pyarrow
import pytest
from deltalake import DeltaTable, QueryBuilder

import lakes
import spark as spark_of_tests


def query_by_delta_rs(path, query, version=None):
    """By its own engine, which knows deletion vectors; its way through PyArrow refuses tables that may have some."""
    table = DeltaTable(str(path), version=version)
    return pyarrow.table(QueryBuilder().register("t", table).execute(query).read_all()).to_pylist()


def read_by_delta_rs(path):
    return [{name: lakes.as_text(value) for name, value in row.items()} for row in query_by_delta_rs(path, "SELECT * FROM t")]


def key_of(table):
    return {**lakes.SILVER, **lakes.GOLD}.get(table.split(".")[1])


@pytest.mark.parametrize("table", lakes.ALL)
def test_delta_rs_reads_the_same_rows(lake, table):
    columns = lake.columns(table)
    theirs = read_by_delta_rs(lake.path(table))

    assert theirs, f"{table} is empty"
    lakes.same_rows(lake.rows(table, columns), theirs, columns, key_of(table))


@pytest.mark.parametrize("table", lakes.ALL)
def test_spark_reads_the_same_rows(lake, spark, table):
    columns = lake.columns(table)
    frame = spark.read.format("delta").load(str(lake.path(table)))
    theirs = [{name: lakes.as_text(value) for name, value in row.items()} for row in spark_of_tests.rows(frame)]

    lakes.same_rows(lake.rows(table, columns), theirs, columns, key_of(table))


@pytest.mark.parametrize("table, column", [("silver.fact_claims", "paid_amount"), ("silver.fact_claims", "claim_amount"),
                                           ("silver.dim_policies", "earned_premium"),
                                           ("gold.monthly_kpis", "total_paid_amount"),
                                           ("gold.customer_360_view", "lifetime_value")])
def test_sums_of_money_agree_to_the_cent(lake, spark, table, column):
    ours = lake.sql(f"SELECT CAST(SUM({column}) AS VARCHAR) AS total FROM {table}")[0]["total"]
    by_spark = spark.read.format("delta").load(str(lake.path(table))).selectExpr(f"SUM({column}) AS total").first()[0]
    by_delta_rs = sum(row[column] for row in query_by_delta_rs(lake.path(table), f"SELECT {column} FROM t") if row[column] is not None)

    assert ours == str(by_spark) == str(by_delta_rs)


def test_history_is_read_by_others(lake, spark):
    ours = lake.sql("SELECT COUNT(*) AS n FROM silver.fact_claims AT (VERSION => 0)")[0]["n"]
    path = str(lake.path("silver.fact_claims"))

    assert spark.read.format("delta").option("versionAsOf", 0).load(path).count() == ours
    assert query_by_delta_rs(path, "SELECT COUNT(*) AS n FROM t", version=0) == [{"n": ours}]
    assert DeltaTable(path).history(), "delta-rs finds no commit information"


def test_others_read_what_a_refresh_by_key_leaves(spark, tmp_path):
    """A claim is corrected: its old row is taken out by a deletion vector, its new one stands in a small file."""
    lake = lakes.Lake(tmp_path / "lake").fill()
    first = json.loads((lake.folder / "raw/claims.jsonl").read_text().splitlines()[0])
    first.update(status="Denied", paid_amount=0, updated_at="2026-01-30T23:00:00")
    (lake.folder / "raw/claims").mkdir()
    (lake.folder / "raw/claims/correction.json").write_text(json.dumps(first))
    lake.run("ingest")
    lake.run("run", "--as-of", lakes.AS_OF)
    for table, key in (("silver.fact_claims", "claim_id"), ("gold.customer_360_view", "customer_id")):
        newest = lake.sql(f"SELECT count(*) AS n FROM {table}")[0]["n"]
        columns = lake.columns(table)
        frame = spark.read.format("delta").load(str(lake.path(table)))
        theirs = [{name: lakes.as_text(value) for name, value in row.items()} for row in spark_of_tests.rows(frame)]
        assert len(theirs) == newest
        lakes.same_rows(lake.rows(table, columns), theirs, columns, key)
        lakes.same_rows(lake.rows(table, columns), read_by_delta_rs(lake.path(table)), columns, key)
    history = json.loads(lake.run("table", "history", "silver.fact_claims", "--json"))
    assert "by key (1 touched)" in json.dumps(history[0])
    lake.close()
    lake.check()
