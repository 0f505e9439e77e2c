"""Spark with Delta on loopback, and the pack's models run in it."""
import os

from delta import configure_spark_with_delta_pip
from pyspark.sql import SparkSession

from lakes import AS_OF, PACK

# What makes a statement over a few rows quick: nothing is compiled for it, one task reads a log, and the
# compiler of the JVM, which a process of minutes gets little from, keeps to its first level.
QUICK = {
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.databricks.delta.snapshotPartitions": "1",
}


def session(work):
    builder = (SparkSession.builder.master("local[2]").appName("interop")
               .config("spark.ui.enabled", "false")
               .config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
               .config("spark.driver.memory", "2g")
               .config("spark.sql.session.timeZone", "UTC")
               .config("spark.sql.warehouse.dir", str(work / "warehouse")).config("spark.local.dir", str(work / "local"))
               .config("spark.jars.ivy", os.environ["CLAIMLAKE_JARS"])
               .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
               .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog"))
    for name, value in QUICK.items():
        builder = builder.config(name, value)
    spark = configure_spark_with_delta_pip(builder).getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    return spark


def register(spark, table, path, source="delta"):
    """Makes the table at `path` known under its name."""
    spark.sql(f"CREATE DATABASE IF NOT EXISTS {table.split('.')[0]}")
    spark.sql(f"DROP TABLE IF EXISTS {table}")
    spark.sql(f"CREATE TABLE {table} USING {source} LOCATION '{path}'")


def model(table):
    """The SELECT of a model, with today's date put in as the program does it. Nothing else is changed."""
    layer, name = table.split(".")
    folder = {"silver": "2_silver", "gold": "3_gold", "serving": "4_serving"}[layer]
    text = (PACK / folder / f"{name}.sql").read_text(encoding="utf-8")
    return text[text.index("*/") + 2:].strip().rstrip(";").replace("CURRENT_DATE", f"DATE '{AS_OF}'")


def rows(frame):
    return [row.asDict() for row in frame.collect()]
