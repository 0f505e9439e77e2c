"""Tables for bench/optimize.sh, the same for all sides, and Spark's part of it.

    optimize_tables.py small TABLE FILES       a table of FILES files of a few hundred rows each
    optimize_tables.py points TABLE ROWS       a table of ROWS rows in two million each, in no order
    optimize_tables.py dead TABLE FILES        puts FILES files of no version, a month old, into a table
    optimize_tables.py spark TABLE STATEMENT   runs the statement on the table t, prints a JSON line
"""
import json
import os
import pathlib
import sys
import time


def commit(table, version, columns, files):
    """Writes a version that consists of these files: (name, rows)."""
    types = {"BIGINT": "long", "INTEGER": "integer", "VARCHAR": "string", "DATE": "date", "DOUBLE": "double"}
    fields = [{"name": n, "type": types[t], "nullable": True, "metadata": {}} for n, t in columns]
    log = table / "_delta_log"
    log.mkdir(parents=True, exist_ok=True)
    with open(log / f"{version:020}.json", "w", encoding="utf-8") as out:
        def line(action):
            out.write(json.dumps(action, separators=(",", ":")) + "\n")
        line({"commitInfo": {"timestamp": 1700000000000, "operation": "WRITE", "operationParameters": {}}})
        line({"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}})
        line({"metaData": {"id": "00000000-0000-4000-8000-000000000000", "format": {"provider": "parquet", "options": {}},
                           "schemaString": json.dumps({"type": "struct", "fields": fields}), "partitionColumns": [],
                           "configuration": {}, "createdTime": 1700000000000}})
        for name, rows in files:
            line({"add": {"path": name, "partitionValues": {}, "size": (table / name).stat().st_size,
                          "modificationTime": 1700000000000, "dataChange": True, "stats": json.dumps({"numRecords": rows})}})


def small(table, count):
    import duckdb
    connection = duckdb.connect()
    # A thousand at a time, for each of them is open until all are written.
    files = []
    for start in range(0, count, 1000):
        end = min(start + 1000, count)
        part = table / "part"
        connection.sql(f"""COPY (SELECT r AS id, CAST(hash(r) % 100000 AS INTEGER) AS claim, 'note ' || hash(r) % 977 AS note,
            DATE '2026-01-01' + CAST(r % 365 AS INTEGER) AS day, (hash(-r) % 1000000) / 100 AS amount, r // 300 AS file
            FROM range({start * 300}, {end * 300}) t(r)) TO '{part}' (FORMAT parquet, PARTITION_BY (file))""")
        for folder in sorted(part.iterdir()):
            for at, file in enumerate(sorted(folder.iterdir())):
                name = f"{folder.name.split('=')[1]}-{at}.parquet"
                file.rename(table / name)
                rows = connection.sql(f"SELECT num_rows FROM parquet_file_metadata('{table / name}')").fetchone()[0]
                files.append((name, rows))
            folder.rmdir()
        part.rmdir()
    commit(table, 0, [("id", "BIGINT"), ("claim", "INTEGER"), ("note", "VARCHAR"), ("day", "DATE"), ("amount", "DOUBLE")], files)


def points(table, rows):
    import duckdb
    connection = duckdb.connect()
    files, each = [], 2_000_000
    table.mkdir(parents=True, exist_ok=True)
    for at, start in enumerate(range(0, rows, each)):
        count = min(each, rows - start)
        name = f"{at}.parquet"
        connection.sql(f"""COPY (SELECT r AS id, CAST(hash(r) % 1000000 AS INTEGER) AS a, CAST(hash(-r) % 1000000 AS INTEGER) AS b,
            'code ' || hash(r + 7) % 9999 AS code, DATE '2020-01-01' + CAST(hash(r + 3) % 2000 AS INTEGER) AS day,
            (hash(3 * r) % 1000000) / 100 AS amount
            FROM range({start}, {start + count}) t(r)) TO '{table / name}' (FORMAT parquet)""")
        files.append((name, count))
    commit(table, 0, [("id", "BIGINT"), ("a", "INTEGER"), ("b", "INTEGER"), ("code", "VARCHAR"), ("day", "DATE"),
                      ("amount", "DOUBLE")], files)


def dead(table, count):
    old = time.time() - 30 * 86400
    for at in range(count):
        file = table / f"dead-{at}.parquet"
        file.write_bytes(b"of no version")
        os.utime(file, (old, old))


def spark(table, statement):
    from pyspark.sql import SparkSession
    session = (SparkSession.builder.master("local[*]").config("spark.ui.enabled", "false")
               .config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
               .config("spark.driver.memory", os.environ.get("SPARK_MEMORY", "4g"))
               .config("spark.sql.shuffle.partitions", "8").config("spark.databricks.delta.snapshotPartitions", "2")
               .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
               .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog").getOrCreate())
    session.sparkContext.setLogLevel("OFF")
    session.sql("SELECT 1").collect()  # Starting is not counted.
    begin = time.monotonic()
    session.sql(statement.replace(" t ", f" delta.`{table}` ", 1)).collect()
    print(json.dumps({"seconds": round(time.monotonic() - begin, 3)}), flush=True)
    session.stop()


if __name__ == "__main__":
    what, path = sys.argv[1], pathlib.Path(sys.argv[2])
    if what == "spark":
        spark(path, sys.argv[3])
    else:
        path.mkdir(parents=True, exist_ok=True)
        {"small": small, "points": points, "dead": dead}[what](path, int(sys.argv[3]))
