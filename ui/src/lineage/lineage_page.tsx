// The lineage of all tables as a graph to walk, and the documentation of the one that is chosen.
import { useMemo, useRef, type KeyboardEvent } from 'react';
import { tables_path, useHeartbeat, useReading } from '../api/client';
import type { Lineage, LineageColumn, LineageTable, Table, TableList } from '../api/types';
import { useWidth } from '../charts/use_width';
import { Block } from '../details/parts';
import { count, percent, plural } from '../format';
import { Age, stale_text } from '../parts/freshness';
import { Empty, Loaded, Panel } from '../parts/panel';
import { set_url, useUrl } from '../url_state';
import { gives_values, layers, places, source_name, steps, tables_reached, way_name, type Step } from './graph';
import { WhyPanel } from './why_panel';

export const lineage_path = '/api/lake/lineage';

export default function LineagePage() {
  useHeartbeat();
  const reading = useReading<Lineage>(lineage_path);
  const states = useReading<TableList>(tables_path);
  return (
    <>
      <h1 className="sr-only">Lineage: from which columns every table is computed</h1>
      <Panel title="Lineage" note="From the raw files to what is served. Choose a table; the arrow keys go along the edges.">
        <Loaded
          reading={reading}
          path={lineage_path}
          lines={12}
          empty={(data) => data.count === 0}
          when_empty="The pack has no tables."
        >
          {(data) => <Walk tables={data.tables} states={states.data?.tables ?? []} />}
        </Loaded>
      </Panel>
    </>
  );
}

function Walk({ tables, states }: { tables: LineageTable[]; states: Table[] }) {
  const url = useUrl();
  const chosen = tables.find(({ table }) => table === url.table);
  const column = chosen?.columns.find((each) => each.column === url.column);
  const marked = useMemo(() => {
    if (!chosen) return null;
    const before = column ? steps(tables, chosen.table, column.column, 'before') : [];
    const after = column ? steps(tables, chosen.table, column.column, 'after') : [];
    const names = column
      ? { before: new Set(before.map(({ from }) => from.table)), after: new Set(after.map(({ to }) => to.table)) }
      : { before: tables_reached(tables, chosen.table, 'before'), after: tables_reached(tables, chosen.table, 'after') };
    return { ...names, steps: { before, after } };
  }, [tables, chosen, column]);
  return (
    <div className="flex flex-col gap-4">
      <Graph tables={tables} states={states} chosen={chosen} marked={marked} />
      {chosen && marked ? (
        <Chosen table={chosen} state={states.find(({ table }) => table === chosen.table)} column={column} steps={marked.steps} />
      ) : (
        <Empty>Choose a table above to see its columns, what they are computed from, and what is computed from them.</Empty>
      )}
    </div>
  );
}

const box_height = 44;
const row_height = 54;
const gap = 40;
const least_box_width = 156;

type Marked = { before: Set<string>; after: Set<string> } | null;

function Graph({ tables, states, chosen, marked }: { tables: LineageTable[]; states: Table[]; chosen: LineageTable | undefined; marked: Marked }) {
  const [frame, width] = useWidth<HTMLDivElement>();
  const list = useRef<HTMLDivElement>(null);
  const at = useMemo(() => places(tables), [tables]);
  const box_width = Math.max(least_box_width, (width - 4 - gap * layers.length) / layers.length);
  const rows = Math.max(...[...at.values()].map(({ row }) => row + 1), 1);
  const x = (name: string) => (at.get(name)?.column ?? 0) * (box_width + gap);
  const y = (name: string) => (at.get(name)?.row ?? 0) * row_height + 22;
  const is_near = (name: string) => !marked || name === chosen?.table || marked.before.has(name) || marked.after.has(name);

  // Left and right go along an edge; up and down within a layer are what Tab is for.
  const on_key = (event: KeyboardEvent, table: LineageTable) => {
    const reader = tables.find(({ reads }) => reads.includes(table.table))?.table;
    const next = event.key === 'ArrowLeft' ? table.reads[0] : event.key === 'ArrowRight' ? reader : undefined;
    if (next === undefined || !at.has(next)) return;
    event.preventDefault();
    set_url({ table: next, column: null });
    list.current?.querySelector<HTMLButtonElement>(`[data-node="${CSS.escape(next)}"]`)?.focus();
  };

  return (
    <div ref={frame} role="region" aria-label="Graph of the tables" tabIndex={0} className="overflow-x-auto p-0.5">
      <div ref={list} className="relative" style={{ width: (box_width + gap) * layers.length, height: rows * row_height + 22 }}>
        <svg width={(box_width + gap) * layers.length} height={rows * row_height + 22} className="absolute inset-0" aria-hidden="true">
          {tables.flatMap((table) =>
            table.reads
              .filter((input) => at.has(input))
              .map((input) => {
                const [x1, y1, y2] = [x(input) + box_width, y(input) + box_height / 2, y(table.table) + box_height / 2];
                const within = at.get(input)?.column === at.get(table.table)?.column;
                const x2 = x(table.table) + (within ? box_width : 0);
                const bend = within ? -gap * 0.8 : Math.min(60, (x2 - x1) / 2);
                const near = marked !== null && is_near(input) && is_near(table.table);
                return (
                  <path
                    key={`${input} ${table.table}`}
                    d={`M${x1} ${y1}C${x1 + Math.abs(bend)} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`}
                    fill="none"
                    stroke={near ? 'var(--accent)' : 'var(--line-strong)'}
                    strokeWidth={near ? 1.75 : 1}
                    opacity={marked && !near ? 0.35 : 1}
                  />
                );
              }),
          )}
        </svg>
        {layers.map((layer, i) => (
          <div key={layer}>
            <h3 id={`layer-${layer}`} className="absolute text-[0.74rem] font-semibold text-muted uppercase" style={{ left: i * (box_width + gap), top: 0 }}>
              {layer}
            </h3>
            <ul aria-labelledby={`layer-${layer}`}>
              {tables
                .filter((table) => table.layer === layer)
                .map((table) => (
                  <li key={table.table} className="absolute" style={{ left: x(table.table), top: y(table.table), width: box_width, height: box_height }}>
                    <Node
                      table={table}
                      state={states.find((each) => each.table === table.table)}
                      relation={table === chosen ? 'chosen' : marked?.before.has(table.table) ? 'before' : marked?.after.has(table.table) ? 'after' : null}
                      dim={!is_near(table.table)}
                      on_key={(event) => on_key(event, table)}
                    />
                  </li>
                ))}
            </ul>
          </div>
        ))}
      </div>
    </div>
  );
}

type NodeProps = {
  table: LineageTable;
  state: Table | undefined;
  relation: 'chosen' | 'before' | 'after' | null;
  dim: boolean;
  on_key: (event: KeyboardEvent) => void;
};

function Node({ table, state, relation, dim, on_key }: NodeProps) {
  const chosen = relation === 'chosen';
  return (
    <button
      type="button"
      data-node={table.table}
      data-relation={relation ?? undefined}
      title={table.table}
      aria-current={chosen ? 'true' : undefined}
      onKeyDown={on_key}
      onClick={() => set_url({ table: chosen ? null : table.table, column: null })}
      className={`flex h-full w-full flex-col justify-center rounded-md border px-2 text-left leading-[1.2] ${
        chosen ? 'border-accent bg-accent-soft' : relation ? 'border-accent bg-surface' : 'border-line-strong bg-surface hover:bg-raised'
      } ${dim ? 'opacity-60' : ''}`}
    >
      <span className="w-full truncate text-[0.8rem] text-ink">{table.table.slice(table.layer.length + 1)}</span>
      <span className="w-full truncate text-[0.7rem] text-muted">
        {state ? <NodeState state={state} /> : table.kind === 'source' ? plural(table.files.length, 'pattern') : table.kind}
      </span>
      {relation && relation !== 'chosen' && <span className="sr-only">, {relation} the chosen table</span>}
    </button>
  );
}

function NodeState({ state }: { state: Table }) {
  if (state.version === null) return <>no version yet</>;
  return (
    <>
      <Age of={state.committed_at} />
      {state.stale && (
        <span title={stale_text(state.stale)} className="text-bad">
          {' · stale'}
        </span>
      )}
      {state.quality_score !== null && ` · ${percent(state.quality_score, 0)}`}
      {state.refused_rows > 0 && ` · ${count(state.refused_rows)} refused`}
    </>
  );
}

type ChosenProps = { table: LineageTable; state: Table | undefined; column: LineageColumn | undefined; steps: { before: Step[]; after: Step[] } };

function Chosen({ table, state, column, steps: of_column }: ChosenProps) {
  return (
    <section aria-label={table.table} className="grid gap-4 lg:grid-cols-2">
      <div className="flex min-w-0 flex-col gap-4">
        <header>
          <h2 className="text-[1.15rem] font-semibold break-words">{table.table}</h2>
          <p className="mt-1 text-[0.9rem]">{table.description}</p>
          {table.files.length > 0 && <p className="mt-1 font-mono text-[0.8rem] text-muted">{table.files.join(', ')}</p>}
          {table.kind !== 'source' && (
            <p className="mt-1 text-[0.85rem]">
              <a className="link underline" href={`/models?table=${encodeURIComponent(table.table)}`}>
                Documentation of the model
              </a>
            </p>
          )}
          {state && (
            <p className="mt-1 text-[0.85rem] text-muted">
              <NodeState state={state} /> ·{' '}
              <a className="link underline" href={`/?table=${encodeURIComponent(table.table)}`}>
                Results of rules, history and rows
              </a>
            </p>
          )}
        </header>
        <Block title="Columns" note="Choose one to follow it">
          <ul className="divide-y divide-line">
            {table.columns.map((each) => (
              <li key={each.column} className="py-1">
                <button
                  type="button"
                  aria-pressed={each === column}
                  onClick={() => set_url({ column: each === column ? null : each.column })}
                  className={`w-full rounded-md px-1.5 py-0.5 text-left text-[0.86rem] ${each === column ? 'bg-accent-soft' : 'hover:bg-raised'}`}
                >
                  <span className="font-mono">{each.column}</span> <span className="text-[0.76rem] text-muted">{each.type}</span>
                  {each.doc && (
                    <span className="block text-[0.8rem] text-muted">
                      {each.doc}
                      {each.unit && ` [${each.unit}]`}
                    </span>
                  )}
                </button>
              </li>
            ))}
          </ul>
        </Block>
      </div>
      <div className="flex min-w-0 flex-col gap-4 self-start lg:sticky lg:top-18 lg:max-h-[calc(100vh-5rem)] lg:overflow-y-auto">
        {column ? (
          <>
            <Steps title={`${column.column} is computed from`} none="It comes from no column: a constant, or what the program writes." of={of_column.before} />
            <Steps title={`${column.column} goes into`} none="Nothing is computed from it." of={of_column.after} />
          </>
        ) : (
          <Steps title="Which rows it has hangs on" none="It has the rows of what it reads." of={table.rows.map((from) => ({ from, to: { table: table.table, column: null } }))} />
        )}
        {table.kind === 'keyed' && <WhyPanel key={table.table} table={table.table} />}
        {table.sql && (
          <details className="card p-4">
            <summary className="cursor-pointer text-[0.95rem] font-semibold">SQL</summary>
            <pre tabIndex={0} className="mt-2 overflow-x-auto text-[0.76rem]">
              {table.sql}
            </pre>
          </details>
        )}
      </div>
    </section>
  );
}

function Steps({ title, none, of }: { title: string; none: string; of: Step[] }) {
  return (
    <Block title={title} note={of.length ? plural(of.length, 'step') : undefined}>
      {of.length === 0 ? (
        <p className="text-[0.86rem] text-muted">{none}</p>
      ) : (
        <ol className="divide-y divide-line text-[0.82rem]">
          {of.map(({ from, to }) => (
            <li key={`${source_name(from)} ${from.way} ${to.table} ${to.column}`} className="flex flex-wrap items-baseline gap-x-2 py-1 break-all">
              <button
                type="button"
                className="link font-mono underline"
                onClick={() => set_url({ table: from.table, column: from.column })}
              >
                {source_name(from)}
              </button>
              <span className={gives_values(from.way) ? 'text-ink' : 'text-muted'}>{way_name(from.way)}</span>
              <span className="text-muted">
                into{' '}
                <button type="button" className="link font-mono underline" onClick={() => set_url({ table: to.table, column: to.column })}>
                  {to.column === null ? `rows of ${to.table}` : `${to.table}.${to.column}`}
                </button>
              </span>
            </li>
          ))}
        </ol>
      )}
    </Block>
  );
}
