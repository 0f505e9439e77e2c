"""Our sixteen tables, read by delta-rs and by Spark, hold the same rows as our own engine sees."""
import pytest
from deltalake import DeltaTable

import lakes
import spark as spark_of_tests


def read_by_delta_rs(path):
    return [{name: lakes.as_text(value) for name, value in row.items()}
            for row in DeltaTable(str(path)).to_pyarrow_table().to_pylist()]


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
    by_delta_rs = sum(DeltaTable(str(lake.path(table))).to_pyarrow_table(columns=[column])[column].to_pylist())

    assert ours == str(by_spark) == str(by_delta_rs)


def test_history_is_read_by_others(lake, spark):
    ours = lake.sql("SELECT COUNT(*) AS n FROM silver.fact_claims AT (VERSION => 0)")[0]["n"]
    path = str(lake.path("silver.fact_claims"))

    assert spark.read.format("delta").option("versionAsOf", 0).load(path).count() == ours
    assert DeltaTable(path, version=0).to_pyarrow_table().num_rows == ours
    assert DeltaTable(path).history(), "delta-rs finds no commit information"
