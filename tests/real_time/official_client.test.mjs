// The official client of Socket.IO against the real program on a live lake: it connects with its
// defaults, hears of commits, acknowledges, and comes back without having missed one. Nothing here
// waits for time: each step waits for an event.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { after, describe, test } from 'node:test';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { a_claim, jsonl, lake_with } from '../e2e/cli/book.mjs';
import { start } from '../e2e/cli/lake.mjs';

const running = new Set();
const sockets = new Set();
after(() => {
  sockets.forEach((socket) => socket.close());
  running.forEach((child) => child.kill('SIGKILL'));
});

// Serves the lake at a port, 0 for any free one.
async function serve(lake, port = 0) {
  const { child, ended } = start(lake.folder, ['--lake', lake.folder, 'serve', '--port', String(port), '--json']);
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
  const stop = (signal = 'SIGINT') => {
    child.kill(signal);
    return ended;
  };
  return { url, port: Number(new URL(url).port), stop };
}

function new_lake() {
  const lake = lake_with();
  lake.ok('ingest');
  lake.ok('run');
  return lake;
}

let claims = 0;
// Drops a claim into the lake; returns its id.
function drop_claim(lake, edit = {}) {
  const claim = { ...a_claim({ claim_id: `RT-${++claims}`, claim_number: `CLM-RT-${claims}` }), ...edit };
  const outside = lake.path(`dropped-${claims}.tmp`);
  fs.writeFileSync(outside, jsonl([claim]));
  fs.mkdirSync(lake.path('raw/claims'), { recursive: true });
  fs.renameSync(outside, lake.path(`raw/claims/rt_${claims}.jsonl`));
  return claim.claim_id;
}

// Keeps what a socket hears, with the place of each event; `sees` waits for one that fits.
function listener(socket) {
  const heard = [];
  let look = () => {};
  socket.onAny((name, data, id) => {
    heard.push({ name, data, id });
    look();
  });
  const sees = (fits) =>
    new Promise((resolve) => {
      look = () => {
        const found = heard.find(fits);
        if (found) resolve(found);
      };
      look();
    });
  return { heard, sees };
}
const submitted = (id) => (event) => event.name === 'claim_submitted' && event.data.claim_id === id;
const once = (socket, event) => new Promise((resolve) => socket.once(event, resolve));

function connect(url, options = {}) {
  const socket = io(url, { reconnectionDelay: 50, reconnectionDelayMax: 200, ...options });
  sockets.add(socket);
  return socket;
}

for (const [name, options, ends_as] of [
  ['with its defaults, from polling to a WebSocket', {}, 'websocket'],
  ['by WebSocket only', { transports: ['websocket'] }, 'websocket'],
  ['by polling only', { transports: ['polling'] }, 'polling'],
]) {
  test(`connects ${name}, hears of a commit, acknowledges and sends bytes`, async () => {
    const lake = new_lake();
    const server = await serve(lake);
    const socket = connect(server.url, options);
    const { sees } = listener(socket);
    await once(socket, 'connect');
    const began = socket.io.engine.transport.name;
    if (ends_as !== began) await once(socket.io.engine, 'upgrade');
    assert.equal(socket.io.engine.transport.name, ends_as);
    assert.equal((await sees((event) => event.name === 'connected')).data.recovered, false);

    const id = drop_claim(lake);
    const bronze = await sees((event) => event.name === 'claim_to_bronze' && event.data.claim_id === id);
    assert.equal(bronze.data.layer, 'bronze');
    assert.equal((await sees(submitted(id))).data.status, a_claim().status);
    await sees((event) => event.name === 'gold_processed' && event.data.claims.some((claim) => claim.claim_id === id));
    await sees((event) => event.name === 'refresh' && event.data.tables.some(({ table }) => table === 'gold.customer_360_view'));

    assert.equal(await socket.emitWithAck('ping'), 'pong');
    assert.deepEqual(await socket.emitWithAck('subscribe_claims', { customer_id: 'C-1' }), { customer_id: 'C-1' });
    const bytes = Buffer.from([0, 1, 0xff, 0x1e]);
    assert.deepEqual(Buffer.from(await socket.emitWithAck('bytes', bytes)), bytes);
    const echoed = sees((event) => event.name === 'echo');
    socket.emit('other', { deep: [bytes, 1] });
    assert.deepEqual(Buffer.from((await echoed).data.deep[0]), bytes);
    socket.close();
    await server.stop();
  });
}

// Passes bytes on to the server and can cut all connections at once.
async function proxy_to(port) {
  const open = new Set();
  const server = net.createServer((inside) => {
    const outside = net.connect(port, '127.0.0.1');
    for (const [one, other] of [[inside, outside], [outside, inside]]) {
      open.add(one);
      one.pipe(other);
      one.on('error', () => {});
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => server.close());
  return { url: `http://127.0.0.1:${server.address().port}`, cut: () => open.forEach((socket) => socket.destroy()) };
}

// Every claim is told once, and the ids only rise.
function assert_complete(heard, ids) {
  const told = heard.filter((event) => event.name === 'claim_submitted').map((event) => event.data.claim_id);
  assert.deepEqual(told, ids);
  const places = heard.filter((event) => event.id).map((event) => Number(event.id.split('-').at(-1)));
  assert.deepEqual(places, [...new Set(places)].sort((a, b) => a - b));
}

describe('comes back', () => {
  test('after a cut connection, and has missed nothing', async () => {
    const lake = new_lake();
    const server = await serve(lake);
    const proxy = await proxy_to(server.port);
    const socket = connect(proxy.url);
    const watcher = listener(connect(server.url));
    const { heard, sees } = listener(socket);
    await sees((event) => event.name === 'connected');
    await watcher.sees((event) => event.name === 'connected');
    const ids = [drop_claim(lake)];
    await sees(submitted(ids[0]));
    for (let round = 0; round < 3; ++round) {
      // A cut in the middle of going over to a WebSocket is noticed by the client's heartbeat only.
      if (socket.io.engine.transport.name !== 'websocket') await once(socket.io.engine, 'upgrade');
      socket.io.reconnection(false);
      const gone = once(socket, 'disconnect');
      proxy.cut();
      await gone;
      ids.push(drop_claim(lake));
      await watcher.sees(submitted(ids.at(-1)));
      socket.io.reconnection(true);
      const back = once(socket, 'connect');
      socket.connect();
      await back;
      assert.equal(socket.recovered, true);
      await sees(submitted(ids.at(-1)));
    }
    assert_complete(heard, ids);
    await server.stop();
  });

  test('after the server was stopped, and after it was killed, and hears what was committed meanwhile', async () => {
    const lake = new_lake();
    let server = await serve(lake);
    const socket = connect(server.url);
    const { heard, sees } = listener(socket);
    await sees((event) => event.name === 'connected');
    const ids = [drop_claim(lake)];
    await sees(submitted(ids[0]));
    await sees((event) => event.name === 'refresh');
    for (const signal of ['SIGINT', 'SIGKILL']) {
      const back = new Promise((resolve) => socket.once('disconnect', () => socket.once('connect', resolve)));
      await server.stop(signal);
      ids.push(drop_claim(lake));
      lake.ok('ingest');
      lake.ok('run');
      server = await serve(lake, server.port);
      await back;
      assert.equal(socket.recovered, true, signal);
      await sees(submitted(ids.at(-1)));
      ids.push(drop_claim(lake));
      await sees(submitted(ids.at(-1)));
    }
    assert_complete(heard, ids);
    await server.stop();
  });

  test('on a plain WebSocket by the id of the last event', async () => {
    const lake = new_lake();
    const server = await serve(lake);
    const address = `${server.url.replace('http', 'ws')}/ws`;
    const open = (query = '') => {
      const socket = new WebSocket(address + query);
      sockets.add(socket);
      const heard = [];
      let look = () => {};
      socket.on('message', (data) => {
        heard.push(JSON.parse(data));
        look();
      });
      const sees = (fits) => new Promise((resolve) => ((look = () => heard.find(fits) && resolve(heard.find(fits))), look()));
      return { socket, heard, sees };
    };
    const first = open();
    await first.sees(({ type }) => type === 'connected');
    first.socket.send('{"type":"ping"}');
    await first.sees(({ type }) => type === 'pong');
    const one = drop_claim(lake);
    const place = await first.sees(({ type, data }) => type === 'claim_submitted' && data.claim_id === one);
    const two = drop_claim(lake);
    await first.sees(({ type, data }) => type === 'claim_submitted' && data.claim_id === two);

    const back = open(`?last_event_id=${place.id}`);
    await back.sees(({ type, data }) => type === 'claim_submitted' && data.claim_id === two);
    assert.equal(back.heard[0].data.recovered, true);
    assert.ok(!back.heard.some(({ data }) => data.claim_id === one && data.status), 'what was heard is not told again');
    await server.stop();
  });
});

test('a page of another site is kept out, by WebSocket and by polling', async () => {
  const server = await serve(new_lake());
  const refused = (path) =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(server.url.replace('http', 'ws') + path, { origin: 'https://evil.example' });
      socket.on('unexpected-response', (_, response) => resolve(response.statusCode));
      socket.on('open', () => reject(new Error('it was let in')));
      socket.on('error', () => {});
    });
  assert.equal(await refused('/ws'), 403);
  assert.equal(await refused('/socket.io/?EIO=4&transport=websocket'), 403);
  const status = await new Promise((resolve) =>
    http.get(`${server.url}/socket.io/?EIO=4&transport=polling`, { headers: { Origin: 'https://evil.example' } }, ({ statusCode }) => resolve(statusCode)),
  );
  assert.equal(status, 403);
  await server.stop();
});

test('the server stops at once though clients are connected, and says why', async () => {
  const server = await serve(new_lake());
  const plain = new WebSocket(`${server.url.replace('http', 'ws')}/ws`);
  const polling = connect(server.url, { transports: ['polling'], reconnection: false });
  await Promise.all([once(plain, 'message'), once(polling, 'connect')]);
  const closed = new Promise((resolve) => plain.once('close', resolve));
  const gone = once(polling, 'disconnect');
  assert.equal((await server.stop()).code, 0);
  assert.equal(await closed, 1012);
  await gone;
});
