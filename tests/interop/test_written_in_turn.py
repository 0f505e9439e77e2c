"""Others write into our tables, and we go on: the rows are right for all, and the table stays true to the protocol.

What the rows must be is worked out by hand.
"""
import collections

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from limits import WRITERS
from test_readers import read_by_us
from values import ordered, plain

COLUMNS = ["id", "kind", "amount"]
CREATE = "CREATE TABLE {t} (id BIGINT, kind STRING, amount DECIMAL(12,2)) {partitioning} TBLPROPERTIES ({properties})"
FORMS = {
    "plain": ("", "'delta.enableDeletionVectors' = 'false'"),
    "feed": ("PARTITIONED BY (kind)", "'delta.enableDeletionVectors' = 'false', 'delta.enableChangeDataFeed' = 'true'"),
    "vectors": ("", "'delta.checkpointInterval' = '3'"),
    "rich": ("PARTITIONED BY (kind)", "'delta.columnMapping.mode' = 'name', 'delta.enableChangeDataFeed' = 'true', "
             "'delta.enableInCommitTimestamps' = 'true', 'delta.checkpointInterval' = '3'"),
}
BEGIN = [(n, f"k{n % 3}", f"{n}.50") for n in range(9)]
# After: insert 20 and 21; update of 4; delete of 0 and 8; merge of 5 and 30.
THEIRS = [(1, "k1", "1.50"), (2, "k2", "2.50"), (3, "k0", "3.50"), (4, "changed", "104.50"), (5, "merged", "5.50"), (6, "k0", "6.50"),
          (7, "k1", "7.50"), (20, "k0", "0.25"), (21, None, None), (30, "merged", "1.00")]
# After our own: merge of 1 and 40, delete of 21, all in few files.
OURS = [(1, "us", "1.50"), *THEIRS[1:8], (30, "merged", "1.00"), (40, "us", None)]
# After their last insert.
LAST = [*OURS, (50, "k0", "9.00")]


def dicts(rows):
    return ordered(dict(zip(COLUMNS, plain(list(row)))) for row in rows)


def sql_steps(engine, path):
    """The same words for Spark and Trino."""
    table = engine.table(path)
    engine.run(f"INSERT INTO {table} VALUES (20, 'k0', CAST(0.25 AS DECIMAL(12,2))), (21, NULL, NULL)")
    yield "INSERT"
    engine.run(f"UPDATE {table} SET amount = amount + 100, kind = 'changed' WHERE id = 4")
    yield "UPDATE"
    engine.run(f"DELETE FROM {table} WHERE id IN (0, 8)")
    yield "DELETE"
    engine.run(f"MERGE INTO {table} AS t USING (SELECT id, 'merged' AS kind, CAST(1 AS DECIMAL(12,2)) AS amount FROM (VALUES 5, 30) AS v(id)) "
               "AS s ON t.id = s.id WHEN MATCHED THEN UPDATE SET kind = s.kind "
               "WHEN NOT MATCHED THEN INSERT (id, kind, amount) VALUES (s.id, s.kind, s.amount)")
    yield "MERGE"
    engine.run(f"INSERT INTO {table} VALUES (50, 'k0', CAST(9 AS DECIMAL(12,2)))")
    yield "last INSERT"


def batch(rows):
    schema = pa.schema([("id", pa.int64()), ("kind", pa.string()), ("amount", pa.decimal128(12, 2))])
    return pa.table([pa.array(column).cast(kind) for column, kind in zip(zip(*rows), schema.types)], schema=schema)


def delta_rs_steps(_, path):
    def table():
        return DeltaTable(str(path))

    write_deltalake(table(), batch([(20, "k0", "0.25"), (21, None, None)]), mode="append")
    yield "INSERT"
    table().update({"amount": "amount + 100", "kind": "'changed'"}, predicate="id = 4")
    yield "UPDATE"
    table().delete("id IN (0, 8)")
    yield "DELETE"
    (table().merge(batch([(5, "merged", "1.00"), (30, "merged", "1.00")]), "t.id = s.id", source_alias="s", target_alias="t")
     .when_matched_update({"kind": "s.kind"}).when_not_matched_insert_all().execute())
    yield "MERGE"
    write_deltalake(table(), batch([(50, "k0", "9.00")]), mode="append")
    yield "last INSERT"


def net(lake, table):
    """The rows that the whole change feed adds up to."""
    sums = collections.Counter()
    for row in lake.sql(f"SELECT id, kind, amount::VARCHAR AS amount, _change_type AS t FROM table_changes('{table}', 0)"):
        sums[row["id"], row["kind"], row["amount"]] += 1 if row["t"] in ("insert", "update_postimage") else -1
    assert min(sums.values()) >= 0
    return [row for row, n in sums.items() for _ in range(n)]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("engine", ["delta_rs", "spark4", "spark35", "trino"])
def test_they_write_and_we_go_on(request, engine, form):
    peer = request.getfixturevalue(engine)
    lake = request.getfixturevalue("s3_lake" if engine == "trino" else "lake")
    table, (partitioning, properties) = f"changes.turns_{engine}_{form}", FORMS[form]
    path = lake.path(table)
    lake.sql(CREATE.format(t=table, partitioning=partitioning, properties=properties))
    for first in (0, 3, 6):
        lake.sql(f"INSERT INTO {table} SELECT i, 'k' || (i % 3), i + 0.5 FROM range({first}, {first + 3}) r(i)")
    steps = delta_rs_steps(peer, path) if engine == "delta_rs" else sql_steps(peer, path)

    limit = WRITERS.get((engine, form))
    if limit is not None:
        with pytest.raises(Exception, match=limit.message):
            for _ in range(4):
                next(steps)
        lake.check(table)
        return
    for step in ("INSERT", "UPDATE", "DELETE", "MERGE"):
        assert next(steps) == step
    assert ordered(read_by_us(lake, table)) == dicts(THEIRS)
    assert ordered(peer.read(path)) == dicts(THEIRS)
    lake.check(table)

    lake.sql(f"MERGE INTO {table} AS t USING (VALUES (1, 'us'), (40, 'us')) AS s(id, kind) ON t.id = s.id "
             "WHEN MATCHED THEN UPDATE SET kind = s.kind WHEN NOT MATCHED THEN INSERT (id, kind) VALUES (s.id, s.kind)")
    lake.sql(f"OPTIMIZE {table}")
    lake.sql(f"DELETE FROM {table} WHERE kind IS NULL")
    assert ordered(read_by_us(lake, table)) == dicts(OURS)
    assert ordered(peer.read(path)) == dicts(OURS)
    assert next(steps) == "last INSERT"
    assert ordered(read_by_us(lake, table)) == dicts(LAST)
    assert ordered(peer.read(path)) == dicts(LAST)
    if "enableChangeDataFeed" in properties:
        assert ordered(dict(zip(COLUMNS, plain(list(row)))) for row in net(lake, table)) == dicts(LAST)
    if "checkpointInterval" in properties:
        assert lake.checkpoints(table)
    lake.check(table)
