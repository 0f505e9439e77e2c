// Why one row of a table is as it is: the run that wrote it, its rules, and the rows behind it.
import { useId, useState, type FormEvent } from 'react';
import { useReading } from '../api/client';
import { asking } from '../api/feed';
import type { Why, WhyInput, WhyRefused, WhyWaiver, WhyWritten } from '../api/types';
import { Block } from '../details/parts';
import { count, instant, plural } from '../format';
import { Badge } from '../parts/badge';
import { Empty, Loaded } from '../parts/panel';
import { Scroll } from '../parts/scroll';
import { set_url } from '../url_state';

export const why_call = (table: string, key: string) => asking('/api/lake/why', { table, key });

export function WhyPanel({ table }: { table: string }) {
  // Not in the address, which is kept in histories: keys may be personal data.
  const [key, set_key] = useState<string | null>(null);
  const [typed, set_typed] = useState('');
  const field = useId();
  const path = key === null ? null : why_call(table, key);
  const reading = useReading<Why>(path);
  const ask = (event: FormEvent) => {
    event.preventDefault();
    set_key(typed.trim() || null);
  };
  return (
    <Block title="Why is a row as it is?" note="By its key">
      <form onSubmit={ask} className="mb-3 flex flex-wrap items-center gap-2">
        <label htmlFor={field} className="sr-only">
          Key of the row
        </label>
        <input id={field} className="field min-w-0 flex-1" value={typed} placeholder="Key, several columns parted by commas" onChange={(event) => set_typed(event.target.value)} />
        <button type="submit" className="button">
          Explain
        </button>
      </form>
      {path !== null && (
        <Loaded reading={reading} path={path} lines={5}>
          {(why) => <Answer why={why} />}
        </Loaded>
      )}
    </Block>
  );
}

function Answer({ why }: { why: Why }) {
  const broken = why.rules.filter(({ outcome }) => outcome !== 'holds' && outcome !== 'pass');
  return (
    <div className="flex flex-col gap-3 text-[0.86rem]" data-why={why.present ? 'present' : 'absent'}>
      {why.written ? (
        <Written label="Computed as" of={why.written} />
      ) : (
        <Empty>{why.present ? `It is in version ${why.version}; no refresh has written it.` : `There is no such row in version ${why.version}, the newest.`}</Empty>
      )}
      <RefusedRows rows={why.refused} />
      <Waivers of={why.waivers} />
      {why.rules.length > 0 && (
        <p>
          {plural(why.rules.length, 'rule')}, {broken.length === 0 ? 'all hold' : `${broken.length} do not hold: ${broken.map(({ rule, demand }) => `${rule} (${demand})`).join('; ')}`}.
        </p>
      )}
      {why.columns.length > 0 && (
        <details>
          <summary className="text-accent">Its values, and what they are computed from</summary>
          <Scroll label="Values of the row">
            <table className="grid-table">
              <thead>
                <tr>
                  <th scope="col">Column</th>
                  <th scope="col">Value</th>
                  <th scope="col">From</th>
                </tr>
              </thead>
              <tbody>
                {why.columns.map(({ column, value, from }) => (
                  <tr key={column}>
                    <th scope="row" className="!text-[0.82rem] !font-medium !text-ink">
                      {column}
                    </th>
                    <td className="break-all">{value ?? <span className="text-muted">null</span>}</td>
                    <td className="text-[0.78rem] text-muted">{from.map((each) => `${each.table}${each.column === null ? ' (rows)' : `.${each.column}`}`).join(', ')}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        </details>
      )}
      <div>
        <h4 className="mb-1 font-semibold">Rows behind it</h4>
        <Inputs of={why.inputs} />
      </div>
    </div>
  );
}

function Written({ label, of }: { label: string; of: WhyWritten }) {
  return (
    <p className="break-words">
      {label} version {count(of.version)}, {instant(of.time)}
      {of.way && <span className="block text-muted">{of.way}</span>}
      <span className="block font-mono text-[0.76rem] text-muted">run {of.run}</span>
    </p>
  );
}

function RefusedRows({ rows }: { rows: WhyRefused[] }) {
  return rows.map((row) => (
    <p key={`${row.table} ${row.key} ${row.since}`} className="rounded-md bg-warn-soft px-3 py-2 break-words">
      <Badge tone="warn">{row.state}</Badge> {row.key} in quarantine: {row.reason}
      {row.source_file && ` (${row.source_file}, position ${row.source_position ?? '?'})`}
    </p>
  ));
}

function Waivers({ of }: { of: WhyWaiver[] }) {
  return of.map((waiver) => (
    <p key={`${waiver.rule} ${waiver.key} ${waiver.at}`} className="rounded-md bg-warn-soft px-3 py-2 break-words">
      <Badge tone="warn">{waiver.withdrawn_by === null ? 'waived' : 'withdrawn'}</Badge> {waiver.rule} of {waiver.key} by {waiver.by}: {waiver.why}
      {waiver.withdrawn_by !== null && ` (withdrawn by ${waiver.withdrawn_by})`}
    </p>
  ));
}

function Inputs({ of }: { of: WhyInput[] }) {
  return (
    <ul className="flex flex-col gap-2 border-l border-line pl-3">
      {of.map((input) => (
        <li key={input.table} className="min-w-0">
          <p className="break-words">
            <button type="button" className="link font-mono underline" onClick={() => set_url({ table: input.table, column: null })}>
              {input.table}
            </button>{' '}
            <span className="text-muted">
              {input.version !== null && `version ${count(input.version)}: `}
              {input.whole !== null ? `any row may be behind it: ${input.whole}` : (input.problem ?? plural(input.count ?? 0, 'row'))}
            </span>
          </p>
          {input.rows.slice(0, 5).map((row, i) => (
            <p key={i} className="font-mono text-[0.78rem] break-all text-muted">
              {Object.entries(row)
                .filter(([, value]) => value !== null)
                .map(([name, value]) => `${name} ${value}`)
                .join(', ')}
            </p>
          ))}
          {(input.count ?? 0) > 5 && input.rows.length > 0 && <p className="text-[0.78rem] text-muted">and {count((input.count ?? 0) - Math.min(5, input.rows.length))} more</p>}
          {input.written.map((each) => (
            <Written key={each.version} label="Taken in as" of={each} />
          ))}
          <RefusedRows rows={input.refused} />
          <Waivers of={input.waivers} />
          {input.inputs.length > 0 && <Inputs of={input.inputs} />}
        </li>
      ))}
    </ul>
  );
}
