// The program is killed (kill -9) at random moments of MERGE, UPDATE, DELETE, INSERT, OPTIMIZE,
// VACUUM and RESTORE. Whatever was acknowledged is there, what was not is there wholly or not at
// all, the table keeps to the protocol, and the next statement works. Moments and statements come
// from a seed: CLAIMLAKE_KILL_SEED=7 CLAIMLAKE_KILLS=1000 tools/test.d/e2e.sh kill.test.mjs
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { claimlake, Lake, new_folder, program } from './lake.mjs';

const seed = Number(process.env.CLAIMLAKE_KILL_SEED ?? 1);
const kills = Number(process.env.CLAIMLAKE_KILLS ?? 200);
// Starting the program takes about 50 ms, a statement 10 to 50.
const longest_ms = 500;
const statements_ahead = 60;

// mulberry32: the same numbers for the same seed.
function random_of(start) {
  let state = start;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

// Each statement as SQL and as what it makes of the rows (a Map of id to v). `number` is a value
// that no other statement writes, so that half a statement would show.
function statement(random, number, known, vacuumed) {
  const from = random(2000);
  const to = from + 1 + random(200);
  const range = `(SELECT i AS id, ${number} AS v FROM range(${from}, ${to}) r(i)) s`;
  const modulus = 2 + random(20);
  const changes = [
    [`INSERT INTO gold.k SELECT i, ${number} FROM range(${5000 + number * 10}, ${5000 + number * 10 + 5}) r(i)`,
      (rows) => { for (let i = 0; i < 5; ++i) rows.set(5000 + number * 10 + i, number); }],
    [`UPDATE gold.k SET v = ${number} WHERE id % ${modulus} = 0`,
      (rows) => { for (const id of rows.keys()) if (id % modulus === 0) rows.set(id, number); }],
    [`DELETE FROM gold.k WHERE id >= ${from} AND id < ${to}`,
      (rows) => { for (let id = from; id < to; ++id) rows.delete(id); }],
    [`MERGE INTO gold.k t USING ${range} ON t.id = s.id WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *`,
      (rows) => { for (let id = from; id < to; ++id) rows.set(id, number); }],
    [`MERGE INTO gold.k t USING ${range} ON t.id = s.id WHEN MATCHED AND t.id % 2 = 0 THEN DELETE WHEN NOT MATCHED THEN INSERT *`,
      (rows) => {
        for (let id = from; id < to; ++id) {
          if (!rows.has(id)) rows.set(id, number);
          else if (id % 2 === 0) rows.delete(id);
        }
      }],
    ['OPTIMIZE gold.k', () => {}],
    ['VACUUM gold.k', () => {}],
  ];
  if (!vacuumed && known.length > 0 && random(6) === 0) {
    const old = known[random(known.length)];
    return { sql: `RESTORE gold.k TO VERSION AS OF ${old.version}`, apply: (rows) => { rows.clear(); for (const [id, v] of old.rows) rows.set(id, v); } };
  }
  const [sql, apply] = changes[random(changes.length)];
  return { sql, apply };
}

const after = (rows, statements) => {
  const out = new Map(rows);
  for (const one of statements) one.apply(out);
  return out;
};
const text_of = (rows) => [...rows].sort((a, b) => a[0] - b[0]).map(([id, v]) => `${id},${v}`).join('\n');

// Runs the statements in one program and kills it after so many milliseconds. How many were
// acknowledged, and what it said on standard error.
function run_and_kill(folder, statements, milliseconds) {
  const child = spawn(program, ['--lake', 'lake', 'sql', '--format', 'csv'], { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] });
  let out = '', errors = '';
  child.stdout.on('data', (bytes) => (out += bytes));
  child.stderr.on('data', (bytes) => (errors += bytes));
  child.stdin.on('error', () => {});  // it may be dead before it has read all
  // What stands behind a statement is answered when the statement was.
  child.stdin.write(statements.map((one, i) => `${one.sql};\nSELECT 'acknowledged ${i}' AS told;\n`).join(''));
  const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ signal, errors, acknowledged: out.split('acknowledged ').length - 1 });
    });
  });
}

async function storm(name, form, random, times) {
  const folder = new_folder();
  const run = (...args) => claimlake(folder, ['--lake', 'lake', ...args]);
  assert.equal(run('init').code, 0);
  const create = run('sql', `CREATE TABLE gold.k (id BIGINT, v BIGINT) ${form.partitioning} TBLPROPERTIES ('delta.checkpointInterval' = '5', 'delta.deletedFileRetentionDuration' = 'interval 0 seconds', ${form.properties})`);
  assert.equal(create.code, 0, create.err);
  assert.equal(run('sql', 'INSERT INTO gold.k SELECT i, 0 FROM range(2000) r(i)').code, 0);
  let rows = new Map(Array.from({ length: 2000 }, (_, id) => [id, 0]));
  let known = [];
  let number = 0;
  const tally = { acknowledged: 0, kept: 0, lost: 0 };
  for (let kill = 0; kill < times; ++kill) {
    const statements = [];
    let vacuumed = false;
    for (let i = 0; i < statements_ahead; ++i) {
      const next = statement(random, ++number, known, vacuumed);
      vacuumed ||= next.sql.startsWith('VACUUM');
      statements.push(next);
    }
    const told = `${name}, kill ${kill} of seed ${seed}`;

    const ended = await run_and_kill(folder, statements, 20 + random(longest_ms));

    assert.equal(ended.errors, '', told);
    assert.equal(ended.signal, 'SIGKILL', `${told}: it ended by itself`);
    const seen = run('sql', '--format', 'csv', 'SELECT id, v FROM gold.k ORDER BY id');
    assert.equal(seen.code, 0, `${told}: ${seen.err}`);
    const text = seen.out.trim().split(/\r?\n/).slice(1).join('\n');
    const sure = after(rows, statements.slice(0, ended.acknowledged));
    const maybe = after(sure, statements.slice(ended.acknowledged, ended.acknowledged + 1));
    const kept = text === text_of(maybe);
    assert.ok(kept || text === text_of(sure), `${told}: after ${ended.acknowledged} statements and perhaps ${statements[ended.acknowledged]?.sql}`);
    const check = run('table', 'check', 'gold.k', '--data', '--json');
    assert.equal(check.code, 0, `${told}: ${check.out}${check.err}`);

    const done = statements.slice(0, ended.acknowledged + 1);
    tally.acknowledged += ended.acknowledged;
    tally[kept ? 'kept' : 'lost'] += 1;
    rows = kept ? maybe : sure;
    // VACUUM may have taken what older versions need.
    if (done.some((one) => one.sql.startsWith('VACUUM'))) known = [];
    known.push({ version: JSON.parse(check.out).version, rows });
  }
  // Nothing of the dead is left once VACUUM has run: the table's folder holds what the table names.
  assert.equal(run('sql', 'VACUUM gold.k').code, 0);
  const live = new Set(JSON.parse(run('table', 'files', 'gold.k', '--json').out).map((file) => decodeURIComponent(file.path)));
  const there = fs.readdirSync(path.join(folder, 'lake/gold/k'), { recursive: true }).filter((file) => file.endsWith('.parquet') && !file.startsWith('_'));
  assert.deepEqual(there.filter((file) => !live.has(file)), []);
  return tally;
}

const forms = {
  'with deletion vectors': { partitioning: '', properties: "'delta.enableDeletionVectors' = 'true'" },
  'with files written anew': { partitioning: '', properties: "'delta.enableDeletionVectors' = 'false'" },
  'with a change feed': { partitioning: '', properties: "'delta.enableDeletionVectors' = 'true', 'delta.enableChangeDataFeed' = 'true'" },
  'with partitions': { partitioning: 'PARTITIONED BY (v)', properties: "'delta.enableDeletionVectors' = 'true'" },
};

let which = 0;
for (const [name, form] of Object.entries(forms)) {
  const random = random_of(seed * 1000 + which++);
  test(`a table ${name} survives ${kills / 4} kills`, async (t) => {
    const tally = await storm(name, form, random, kills / 4);
    t.diagnostic(`${tally.acknowledged} statements were acknowledged; the one in the way was kept ${tally.kept} times`);
    // Moments that always fall before the first statement, or after the last, would prove nothing.
    assert.ok(tally.acknowledged > kills / 4, 'too few statements were acknowledged');
  });
}
