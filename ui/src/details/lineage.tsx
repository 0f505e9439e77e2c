// The tables before and after one table, as a picture whose boxes open those tables.
import type { Table, TableDetail } from '../api/types';
import { useWidth } from '../charts/use_width';
import { set_url } from '../url_state';
import { lay_out, type Place } from './lineage_layout';

const box_height = 34;
const row_height = 44;
const gap = 36; // between columns, for the edges
const least_box_width = 132;

export function Lineage({ detail, tables }: { detail: TableDetail; tables: Table[] }) {
  const [frame, width] = useWidth<HTMLDivElement>();
  const here = detail.table.table;
  const picture = lay_out([...detail.upstream, here, ...detail.downstream], tables);
  if (picture.places.length <= 1) {
    return (
      <p ref={frame} className="text-[0.88rem] text-muted">
        Nothing is computed from this table, and it comes straight from its source.
      </p>
    );
  }

  const box_width = Math.max(least_box_width, (width - gap * (picture.columns - 1)) / picture.columns);
  const total_width = box_width * picture.columns + gap * (picture.columns - 1);
  const height = picture.rows * row_height - (row_height - box_height);
  const x = (place: Place) => place.column * (box_width + gap);
  const y = (place: Place) => (place.row + (picture.rows - place.column_rows) / 2) * row_height;

  return (
    <div ref={frame} role="region" aria-label="Picture of the lineage" tabIndex={0} className="overflow-x-auto p-0.5">
      <div className="relative" style={{ width: total_width, height }}>
        <svg width={total_width} height={height} className="absolute inset-0" aria-hidden="true">
          {picture.edges.map(({ from, to }) => {
            const start = [x(from) + box_width, y(from) + box_height / 2] as const;
            const end = [x(to), y(to) + box_height / 2] as const;
            const bend = Math.min(60, (end[0] - start[0]) / 2);
            const near = from.table === here || to.table === here;
            return (
              <path
                key={`${from.table} ${to.table}`}
                d={`M${start[0]} ${start[1]}C${start[0] + bend} ${start[1]} ${end[0] - bend} ${end[1]} ${end[0]} ${end[1]}`}
                fill="none"
                stroke={near ? 'var(--accent)' : 'var(--line-strong)'}
                strokeWidth={near ? 1.75 : 1}
              />
            );
          })}
        </svg>
        <ul>
          {picture.places.map((place) => (
            <li
              key={place.table}
              className="absolute"
              style={{ left: x(place), top: y(place), width: box_width, height: box_height }}
            >
              <LineageBox table={place.table} current={place.table === here} />
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

function LineageBox({ table, current }: { table: string; current: boolean }) {
  const [layer, name] = table.split('.');
  return (
    <button
      type="button"
      title={table}
      aria-current={current ? 'true' : undefined}
      disabled={current}
      onClick={() => set_url({ table })}
      className={`flex h-full w-full flex-col justify-center rounded-md border px-2 text-left leading-[1.15] ${
        current ? 'border-accent bg-accent-soft' : 'border-line-strong bg-surface hover:bg-raised'
      }`}
    >
      <span className={`text-[0.68rem] ${current ? 'text-ink' : 'text-muted'}`}>{layer}</span>
      <span className="w-full truncate text-[0.78rem] text-ink">{name}</span>
    </button>
  );
}
