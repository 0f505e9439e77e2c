// Keeps what the page shows in step with the server, cheaply.
//
// One request, the list of tables, is repeated every few seconds with its ETag and is almost
// always answered by an empty 304. Only when it changed, or when the server had failed, are
// the other answers on screen asked for again, each with its own ETag. An answer that was read
// stays on screen while the server is away.
import type { Problem } from './types';

export type Reading<T> = {
  data: T | undefined;
  problem: Problem | undefined; // of the latest attempt; data, if any, is then older
  loading: boolean;
};

type Entry = {
  reading: Reading<unknown>;
  etag: string | undefined;
  listeners: Set<() => void>;
  under_way: Promise<void> | undefined;
};

// Names a call that takes a body, as a path names one that does not. What is asked for so, such as
// the key of a row, may be personal data, which belongs in no address.
export const asking = (path: string, body: unknown): string => `${path}\n${JSON.stringify(body)}`;

export const address_of = (asked: string): string => asked.split('\n')[0] ?? asked;

export type Transport = (path: string, init: RequestInit) => Promise<Response>;

// What came of something that was said to the server.
export type Sent<T> = { data: T; problem?: undefined } | { data?: undefined; problem: Problem };

const nothing: Reading<never> = { data: undefined, problem: undefined, loading: true };

export class Feed {
  readonly heartbeat_path: string;
  private readonly transport: Transport;
  private readonly now_ms: () => number;
  private readonly entries = new Map<string, Entry>();
  private skew_ms = 0;
  private failures_in_a_row = 0;

  constructor(options: { transport: Transport; now_ms: () => number; heartbeat_path: string }) {
    this.transport = options.transport;
    this.now_ms = options.now_ms;
    this.heartbeat_path = options.heartbeat_path;
  }

  // The server's clock, as well as its Date header tells; ages are measured on it.
  server_now_ms(): number {
    return this.now_ms() + this.skew_ms;
  }

  read<T>(path: string): Reading<T> {
    return (this.entries.get(path)?.reading ?? nothing) as Reading<T>;
  }

  subscribe(path: string, listener: () => void): () => void {
    const entry = this.entry(path);
    entry.listeners.add(listener);
    if (entry.reading.loading) void this.load(path);
    return () => {
      entry.listeners.delete(listener);
      // The heartbeat's ETag must outlive its readers, or every beat would look like a change.
      if (entry.listeners.size === 0 && path !== this.heartbeat_path) this.entries.delete(path);
    };
  }

  // Asks for `path` now. A second call while one is under way joins it.
  load(path: string): Promise<void> {
    const entry = this.entry(path);
    entry.under_way ??= this.ask(path, entry).finally(() => {
      entry.under_way = undefined;
    });
    return entry.under_way;
  }

  // Says something once: unlike what is asked, it is never sent again by itself.
  async send<T>(path: string, body: unknown): Promise<Sent<T>> {
    try {
      const headers = { Accept: 'application/json', 'Content-Type': 'application/json' };
      const response = await this.transport(path, { method: 'POST', headers, body: JSON.stringify(body), cache: 'no-store' });
      return response.ok ? { data: (await response.json()) as T } : { problem: await read_problem(response) };
    } catch (error) {
      return { problem: unreachable(path, error) };
    }
  }

  // One turn of polling. Returns how long to wait before the next, in milliseconds.
  async beat(): Promise<number> {
    const heart = this.entry(this.heartbeat_path);
    const before = heart.etag;
    await this.load(this.heartbeat_path);
    if (heart.reading.problem?.code === 'unreachable') return this.wait_ms();

    const changed = heart.etag !== before || heart.etag === undefined;
    const stale = [...this.entries].filter(
      ([path, entry]) => path !== this.heartbeat_path && (changed || may_pass(entry.reading.problem)),
    );
    await Promise.all(stale.map(([path]) => this.load(path)));
    return this.wait_ms();
  }

  async reload_everything(): Promise<void> {
    await Promise.all([...this.entries.keys()].map((path) => this.load(path)));
  }

  private wait_ms(): number {
    return Math.min(30_000, 3_000 * 2 ** Math.min(this.failures_in_a_row, 4));
  }

  private entry(path: string): Entry {
    let entry = this.entries.get(path);
    if (!entry) {
      entry = { reading: nothing, etag: undefined, listeners: new Set(), under_way: undefined };
      this.entries.set(path, entry);
    }
    return entry;
  }

  private async ask(path: string, entry: Entry): Promise<void> {
    const headers: Record<string, string> = { Accept: 'application/json' };
    const [address = path, body] = path.split('\n');
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    if (entry.etag) headers['If-None-Match'] = entry.etag;
    try {
      const sent = body === undefined ? {} : { method: 'POST', body };
      const response = await this.transport(address, { headers, cache: 'no-store', ...sent });
      this.note_clock(response);
      this.failures_in_a_row = 0;
      if (response.status === 304) {
        this.update(entry, { ...entry.reading, problem: undefined, loading: false });
      } else if (response.ok) {
        const data: unknown = await response.json();
        entry.etag = response.headers.get('ETag') ?? undefined;
        this.update(entry, { data, problem: undefined, loading: false });
      } else {
        const problem = await read_problem(response);
        this.update(entry, { ...entry.reading, problem, loading: false });
      }
    } catch (error) {
      this.failures_in_a_row += 1;
      this.update(entry, { ...entry.reading, problem: unreachable(address, error), loading: false });
    }
  }

  private note_clock(response: Response): void {
    const date = Date.parse(response.headers.get('Date') ?? '');
    if (!Number.isNaN(date)) {
      // The header has whole seconds; only a larger difference is a difference of clocks.
      const skew = date - this.now_ms();
      this.skew_ms = Math.abs(skew) < 2_000 ? 0 : skew;
    }
  }

  private update(entry: Entry, reading: Reading<unknown>): void {
    const old = entry.reading;
    if (old.data === reading.data && old.problem === reading.problem && old.loading === reading.loading) return;
    entry.reading = reading;
    for (const listener of entry.listeners) listener();
  }
}

// Whether asking again may help though no table has changed.
function may_pass(problem: Problem | undefined): boolean {
  return problem !== undefined && (problem.status >= 500 || problem.status === 429);
}

function unreachable(path: string, error: unknown): Problem {
  return {
    type: 'about:blank',
    title: 'The server does not answer',
    status: 503,
    code: 'unreachable',
    detail: `${path}: ${error instanceof Error ? error.message : String(error)}`,
    next_step: 'See whether claimlake serve is still running. The page tries again by itself.',
  };
}

async function read_problem(response: Response): Promise<Problem> {
  const fallback: Problem = {
    type: 'about:blank',
    title: response.statusText || 'Error',
    status: response.status,
    code: 'http_error',
    detail: `The server answered ${response.status}.`,
    next_step: "Look at the server's log for this request.",
  };
  try {
    const body = (await response.json()) as Partial<Problem>;
    return typeof body.detail === 'string' ? { ...fallback, ...body } : fallback;
  } catch {
    return fallback;
  }
}
