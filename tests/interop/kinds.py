"""Every kind of table that we write, small: the statements that make it and the rows that it then has, worked out by hand.

A row is written as its values in the order of the columns, with texts for decimals, dates, times and bytes (in hex).
"""
import dataclasses
import os
import time

from values import ordered, plain

AGE = "let the files of the table become thirty days old"
MAPPED = "'delta.columnMapping.mode' = '{mode}'"


@dataclasses.dataclass
class Kind:
    name: str
    statements: list
    columns: str | list
    rows: list

    @property
    def table(self):
        return f"kinds.{self.name}"

    def expected(self):
        columns = self.columns if isinstance(self.columns, list) else self.columns.split(", ")
        return ordered(dict(zip(columns, plain(list(row)))) for row in self.rows)

    def write(self, lake):
        for statement in self.statements:
            if statement == AGE:
                then = time.time() - 30 * 24 * 3600
                for file in lake.path(self.table).rglob("*.*"):
                    os.utime(file, (then, then))
            else:
                lake.sql(statement.replace("{t}", self.table))


def changed(create):
    """Rows in three files, then changed by each statement that changes rows."""
    return [create,
            *(f"INSERT INTO {{t}} SELECT i, 'k' || (i % 3), i * 0.5 FROM range({n}, {n + 4}) r(i)" for n in (0, 4, 8)),
            "DELETE FROM {t} WHERE id IN (1, 6)",
            "UPDATE {t} SET amount = 100, kind = 'new' WHERE id IN (2, 9)",
            "MERGE INTO {t} AS t USING (VALUES (3, 'm'), (7, 'm'), (20, 'm')) AS s(id, kind) ON t.id = s.id "
            "WHEN MATCHED AND s.id = 3 THEN DELETE WHEN MATCHED THEN UPDATE SET kind = s.kind "
            "WHEN NOT MATCHED THEN INSERT (id, kind) VALUES (s.id, s.kind)"]


CHANGED = [(0, "k0", "0.00"), (2, "new", "100.00"), (4, "k1", "2.00"), (5, "k2", "2.50"), (7, "m", "3.50"), (8, "k2", "4.00"),
           (9, "new", "100.00"), (10, "k1", "5.00"), (11, "k2", "5.50"), (20, "m", None)]
CREATE = "CREATE TABLE {t} (id BIGINT, kind STRING, amount DECIMAL(12,2))"


def mapped(mode):
    return [f"CREATE TABLE {{t}} (id INT, kind STRING, old STRING, s STRUCT<a: INT, b: STRING>, l ARRAY<STRUCT<e: INT>>) "
            f"PARTITIONED BY (kind) TBLPROPERTIES ({MAPPED.format(mode=mode)})",
            "INSERT INTO {t} VALUES (1, 'x', 'o', {'a': 1, 'b': 'b1'}, [{'e': 1}, {'e': NULL}]), (2, NULL, 'o', NULL, [])",
            "ALTER TABLE {t} RENAME COLUMN kind TO sort",
            "ALTER TABLE {t} RENAME COLUMN s.a TO aa",
            "ALTER TABLE {t} RENAME COLUMN l.element.e TO f",
            "ALTER TABLE {t} DROP COLUMN old",
            "ALTER TABLE {t} ADD COLUMNS (old INT, s.c INT)",
            "INSERT INTO {t} VALUES (3, 'a b/c', {'aa': 3, 'b': NULL, 'c': 33}, [{'f': 3}], 30)",
            "DELETE FROM {t} WHERE id = 2",
            "INSERT INTO {t} VALUES (4, NULL, NULL, NULL, NULL)"]


MAPPED_COLUMNS = "id, sort, s, l, old"
MAPPED_ROWS = [(1, "x", {"aa": 1, "b": "b1", "c": None}, [{"f": 1}, {"f": None}], None),
               (3, "a b/c", {"aa": 3, "b": None, "c": 33}, [{"f": 3}], 30),
               (4, None, None, None, None)]

KINDS = [
    Kind("all_types", [
        "CREATE TABLE {t} (id INT, big BIGINT, small SMALLINT, tiny TINYINT, d DOUBLE, f FLOAT, money DECIMAL(9,2), mid DECIMAL(18,4), "
        "wide DECIMAL(38,10), whole DECIMAL(38,0), word STRING, flag BOOLEAN, bytes BINARY, day DATE, moment TIMESTAMP)",
        "INSERT INTO {t} VALUES (1, 9223372036854775807, 32767, 127, 1e300, 0.5, 9999999.99, 12345678901234.5678, "
        "1234567890123456789012345678.0123456789, 99999999999999999999999999999999999999, 'Žluťoučký 🐎, \"\"\n', true, "
        "'\\x00\\xFF'::BLOB, DATE '9999-12-31', TIMESTAMPTZ '2026-01-31 23:59:59.999+00')",
        "INSERT INTO {t} VALUES (2, -9223372036854775808, -32768, -128, -0.1, -3.25, -9999999.99, -0.0001, "
        "-0.0000012345, -99999999999999999999999999999999999999, '', false, ''::BLOB, DATE '1969-12-31', "
        "TIMESTAMPTZ '1969-12-31 23:59:59.001+00')",
        "INSERT INTO {t} (id) VALUES (3)"],
        "id, big, small, tiny, d, f, money, mid, wide, whole, word, flag, bytes, day, moment",
        [(1, 9223372036854775807, 32767, 127, 1e300, 0.5, "9999999.99", "12345678901234.5678",
          "1234567890123456789012345678.0123456789", "99999999999999999999999999999999999999", 'Žluťoučký 🐎, ""\n', True,
          "00ff", "9999-12-31", "2026-01-31 23:59:59.999"),
         (2, -9223372036854775808, -32768, -128, -0.1, -3.25, "-9999999.99", "-0.0001", "-0.0000012345",
          "-99999999999999999999999999999999999999", "", False, "", "1969-12-31", "1969-12-31 23:59:59.001"),
         (3, *[None] * 14)]),
    Kind("microseconds", [
        "CREATE TABLE {t} (id INT, moment TIMESTAMP)",
        "INSERT INTO {t} VALUES (1, TIMESTAMPTZ '2026-01-31 23:59:59.999999+00'), (2, TIMESTAMPTZ '1969-12-31 23:59:59.000001+00')"],
        "id, moment", [(1, "2026-01-31 23:59:59.999999"), (2, "1969-12-31 23:59:59.000001")]),
    Kind("special_doubles", [
        "CREATE TABLE {t} (id INT, d DOUBLE, f FLOAT)",
        "INSERT INTO {t} VALUES (1, 'NaN'::DOUBLE, 'NaN'::FLOAT), (2, 'inf'::DOUBLE, '-inf'::FLOAT), (3, '-0.0'::DOUBLE, 0), (4, 5, 6)"],
        "id, d, f", [(1, "NaN", "NaN"), (2, "Infinity", "-Infinity"), (3, "-0.0", "0.0"), (4, "5.0", "6.0")]),
    Kind("old_times", [
        "CREATE TABLE {t} (id INT, day DATE, moment TIMESTAMP)",
        "INSERT INTO {t} VALUES (1, DATE '0001-01-01', TIMESTAMPTZ '1000-01-01 00:00:00+00'), "
        "(2, DATE '1582-10-15', TIMESTAMPTZ '1582-10-04 12:00:00+00'), (3, DATE '1900-01-01', TIMESTAMPTZ '1900-01-01 00:00:00+00')"],
        "id, day, moment", [(1, "0001-01-01", "1000-01-01 00:00:00"), (2, "1582-10-15", "1582-10-04 12:00:00"),
                            (3, "1900-01-01", "1900-01-01 00:00:00")]),
    Kind("nested", [
        "CREATE TABLE {t} (id INT, s STRUCT<a: INT, b: STRUCT<c: ARRAY<DECIMAL(5,2)>>>, l ARRAY<STRUCT<e: INT>>, m MAP<STRING, ARRAY<INT>>)",
        "INSERT INTO {t} VALUES (1, {'a': 1, 'b': {'c': [1.25, NULL]}}, [{'e': 1}, NULL, {'e': NULL}], MAP {'x': [1, 2], 'y': NULL})",
        "INSERT INTO {t} VALUES (2, {'a': NULL, 'b': NULL}, [], MAP {})",
        "INSERT INTO {t} VALUES (3, NULL, NULL, NULL)"],
        "id, s, l, m", [(1, {"a": 1, "b": {"c": ["1.25", None]}}, [{"e": 1}, None, {"e": None}], {"x": [1, 2], "y": None}),
                        (2, {"a": None, "b": None}, [], {}), (3, None, None, None)]),
    Kind("times_without_zone", [
        "CREATE TABLE {t} (id INT, local TIMESTAMP_NTZ, part TIMESTAMP_NTZ) PARTITIONED BY (part)",
        "INSERT INTO {t} VALUES (1, TIMESTAMP '2026-03-29 02:30:00.123456', TIMESTAMP '2026-03-29 02:30:00'), "
        "(2, TIMESTAMP '1969-12-31 23:59:59.999999', TIMESTAMP '1969-12-31 23:59:59.5'), (3, NULL, NULL)"],
        "id, local, part", [(1, "2026-03-29 02:30:00.123456", "2026-03-29 02:30:00"),
                            (2, "1969-12-31 23:59:59.999999", "1969-12-31 23:59:59.5"), (3, None, None)]),
    Kind("partitioned_by_text", [
        "CREATE TABLE {t} (id INT, word STRING) PARTITIONED BY (word)",
        "INSERT INTO {t} VALUES (1, 'a b'), (2, 'a/b'), (3, 'ä=%20'), (4, 'it''s'), (5, 'x:y?z#'), (6, NULL), (7, '{\"j\": [1]}'), "
        "(8, 'tab\tnew\nline'), (9, '__HIVE_DEFAULT_PARTITION_'), (10, 'back\\slash'), (11, '🐎')"],
        "id, word", [(1, "a b"), (2, "a/b"), (3, "ä=%20"), (4, "it's"), (5, "x:y?z#"), (6, None), (7, '{"j": [1]}'),
                     (8, "tab\tnew\nline"), (9, "__HIVE_DEFAULT_PARTITION_"), (10, "back\\slash"), (11, "🐎")]),
    Kind("partitioned_by_all_types", [
        "CREATE TABLE {t} (id INT, day DATE, moment TIMESTAMP, n BIGINT, flag BOOLEAN, money DECIMAL(9,2), d DOUBLE) "
        "PARTITIONED BY (day, moment, n, flag, money, d)",
        "INSERT INTO {t} VALUES (1, DATE '2026-01-31', TIMESTAMPTZ '2026-01-31 10:20:30.5+00', -9223372036854775808, true, -0.10, 0.5), "
        "(2, NULL, NULL, NULL, NULL, NULL, NULL), "
        "(3, DATE '1969-12-31', TIMESTAMPTZ '1969-12-31 00:00:00+00', 0, false, 1234567.00, -1e20)"],
        "id, day, moment, n, flag, money, d",
        [(1, "2026-01-31", "2026-01-31 10:20:30.5", -9223372036854775808, True, "-0.10", 0.5), (2, *[None] * 6),
         (3, "1969-12-31", "1969-12-31 00:00:00", 0, False, "1234567.00", -1e20)]),
    Kind("empty", [CREATE], "id, kind, amount", []),
    Kind("created_as_select", [
        "CREATE TABLE {t} PARTITIONED BY (kind) COMMENT 'it''s words' AS SELECT i::BIGINT AS id, 'k' || (i % 2) AS kind FROM range(4) r(i)"],
        "id, kind", [(0, "k0"), (1, "k1"), (2, "k0"), (3, "k1")]),
    Kind("changed_with_vectors", changed(CREATE), "id, kind, amount", CHANGED),
    Kind("changed_by_copies", changed(CREATE + " TBLPROPERTIES ('delta.enableDeletionVectors' = 'false')"), "id, kind, amount", CHANGED),
    Kind("changed_in_partitions", changed(CREATE + " PARTITIONED BY (kind)"), "id, kind, amount", CHANGED),
    Kind("changed_with_feed", changed(CREATE + " TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true')"), "id, kind, amount", CHANGED),
    Kind("all_rows_deleted", [CREATE, "INSERT INTO {t} VALUES (1, 'a', 1), (2, 'b', 2)", "DELETE FROM {t} WHERE id = 1",
                              "DELETE FROM {t}"], "id, kind, amount", []),
    Kind("long_vector", [CREATE, "INSERT INTO {t} SELECT i, NULL, NULL FROM range(200000) r(i)",
                         "DELETE FROM {t} WHERE id % 3 <> 0 OR id > 12"],
         "id, kind, amount", [(n, None, None) for n in (0, 3, 6, 9, 12)]),
    Kind("mapped_by_name", mapped("name"), MAPPED_COLUMNS, MAPPED_ROWS),
    Kind("mapped_by_id", mapped("id"), MAPPED_COLUMNS, MAPPED_ROWS),
    Kind("mapped_later", [
        CREATE, "INSERT INTO {t} VALUES (1, 'a', 1)", f"ALTER TABLE {{t}} SET TBLPROPERTIES ({MAPPED.format(mode='name')})",
        "ALTER TABLE {t} RENAME COLUMN amount TO kind2", "ALTER TABLE {t} DROP COLUMN kind",
        "ALTER TABLE {t} RENAME COLUMN kind2 TO kind", "INSERT INTO {t} VALUES (2, 2.5)"],
        "id, kind", [(1, "1.00"), (2, "2.50")]),
    Kind("odd_names", [
        f"CREATE TABLE {{t}} (\"the id\" INT, \"a,b;(c){{d}}=\" STRING, \"ž🐎\" DATE) PARTITIONED BY (\"ž🐎\") "
        f"TBLPROPERTIES ({MAPPED.format(mode='name')})",
        "INSERT INTO {t} VALUES (1, 'x', DATE '2026-01-31'), (2, NULL, NULL)", "DELETE FROM {t} WHERE \"the id\" = 3"],
        ["the id", "a,b;(c){d}=", "ž🐎"], [(1, "x", "2026-01-31"), (2, None, None)]),
    Kind("widened", [
        "CREATE TABLE {t} (id INT, b TINYINT, s SMALLINT, f FLOAT, d DATE, n DECIMAL(4,1)) TBLPROPERTIES ('delta.enableTypeWidening' = 'true')",
        "INSERT INTO {t} VALUES (1, 1, 2, 0.5, DATE '2026-01-31', 12.5), (2, -128, -32768, -0.25, NULL, -0.1)",
        "ALTER TABLE {t} ALTER COLUMN b TYPE INT", "ALTER TABLE {t} ALTER COLUMN s TYPE BIGINT", "ALTER TABLE {t} ALTER COLUMN f TYPE DOUBLE",
        "ALTER TABLE {t} ALTER COLUMN d TYPE TIMESTAMP_NTZ", "ALTER TABLE {t} ALTER COLUMN n TYPE DECIMAL(20,3)",
        "INSERT INTO {t} VALUES (3, 100000, 5000000000, 1e300, TIMESTAMP '2026-02-01 01:02:03', 12345678901234567.125)"],
        "id, b, s, f, d, n", [(1, 1, 2, 0.5, "2026-01-31 00:00:00", "12.500"), (2, -128, -32768, -0.25, None, "-0.100"),
                              (3, 100000, 5000000000, 1e300, "2026-02-01 01:02:03", "12345678901234567.125")]),
    Kind("widened_integers", [
        "CREATE TABLE {t} (id INT, s SMALLINT) TBLPROPERTIES ('delta.enableTypeWidening' = 'true')",
        "INSERT INTO {t} VALUES (1, 2)", "ALTER TABLE {t} ALTER COLUMN s TYPE INT", "INSERT INTO {t} VALUES (2, 100000)"],
        "id, s", [(1, 2), (2, 100000)]),
    Kind("ruled", [
        "CREATE TABLE {t} (id BIGINT GENERATED BY DEFAULT AS IDENTITY (START WITH 100 INCREMENT BY 10), seen TIMESTAMP, "
        "day DATE GENERATED ALWAYS AS (CAST(seen AS DATE)), amount DECIMAL(10,2) NOT NULL, status STRING DEFAULT 'new', "
        "CONSTRAINT positive CHECK (amount > 0)) PARTITIONED BY (day)",
        "INSERT INTO {t} (seen, amount) VALUES (TIMESTAMPTZ '2026-01-01 10:00:00+00', 5)",
        "INSERT INTO {t} (seen, amount, status) VALUES (TIMESTAMPTZ '2026-01-02 10:00:00+00', 6, NULL)",
        "UPDATE {t} SET seen = TIMESTAMPTZ '2026-02-02 00:00:00+00' WHERE amount = 5"],
        "id, seen, day, amount, status", [(100, "2026-02-02 00:00:00", "2026-02-02", "5.00", "new"),
                                          (110, "2026-01-02 10:00:00", "2026-01-02", "6.00", None)]),
    Kind("constrained", [
        CREATE, "ALTER TABLE {t} ADD CONSTRAINT positive CHECK (amount > 0)", "INSERT INTO {t} VALUES (1, 'a', 1)"],
        "id, kind, amount", [(1, "a", "1.00")]),
    Kind("times_in_commits", changed(CREATE + " TBLPROPERTIES ('delta.enableInCommitTimestamps' = 'true')"), "id, kind, amount", CHANGED),
    Kind("times_in_commits_later", [
        CREATE, "INSERT INTO {t} VALUES (1, 'a', 1)", "ALTER TABLE {t} SET TBLPROPERTIES ('delta.enableInCommitTimestamps' = 'true')",
        "INSERT INTO {t} VALUES (2, 'b', 2)"], "id, kind, amount", [(1, "a", "1.00"), (2, "b", "2.00")]),
    Kind("log_cleaned_up", [
        CREATE + " TBLPROPERTIES ('delta.checkpointInterval' = '1', 'delta.logRetentionDuration' = 'interval 1 days')",
        *(f"INSERT INTO {{t}} VALUES ({n}, 'a', {n})" for n in range(5)), "DELETE FROM {t} WHERE id = 2", AGE,
        *(f"INSERT INTO {{t}} VALUES ({n}, 'b', {n})" for n in range(5, 10)), "DELETE FROM {t} WHERE id IN (1, 8)"],
        "id, kind, amount", [(n, "a" if n < 5 else "b", f"{n}.00") for n in range(10) if n not in (1, 2, 8)]),
    Kind("optimized", [*changed(CREATE), "OPTIMIZE {t}", "INSERT INTO {t} VALUES (30, 'late', 1)"],
         "id, kind, amount", [*CHANGED, (30, "late", "1.00")]),
    Kind("vacuumed", [
        *changed(CREATE + " TBLPROPERTIES ('delta.deletedFileRetentionDuration' = 'interval 0 hours')"), "OPTIMIZE {t}", AGE,
        "VACUUM {t} RETAIN 0 HOURS", "DELETE FROM {t} WHERE id = 20"], "id, kind, amount", CHANGED[:-1]),
    Kind("restored", [*changed(CREATE), "RESTORE TABLE {t} TO VERSION AS OF 4"],
         "id, kind, amount", [(n, f"k{n % 3}", f"{n * 0.5:.2f}") for n in range(12) if n not in (1, 6)]),
    Kind("overwritten", [
        CREATE + " PARTITIONED BY (kind)", "INSERT INTO {t} VALUES (1, 'a', 1), (2, 'b', 2)",
        "INSERT OVERWRITE {t} VALUES (3, 'a', 3), (4, 'b', 4)", "INSERT INTO {t} REPLACE WHERE kind = 'b' VALUES (5, 'b', 5)"],
        "id, kind, amount", [(3, "a", "3.00"), (5, "b", "5.00")]),
    Kind("schema_evolved", [
        CREATE, "INSERT INTO {t} VALUES (1, 'a', 1)", "ALTER TABLE {t} ADD COLUMNS (note STRING COMMENT 'words' AFTER id)",
        "MERGE WITH SCHEMA EVOLUTION INTO {t} AS t USING (SELECT 2 AS id, 'b' AS kind, {'x': 7} AS s) AS n ON t.id = n.id "
        "WHEN NOT MATCHED THEN INSERT *"],
        "id, note, kind, amount, s", [(1, None, "a", "1.00", None), (2, None, "b", None, {"x": 7})]),
    Kind("features_dropped", [
        f"CREATE TABLE {{t}} (id INT, kind STRING) TBLPROPERTIES ({MAPPED.format(mode='name')}, "
        "'delta.dropFeatureTruncateHistory.retentionDuration' = 'interval 0 hours')",
        "INSERT INTO {t} VALUES (1, 'a'), (2, 'b')", "ALTER TABLE {t} RENAME COLUMN id TO number", "DELETE FROM {t} WHERE number = 1",
        "ALTER TABLE {t} DROP FEATURE deletionVectors TRUNCATE HISTORY", "ALTER TABLE {t} DROP FEATURE columnMapping TRUNCATE HISTORY",
        "INSERT INTO {t} VALUES (3, 'c')"], "number, kind", [(2, "b"), (3, "c")]),
    Kind("vacuum_protocol_checked", [
        CREATE + " TBLPROPERTIES ('delta.feature.vacuumProtocolCheck' = 'supported')", "INSERT INTO {t} VALUES (1, 'a', 1)"],
        "id, kind, amount", [(1, "a", "1.00")]),
    Kind("append_only", [CREATE + " TBLPROPERTIES ('delta.appendOnly' = 'true')", "INSERT INTO {t} VALUES (1, 'a', 1)"],
         "id, kind, amount", [(1, "a", "1.00")]),
]

