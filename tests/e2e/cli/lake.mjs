// The real program in an empty temporary folder, seen from outside: what it prints, how it ends,
// and what stands in the lake afterwards.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));
export const program = process.env.CLAIMLAKE_BIN ?? path.join(root, 'build/dev/src/app/claimlake');
assert.ok(fs.existsSync(program), `there is no program at ${program}; build it, or set CLAIMLAKE_BIN`);

// Exit codes, as `claimlake --help` names them.
export const exit = { done: 0, failed: 1, usage: 2, wrong_input: 3, not_found: 4, conflict: 5, unavailable: 6, damaged: 7, timeout: 8, cancelled: 130 };

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'claimlake-e2e-'));
after(() => fs.rmSync(scratch, { recursive: true, force: true }));

let folders = 0;
export function new_folder() {
  const folder = path.join(scratch, String(++folders));
  fs.mkdirSync(folder);
  return folder;
}

// Colours, width and the lake's folder must not come from whoever runs the tests.
const environment = { ...process.env, CLAIMLAKE_LAKE: undefined, COLUMNS: undefined };

// Runs `claimlake ARGUMENTS` to its end. `prefix`: a command that runs the program with less rights.
export function claimlake(folder, args, { input = '', prefix = [] } = {}) {
  const [command, ...rest] = [...prefix, program, ...args];
  const ended = spawnSync(command, rest, { cwd: folder, env: environment, input, encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.ifError(ended.error);
  return { code: ended.status, signal: ended.signal, out: ended.stdout, err: ended.stderr };
}

// Starts `claimlake ARGUMENTS`; `ended` resolves to what claimlake() returns.
export function start(folder, args) {
  const child = spawn(program, args, { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '', err = '';
  child.stdout.on('data', (bytes) => (out += bytes));
  child.stderr.on('data', (bytes) => (err += bytes));
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, out, err }));
  });
  return { child, ended };
}

// Starts `claimlake ARGUMENTS` at a terminal (a pseudo terminal, made by script). `type` sends keys,
// `sees` waits for what the terminal shows since the last call.
export function at_terminal(folder, args) {
  // exec: a shell in between would get the Ctrl-C, too.
  const command = 'exec ' + [program, ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', command, '/dev/null'], { cwd: folder, env: { ...environment, TERM: 'xterm', SHELL: '/bin/sh' }, stdio: ['pipe', 'pipe', 'inherit'] });
  let shown = '', look = () => {};
  child.stdout.on('data', (bytes) => {
    shown += bytes;
    look();
  });
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code));
  });
  const sees = async (pattern) => {
    const found = new Promise((resolve) => {
      look = () => pattern.test(shown) && resolve();
      look();
    });
    await Promise.race([found, ended.then(() => pattern.test(shown) || assert.fail(`it ended without ${pattern}: ${shown}`))]);
    const before = shown;
    shown = '';
    return before;
  };
  return { type: (keys) => child.stdin.write(keys), sees, ended };
}

// Resolves at the first change in `folder`.
export function changes(folder) {
  return new Promise((resolve) => {
    const watcher = fs.watch(folder, () => {
      watcher.close();
      resolve();
    });
  });
}

// Resolves once `file` exists: told by the file system, without looking again and again.
export function appears(file) {
  return new Promise((resolve) => {
    let watcher;
    const look = () => {
      watcher?.close();
      if (fs.existsSync(file)) return resolve();
      let above = path.dirname(file);
      while (!fs.existsSync(above)) above = path.dirname(above);
      watcher = fs.watch(above, look);
      // It may have come between the look and the watch.
      if (fs.existsSync(file) || fs.existsSync(path.join(above, path.relative(above, file).split(path.sep)[0]))) look();
    };
    look();
  });
}

// One lake in a folder of its own.
export class Lake {
  constructor(folder = path.join(new_folder(), 'lake')) {
    this.folder = folder;
  }

  // A new lake, made by `claimlake init`.
  static empty() {
    const lake = new Lake();
    lake.ok('init');
    return lake;
  }

  run(...args) {
    return claimlake(path.dirname(this.folder), ['--lake', this.folder, ...args]);
  }
  // Runs a command that must end well, and returns what it printed.
  ok(...args) {
    const ended = this.run(...args);
    assert.equal(ended.code, exit.done, `claimlake ${args.join(' ')}: ${ended.out}${ended.err}`);
    return ended.out;
  }
  // The same, with --json.
  json(...args) {
    return JSON.parse(this.ok(...args, '--json'));
  }
  // Runs a command that must fail with `code`, and returns what it said on standard error.
  fails(code, ...args) {
    const ended = this.run(...args);
    assert.equal(ended.code, code, `claimlake ${args.join(' ')}: ${ended.signal ?? ''}${ended.out}${ended.err}`);
    return ended.err;
  }
  sql(statement) {
    return this.json('sql', statement);
  }
  // The one value of a statement that gives one row and column.
  value(statement) {
    const rows = this.sql(statement);
    assert.equal(rows.length, 1, statement);
    return Object.values(rows[0])[0];
  }
  count(table, where = 'TRUE') {
    return this.value(`SELECT count(*) FROM ${table} WHERE ${where}`);
  }
  path(...parts) {
    return path.join(this.folder, ...parts);
  }
  // Puts a file into raw/ (or another folder of the lake) and returns its path.
  put(name, content) {
    const file = this.path('raw', name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
    return file;
  }
  // A copy of the whole lake, for a test that damages it.
  copy() {
    const twin = new Lake();
    fs.cpSync(this.folder, twin.folder, { recursive: true });
    return twin;
  }
  // The file of one version in a table's log.
  log_file(table, version) {
    return this.path(table.replace('.', '/'), '_delta_log', String(version).padStart(20, '0') + '.json');
  }
  // What tables hold, each as one number that any change of any row changes. The times at which the
  // program worked are left out.
  digests(tables) {
    const columns = this.sql(`SELECT table_schema || '.' || table_name AS name, string_agg('"' || column_name || '"', ', ' ORDER BY ordinal_position) AS columns FROM information_schema.columns WHERE NOT regexp_matches(column_name, 'processed_at$|^_ingestion_timestamp$|^_batch_id$') GROUP BY 1`);
    const wanted = columns.filter((row) => tables.includes(row.name));
    assert.equal(wanted.length, tables.length);
    const selects = wanted.map((row) => `SELECT '${row.name}' AS name, sum(hash(r)::HUGEINT)::VARCHAR || '/' || count(*) AS digest FROM (SELECT ${row.columns} FROM ${row.name}) AS r`);
    return Object.fromEntries(this.sql(selects.join(' UNION ALL ')).map((row) => [row.name, row.digest]));
  }
}

export const silver = ['silver.dim_customers', 'silver.dim_pets', 'silver.dim_policies', 'silver.dim_vet_providers', 'silver.fact_claims'];
export const gold = ['gold.claims_analytics', 'gold.claims_by_month', 'gold.claims_by_provider', 'gold.cross_sell_recommendations', 'gold.customer_360_view', 'gold.decisions_by_month', 'gold.monthly_kpis', 'gold.policies_by_month', 'gold.provider_performance', 'gold.risk_scoring'];
export const bronze = ['bronze.claims_raw', 'bronze.customers_raw', 'bronze.pets_raw', 'bronze.policies_raw', 'bronze.vet_providers_raw'];

// An error for people says what is wrong and what to do next, and never how the program is made.
export function assert_good_message(text, ...parts) {
  for (const part of parts) {
    if (part instanceof RegExp) assert.match(text, part);
    else assert.ok(text.includes(part), `'${part}' is not in: ${text}`);
  }
  assert.match(text, /\n {2}try {4}\S/, `it does not say what to do: ${text}`);
  assert.doesNotMatch(text, /[Ee]xception|INTERNAL|Assertion|nullptr|std::/, `not for people: ${text}`);
}
