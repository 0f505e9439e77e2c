// One table: where it comes from, what its columns mean, what was refused, and its history.
import { useState } from 'react';
import { tables_path, useReading } from '../api/client';
import type { Column, Commit, QualityResult, QuarantineList, RefusedCount, Table, TableDetail, TableList } from '../api/types';
import { bytes, count, instant, percent, plural, words } from '../format';
import { Badge, State } from '../parts/badge';
import { Drawer } from '../parts/drawer';
import { Age, stale_text } from '../parts/freshness';
import { Loaded } from '../parts/panel';
import { Scroll } from '../parts/scroll';
import { refused_path, table_path } from '../panels/paths';
import { Lineage } from './lineage';
import { Block, ColumnsBlock, Facts } from './parts';
import { Waive } from './waive';

export function TableDrawer({ name, on_close }: { name: string; on_close: () => void }) {
  const path = table_path(name);
  const reading = useReading<TableDetail>(path);
  const tables = useReading<TableList>(tables_path);
  return (
    <Drawer label={name} on_close={on_close}>
      <Loaded reading={reading} path={path} lines={10}>
        {(data) => (
          <div className="flex flex-col gap-4">
            <Head table={data.table} model={data.model} />
            <State360 table={data.table} partition_by={data.partition_by} />
            <Block title="Lineage" note={`${plural(data.upstream.length, 'table')} before, ${plural(data.downstream.length, 'table')} after`}>
              <Lineage detail={data} tables={tables.data?.tables ?? []} />
            </Block>
            <Refused table={name} refused={data.refused} />
            <Columns columns={data.columns} />
            <Rules results={data.results} />
            <History commits={data.history} />
          </div>
        )}
      </Loaded>
    </Drawer>
  );
}

function Head({ table, model }: { table: Table; model: string | null }) {
  return (
    <header className="pr-12">
      <h2 className="text-[1.35rem] leading-tight font-semibold tracking-tight break-words">
        <span className="font-normal text-muted">{table.layer}.</span>
        {table.name}
      </h2>
      <p className="mt-1 text-[0.9rem]">{table.description}</p>
      {model && <p className="mt-0.5 font-mono text-[0.78rem] break-all text-muted">{model}</p>}
    </header>
  );
}

function State360({ table, partition_by }: { table: Table; partition_by: string[] }) {
  const run = table.last_run;
  return (
    <Block title="Now" note={run && <State of={run.status} label={`${run.operation} ${run.status}`} />}>
      <Facts
        facts={[
          ['Version', table.version === null ? '–' : count(table.version)],
          ['Fresh', <Age key="age" of={table.committed_at} />],
          ['Rows', count(table.rows)],
          ['Refused rows', count(table.refused_rows)],
          ['Quality', percent(table.quality_score, 2)],
          ['Files', count(table.files)],
          ['Size', bytes(table.bytes)],
          ['Key', table.key.join(', ') || '–'],
        ]}
      />
      {partition_by.length > 0 && (
        <p className="mt-2 text-[0.82rem] text-muted">Partitioned by {partition_by.join(', ')}.</p>
      )}
      {table.stale && <p className="mt-2 rounded-md bg-bad-soft px-3 py-2 text-[0.85rem] break-words">{stale_text(table.stale)}</p>}
      {run?.message && table.stale?.message !== run.message && <p className="mt-2 rounded-md bg-warn-soft px-3 py-2 text-[0.85rem] break-words">{run.message}</p>}
    </Block>
  );
}

function Refused({ table, refused }: { table: string; refused: RefusedCount[] }) {
  if (refused.length === 0) return null;
  const waiting = refused.reduce((sum, row) => sum + row.waiting, 0);
  return (
    <Block title="Refused rows" note={`${count(waiting)} waiting in ops.quarantine`}>
      <Scroll label="Refused rows by rule">
        <table className="grid-table">
          <thead>
            <tr>
              <th scope="col">Rule</th>
              <th scope="col">Reason</th>
              <th scope="col" className="num">
                Waiting
              </th>
              <th scope="col" className="num">
                Came back
              </th>
              <th scope="col" className="num">
                Dropped
              </th>
            </tr>
          </thead>
          <tbody>
            {refused.map((row) => (
              <tr key={`${row.rule} ${row.reason}`}>
                <th scope="row" className="!text-[0.84rem] !font-normal !text-ink">
                  {row.rule}
                </th>
                <td>{row.reason}</td>
                <td className="num">{count(row.waiting)}</td>
                <td className="num">{count(row.released)}</td>
                <td className="num">{count(row.dropped)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {waiting > 0 && <WaitingRows table={table} waiting={waiting} />}
    </Block>
  );
}

// Which rows wait, by key and place in the source; read only when asked for.
function WaitingRows({ table, waiting }: { table: string; waiting: number }) {
  const [open, set_open] = useState(false);
  const path = refused_path(table);
  const reading = useReading<QuarantineList>(open ? path : null);
  return (
    <details className="mt-2 text-[0.87rem]" onToggle={(event) => set_open(event.currentTarget.open)}>
      <summary className="text-accent">Which rows wait</summary>
      {open && (
        <div className="mt-2">
          <Loaded
            reading={reading}
            path={path}
            lines={4}
            empty={(data) => data.rows.length === 0}
            when_empty="None is waiting any more."
          >
            {(data) => (
              <>
                <ul className="divide-y divide-line">
                  {data.rows.map((row) => (
                    <li key={`${row.source_file} ${row.position} ${row.rule} ${row.key}`} className="py-1.5">
                      <p className="break-all">
                        <span className="font-medium">{row.key ?? 'unread row'}</span>{' '}
                        <span className="text-muted">
                          {row.source_file}, {row.position}
                        </span>
                      </p>
                      <p className="text-muted">
                        {row.rule}: {row.reason}
                      </p>
                      {row.key !== null && <Waive key={`${table} ${row.key}`} table={table} row_key={row.key} />}
                    </li>
                  ))}
                </ul>
                {data.rows.length < waiting && (
                  <p className="mt-1 text-muted">
                    The newest {count(data.rows.length)} of {count(waiting)}; all of them:{' '}
                    <code>claimlake quality quarantine</code>
                  </p>
                )}
              </>
            )}
          </Loaded>
        </div>
      )}
    </details>
  );
}

function Columns({ columns }: { columns: Column[] }) {
  return (
    <ColumnsBlock count={columns.length}>
      {columns.map((column) => (
        <tr key={column.name}>
          <th scope="row" className="!align-top !text-[0.84rem] !font-medium !text-ink">
            {column.name}
          </th>
          <td className="!align-top text-[0.8rem] whitespace-nowrap text-muted">
            {column.type}
            {column.unit && <span className="block">{column.unit}</span>}
            {!column.nullable && <span className="block">not null</span>}
          </td>
          <td className="!align-top">
            {column.description ?? (column.formula ? '' : '–')}
            {column.formula && (
              <code className="block text-[0.78rem] break-words whitespace-pre-wrap text-muted">{column.formula}</code>
            )}
          </td>
        </tr>
      ))}
    </ColumnsBlock>
  );
}

function Rules({ results }: { results: QualityResult[] }) {
  if (results.length === 0) return null;
  const failing = results.filter((result) => result.status === 'failed' || result.status === 'warned').length;
  return (
    <Block title="Rules" note={failing ? `${count(failing)} of ${count(results.length)} raised something` : `all ${count(results.length)} passed`}>
      <Scroll label="Rule results">
        <table className="grid-table">
          <thead>
            <tr>
              <th scope="col">Rule</th>
              <th scope="col">Result</th>
              <th scope="col" className="num">
                Rows failed
              </th>
              <th scope="col" className="num">
                Checked
              </th>
              <th scope="col">Then</th>
            </tr>
          </thead>
          <tbody>
            {results.map((result) => (
              <tr key={result.rule}>
                <th scope="row" className="!text-[0.84rem] !font-normal !text-ink">
                  {result.rule}
                  <span className="block text-[0.77rem] text-muted">
                    {words(result.kind)}
                    {result.column && ` on ${result.column}`}
                  </span>
                </th>
                <td>
                  <State of={result.status} />
                </td>
                <td className="num">{count(result.rows_failed)}</td>
                <td className="num">{count(result.rows_checked)}</td>
                <td>{result.action}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Block>
  );
}

function History({ commits }: { commits: Commit[] }) {
  return (
    <Block title="History" note={commits.length ? `the newest ${plural(commits.length, 'version')}` : 'No version yet'}>
      {commits.length > 0 && (
        <ol className="divide-y divide-line text-[0.86rem]">
          {commits.map((commit) => (
            <li key={commit.version} className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 py-1.5">
              <span className="min-w-14 font-medium">v{commit.version}</span>
              <Badge>{commit.operation}</Badge>
              <span className="text-muted">{instant(commit.timestamp)}</span>
              {commit.metrics.numOutputRows && <span>{count(Number(commit.metrics.numOutputRows))} rows</span>}
              {commit.user && <span className="text-muted">by {commit.user}</span>}
              {commit.run_id && <span className="font-mono text-[0.76rem] text-muted">{commit.run_id}</span>}
            </li>
          ))}
        </ol>
      )}
    </Block>
  );
}
