"""The engines that are not ours, each with the same few verbs: run a statement, read the table in a folder.

All values come as values.plain() writes them. What an engine refuses is an exception with its words.
"""
import json
import os
import pathlib
import subprocess
import threading

import duckdb
import duckdb_extension_delta
import pyarrow
from deltalake import DeltaTable, QueryBuilder

from values import plain


class Refused(Exception):
    """What another process says about a statement that it refuses."""


class Spark4:
    def __init__(self, session):
        self.session = session

    def run(self, statement):
        return [plain(row) for row in self.session.sql(statement).collect()]

    def table(self, path):
        return f"delta.`{path}`"

    def read(self, path):
        return self.run(f"SELECT * FROM {self.table(path)}")


class Spark35:
    """Starts in the background: the first statement waits for it. One statement at a time."""

    def __init__(self, python, work):
        self.lock = threading.Lock()
        self.log = pathlib.Path(work) / "spark.log"
        self.process = subprocess.Popen([python, "spark_worker.py", str(work)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.log.open("wb"), text=True, cwd=pathlib.Path(__file__).parent)

    def stop(self):
        self.process.stdin.close()
        self.process.wait()

    def run(self, statement):
        with self.lock:
            self.process.stdin.write(json.dumps(statement) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        assert line, f"Spark 3.5 has ended: {self.log.read_text(errors='replace')[-3000:]}"
        answer = json.loads(line)
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["rows"]

    table = Spark4.table
    read = Spark4.read


class DeltaRs:
    def read(self, path):
        return self.query(path, "SELECT * FROM t")

    def query(self, path, query):
        rows = QueryBuilder().register("t", DeltaTable(str(path))).execute(query).read_all()
        return arrow_rows(pyarrow.table(rows))


class DuckDB:
    def __init__(self):
        folder = pathlib.Path(duckdb_extension_delta.__file__).parent / "extensions" / f"v{duckdb.__version__}"
        self.connection = duckdb.connect()
        self.connection.execute(f"LOAD '{folder / 'delta.duckdb_extension'}'")
        self.connection.execute("SET TimeZone = 'UTC'")

    def run(self, statement):
        return arrow_rows(self.connection.execute(statement).to_arrow_table())

    def table(self, path):
        return f"delta_scan('{path}')"

    read = Spark4.read


class OfTrino:
    def __init__(self, trino, s3):
        self.trino, self.s3 = trino, s3

    def run(self, statement):
        return self.trino.run(statement)

    def table(self, path):
        return self.trino.table(path)

    def stop(self):
        self.trino.stop()
        if self.s3 is not None:
            self.s3.stop()

    read = Spark4.read


def arrow_rows(table):
    return [plain(row) for row in table.to_pylist(maps_as_pydicts="strict")]


def spark35_python():
    python = os.environ.get("CLAIMLAKE_SPARK35", "")
    return python if os.path.exists(python) else None


def s3_program():
    program = os.environ.get("CLAIMLAKE_S3", "")
    return program if os.path.exists(program) else None


def trino_home():
    home = os.environ.get("CLAIMLAKE_TRINO", "")
    return home if os.path.isdir(home) else None
