import { describe, expect, test } from 'vitest';
import { Feed, address_of, asking } from './feed';

type Answer = { status?: number; etag?: string; body?: unknown; type?: string; date?: string };

// A server whose answers the test sets, path by path. It answers 304 to its own ETag.
class Server {
  answers = new Map<string, Answer>();
  down = false;
  asked: string[] = [];
  bodies: unknown[] = [];

  readonly transport = async (path: string, init: RequestInit): Promise<Response> => {
    this.asked.push(path);
    if (init.method === 'POST') this.bodies.push(init.body);
    if (this.down) throw new TypeError('Failed to fetch');
    const { status = 200, etag, body, type = 'application/json', date } = this.answers.get(path) ?? { status: 404 };
    const headers = new Headers({ 'Content-Type': type });
    if (etag) headers.set('ETag', etag);
    if (date) headers.set('Date', date);
    const known = new Headers(init.headers).get('If-None-Match');
    if (etag && known === etag) return new Response(null, { status: 304, headers });
    return new Response(typeof body === 'string' ? body : JSON.stringify(body ?? null), { status, headers });
  };

  take_asked(): string[] {
    return this.asked.splice(0);
  }
}

const heart = '/api/lake/tables';

function make(now_ms = () => 0): { server: Server; feed: Feed } {
  const server = new Server();
  server.answers.set(heart, { etag: '"1"', body: { tables: [] } });
  return { server, feed: new Feed({ transport: server.transport, now_ms, heartbeat_path: heart }) };
}

describe('reading', () => {
  test('begins as loading and ends with the data', async () => {
    const { server, feed } = make();
    server.answers.set('/a', { etag: '"a1"', body: { n: 1 } });

    feed.subscribe('/a', () => undefined);
    expect(feed.read('/a')).toEqual({ data: undefined, problem: undefined, loading: true });
    await feed.load('/a');

    expect(feed.read('/a')).toEqual({ data: { n: 1 }, problem: undefined, loading: false });
    expect(server.take_asked()).toEqual(['/a']);
  });

  test('keeps the very same reading on a 304, so that nothing is drawn again', async () => {
    const { server, feed } = make();
    server.answers.set('/a', { etag: '"a1"', body: { n: 1 } });
    await feed.load('/a');
    const before = feed.read('/a');

    await feed.load('/a');

    expect(feed.read('/a')).toBe(before);
  });

  test('shows the problem that the server names', async () => {
    const { server, feed } = make();
    const problem = { title: 'Not ready', status: 503, code: 'not_ready', detail: 'no version yet', next_step: 'Run: claimlake run' };
    server.answers.set('/a', { status: 503, type: 'application/problem+json', body: problem });

    await feed.load('/a');

    expect(feed.read('/a').problem).toMatchObject(problem);
  });

  test('has words for an error that is no problem document', async () => {
    const { server, feed } = make();
    server.answers.set('/a', { status: 502, type: 'text/html', body: '<h1>Bad gateway</h1>' });

    await feed.load('/a');

    expect(feed.read('/a').problem).toMatchObject({ status: 502, code: 'http_error' });
  });

  test('sends what is asked in the body, and the address does not have it', async () => {
    const { server, feed } = make();
    server.answers.set('/why', { body: { present: true } });
    const call = asking('/why', { table: 't', key: 'line\nbreak' });

    await feed.load(call);
    server.down = true;
    await feed.load(call);

    expect(server.take_asked()).toEqual(['/why', '/why']);
    expect(server.bodies).toEqual(['{"table":"t","key":"line\\nbreak"}', '{"table":"t","key":"line\\nbreak"}']);
    expect(feed.read(call)).toMatchObject({ data: { present: true }, problem: { detail: expect.not.stringContaining('break') } });
    expect(address_of(call)).toBe('/why');
  });

  test('says something once and never again, whatever changes', async () => {
    const { server, feed } = make();
    server.answers.set('/waive', { body: { changes: [] } });

    expect(await feed.send('/waive', { why: 'so' })).toEqual({ data: { changes: [] } });
    server.answers.set(heart, { etag: '"2"', body: { tables: [] } });
    await feed.beat();
    expect(server.take_asked()).toEqual(['/waive', heart]);
    expect(server.bodies).toEqual(['{"why":"so"}']);

    server.answers.set('/waive', { status: 409, type: 'application/problem+json', body: { code: 'conflict', detail: 'It is waived already.' } });
    expect((await feed.send('/waive', {})).problem).toMatchObject({ status: 409, code: 'conflict' });
    server.down = true;
    expect((await feed.send('/waive', {})).problem).toMatchObject({ code: 'unreachable' });
  });

  test('forgets a path that nobody reads any more', async () => {
    const { server, feed } = make();
    server.answers.set('/a', { etag: '"a1"', body: { n: 1 } });
    const stop = feed.subscribe('/a', () => undefined);
    await feed.load('/a');

    stop();

    expect(feed.read('/a').loading).toBe(true);
  });
});

describe('the heartbeat', () => {
  test('asks for nothing else while the tables stay the same', async () => {
    const { server, feed } = make();
    server.answers.set('/a', { etag: '"a1"', body: { n: 1 } });
    feed.subscribe('/a', () => undefined);
    await feed.load('/a');
    await feed.beat();
    server.take_asked();

    const wait_ms = await feed.beat();

    expect(server.take_asked()).toEqual([heart]);
    expect(wait_ms).toBe(3_000);
  });

  test('reads everything on screen again when a table changed', async () => {
    const { server, feed } = make();
    server.answers.set('/a', { etag: '"a1"', body: { n: 1 } });
    let told = 0;
    feed.subscribe('/a', () => (told += 1));
    await feed.beat();
    told = 0;

    server.answers.set(heart, { etag: '"2"', body: { tables: [] } });
    server.answers.set('/a', { etag: '"a2"', body: { n: 2 } });
    await feed.beat();

    expect(feed.read('/a').data).toEqual({ n: 2 });
    expect(told).toBe(1);
  });

  test('asks again for what could not be read, though no table changed', async () => {
    const { server, feed } = make();
    server.answers.set('/a', { status: 503 });
    feed.subscribe('/a', () => undefined);
    await feed.beat();
    server.answers.set('/a', { etag: '"a1"', body: { n: 1 } });

    await feed.beat();

    expect(feed.read('/a')).toEqual({ data: { n: 1 }, problem: undefined, loading: false });
  });

  test('does not ask again for what does not exist', async () => {
    const { server, feed } = make();
    feed.subscribe('/gone', () => undefined);
    await feed.load('/gone');
    await feed.beat();
    server.take_asked();

    await feed.beat();

    expect(server.take_asked()).toEqual([heart]);
  });

  test('keeps the data and waits longer and longer while the server is away, and at most 30 s', async () => {
    const { server, feed } = make();
    server.answers.set('/a', { etag: '"a1"', body: { n: 1 } });
    feed.subscribe('/a', () => undefined);
    await feed.beat();

    server.down = true;
    const waits = [await feed.beat(), await feed.beat(), await feed.beat(), await feed.beat(), await feed.beat()];

    expect(waits).toEqual([6_000, 12_000, 24_000, 30_000, 30_000]);
    expect(feed.read(heart).problem?.code).toBe('unreachable');
    expect(feed.read('/a').data).toEqual({ n: 1 });
  });

  test('is back to three seconds when the server is back', async () => {
    const { server, feed } = make();
    server.down = true;
    await feed.beat();
    server.down = false;

    expect(await feed.beat()).toBe(3_000);
    expect(feed.read(heart).problem).toBeUndefined();
  });
});

describe("the server's clock", () => {
  test('is taken from the Date header', async () => {
    const { server, feed } = make(() => Date.parse('2026-01-09T10:00:00Z'));
    server.answers.set('/a', { body: {}, date: 'Fri, 09 Jan 2026 10:05:00 GMT' });

    await feed.load('/a');

    expect(feed.server_now_ms()).toBe(Date.parse('2026-01-09T10:05:00Z'));
  });

  test('is our own clock when the two differ by less than the header can tell', async () => {
    const now = Date.parse('2026-01-09T10:00:00.900Z');
    const { server, feed } = make(() => now);
    server.answers.set('/a', { body: {}, date: 'Fri, 09 Jan 2026 10:00:00 GMT' });

    await feed.load('/a');

    expect(feed.server_now_ms()).toBe(now);
  });
});
