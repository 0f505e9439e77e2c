// "version 12, 3 s ago": which committed data a panel shows, and how old it is.
import { useServerNow } from '../api/client';
import type { Meta } from '../api/types';
import { ago, instant } from '../format';

export function Age({ of }: { of: string | null }) {
  const now = useServerNow();
  return (
    <time dateTime={of ?? undefined} title={instant(of)} className="whitespace-nowrap">
      {ago(of, now)}
    </time>
  );
}

export function Freshness({ meta }: { meta: Meta }) {
  const newest = meta.tables.find((table) => table.committed_at === meta.as_of) ?? meta.tables[0];
  if (!newest) return <>nothing committed yet</>;
  const all = meta.tables.map((t) => `${t.table} version ${t.version}`).join('\n');
  return (
    <span title={all}>
      version {newest.version}, <Age of={newest.committed_at} />
    </span>
  );
}
