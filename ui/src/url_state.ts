// The address bar is the page's only state: what is searched, filtered and open can be shared
// as a link and walked with the browser's back button. Keys of rows, but for a customer's, are not
// in it: they may be personal data.
import { useSyncExternalStore } from 'react';

export type UrlState = {
  search: string;
  tier: string;
  risk: string;
  churn: string;
  sort: string;
  from: number;
  customer: string | null;
  table: string | null;
  column: string | null; // of that table, on the page of the lineage
};

export const initial_url_state: UrlState = {
  search: '',
  tier: '',
  risk: '',
  churn: '',
  sort: '-total_annual_premium',
  from: 0,
  customer: null,
  table: null,
  column: null,
};

export function read_url(search: string): UrlState {
  const query = new URLSearchParams(search);
  const from = Number(query.get('from') ?? 0);
  return {
    search: query.get('search') ?? '',
    tier: query.get('tier') ?? '',
    risk: query.get('risk') ?? '',
    churn: query.get('churn') ?? '',
    sort: query.get('sort') ?? initial_url_state.sort,
    from: Number.isSafeInteger(from) && from > 0 ? from : 0,
    customer: query.get('customer') || null,
    table: query.get('table') || null,
    column: query.get('column') || null,
  };
}

// Leaves out what has its initial value, so that the plain address stays plain.
export function write_url(state: UrlState): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(state)) {
    if (value === null || value === initial_url_state[name as keyof UrlState]) continue;
    query.set(name, String(value));
  }
  const text = query.toString();
  return text ? `?${text}` : '';
}

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener('popstate', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('popstate', listener);
  };
}

// `push` makes a step for the back button; typing replaces instead.
export function set_url(change: Partial<UrlState>, how: 'push' | 'replace' = 'push'): void {
  const next = write_url({ ...read_url(location.search), ...change });
  if (next === location.search) return;
  const address = location.pathname + next;
  if (how === 'push') history.pushState(null, '', address);
  else history.replaceState(null, '', address);
  for (const listener of listeners) listener();
}

export function useUrl(): UrlState {
  const search = useSyncExternalStore(subscribe, () => location.search);
  return read_url(search);
}
