"""A lake made by the program under test, and its tables as plain Python rows."""
import datetime
import decimal
import functools
import json
import math
import os
import pathlib
import subprocess
import threading

AS_OF = "2026-01-31"
PACK = pathlib.Path(__file__).resolve().parents[2] / "packs" / "pet"

# Each table with its key (None: of several columns), in the order of their models.
BRONZE = ["customers_raw", "pets_raw", "policies_raw", "vet_providers_raw", "claims_raw"]
SILVER = {"dim_customers": "customer_id", "dim_pets": "pet_id", "dim_policies": "policy_id",
          "dim_vet_providers": "provider_id", "fact_claims": "claim_id"}
GOLD = {"customer_360_view": "customer_id", "claims_analytics": "claim_id", "claims_by_month": "year_month",
        "claims_by_provider": "provider_id", "decisions_by_month": None, "policies_by_month": "year_month",
        "monthly_kpis": "year_month", "cross_sell_recommendations": "customer_id",
        "provider_performance": "provider_id", "risk_scoring": "customer_id"}
ALL = ([f"bronze.{t}" for t in BRONZE] + [f"silver.{t}" for t in SILVER] + [f"gold.{t}" for t in GOLD])
# Columns that the program adds to what a model's SQL gives.
ADDED = {"silver": {"_is_valid", "_quality_score", "_is_duplicate", "_duplicate_of", "_dq", "_silver_processed_at"},
         "gold": {"_gold_processed_at", "_source_tables", "_aggregation_type"}}


ANSWER_SECONDS = 300


class Shell:
    """One `claimlake sql` that answers statement after statement, as a person's shell does."""

    END = "end_of_answer"  # a statement after each says that its answer is whole

    def __init__(self, folder, environment):
        self.process = subprocess.Popen([os.environ["CLAIMLAKE_BIN"], "--lake", str(folder), "sql", "--json"], text=True, env=environment,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def ask(self, statement):
        """The answer's text; the words of an error are raised."""
        self.process.stdin.write(f"{statement};\nSELECT 1 AS {self.END};\n")
        self.process.stdin.flush()
        lines = []
        watch = threading.Timer(ANSWER_SECONDS, self.process.kill)
        watch.start()
        try:
            while not lines or lines[-1] != f' {{"{self.END}": 1}}\n':
                line = self.process.stdout.readline()
                assert line, f"{statement}\n{''.join(lines)}the shell has ended"
                lines.append(line)
            self.process.stdout.readline()
        finally:
            watch.cancel()
        text = "".join(lines[:-2])
        assert text.startswith("["), f"{statement}\n{text}"
        return text

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Lake:
    """One lake on disk, driven through the command line as a person would."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.shell = None
        self.environment = dict(os.environ)

    def run(self, *arguments):
        command = [os.environ["CLAIMLAKE_BIN"], "--lake", str(self.folder), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, env=self.environment)
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        return done.stdout

    def fill(self, dirty=None):
        self.run("init")
        self.run("generate", "--scale", "1", "--seed", "7", "--as-of", AS_OF, *(["--dirty", str(dirty)] if dirty else []))
        self.run("ingest")
        self.run("run", "--as-of", AS_OF)
        return self

    def path(self, table):
        return self.folder / table.replace(".", "/")

    def sql(self, statement, **reading):
        if self.shell is None:
            self.shell = Shell(self.folder, self.environment)
        return json.loads(self.shell.ask(statement), **reading)

    def close(self):
        if self.shell is not None:
            self.shell.close()

    def checkpoints(self, table):
        return list((self.path(table) / "_delta_log").glob("*.checkpoint*.parquet"))

    def check(self, *tables):
        """Holds tables, or all of the lake, against the Delta protocol, with their rows."""
        for table in tables or [""]:
            self.run("table", "check", *([table] if table else []), "--data")

    @functools.cache  # a table's columns do not change while the tests run
    def types(self, table):
        return {row["column_name"]: row["column_type"] for row in self.sql(f"DESCRIBE {table}")}

    def columns(self, table):
        return list(self.types(table))

    def rows(self, table, columns=None):
        """The rows as texts: dictionaries of column -> text or None, as our own engine reads them."""
        types = self.types(table)
        columns = columns or list(types)
        lists = [column for column in columns if types[column].endswith("[]")]
        select = ", ".join(c if c in lists else f"CAST({c} AS VARCHAR) AS {c}" for c in columns)
        rows = self.sql(f"SELECT {select} FROM {table}")
        for row in rows:
            for column in lists:
                row[column] = as_text(row[column])
        return rows


class S3Lake(Lake):
    """One lake in an S3."""

    def __init__(self, s3, name):
        super().__init__(name)
        self.s3, self.folder, self.prefix = s3, f"s3://tests/{name}", name
        self.environment.update(s3.environment)

    def path(self, table):
        return f"{self.folder}/{table.replace('.', '/')}"

    def checkpoints(self, table):
        log = f"{self.prefix}/{table.replace('.', '/')}/_delta_log/"
        return [name for name in self.s3.names(log) if ".checkpoint" in name and name.endswith(".parquet")]


def as_text(value):
    """A value of Arrow or Spark, written as our engine casts it to text."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None:
            value = value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
        text = value.isoformat(sep=" ")
        return text.rstrip("0") if "." in text else text
    if isinstance(value, (list, tuple)) or type(value).__name__ == "ndarray":
        return "[" + ", ".join("NULL" if item is None else as_text(item) for item in value) + "]"
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    return str(value)


def canonical(text):
    """Texts that mean the same are made equal: a time's zone, and how a double is written."""
    if text is None:
        return None
    if text.endswith("+00"):
        text = text[:-3]
    if "." in text or "e" in text or text in ("nan", "inf", "-inf"):
        try:
            number = float(text)
        except ValueError:
            return text
        return repr(number) if math.isfinite(number) else text.lower()
    return text


def same_rows(ours, theirs, columns, key=None):
    """Asserts that both hold the same rows, and says where they do not."""
    def values(row):
        return tuple(canonical(row[column]) for column in columns)

    def ordered(rows):
        return sorted(map(values, rows), key=lambda row: tuple((value is None, value or "") for value in row))

    assert len(ours) == len(theirs), f"{len(ours)} rows here, {len(theirs)} there"
    left, right = ordered(ours), ordered(theirs)
    if left == right:
        return
    if key is not None:
        here, there = ({row[key]: values(row) for row in rows} for rows in (ours, theirs))
        assert here.keys() == there.keys(), f"keys differ: {sorted(map(str, here.keys() ^ there.keys()))[:5]}"
        for name, row in here.items():
            wrong = [f"{c}: {x!r} here, {y!r} there" for c, x, y in zip(columns, row, there[name]) if x != y]
            assert not wrong, f"{key} {name}: " + "; ".join(wrong[:5])
    first = next((x, y) for x, y in zip(left, right) if x != y)
    raise AssertionError(f"rows differ, first: {first[0]} here, {first[1]} there")
