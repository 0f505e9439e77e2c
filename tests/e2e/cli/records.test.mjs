// What people enter by API reaches Gold once, whatever happens to the program on the way. Nothing
// here waits for time: each test waits for an answer or an event.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import readline from 'node:readline';
import { Readable } from 'node:stream';
import { after, describe, test } from 'node:test';
import { lake_with } from './book.mjs';
import { exit, Lake, start } from './lake.mjs';

const running = new Set();
after(() => running.forEach((child) => child.kill('SIGKILL')));

async function serve(lake, ...options) {
  const { child, ended } = start(lake.folder, ['--lake', lake.folder, 'serve', '--port', '0', '--json', ...options]);
  running.add(child);
  let said = '';
  const url = await Promise.race([
    new Promise((resolve) =>
      child.stdout.on('data', (bytes) => {
        said += bytes;
        if (said.trimEnd().endsWith('}')) resolve(JSON.parse(said).url);
      }),
    ),
    ended.then(({ err }) => assert.fail(err)),
  ]);
  const post = async (path, body, headers = {}) => {
    const response = await fetch(url + path, { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json', ...headers } });
    const answer = await response.json();
    assert.equal(response.status, 201, JSON.stringify(answer));
    return answer;
  };
  const kill = () => {
    child.kill('SIGKILL');
    return ended;
  };
  return { url, post, kill };
}

const a_customer = { first_name: 'Ada', last_name: 'Moss', email: 'ada@example.com', phone: '(512) 555-0142', city: 'Austin', state: 'TX', zip_code: '78701' };

// A customer with a pet and a policy, and the claim that they can make today.
async function insure({ post }) {
  const { customer_id } = await post('/api/customers', a_customer);
  const { pet_id } = await post('/api/pets', { customer_id, pet_name: 'Biscuit', species: 'Dog', breed: 'Beagle', gender: 'Male', date_of_birth: '2020-05-01', weight_lbs: 22.5 });
  const { policy_id } = await post('/api/policies', { customer_id, pet_id, plan_name: 'Standard' });
  const service_date = new Date().toISOString().slice(0, 10);
  return { customer_id, pet_id, policy_id, claim_type: 'Illness', service_date, claim_amount: 212.4, description: 'ear infection' };
}

// Waits until the server's pipeline has brought something about for which `fits` holds.
async function until(url, fits) {
  const response = await fetch(`${url}/api/pipeline/events`);
  for await (const line of readline.createInterface({ input: Readable.fromWeb(response.body) })) {
    if (!line.startsWith('data: ')) continue;
    const found = await fits();
    if (found) return found;
  }
  assert.fail('the stream of events ended before it came about');
}

async function customer_360(url, customer_id) {
  const response = await fetch(`${url}/api/insights/customers/${customer_id}`);
  return response.ok ? (await response.json()).customer : null;
}

describe('what is entered', () => {
  test('is in Gold once, though the program is killed as soon as it has said yes', async () => {
    const lake = lake_with();
    const first = await serve(lake);
    const claim = await insure(first);
    const { claim_id } = await first.post('/api/claims', claim, { 'Idempotency-Key': 'once' });
    await first.kill();

    const second = await serve(lake);
    // The client has lost the answer and asks again.
    const again = await second.post('/api/claims', claim, { 'Idempotency-Key': 'once' });
    const row = await until(second.url, async () => {
      const found = await customer_360(second.url, claim.customer_id);
      return found?.total_claims > 0 && found;
    });
    await second.kill();

    assert.equal(again.claim_id, claim_id);
    assert.equal(row.total_claims, 1);
    assert.equal(row.total_claim_amount, 212.4);
    assert.equal(row.total_policies, 1);
    lake.ok('run');
    assert.equal(lake.value(`SELECT total_claims FROM gold.customer_360_view WHERE customer_id = '${claim.customer_id}'`), 1);
    assert.equal(lake.count('bronze.claims_raw', `claim_id = '${claim_id}'`), 1);
    assert.equal(lake.count('silver.fact_claims', `claim_id = '${claim_id}'`), 1);
    assert.equal(lake.count('ops.quarantine', `payload LIKE '%${claim.customer_id}%'`), 0);
  });

  test('keeps its columns and its exact amount down to Silver', async () => {
    const lake = lake_with();
    const server = await serve(lake);
    const claim = await insure(server);
    const { claim_id } = await server.post('/api/claims', { ...claim, claim_amount: '1234.56', description: `"quoted", <b>
and a second line` });
    await until(server.url, async () => (await customer_360(server.url, claim.customer_id))?.total_claims === 1);
    await server.kill();

    const [row] = lake.sql(`SELECT CAST(claim_amount AS VARCHAR) AS amount, treatment_notes, status, is_emergency FROM silver.fact_claims WHERE claim_id = '${claim_id}'`);
    assert.deepEqual(row, { amount: '1234.56', treatment_notes: '"quoted", <b>\nand a second line', status: 'Submitted', is_emergency: false });
    assert.equal(lake.count('bronze.claims_raw', `claim_id = '${claim_id}' AND _rescued_data IS NOT NULL`), 0);
    const [pet] = lake.sql(`SELECT is_active, CAST(weight_lbs AS VARCHAR) AS weight FROM silver.dim_pets WHERE pet_id = '${claim.pet_id}'`);
    assert.equal(pet.is_active, true);
    assert.match(pet.weight, /^22[.]50*$/);
  });

  test('waits in the store where no pipeline runs, and comes with the next that does', async () => {
    const lake = lake_with();
    const alone = await serve(lake, '--no-pipeline');
    const { customer_id } = await alone.post('/api/customers', a_customer);
    await alone.kill();
    assert.ok(!fs.existsSync(lake.path('raw', 'customers')));

    const server = await serve(lake);
    await until(server.url, () => customer_360(server.url, customer_id));
    await server.kill();
  });
});

describe('the operational store', () => {
  test('that is no such file is named, with what to do', () => {
    const lake = Lake.empty();
    fs.writeFileSync(lake.path('.claimlake', 'records.db'), 'x'.repeat(5000));

    const said = lake.fails(exit.damaged, 'serve', '--port', '0');

    assert.match(said, /records\.db/);
    assert.match(said, /backup/);
  });

  test('at a place that is none is refused by the line of the configuration', () => {
    const lake = Lake.empty();
    fs.writeFileSync(lake.path('claimlake.yml'), 'records: somewhere\n');

    assert.match(lake.fails(exit.wrong_input, 'serve', '--port', '0'), /records.*path.*postgresql:[\s\S]*claimlake\.yml:1/);
  });
});
