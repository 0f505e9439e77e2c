// Raw files that are not as they should be: what is said, what is taken in all the same, and that
// nothing is lost.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, test } from 'node:test';
import { a_claim, a_customer, a_pet, a_policy, a_provider, csv, jsonl, lake_with } from './book.mjs';
import { assert_good_message, exit, Lake } from './lake.mjs';

// A lake in which only `files` arrived, and how their ingest ended.
function taken_in(files) {
  const lake = Lake.empty();
  for (const [name, content] of Object.entries(files)) lake.put(name, content);
  const ended = lake.run('ingest');
  return { lake, ended };
}

const broken = (lake) => lake.sql('SELECT table_name, rules, reason, payload, source_file, source_position FROM ops.quarantine ORDER BY source_position');

describe('a file that is refused as a whole', () => {
  const refused = (name, content, ...parts) => {
    const { lake, ended } = taken_in({ [name]: content });
    assert.equal(ended.code, exit.failed);
    assert_good_message(ended.out, name, ...parts);
    for (const table of ['bronze.customers_raw', 'bronze.claims_raw', 'ops.quarantine']) assert.equal(lake.count(table), 0, table);
    return lake;
  };

  test('is empty', () => {
    for (const nothing of ['', '\n\n', '\ufeff']) {
      refused('customers.csv', nothing, 'The file is empty', 'Write the file again');
      refused('claims.jsonl', nothing, 'The file is empty', 'Write the file again');
    }
  });

  test('has a header and no row', () => {
    refused('customers.csv', Object.keys(a_customer()).join(',') + '\n', 'a header and no rows', 'Write the file again');
  });

  test('has a wrong header; the message names what is missing, expected and found', () => {
    refused('customers.csv', 'id,name\nC1,Dana\n', 'The header has no column customer_id', 'Expected columns: customer_id, first_name', 'Found: id, name', 'customers.csv:1', 'first line');
  });

  test('is compressed, in UTF-16, of other bytes, or has no commas; the others go in', () => {
    for (const [start, ...parts] of [[Buffer.from([0x1f, 0x8b, 8, 0]), 'compressed by gzip', 'gunzip'], [Buffer.from('\ufeffclaim_id', 'utf16le'), 'UTF-16', 'UTF-8']]) {
      refused('customers.csv', start, ...parts);
      refused('claims.jsonl', start, ...parts);
    }
    refused('customers.csv', Buffer.from('customer_id\0,email\n'), 'The header cannot be read: the record holds a NUL byte', 'UTF-8');
    refused('customers.csv', 'customer_id;email\nC1;a@b.cd\n', 'Found: customer_id;email', 'commas');
    const lake = lake_with({ 'customers.csv': Buffer.from('\0') });
    assert.equal(lake.run('ingest').code, exit.failed);
    assert.equal(lake.count('bronze.claims_raw'), 2);
  });

  test('has a column twice', () => {
    refused('customers.csv', 'customer_id,email,email\nC1,a@b.cd,c@d.ef\n', 'a column twice: email');
  });

  test('does not stop the others, and goes in once it is mended', () => {
    const lake = lake_with({ 'customers.csv': 'id\nC1\n' });
    const ended = lake.run('ingest', '--json');
    assert.equal(ended.code, exit.failed);
    const report = JSON.parse(ended.out);
    assert.deepEqual(Object.fromEntries(report.tables.map((table) => [table.table, table.outcome])), { 'bronze.claims_raw': 'built', 'bronze.customers_raw': 'failed', 'bronze.pets_raw': 'built', 'bronze.policies_raw': 'built', 'bronze.vet_providers_raw': 'built' });
    lake.put('customers.csv', csv([a_customer()]));
    assert.equal(lake.json('ingest').rows, 1);
  });

  test('is not there', () => {
    const lake = Lake.empty();
    assert_good_message(lake.fails(exit.not_found, 'ingest', 'exports/claims.jsonl'), "no file or folder 'exports/claims.jsonl'");
  });

  test('has a name that no source takes', () => {
    const lake = Lake.empty();
    const file = lake.put('Claims (2).xlsx', 'x');
    assert_good_message(lake.fails(exit.not_found, 'ingest', file), 'claims.jsonl', 'Claims (2).xlsx');
  });
});

describe('a file in an unusual form goes in as it means', () => {
  const customers = (content) => {
    const { lake, ended } = taken_in({ 'customers.csv': content });
    assert.equal(ended.code, exit.done, ended.out + ended.err);
    return lake.sql('SELECT * EXCLUDE (_ingestion_timestamp, _batch_id, _source_file, _source_position, _rescued_data) FROM bronze.customers_raw ORDER BY customer_id');
  };
  const two = [a_customer(), a_customer({ customer_id: 'C2' })];
  // Bronze shows an empty field as null.
  const plain = two.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value || null])));

  test('with a byte order mark', () => assert.deepEqual(customers('\ufeff' + csv(two)), plain));
  test('with CR LF', () => assert.deepEqual(customers(csv(two, '\r\n')), plain));
  test('without an end of the last line', () => assert.deepEqual(customers(csv(two).trimEnd()), plain));
  test('with blank lines', () => assert.deepEqual(customers(csv(two).replaceAll('\n', '\n\n')), plain));

  test('with quotes, commas and line ends in a field', () => {
    const odd = { address_line1: '"The Old Mill",\nback door, 3rd floor\r\nring twice' };
    assert.deepEqual(customers(csv([{ ...two[0], ...odd }, two[1]])), [{ ...plain[0], ...odd }, plain[1]]);
  });

  test('with its columns in another order, and with one more, which is rescued', () => {
    const turned = (row) => Object.fromEntries([['loyalty', 'gold'], ...Object.entries(row).reverse()]);
    const { lake, ended } = taken_in({ 'customers.csv': csv(two.map(turned)) });
    assert.equal(ended.code, exit.done);
    const [row] = lake.sql("SELECT customer_id, email, _rescued_data FROM bronze.customers_raw WHERE customer_id = 'C1'");
    assert.equal(row.email, two[0].email);
    assert.deepEqual(JSON.parse(row._rescued_data), { loyalty: 'gold' });
  });

  test('with a line of 10 MB', () => {
    const notes = 'x'.repeat(10_000_000);
    const { lake, ended } = taken_in({ 'claims.jsonl': jsonl([a_claim(), a_claim({ claim_id: 'K2', treatment_notes: notes }), a_claim({ claim_id: 'K3' })]) });
    assert.equal(ended.code, exit.done);
    assert.deepEqual(lake.sql("SELECT claim_id, length(treatment_notes) AS length FROM bronze.claims_raw WHERE claim_id <> 'K1' ORDER BY 1"), [{ claim_id: 'K2', length: 10_000_000 }, { claim_id: 'K3', length: a_claim().treatment_notes.length }]);
  });
});

describe('a record that cannot be read', () => {
  test('goes to quarantine with its bytes, reason and place; the rest goes in', () => {
    const good = jsonl([a_claim()]);
    const half = '{"claim_id":"K2","policy_id":"L';
    const { lake, ended } = taken_in({ 'claims.jsonl': `${good}${half}\n[1,2]\n${jsonl([a_claim({ claim_id: 'K3' })])}` });
    assert.equal(ended.code, exit.done);
    assert.match(ended.out, /bronze\.claims_raw +built +1 +2 +2 /);
    assert.deepEqual(lake.sql('SELECT claim_id FROM bronze.claims_raw ORDER BY 1').map((row) => row.claim_id), ['K1', 'K3']);
    const rows = broken(lake);
    assert.deepEqual(rows.map((row) => [row.table_name, row.source_file, row.source_position, row.payload]), [['bronze.claims_raw', 'claims.jsonl', good.length, half], ['bronze.claims_raw', 'claims.jsonl', good.length + half.length + 1, '[1,2]']]);
    assert.match(rows[0].reason, /not valid JSON at byte \d+/);
    assert.match(lake.ok('quality', 'quarantine'), /bronze\.claims_raw +record_valid +2 /);
  });

  test('of invalid UTF-8 is one of them', () => {
    const file = Buffer.concat([Buffer.from(jsonl([a_claim()])), Buffer.from('{"claim_id":"K2","treatment_notes":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}\n')]);
    const { lake, ended } = taken_in({ 'claims.jsonl': file });
    assert.equal(ended.code, exit.done);
    assert.equal(lake.count('bronze.claims_raw'), 1);
    const [row] = broken(lake);
    assert.match(row.reason, /UTF-8/);
    assert.match(row.payload, /"K2","treatment_notes":"\ufffd/);
  });

  test('with a field too many, and one with a quote that is never closed, do not swallow the file', () => {
    const [header, line] = csv([a_customer()]).trimEnd().split('\n');
    const { lake, ended } = taken_in({ 'customers.csv': [header, line, `${line},more`, `C3,"${line}`, line.replace('C1', 'C4'), ''].join('\n') });
    assert.equal(ended.code, exit.done);
    assert.deepEqual(lake.sql('SELECT customer_id FROM bronze.customers_raw ORDER BY 1').map((row) => row.customer_id), ['C1', 'C4']);
    const reasons = broken(lake).map((row) => row.reason);
    assert.equal(reasons.length, 2);
    assert.match(reasons[0], /the record has 20 fields, the header has 19/);
    assert.match(reasons[1], /quote/);
  });

  test('at the end of a file that was cut off says so, and the whole file goes in when it comes', () => {
    const rows = [a_customer(), a_customer({ customer_id: 'C2' }), a_customer({ customer_id: 'C3' })];
    const claims = [a_claim(), a_claim({ claim_id: 'K2' })];
    const { lake, ended } = taken_in({ 'customers.csv': csv(rows).slice(0, -90), 'claims.jsonl': jsonl(claims).slice(0, -90) });
    assert.equal(ended.code, exit.done);
    assert.match(ended.out, /bronze\.claims_raw +built +1 +1 +1 /);
    assert.match(ended.out, /bronze\.customers_raw +built +1 +2 +1 /);
    assert.match(ended.out, /\n3 rows, 2 refused, .*\nclaimlake quality quarantine --rows says/);
    const reasons = broken(lake).map((row) => `${row.source_file}: ${row.reason}`).sort();
    assert.match(reasons[0], /^claims\.jsonl: the record is not valid JSON at byte \d+: .*; the file ends here without a line end, it may have been cut off$/);
    assert.match(reasons[1], /^customers\.csv: the record has \d+ fields, the header has 19; the file ends here without a line end, it may have been cut off$/);
    const told = lake.ok('quality', 'quarantine', '--rows');
    assert.equal(told.match(/it may have been cut off/g).length, 2);

    lake.put('customers.csv', csv(rows));
    lake.put('claims.jsonl', jsonl(claims));
    lake.ok('ingest');
    lake.put('pets.csv', csv([a_pet()]));
    lake.put('policies.csv', csv([a_policy()]));
    lake.put('vet_providers.csv', csv([a_provider()]));
    lake.ok('ingest');
    lake.ok('run');
    assert.equal(lake.count('silver.dim_customers'), 3);
    assert.equal(lake.count('silver.fact_claims'), 2);
  });

  test('is kept once, however often the file comes', () => {
    const lake = lake_with({ 'claims.jsonl': 'no json\n' + jsonl([a_claim()]) });
    lake.ok('ingest');
    lake.ok('ingest');
    lake.put('claims/again.jsonl', 'no json\n' + jsonl([a_claim()]));
    lake.ok('ingest');
    assert.equal(broken(lake).length, 1);
  });
});

describe('values that make no sense', () => {
  const built = (changes) => {
    const lake = lake_with({ 'claims.jsonl': jsonl([a_claim(), a_claim({ claim_id: 'K2', ...changes })]) });
    lake.ok('ingest');
    lake.ok('run');
    return lake;
  };
  const rescued = (lake) => JSON.parse(lake.value("SELECT _rescued_data FROM bronze.claims_raw WHERE claim_id = 'K2'"));
  const waits = (lake) => lake.sql("SELECT rules FROM ops.quarantine WHERE key = 'K2'").map((row) => row.rules);
  const flags = (lake) => lake.value("SELECT _dq FROM silver.fact_claims WHERE claim_id = 'K2'");

  test('a number out of range is rescued as it came, and its claim waits', () => {
    const lake = lake_with({ 'claims.jsonl': jsonl([a_claim(), a_claim({ claim_id: 'K2' })]).replace(/(K2.*)"claim_amount":500/, '$1"claim_amount":123456789012345678901234567890.12') });
    lake.ok('ingest');
    lake.ok('run');
    assert.equal(lake.value("SELECT _rescued_data LIKE '%123456789012345678901234567890.12%' FROM bronze.claims_raw WHERE claim_id = 'K2'"), true);
    assert.deepEqual(waits(lake).map((rules) => rules[0]), ['amount_present']);
  });

  test('a number that is a word is rescued', () => {
    const lake = built({ claim_amount: 'a lot' });
    assert.deepEqual(rescued(lake), { claim_amount: 'a lot' });
    assert.deepEqual(waits(lake).map((rules) => rules[0]), ['amount_present']);
  });

  test('an amount that no claim has is flagged', () => {
    assert.ok(flags(built({ claim_amount: 9_999_999 })).includes('amount_plausible'));
  });

  test('a negative amount waits', () => assert.ok(waits(built({ claim_amount: -5 }))[0].includes('amount_positive')));

  test('an unknown status waits, an unknown category is flagged', () => {
    assert.deepEqual(waits(built({ status: 'Lost' })), [['status_known']]);
    assert.deepEqual(flags(built({ claim_category: 'Grooming' })), ['category_known']);
  });

  test('a day that does not exist is flagged, and its claim is in no month', () => {
    const lake = built({ service_date: '2025-02-30' });
    assert.deepEqual(flags(lake), ['service_date_valid']);
    assert.equal(lake.value('SELECT sum(total_claims) FROM gold.monthly_kpis'), 1);
    assert.equal(lake.count('gold.claims_analytics'), 2);
  });

  test('nothing of them is lost: each row is in Silver or waits', () => {
    const lake = built({ status: 'Lost' });
    assert.equal(lake.count('silver.fact_claims') + lake.count('ops.quarantine'), lake.count('bronze.claims_raw'));
  });
});

describe('the same bytes', () => {
  test('are taken in once, under whatever name and from whatever folder', () => {
    const lake = lake_with();
    lake.ok('ingest');
    lake.put('claims/copy.jsonl', fs.readFileSync(lake.path('raw/claims.jsonl')));
    const report = lake.json('ingest');
    assert.deepEqual(report.tables.map((table) => table.outcome), Array(5).fill('skipped'));
    assert.equal(lake.json('ingest', lake.path('raw')).rows, 0);
    assert.equal(lake.count('bronze.claims_raw'), 2);
  });

  test('twice in one folder are taken in once', () => {
    const lake = lake_with();
    lake.put('claims/copy.jsonl', fs.readFileSync(lake.path('raw/claims.jsonl')));
    assert.equal(lake.json('ingest').tables.find((table) => table.table === 'bronze.claims_raw').rows, 2);
  });

  test('other bytes under a known name are new rows, and the newest version of a key wins', () => {
    const lake = lake_with();
    lake.ok('ingest');
    lake.put('claims.jsonl', jsonl([a_claim({ status: 'Approved', paid_amount: 0, updated_at: '2024-07-01T00:00:00' })]));
    assert.equal(lake.json('ingest').rows, 1);
    lake.ok('run');
    assert.equal(lake.value("SELECT status FROM silver.fact_claims WHERE claim_id = 'K1'"), 'Approved');
    assert.equal(lake.count('bronze.claims_raw'), 3);
  });
});
