// "version 12, 3 s ago": which committed data a panel shows, and how old it is.
import { useServerNow } from '../api/client';
import type { Meta, Stale } from '../api/types';
import { ago, instant } from '../format';
import { Badge } from './badge';

export function Age({ of }: { of: string | null }) {
  const now = useServerNow();
  return (
    <time dateTime={of ?? undefined} title={instant(of)} className="whitespace-nowrap">
      {ago(of, now)}
    </time>
  );
}

// The last refresh came to nothing: what is shown is older than what has arrived.
export function StaleBadge({ stale }: { stale: Stale }) {
  return (
    <span title={stale_text(stale)}>
      <Badge tone="bad">stale</Badge>
    </span>
  );
}

export function stale_text(stale: Stale): string {
  const whose = stale.table === stale.because_of ? 'its refresh' : `the refresh of ${stale.because_of}`;
  return `${stale.table} is stale since ${instant(stale.since)}: ${whose} ${stale.outcome === 'refused' ? 'was refused' : 'failed'} (run ${stale.run_id}). ${stale.message}`;
}

export function Freshness({ meta }: { meta: Meta }) {
  const newest = meta.tables.find((table) => table.committed_at === meta.as_of) ?? meta.tables[0];
  if (!newest) return <>nothing committed yet</>;
  const all = meta.tables.map((t) => `${t.table} version ${t.version}`).join('\n');
  return (
    <span title={all}>
      version {newest.version}, <Age of={newest.committed_at} />
      {meta.stale.length > 0 && (
        <>
          {' '}
          <StaleBadge stale={meta.stale[0]!} />
        </>
      )}
    </span>
  );
}
