// Damage from outside: logs, disks, permissions. Nothing is lost or half written, readers of other
// tables notice nothing, and the message says what to do.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { a_claim, book, jsonl, lake_with } from './book.mjs';
import { assert_good_message, claimlake, exit, gold, Lake, new_folder, program, silver } from './lake.mjs';

describe("a table's log", () => {
  let sound;
  before(() => {
    sound = lake_with();
    sound.ok('ingest');
    sound.ok('run');
    sound.put('claims/more.jsonl', jsonl([a_claim({ claim_id: 'K3' })]));
    sound.ok('ingest');
    sound.ok('run');
  });

  // What must hold for every damage: `damage` breaks the log of silver.fact_claims, `mend` undoes it.
  const check = (damage, code, ...parts) => {
    const lake = sound.copy();
    const logs = lake.path('silver/fact_claims/_delta_log');
    const kept = new_folder();
    fs.cpSync(logs, kept, { recursive: true });
    damage(lake);

    // The table itself: every command says the same.
    for (const command of [['sql', 'SELECT count(*) FROM silver.fact_claims'], ['table', 'show', 'silver.fact_claims'], ['table', 'list']]) {
      const ended = lake.run(...command);
      assert.equal(ended.code, code, `${command.join(' ')}: ${ended.out}${ended.err}`);
      assert_good_message(ended.out + ended.err, /silver[./]fact_claims/, ...parts);
    }
    const doctor = lake.run('doctor');
    assert.equal(doctor.code, exit.failed);
    assert.match(doctor.out, /^BAD +silver\.fact_claims /m);
    // The others go on.
    assert.equal(lake.count('silver.dim_pets'), 1);
    assert.ok(lake.run('table', 'list').out.includes('gold.monthly_kpis'));
    // A run neither mends nor overwrites it, and says which tables it keeps as they are.
    lake.put('claims/late.jsonl', jsonl([a_claim({ claim_id: 'K4' })]));
    lake.ok('ingest');
    const run = lake.run('run', '--json');
    assert.equal(run.code, exit.failed);
    const outcomes = Object.fromEntries(JSON.parse(run.out).tables.map((table) => [table.table, table.outcome]));
    assert.equal(outcomes['silver.fact_claims'], 'failed');
    assert.equal(outcomes['silver.dim_pets'], 'skipped');
    assert.equal(lake.count('gold.claims_analytics'), 3);

    fs.rmSync(logs, { recursive: true });
    fs.cpSync(kept, logs, { recursive: true });
    lake.ok('run');
    for (const table of [...silver, ...gold]) lake.count(table);
    assert.equal(lake.count('silver.fact_claims'), 4);
    assert.equal(lake.count('gold.claims_analytics'), 4);
  };

  test('that is damaged', () => check((lake) => fs.writeFileSync(lake.log_file('silver.fact_claims', 1), '{"add":{"path"'), exit.damaged, 'damaged', '00000000000000000001.json', 'restore'));

  test('that was cut to nothing', () => check((lake) => fs.truncateSync(lake.log_file('silver.fact_claims', 0)), exit.damaged, 'damaged', 'restore'));

  test('that has a gap', () => check((lake) => fs.rmSync(lake.log_file('silver.fact_claims', 0)), exit.damaged, 'gap', '00000000000000000000.json', 'restore'));

  test('that a newer protocol wrote', () => {
    check((lake) => {
      const file = lake.log_file('silver.fact_claims', 1);
      fs.appendFileSync(file, '{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["teleportation"],"writerFeatures":["teleportation"]}}\n');
    }, exit.wrong_input, 'teleportation');
  });

  test('that is of Bronze stops only what needs the table', () => {
    const lake = sound.copy();
    fs.rmSync(lake.log_file('bronze.pets_raw', 0));
    assert.equal(lake.value('SELECT 1 AS one'), 1);
    assert.equal(lake.count('silver.dim_pets'), 1);
    assert.equal(lake.run('ingest').code, exit.failed);
    assert_good_message(lake.run('ingest').out, 'bronze/pets_raw', 'gap', '00000000000000000000.json');
  });

  test('whose table lost a data file says which, and how to write the table anew', () => {
    const lake = sound.copy();
    const [file] = lake.json('table', 'files', 'gold.monthly_kpis');
    fs.rmSync(lake.path('gold/monthly_kpis', file.path));
    assert_good_message(lake.fails(exit.damaged, 'sql', 'SELECT * FROM gold.monthly_kpis'), file.path);
    lake.ok('run', '--force', 'gold.monthly_kpis');
    assert.ok(lake.sql('SELECT * FROM gold.monthly_kpis').length > 0);
  });
});

describe('a lake without permission', () => {
  // Root may do everything; without these two rights it is held to permissions like anyone else.
  const prefix = process.getuid() === 0 ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] : [];
  const works = prefix.length === 0 || spawnSync(prefix[0], [...prefix.slice(1), 'true']).status === 0;
  const skip = works ? false : 'setpriv cannot take rights away from root here';
  const as_guest = (lake, ...args) => claimlake(lake.folder, ['--lake', lake.folder, ...args], { prefix });
  const set_mode = (lake, mode) => spawnSync('chmod', ['-R', mode, lake.folder]);

  test('to write can be read, and says so of what must write', { skip }, () => {
    const lake = lake_with();
    lake.ok('ingest');
    lake.ok('run');
    lake.put('claims/more.jsonl', jsonl([a_claim({ claim_id: 'K3' })]));
    set_mode(lake, 'a-w');
    try {
      assert.equal(JSON.parse(as_guest(lake, 'sql', 'SELECT count(*) AS n FROM silver.fact_claims', '--json').out)[0].n, 2);
      assert.equal(as_guest(lake, 'table', 'list').code, exit.done);
      for (const command of [['ingest'], ['run', '--force']]) {
        const ended = as_guest(lake, ...command);
        assert.notEqual(ended.code, exit.done);
        assert_good_message(ended.out + ended.err, /permission|not allowed|may not/i, lake.folder);
      }
      const doctor = as_guest(lake, 'doctor');
      assert.equal(doctor.code, exit.failed);
      assert.match(doctor.out, /^BAD +writing /m);
    } finally {
      set_mode(lake, 'u+w');
    }
    assert.equal(lake.count('silver.fact_claims'), 2);
    assert.equal(lake.json('ingest').rows, 1);
    lake.ok('run');
    assert.equal(lake.count('silver.fact_claims'), 3);
  });

  test('to read says so', { skip }, () => {
    const lake = lake_with();
    lake.ok('ingest');
    set_mode(lake, 'a-rwx');
    try {
      const ended = as_guest(lake, 'table', 'list');
      assert.equal(ended.code, exit.unavailable, ended.out + ended.err);
      assert_good_message(ended.err, /permission|not allowed|may not/i, lake.folder);
    } finally {
      set_mode(lake, 'u+rwX');
    }
    lake.ok('table', 'list');
  });

  test('to read one table hides none', { skip }, () => {
    const lake = lake_with();
    lake.ok('ingest');
    lake.ok('run');
    fs.chmodSync(lake.path('gold/monthly_kpis'), 0);
    try {
      const listed = as_guest(lake, 'table', 'list');
      assert.equal(listed.code, exit.unavailable, listed.out + listed.err);
      assert.match(listed.out, /^gold\.monthly_kpis +unreadable/m);
      assert_good_message(listed.out, /no permission/, lake.folder);
      assert.match(as_guest(lake, 'doctor').out, /^BAD +gold\.monthly_kpis /m);
      assert.equal(as_guest(lake, 'sql', 'SELECT count(*) FROM silver.fact_claims').code, exit.done);
    } finally {
      fs.chmodSync(lake.path('gold/monthly_kpis'), 0o755);
    }
  });

  test('to make it says so', { skip }, () => {
    const above = new Lake(new_folder());
    fs.chmodSync(above.folder, 0o555);
    const ended = claimlake(above.folder, ['--lake', above.path('new'), 'init'], { prefix });
    assert.equal(ended.code, exit.unavailable);
    assert_good_message(ended.err, above.path('new'), /[Pp]ermission/);
  });

  test('to read one raw file takes in the others', { skip }, () => {
    const lake = lake_with();
    fs.chmodSync(lake.path('raw/pets.csv'), 0);
    const ended = as_guest(lake, 'ingest');
    assert.equal(ended.code, exit.failed, ended.out + ended.err);
    assert_good_message(ended.out, 'pets.csv');
    assert.equal(lake.count('bronze.claims_raw'), 2);
    fs.chmodSync(lake.path('raw/pets.csv'), 0o644);
    assert.equal(lake.json('ingest').rows, 1);
  });
});

describe('a full disk', () => {
  const disk = new_folder();
  const mount = (...args) => process.getuid() === 0 && spawnSync('mount', args).status === 0;
  const mounted = mount('-t', 'tmpfs', '-o', 'size=3m', 'claimlake-test', disk);
  const skip = mounted ? false : 'a small disk can only be mounted by root';
  after(() => mounted && spawnSync('umount', [disk]));

  test('stops ingest and run with its name; with more room each row is there once', { skip }, () => {
    const exports = new_folder();
    const made = JSON.parse(claimlake(exports, ['generate', exports, '--as-of', '2026-01-31', '--json']).out);
    const lake = new Lake(`${disk}/lake`);
    lake.ok('init');
    fs.writeFileSync(`${disk}/ballast`, Buffer.alloc(2_000_000));

    const ended = lake.run('ingest', exports);
    assert.ok([exit.failed, exit.unavailable].includes(ended.code), ended.out + ended.err);
    assert_good_message(ended.out + ended.err, /disk is full/, disk);
    const taken = lake.count('bronze.claims_raw');
    assert.ok(taken === 0 || taken === made.rows.claims, String(taken));

    fs.rmSync(`${disk}/ballast`);
    assert.ok(mount('-o', 'remount,size=8m', disk));
    lake.ok('ingest', exports);
    for (const [name, rows] of Object.entries(made.rows)) assert.equal(lake.count(`bronze.${name}_raw`), rows, name);

    const room = fs.statfsSync(disk);
    fs.writeFileSync(`${disk}/ballast`, Buffer.alloc(Math.max(room.bavail * room.bsize - 700_000, 0)));
    const run = lake.run('run', '--as-of', '2026-01-31');
    assert.ok([exit.failed, exit.unavailable].includes(run.code), run.out + run.err);
    assert_good_message(run.out + run.err, /disk is full/);

    fs.rmSync(`${disk}/ballast`);
    assert.ok(mount('-o', 'remount,size=64m', disk));
    lake.ok('run', '--as-of', '2026-01-31');
    const roomy = Lake.empty();
    roomy.ok('ingest', exports);
    roomy.ok('run', '--as-of', '2026-01-31');
    assert.deepEqual(lake.digests([...silver, ...gold]), roomy.digests([...silver, ...gold]));
  });
});

test('a marker of a newer lake is refused, a damaged one is named', () => {
  const lake = Lake.empty();
  const marker = lake.path('.claimlake/lake.json');
  fs.writeFileSync(marker, fs.readFileSync(marker, 'utf8').replace('"format": 1', '"format": 7'));
  assert_good_message(lake.fails(exit.wrong_input, 'table', 'list'), 'format 7', 'knows 1', 'newer claimlake');
  fs.writeFileSync(marker, 'x');
  assert_good_message(lake.fails(exit.damaged, 'table', 'list'), marker, 'restore');
});
