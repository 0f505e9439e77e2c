"""The pack's SQL, unchanged, in Spark over our tables: the way out for who outgrows one machine."""
import pytest

import lakes
import spark as spark_of_tests


def model_columns(lake, table):
    return [column for column in lake.columns(table) if column not in lakes.ADDED[table.split(".")[0]]]


def texts(rows):
    return [{name: lakes.as_text(value) for name, value in row.items()} for row in rows]


def compute(spark, table, folder):
    """Runs a model and keeps its result for the models above it."""
    path = folder / table.replace(".", "/")
    spark.sql(spark_of_tests.model(table)).write.mode("overwrite").parquet(str(path))
    spark_of_tests.register(spark, table, path, "parquet")


@pytest.fixture(scope="module", params=["true", "false"], ids=["ansi", "not_ansi"])
def computed(request, lake, spark, tmp_path_factory):
    """Silver and Gold as Spark alone computes them from our Bronze."""
    folder = tmp_path_factory.mktemp("models")
    spark.conf.set("spark.sql.ansi.enabled", request.param)
    for table in lakes.BRONZE:
        spark_of_tests.register(spark, f"bronze.{table}", lake.path(f"bronze.{table}"))
    for layer, tables in (("silver", lakes.SILVER), ("gold", lakes.GOLD)):
        for name in tables:
            compute(spark, f"{layer}.{name}", folder)
    yield spark
    spark.conf.set("spark.sql.ansi.enabled", "true")


@pytest.mark.parametrize("table", lakes.ALL[5:])
def test_clean_bronze_gives_the_same_rows(lake, computed, table):
    columns = model_columns(lake, table)
    theirs = texts(spark_of_tests.rows(computed.table(table)))

    assert computed.table(table).columns == columns
    lakes.same_rows(lake.rows(table, columns), theirs, columns, {**lakes.SILVER, **lakes.GOLD}[table.split(".")[1]])


@pytest.mark.parametrize("view", sorted(path.stem for path in (lakes.PACK / "4_serving").glob("vw_*.sql")))
def test_views_give_the_same_number_of_rows(lake, computed, view):
    ours = lake.sql(f"SELECT COUNT(*) AS n FROM serving.{view}")[0]["n"]

    assert computed.sql(spark_of_tests.model(f"serving.{view}")).count() == ours


@pytest.mark.parametrize("name, key", lakes.SILVER.items())
def test_dirty_bronze_gives_the_same_rows_but_for_the_refused(dirty_lake, spark, name, key):
    table = f"silver.{name}"
    for bronze in lakes.BRONZE:
        spark_of_tests.register(spark, f"bronze.{bronze}", dirty_lake.path(f"bronze.{bronze}"))
    columns = model_columns(dirty_lake, table)
    ours = dirty_lake.rows(table, columns)
    kept = {row[key] for row in ours}
    theirs = texts(spark_of_tests.rows(spark.sql(spark_of_tests.model(table))))

    lakes.same_rows(ours, [row for row in theirs if row[key] in kept], columns, key)
    refused = dirty_lake.sql(f"SELECT COUNT(*) AS n FROM ops.quarantine WHERE table_name = '{table}' AND state = 'open'")
    assert sum(1 for row in theirs if row[key] not in kept) == refused[0]["n"]


@pytest.mark.parametrize("name, key", lakes.GOLD.items())
def test_dirty_silver_gives_the_same_gold(dirty_lake, spark, name, key):
    for silver in lakes.SILVER:
        spark_of_tests.register(spark, f"silver.{silver}", dirty_lake.path(f"silver.{silver}"))
    for gold in lakes.GOLD:
        spark_of_tests.register(spark, f"gold.{gold}", dirty_lake.path(f"gold.{gold}"))
    table = f"gold.{name}"
    columns = model_columns(dirty_lake, table)
    theirs = texts(spark_of_tests.rows(spark.sql(spark_of_tests.model(table))))

    lakes.same_rows(dirty_lake.rows(table, columns), theirs, columns, key)
