// Pieces that both drawers use.
import { useId, type ReactNode } from 'react';
import { plural } from '../format';
import { Scroll } from '../parts/scroll';

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

// A list of columns; `children` are its rows.
export function ColumnsBlock({ count, children }: { count: number; children: ReactNode }) {
  return (
    <Block title="Columns" note={plural(count, 'column')}>
      <Scroll label="List of columns">
        <table className="grid-table">
          <thead>
            <tr>
              <th scope="col">Column</th>
              <th scope="col">Type</th>
              <th scope="col">Meaning and formula</th>
            </tr>
          </thead>
          <tbody>{children}</tbody>
        </table>
      </Scroll>
    </Block>
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
