// Every table of the lake with its version, rows, freshness, quality and refused rows.
import { tables_path, useReading } from '../api/client';
import type { Table, TableList } from '../api/types';
import { bytes, count, percent, plural } from '../format';
import { Badge, State } from '../parts/badge';
import { Age, StaleBadge } from '../parts/freshness';
import { Loaded, NoRows, Panel } from '../parts/panel';
import { Scroll } from '../parts/scroll';
import { set_url } from '../url_state';

const layer_notes: Record<string, string> = {
  bronze: 'as it arrived',
  silver: 'typed, deduplicated, scored',
  gold: 'what the business reads',
  ops: 'about the lake itself',
};

export function TablesPanel() {
  const reading = useReading<TableList>(tables_path);
  const refused = reading.data?.tables.reduce((sum, table) => sum + table.refused_rows, 0) ?? 0;
  return (
    <Panel
      id="tables"
      title="Tables"
      note={refused > 0 ? `${count(refused)} rows wait in quarantine` : 'Delta tables of this lake'}
      meta={reading.data?.meta}
    >
      <Loaded
        reading={reading}
        path={tables_path}
        lines={12}
        empty={(data) => data.tables.length === 0}
        when_empty={<NoRows what="tables" />}
      >
        {(data) => (
          <Scroll label="List of tables">
            <table className="grid-table">
              <thead>
                <tr>
                  <th scope="col">Table</th>
                  <th scope="col" className="num max-sm:hidden">
                    Version
                  </th>
                  <th scope="col" className="num max-sm:hidden">
                    Rows
                  </th>
                  <th scope="col" className="num max-md:hidden">
                    Files
                  </th>
                  <th scope="col" className="num max-md:hidden">
                    Size
                  </th>
                  <th scope="col" className="num">
                    Fresh
                  </th>
                  <th scope="col" className="num max-sm:hidden">
                    Quality
                  </th>
                  <th scope="col" className="num">
                    Refused
                  </th>
                  <th scope="col" className="max-sm:hidden">
                    Last run
                  </th>
                </tr>
              </thead>
              {group(data.tables).map(([layer, tables]) => (
                <tbody key={layer}>
                  <tr>
                    <th scope="rowgroup" colSpan={9} className="!border-b-0 !pt-4 !text-[0.8rem]">
                      <span className="font-semibold text-ink capitalize">{layer}</span>
                      <span className="ml-2 font-normal">{layer_notes[layer]}</span>
                    </th>
                  </tr>
                  {tables.map((table) => (
                    <Row key={table.table} table={table} />
                  ))}
                </tbody>
              ))}
            </table>
          </Scroll>
        )}
      </Loaded>
    </Panel>
  );
}

function group(tables: Table[]): [string, Table[]][] {
  const layers = new Map<string, Table[]>();
  for (const table of tables) layers.set(table.layer, [...(layers.get(table.layer) ?? []), table]);
  return [...layers];
}

function Row({ table }: { table: Table }) {
  return (
    <tr className="relative hover:bg-raised">
      <th scope="row" className="!text-[0.87rem] !font-normal !text-ink">
        <button
          type="button"
          className="link text-left after:absolute after:inset-0 after:content-['']"
          onClick={() => set_url({ table: table.table })}
        >
          {table.name}
        </button>
        <span className="block text-[0.77rem] text-muted sm:hidden">
          {table.version === null ? 'no version' : `version ${table.version}`}, {plural(table.rows, 'row')}
        </span>
      </th>
      <td className="num max-sm:hidden">{table.version === null ? '–' : count(table.version)}</td>
      <td className="num max-sm:hidden">{count(table.rows)}</td>
      <td className="num max-md:hidden">{count(table.files)}</td>
      <td className="num max-md:hidden">{bytes(table.bytes)}</td>
      <td className="num">
        <Age of={table.committed_at} />
        {table.stale && (
          <span className="ml-1.5">
            <StaleBadge stale={table.stale} />
          </span>
        )}
      </td>
      <td className="num max-sm:hidden">{percent(table.quality_score, 2)}</td>
      <td className="num">
        {table.refused_rows > 0 ? <Badge tone="warn">{count(table.refused_rows)}</Badge> : <span className="text-muted">0</span>}
      </td>
      <td className="max-sm:hidden">
        <State of={table.last_run?.status ?? null} />
      </td>
    </tr>
  );
}
