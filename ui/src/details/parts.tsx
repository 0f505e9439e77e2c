// Pieces that both drawers use.
import { useId, type ReactNode } from 'react';

export function Block({ title, note, children }: { title: string; note?: ReactNode; children: ReactNode }) {
  const heading = useId();
  return (
    <section aria-labelledby={heading} className="card min-w-0 p-4">
      <div className="mb-2 flex flex-wrap items-baseline justify-between gap-x-3">
        <h3 id={heading} className="text-[0.95rem] font-semibold">
          {title}
        </h3>
        {note && <p className="text-[0.8rem] text-muted">{note}</p>}
      </div>
      {children}
    </section>
  );
}

export function Facts({ facts }: { facts: [string, ReactNode][] }) {
  return (
    <dl className="grid grid-cols-2 gap-x-4 gap-y-3 sm:grid-cols-4">
      {facts.map(([name, value]) => (
        <div key={name} className="min-w-0">
          <dt className="text-[0.79rem] text-muted">{name}</dt>
          <dd className="truncate text-[1.02rem] font-medium">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
