// The page's one feed, and the hooks that read it.
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { Feed, type Reading } from './feed';

export const tables_path = '/api/lake/tables';

export const feed = new Feed({
  transport: (path, init) => fetch(path, init),
  now_ms: () => Date.now(),
  heartbeat_path: tables_path,
});

// Reads `path` and follows its changes. While a new path loads, the data of the path before stays,
// and `loading` says so; `null` reads nothing.
export function useReading<T>(path: string | null): Reading<T> {
  const subscribe = useCallback(
    (listener: () => void) => (path === null ? () => undefined : feed.subscribe(path, listener)),
    [path],
  );
  const reading = useSyncExternalStore(subscribe, () => (path === null ? idle : feed.read<T>(path)));
  const last = useRef<T | undefined>(undefined);
  if (reading.data !== undefined) last.current = reading.data as T;
  if (reading.loading && last.current !== undefined) return { ...reading, data: last.current };
  return reading as Reading<T>;
}

const idle: Reading<never> = { data: undefined, problem: undefined, loading: false };

// Polls while the page is visible. Call once.
export function useHeartbeat(): void {
  useEffect(() => {
    let timer: number | undefined;
    let round = 0; // only the newest loop goes on
    const turn = async (mine: number) => {
      if (document.hidden) return;
      const wait_ms = await feed.beat();
      if (mine === round) timer = window.setTimeout(() => void turn(mine), wait_ms);
    };
    const start = (wait_ms: number) => {
      window.clearTimeout(timer);
      const mine = ++round;
      timer = window.setTimeout(() => void turn(mine), wait_ms);
    };
    const on_visible = () => {
      if (!document.hidden) start(0);
    };
    document.addEventListener('visibilitychange', on_visible);
    start(3_000);
    return () => {
      round += 1;
      window.clearTimeout(timer);
      document.removeEventListener('visibilitychange', on_visible);
    };
  }, []);
}

// The server's time, renewed every second.
export function useServerNow(): number {
  const [now, set_now] = useState(() => feed.server_now_ms());
  useEffect(() => {
    const timer = window.setInterval(() => set_now(feed.server_now_ms()), 1_000);
    return () => window.clearInterval(timer);
  }, []);
  return now;
}
